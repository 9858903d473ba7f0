/* bind.c - see bind.h. */
#include "query/plan/bind.h"

#include "query/plan/known_words.h"

#include <stdlib.h>
#include <string.h>

/* ---- stems ---- */

/* The stems met so far. Languages share most of theirs, so that a form has few; what comes beyond is left out. */
#define STEMS_MET_MAX 64u
struct stem_met {
    struct view stem;
    uint64_t reviews; /* in which the form has this stem */
};
struct stems_met {
    struct stem_met items[STEMS_MET_MAX];
    uint32_t count;
};

static revue_status copy_view(const struct binder *binder, struct view view, struct view *copy) {
    const char *data = arena_copy(binder->arena, view.data, view.size);
    if (!data) return error_no_memory(binder->error);
    *copy = view_of(data, view.size);
    return REVUE_OK;
}

static revue_status meet_stem(const struct binder *binder, struct stems_met *met, struct view stem, uint64_t reviews) {
    uint32_t at = 0;
    while (at < met->count && !view_equal(met->items[at].stem, stem))
        at++;
    if (at == STEMS_MET_MAX) return REVUE_OK;
    if (at == met->count) {
        TRY(copy_view(binder, stem, &met->items[at].stem));
        met->items[at].reviews = 0;
        met->count++;
    }
    met->items[at].reviews += reviews;
    return REVUE_OK;
}

static revue_status find_form(const struct binder *binder, uint32_t segment, struct view form, struct form_entry *entry) {
    forms_reader *forms;
    TRY(segment_forms(binder->searcher->segments[segment].segment, &forms, binder->error));
    return forms_reader_find(forms, form, entry, binder->error);
}

static revue_status meet_indexed(const struct binder *binder, struct view form, struct stems_met *met) {
    for (uint32_t segment = 0; segment < binder->searcher->segment_count; segment++) {
        struct form_entry entry;
        revue_status status = find_form(binder, segment, form, &entry);
        if (status == REVUE_NO_MATCH) continue;
        TRY(status);
        for (uint32_t i = 0; i < entry.pair_count; i++)
            TRY(meet_stem(binder, met, entry.pairs[i].stem, entry.pairs[i].df));
    }
    return REVUE_OK;
}

static revue_status meet_common_languages(const struct binder *binder, struct view form, struct stems_met *met) {
    const struct common_languages *languages;
    TRY(searcher_languages(binder->searcher, &languages, binder->error));
    for (uint32_t i = 0; i < languages->count; i++) {
        char stem[FORM_MAX];
        size_t size;
        TRY(stemmer_stem(binder->searcher->stemmer, form, languages->items[i], stem, &size, binder->error));
        TRY(meet_stem(binder, met, view_of(stem, size), 0));
    }
    return REVUE_OK;
}

static int compare_met(const void *left, const void *right) {
    const struct stem_met *a = left, *b = right;
    if (a->reviews != b->reviews) return a->reviews > b->reviews ? -1 : 1;
    return view_compare(a->stem, b->stem);
}

static revue_status resolve_stems(const struct binder *binder, struct plan_word *word) {
    struct stems_met met;
    met.count = 0;
    TRY(meet_indexed(binder, word->form, &met));
    if (met.count == 0) TRY(meet_common_languages(binder, word->form, &met));
    qsort(met.items, met.count, sizeof *met.items, compare_met);
    word->stem_count = met.count < WORD_STEMS_MAX ? met.count : WORD_STEMS_MAX;
    word->stems = arena_alloc_array(binder->arena, WORD_STEMS_MAX, sizeof *word->stems);
    if (!word->stems) return error_no_memory(binder->error);
    for (uint32_t i = 0; i < word->stem_count; i++)
        word->stems[i] = met.items[i].stem;
    return REVUE_OK;
}

static void take_known(const struct binder *binder, struct plan_word *word) {
    const struct known_word *known = known_words_find(binder->searcher->known_words, word->form, word->by_form);
    if (!known) return;
    word->stems = known->stems;
    word->stem_count = known->stem_count;
    word->df = known->df;
    word->in = known->in;
}

revue_status bind_resolve(const struct binder *binder, const struct token *token, bool by_form, struct plan_word *word) {
    *word = (struct plan_word){.form = token->form, .by_form = by_form};
    take_known(binder, word);
    if (!by_form) return word->in ? REVUE_OK : resolve_stems(binder, word);
    word->forms = arena_alloc(binder->arena, sizeof *word->forms);
    if (!word->forms) return error_no_memory(binder->error);
    *word->forms = word->form;
    word->form_count = 1;
    return REVUE_OK;
}

