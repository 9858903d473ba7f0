/* lexicon.c - see lexicon.h. Three sorts that need nothing of each other (stems, forms, symbols), so they are three tasks;
 * then forms find their stems, get their numbers, and each worker's symbols are mapped to terms. */
#include "indexer/invert/lexicon.h"

#include "indexer/base/memory.h"
#include "indexer/format/dictionary.h"
#include "indexer/format/stored_text.h"

/* ---- gathering ---- */

/* The words of one kind of all workers as sort keys. */
static revue_status gather(const struct lexicon *lexicon, size_t (*count_of)(const struct vocabulary *),
                           struct view (*bytes_of)(const struct vocabulary *, size_t), struct sort_key **keys,
                           size_t *count, revue_error *error) {
    size_t total = 0;
    for (unsigned worker = 0; worker < lexicon->workers; worker++)
        total += count_of(&lexicon->intakes[worker].vocabulary);
    if (total > UINT32_MAX / 4) return error_set(error, REVUE_USAGE, "too many different words for one segment");
    *keys = memory_alloc_array(total, sizeof **keys);
    if (!*keys) return error_no_memory(error);
    *count = 0;
    for (unsigned worker = 0; worker < lexicon->workers; worker++) {
        const struct vocabulary *vocabulary = &lexicon->intakes[worker].vocabulary;
        for (size_t i = 0; i < count_of(vocabulary); i++) {
            struct view bytes = bytes_of(vocabulary, i);
            if (bytes.size) (*keys)[(*count)++] = (struct sort_key){sort_prefix(bytes), worker, (uint32_t)i};
        }
    }
    return REVUE_OK;
}

/* An array for each worker, of as many numbers as it has words. */
static uint32_t **alloc_by_worker(const struct lexicon *lexicon, size_t (*count_of)(const struct vocabulary *)) {
    uint32_t **arrays = memory_alloc_zeroed(lexicon->workers, sizeof *arrays);
    bool is_whole = arrays != NULL;
    for (unsigned worker = 0; is_whole && worker < lexicon->workers; worker++) {
        arrays[worker] = memory_alloc_array(count_of(&lexicon->intakes[worker].vocabulary), sizeof **arrays);
        is_whole = arrays[worker] != NULL;
    }
    if (is_whole) return arrays;
    for (unsigned worker = 0; arrays && worker < lexicon->workers; worker++)
        memory_free(arrays[worker]);
    memory_free(arrays);
    return NULL;
}

static void free_by_worker(const struct lexicon *lexicon, uint32_t **arrays) {
    for (unsigned worker = 0; arrays && worker < lexicon->workers; worker++)
        memory_free(arrays[worker]);
    memory_free(arrays);
}

struct lexicon_task {
    struct task task;
    struct lexicon *lexicon;
};

static struct lexicon *lexicon_of(struct task *task) {
    return ((struct lexicon_task *)(void *)task)->lexicon;
}

/* ---- stems ---- */

static size_t count_stems(const struct vocabulary *vocabulary) {
    return vocabulary->stem_count;
}

static struct view stem_bytes(const struct vocabulary *vocabulary, size_t index) {
    return vocabulary->stems[index];
}

static struct view stem_at(const struct lexicon *lexicon, struct sort_key key) {
    return lexicon->intakes[key.owner].vocabulary.stems[key.index];
}

static int compare_stems(const void *left, const void *right, void *context) {
    const struct sort_key *a = left, *b = right;
    return view_compare(stem_at(context, *a), stem_at(context, *b));
}

static revue_status rank_stems(struct task *task, unsigned worker, revue_error *error) {
    (void)worker;
    struct lexicon *lexicon = lexicon_of(task);
    struct sort_key *keys = NULL;
    size_t count = 0;
    revue_status status;
    TRY_DONE(gather(lexicon, count_stems, stem_bytes, &keys, &count, error));
    TRY_DONE(sort_keys(keys, count, compare_stems, lexicon, error));
    lexicon->stem_ranks = alloc_by_worker(lexicon, count_stems);
    lexicon->stems = memory_alloc_array(count, sizeof *lexicon->stems);
    if (!lexicon->stem_ranks || !lexicon->stems) TRY_DONE(error_no_memory(error));
    for (size_t i = 0; i < count; i++) {
        struct view stem = stem_at(lexicon, keys[i]);
        if (lexicon->stem_count == 0 || !view_equal(stem, lexicon->stems[lexicon->stem_count - 1]))
            lexicon->stems[lexicon->stem_count++] = stem;
        lexicon->stem_ranks[keys[i].owner][keys[i].index] = lexicon->stem_count - 1;
    }
done:
    memory_free(keys);
    return status;
}

/* ---- forms ---- */

static size_t count_forms(const struct vocabulary *vocabulary) {
    return vocabulary->form_count;
}

static struct view form_bytes(const struct vocabulary *vocabulary, size_t index) {
    return vocabulary->forms[index].bytes;
}

static const struct vocabulary_form *form_at(const struct lexicon *lexicon, struct sort_key key) {
    return &lexicon->intakes[key.owner].vocabulary.forms[key.index];
}