void bind_forms(struct view name, struct view *forms, uint32_t count, struct plan_word *word) {
    *word = (struct plan_word){.form = name, .by_form = true, .counts_stems = true, .forms = forms, .form_count = count};
}

static int compare_stems(const void *left, const void *right) {
    return view_compare(*(const struct view *)left, *(const struct view *)right);
}

revue_status bind_join(const struct binder *binder, struct plan_word *word, const struct plan_word *other) {
    const uint32_t most = word->stem_count + other->stem_count;
    struct view *stems = arena_alloc_array(binder->arena, (size_t)most + 1, sizeof *stems);
    uint32_t count = 0;
    if (!stems) return error_no_memory(binder->error);
    if (word->stem_count > 0) memcpy(stems, word->stems, word->stem_count * sizeof *stems);
    if (other->stem_count > 0) memcpy(stems + word->stem_count, other->stems, other->stem_count * sizeof *stems);
    qsort(stems, most, sizeof *stems, compare_stems);
    for (uint32_t i = 0; i < most; i++)
        if (count == 0 || !view_equal(stems[count - 1], stems[i])) stems[count++] = stems[i];
    word->stems = stems;
    word->stem_count = count;
    word->in = NULL;
    return REVUE_OK;
}

bool bind_same(const struct plan_word *a, const struct plan_word *b) {
    if (a->by_form != b->by_form || a->counts_stems != b->counts_stems) return false;
    if (a->by_form) return a->form_count == 1 && b->form_count == 1 && view_equal(a->form, b->form);
    if (a->stem_count != b->stem_count) return false;
    for (uint32_t i = 0; i < a->stem_count; i++)
        if (!view_equal(a->stems[i], b->stems[i])) return false;
    return true;
}

/* ---- lists ---- */

/* Reviews of one segment that have the stem in one of the fields searched. What is said of body, title and product together
 * is all that is known of more than one of them. */
static uint64_t df_of(const struct term_entry_lists *stem, const struct field_scoring *scoring) {
    uint64_t df = 0;
    unsigned searched = 0;
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        if (scoring->weight[field] <= 0 || !(stem->fields >> field & 1)) continue;
        searched++;
        if (stem->lists[field].df > df) df = stem->lists[field].df;
    }
    return searched > 1 && stem->df > df ? stem->df : df;
}

static struct term_entry_lists *find_stem(const struct segment_word *in, struct view stem) {
    for (uint32_t i = 0; i < in->stem_count; i++)
        if (view_equal(in->stems[i].stem, stem)) return &in->stems[i];
    return NULL;
}

/* Adds the lists of a stem (its view is kept) to the word in one segment, where in->stems has room for one more; leaves
 * *entry->fields 0 when the segment does not have it. */
static revue_status bind_stem(const struct binder *binder, struct segment_word *in, uint32_t segment, struct view stem,
                              uint8_t form_bits, struct term_entry *entry) {
    terms_reader *terms;
    entry->fields = 0;
    TRY(segment_terms(binder->searcher->segments[segment].segment, &terms, binder->error));
    revue_status status = terms_reader_find(terms, stem, entry, binder->error);
    if (status == REVUE_NO_MATCH) return REVUE_OK;
    TRY(status);
    struct term_entry_lists *lists = &in->stems[in->stem_count++];
    *lists = (struct term_entry_lists){.stem = stem,
                                       .fields = entry->fields,
                                       .df = entry->df,
                                       .champions = entry->champions,
                                       .champions_bytes = entry->champions_bytes,
                                       .form_bits = form_bits};
    memcpy(lists->lists, entry->lists, sizeof lists->lists);
    return REVUE_OK;
}

static revue_status make_room(const struct binder *binder, struct segment_word *in, uint32_t count) {
    in->stems = arena_alloc_array(binder->arena, (size_t)count + 1, sizeof *in->stems);
    return in->stems ? REVUE_OK : error_no_memory(binder->error);
}

static revue_status bind_by_stem(const struct binder *binder, struct plan_word *word, uint32_t segment) {
    struct segment_word *in = &word->in[segment];
    TRY(make_room(binder, in, word->stem_count));
    for (uint32_t i = 0; i < word->stem_count; i++) {
        struct term_entry entry;
        TRY(bind_stem(binder, in, segment, word->stems[i], FORM_ANY, &entry));
    }
    return REVUE_OK;
}