static int compare_forms(const void *left, const void *right, void *context) {
    const struct vocabulary_form *a = form_at(context, *(const struct sort_key *)left),
                                 *b = form_at(context, *(const struct sort_key *)right);
    int order = view_compare(a->bytes, b->bytes);
    return order ? order : (int)a->language - (int)b->language;
}

/* Puts forms in order and adds up what the workers counted. stem is still the number some worker gives it: resolved when
 * the stems are ranked. */
static void join_forms(struct lexicon *lexicon, const struct sort_key *keys, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct vocabulary_form *form = form_at(lexicon, keys[i]);
        struct lexicon_form *last = lexicon->form_count ? &lexicon->forms[lexicon->form_count - 1] : NULL;
        if (!last || last->language != form->language || !view_equal(last->bytes, form->bytes)) {
            last = &lexicon->forms[lexicon->form_count++];
            *last = (struct lexicon_form){.bytes = form->bytes, .language = form->language};
        }
        last->df += lexicon->intakes[keys[i].owner].vocabulary.form_uses[keys[i].index].df;
        lexicon->form_places[keys[i].owner][keys[i].index] = lexicon->form_count - 1;
    }
}

static revue_status order_forms(struct task *task, unsigned worker, revue_error *error) {
    (void)worker;
    struct lexicon *lexicon = lexicon_of(task);
    struct sort_key *keys = NULL;
    size_t count = 0;
    revue_status status;
    TRY_DONE(gather(lexicon, count_forms, form_bytes, &keys, &count, error));
    TRY_DONE(sort_keys(keys, count, compare_forms, lexicon, error));
    lexicon->form_places = alloc_by_worker(lexicon, count_forms);
    lexicon->forms = memory_alloc_array(count, sizeof *lexicon->forms);
    if (!lexicon->form_places || !lexicon->forms) TRY_DONE(error_no_memory(error));
    join_forms(lexicon, keys, count);
done:
    memory_free(keys);
    return status;
}

/* ---- symbols ---- */

static size_t count_symbols(const struct vocabulary *vocabulary) {
    return vocabulary->symbol_count;
}

/* Nothing for symbols that get no number. */
static struct view symbol_bytes(const struct vocabulary *vocabulary, size_t index) {
    const struct vocabulary_symbol *symbol = &vocabulary->symbols[index];
    bool may_have_number = vocabulary->uses[index].stored > 0 && symbol->size <= SYMBOL_BYTES_MAX;
    return view_of(symbol->bytes, may_have_number ? symbol->size : 0);
}

static const struct vocabulary_symbol *symbol_at(const struct lexicon *lexicon, struct sort_key key) {
    return &lexicon->intakes[key.owner].vocabulary.symbols[key.index];
}

/* Gaps and words of the same bytes cannot be, but their prefixes may. */
static int compare_symbols(const void *left, const void *right, void *context) {
    const struct vocabulary_symbol *a = symbol_at(context, *(const struct sort_key *)left),
                                   *b = symbol_at(context, *(const struct sort_key *)right);
    int order = view_compare(view_of(a->bytes, a->size), view_of(b->bytes, b->size));
    return order ? order : (int)a->kind - (int)b->kind;
}

static bool is_same_symbol(const struct vocabulary_symbol *a, const struct vocabulary_symbol *b) {
    return a->kind == b->kind && a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

static revue_status order_symbols(struct task *task, unsigned worker, revue_error *error) {
    (void)worker;
    struct lexicon *lexicon = lexicon_of(task);
    size_t count = 0;
    TRY(gather(lexicon, count_symbols, symbol_bytes, &lexicon->symbol_keys, &count, error));
    TRY(sort_keys(lexicon->symbol_keys, count, compare_symbols, lexicon, error));
    lexicon->symbols = memory_alloc_array(count, sizeof *lexicon->symbols);
    if (!lexicon->symbols) return error_no_memory(error);
    for (uint32_t i = 0; i < count; i++) {
        struct sort_key key = lexicon->symbol_keys[i];
        struct lexicon_symbol *last = lexicon->symbol_count ? &lexicon->symbols[lexicon->symbol_count - 1] : NULL;
        if (!last || !is_same_symbol(symbol_at(lexicon, lexicon->symbol_keys[last->first]), symbol_at(lexicon, key))) {
            last = &lexicon->symbols[lexicon->symbol_count++];
            *last = (struct lexicon_symbol){.first = i};
        }
        last->count += lexicon->intakes[key.owner].vocabulary.uses[key.index].stored;
        last->same++;
    }
    return REVUE_OK;
}

/* ---- forms of stems ---- */

static void resolve_stems(struct lexicon *lexicon) {
    for (unsigned worker = 0; worker < lexicon->workers; worker++) {
        const struct vocabulary *vocabulary = &lexicon->intakes[worker].vocabulary;
        for (size_t i = 0; i < vocabulary->form_count; i++)
            lexicon->forms[lexicon->form_places[worker][i]].stem = lexicon->stem_ranks[worker][vocabulary->forms[i].stem];
    }
}

static revue_status group_forms(struct lexicon *lexicon, revue_error *error) {
    lexicon->forms_of_stems = memory_alloc_array(lexicon->form_count, sizeof(uint32_t));
    lexicon->first_form = memory_alloc_zeroed((size_t)lexicon->stem_count + 2, sizeof(uint32_t));
    if (!lexicon->forms_of_stems || !lexicon->first_form) return error_no_memory(error);
    uint32_t *next = lexicon->first_form + 1; /* one ahead, so that filling leaves the starts in place */
    for (uint32_t i = 0; i < lexicon->form_count; i++)
        next[lexicon->forms[i].stem + 1]++;
    for (uint32_t rank = 1; rank <= lexicon->stem_count; rank++)
        next[rank] += next[rank - 1];
    for (uint32_t i = 0; i < lexicon->form_count; i++)
        lexicon->forms_of_stems[next[lexicon->forms[i].stem]++] = i;
    return REVUE_OK;
}

/* Forms of one stem by reviews, most first, then bytewise; the same bytes in several languages count together. */
static void number_forms(struct lexicon *lexicon, const uint32_t *places, uint32_t count) {
    struct lexicon_form *forms = lexicon->forms;
    uint64_t best_df[FORMS_LISTED] = {0};
    uint32_t best[FORMS_LISTED] = {0}, chosen = 0;
    for (uint32_t i = 0, same; i < count; i = same) {
        uint64_t df = 0;
        for (same = i; same < count && view_equal(forms[places[same]].bytes, forms[places[i]].bytes); same++) {
            df += forms[places[same]].df;
            forms[places[same]].number = FORM_OTHER;
        }
        uint32_t at = chosen < FORMS_LISTED ? chosen++ : FORMS_LISTED;
        for (; at > 0 && best_df[at - 1] < df; at--) {
            if (at == FORMS_LISTED) continue;
            best_df[at] = best_df[at - 1];
            best[at] = best[at - 1];
        }
        if (at == FORMS_LISTED) continue;
        best_df[at] = df;
        best[at] = i;
    }
    for (uint32_t number = 0; number < chosen; number++)
        for (uint32_t i = best[number]; i < count && view_equal(forms[places[i]].bytes, forms[places[best[number]]].bytes);
             i++)
            forms[places[i]].number = (uint8_t)number;
}

static revue_status map_symbols(struct lexicon *lexicon, revue_error *error) {
    lexicon->terms = alloc_by_worker(lexicon, count_symbols);
    if (!lexicon->terms) return error_no_memory(error);
    for (unsigned worker = 0; worker < lexicon->workers; worker++) {
        const struct vocabulary *vocabulary = &lexicon->intakes[worker].vocabulary;
        for (size_t i = 0; i < vocabulary->symbol_count; i++) {
            uint32_t form = vocabulary->uses[i].form;
            const struct lexicon_form *joined =
                form == VOCABULARY_NONE ? NULL : &lexicon->forms[lexicon->form_places[worker][form]];
            lexicon->terms[worker][i] = joined ? joined->stem << 2 | joined->number : NOT_A_TERM;
        }
    }
    return REVUE_OK;
}

/* ---- all of it ---- */

static revue_status sort_all(struct lexicon *lexicon, const struct accumulator *accumulator, revue_error *error) {
    struct lexicon_task tasks[] = {
        {{.run = order_forms}, lexicon}, {{.run = rank_stems}, lexicon}, {{.run = order_symbols}, lexicon}};
    size_t count = accumulator->options.keep_text ? 3 : 2, submitted = 0;
    size_t at_once = accumulator_is_helped(accumulator) ? 1 : count; /* a sort takes 32 bytes a word */
    revue_status status = REVUE_OK;
    for (size_t i = 0; i < count; i++) {
        for (; submitted < count && submitted < i + at_once; submitted++)
            workers_submit(accumulator->workers, &tasks[submitted].task);
        revue_status one = workers_wait(accumulator->workers, &tasks[i].task, status == REVUE_OK ? error : NULL);
        if (status == REVUE_OK) status = one;
    }
    return status;
}

revue_status lexicon_build(struct lexicon *lexicon, const struct accumulator *accumulator, revue_error *error) {
    *lexicon = (struct lexicon){.intakes = accumulator->intakes, .workers = accumulator->worker_count};
    TRY(sort_all(lexicon, accumulator, error));
    resolve_stems(lexicon);
    TRY(group_forms(lexicon, error));
    for (uint32_t rank = 0; rank < lexicon->stem_count; rank++)
        number_forms(lexicon, lexicon->forms_of_stems + lexicon->first_form[rank],
                     lexicon->first_form[rank + 1] - lexicon->first_form[rank]);
    return map_symbols(lexicon, error);
}

void lexicon_free(struct lexicon *lexicon) {
    free_by_worker(lexicon, lexicon->stem_ranks);
    free_by_worker(lexicon, lexicon->form_places);
    free_by_worker(lexicon, lexicon->terms);
    memory_free(lexicon->stems);
    memory_free(lexicon->forms);
    memory_free(lexicon->forms_of_stems);
    memory_free(lexicon->first_form);
    memory_free(lexicon->symbols);
    memory_free(lexicon->symbol_keys);
    *lexicon = (struct lexicon){0};
}