static uint64_t df_by_stem(const struct plan_word *word, uint32_t segment_count, const struct field_scoring *scoring) {
    uint64_t df = 0;
    for (uint32_t segment = 0; segment < segment_count; segment++)
        for (uint32_t i = 0; i < word->in[segment].stem_count; i++)
            df += df_of(&word->in[segment].stems[i], scoring);
    return df;
}

/* Two languages may give a form the same stem, and forms share stems: the lists of each are taken once. */
static revue_status bind_pair(const struct binder *binder, struct segment_word *in, uint32_t segment,
                              const struct form_pair *pair) {
    const uint8_t bit = (uint8_t)(1u << pair->form_number);
    struct term_entry_lists *lists = find_stem(in, pair->stem);
    struct term_entry entry;
    struct view stem;
    if (lists) {
        lists->form_bits |= bit;
        return REVUE_OK;
    }
    TRY(copy_view(binder, pair->stem, &stem));
    return bind_stem(binder, in, segment, stem, bit, &entry);
}

static revue_status grow_stems(const struct binder *binder, struct segment_word *in, uint32_t more) {
    struct term_entry_lists *before = in->stems;
    TRY(make_room(binder, in, in->stem_count + more));
    if (in->stem_count > 0) memcpy(in->stems, before, in->stem_count * sizeof *before);
    return REVUE_OK;
}

static revue_status bind_by_form(const struct binder *binder, struct plan_word *word, uint32_t segment) {
    struct segment_word *in = &word->in[segment];
    for (uint32_t i = 0; i < word->form_count; i++) {
        struct form_entry form;
        revue_status status = find_form(binder, segment, word->forms[i], &form);
        if (status == REVUE_NO_MATCH) continue;
        TRY(status);
        TRY(grow_stems(binder, in, form.pair_count));
        for (uint32_t pair = 0; pair < form.pair_count; pair++) {
            word->df += form.pairs[pair].df;
            TRY(bind_pair(binder, in, segment, &form.pairs[pair]));
        }
    }
    return REVUE_OK;
}

/* Whether a segment holds the forms themselves or not, their stems count the same: how reviews are spread over segments
 * changes no score. */
static revue_status bind_stems_of_others(const struct binder *binder, struct plan_word *word, uint32_t segment) {
    struct segment_word *in = &word->in[segment];
    struct term_entry entry;
    for (uint32_t other = 0; other < binder->searcher->segment_count; other++) {
        const struct segment_word *has = &word->in[other];
        if (other == segment || has->stem_count == 0) continue;
        TRY(grow_stems(binder, in, has->stem_count));
        for (uint32_t i = 0; i < has->stem_count; i++)
            if (!find_stem(in, has->stems[i].stem)) TRY(bind_stem(binder, in, segment, has->stems[i].stem, 0, &entry));
    }
    return REVUE_OK;
}

static revue_status bind_counted_stems(const struct binder *binder, struct plan_word *word) {
    for (uint32_t segment = 0; segment < binder->searcher->segment_count; segment++)
        TRY(bind_stems_of_others(binder, word, segment));
    for (uint32_t segment = 0; segment < binder->searcher->segment_count; segment++)
        word->in[segment].counts_stems = true;
    return REVUE_OK;
}

/* Not a pattern, and no synonyms with it. */
static bool is_one_word(const struct plan_word *word) {
    if (word->counts_stems) return false;
    return word->by_form ? word->form_count == 1 && view_equal(word->forms[0], word->form) : word->synonym_count == 0;
}

static revue_status find_lists(const struct binder *binder, struct plan_word *word) {
    const uint32_t segment_count = binder->searcher->segment_count;
    struct segment_word *in = arena_alloc_array(binder->arena, (size_t)segment_count + 1, sizeof *in);
    if (!in) return error_no_memory(binder->error);
    memset(in, 0, segment_count * sizeof *in);
    word->in = in;
    for (uint32_t segment = 0; segment < segment_count; segment++)
        TRY(word->by_form ? bind_by_form(binder, word, segment) : bind_by_stem(binder, word, segment));
    const struct known_word known = {word->form, word->by_form, word->stems, word->stem_count, word->df, in};
    if (is_one_word(word)) known_words_add(&binder->searcher->known_words, &known, segment_count);
    return REVUE_OK;
}

revue_status bind_lists(const struct binder *binder, struct plan_word *word, const struct field_scoring *scoring) {
    if (!word->in) TRY(find_lists(binder, word));
    if (!word->by_form) word->df = df_by_stem(word, binder->searcher->segment_count, scoring);
    if (word->df > binder->searcher->reviews) word->df = binder->searcher->reviews;
    return word->counts_stems ? bind_counted_stems(binder, word) : REVUE_OK;
}
