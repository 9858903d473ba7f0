/* complete.c - revue_complete: a text whose last word is completed from the forms of the index. */
#include "indexer/base/memory.h"
#include "indexer/base/utf8.h"
#include "query/suggest/common_words.h"
#include "query/suggest/completions.h"
#include "query/suggest/context_forms.h"
#include "query/suggest/form_stem.h"
#include "query/suggest/prefix_forms.h"
#include "query/suggest/text_hits.h"
#include "query/word_counts.h"

#define FORMS_MORE 54u            /* than are asked for: looked at */
#define TOGETHER_MORE 2u          /* than are asked for: counted with the words before */
#define POSTINGS_COUNTED 1000000u /* for one call */

struct completing {
    revue_searcher *searcher;
    struct view before, word; /* the text up to its last word, and that */
    struct view prefix;       /* the word folded */
    bool has_context;         /* there are words before it */
    struct arena arena;
    struct prefix_forms forms;
    revue_error *error;
};

/* ---- what was typed ---- */

/* False when it does not end in a word. */
static bool split(struct completing *completing, struct view text) {
    struct scanner scanner;
    struct span span, last = {.kind = SPAN_GAP};
    scanner_start(&scanner, text);
    while (scanner_next(&scanner, &span)) {
        completing->has_context |= last.kind != SPAN_GAP;
        last = span;
    }
    completing->before = view_of(text.data, last.start);
    completing->word = view_of(text.data + last.start, last.size);
    return last.kind != SPAN_GAP;
}

/* ---- together with the words before ---- */

static revue_status count_one(struct completing *completing, struct text_hits *hits, struct prefix_form *form,
                              bool *is_known) {
    struct bytes text = {0};
    bytes_append(&text, completing->before.data, completing->before.size);
    bytes_append(&text, form->form.data, form->form.size);
    revue_status status =
        text.failed ? error_no_memory(completing->error) : text_hits_count(hits, bytes_view(&text), &form->count, is_known);
    bytes_free(&text);
    return status;
}

/* Forms of one stem find the same reviews: the first of them stands for all. */
static revue_status is_new_stem(struct completing *completing, const struct prefix_forms *chosen, struct view *stems,
                                struct view form, bool *is_new) {
    struct view *stem = &stems[chosen->count];
    TRY(form_stem_find(completing->searcher, form, &completing->arena, stem, completing->error));
    *is_new = true;
    for (size_t i = 0; i < chosen->count && *is_new; i++)
        *is_new = !view_equal(stems[i], *stem);
    return REVUE_OK;
}

static revue_status choose_from(struct completing *completing, const struct prefix_forms *forms, size_t wanted,
                                struct prefix_forms *chosen, struct view *stems) {
    for (size_t i = 0; i < forms->count && chosen->count < wanted; i++) {
        bool is_new;
        TRY(is_new_stem(completing, chosen, stems, forms->items[i].form, &is_new));
        if (is_new) chosen->items[chosen->count++] = forms->items[i];
    }
    return REVUE_OK;
}

/* Those met in reviews that have the words before come first, then the most frequent ones of all. */
static revue_status choose(struct completing *completing, const struct prefix_forms *met, size_t wanted,
                           struct prefix_forms *chosen) {
    struct arena *arena = &completing->arena;
    struct view *stems = arena_alloc_array(arena, wanted + 1, sizeof *stems);
    *chosen = (struct prefix_forms){arena_alloc_array(arena, wanted + 1, sizeof *chosen->items), 0};
    if (!stems || !chosen->items) return error_no_memory(completing->error);
    TRY(choose_from(completing, met, wanted, chosen, stems));
    return choose_from(completing, &completing->forms, wanted, chosen, stems);
}

/* What does not stand in a review with the words before goes, unless all of it would. */
static revue_status count_all(struct completing *completing, struct text_hits *hits, const struct prefix_forms *chosen,
                              struct prefix_forms *together, bool *are_known) {
    together->items = arena_alloc_array(&completing->arena, chosen->count + 1, sizeof *together->items);
    together->count = 0;
    *are_known = true;
    if (!together->items) return error_no_memory(completing->error);
    for (size_t i = 0; i < chosen->count && *are_known; i++) {
        struct prefix_form *form = &together->items[together->count];
        *form = chosen->items[i];
        TRY(count_one(completing, hits, form, are_known));
        together->count += form->count > 0;
    }
    return REVUE_OK;
}

/* Of words that are all over the archive: the reviews of each completion alone. */
static revue_status count_alone(struct completing *completing, struct prefix_forms *chosen) {
    for (size_t i = 0; i < chosen->count; i++)
        TRY(word_counts_form(completing->searcher, chosen->items[i].form, &chosen->items[i].count, completing->error));
    return REVUE_OK;
}

static revue_status count_together(struct completing *completing, struct text_hits *hits, size_t wanted) {
    struct prefix_forms met, chosen, together;
    bool are_known;
    TRY(context_forms_find(hits, completing->before, completing->prefix, &completing->arena, &met));
    TRY(choose(completing, &met, wanted, &chosen));
    TRY(count_all(completing, hits, &chosen, &together, &are_known));
    if (are_known && together.count > 0)
        chosen = together;
    else
        TRY(count_alone(completing, &chosen));
    prefix_forms_sort(&chosen);
    completing->forms = chosen;
    return REVUE_OK;
}

static revue_status use_context(struct completing *completing, size_t wanted) {
    struct text_hits hits;
    if (!completing->has_context) return REVUE_OK;
    revue_status status = text_hits_init(&hits, completing->searcher, NULL, POSTINGS_COUNTED, completing->error);
    if (status == REVUE_OK) status = count_together(completing, &hits, wanted);
    text_hits_free(&hits);
    return status;
}

/* ---- the call ---- */

static revue_status complete(struct completing *completing, size_t n, revue_completions *completions) {
    revue_searcher *searcher = completing->searcher;
    char form[FORM_MAX];
    const struct view prefix = view_of(form, common_word_fold(completing->word, searcher->language, form));
    completing->prefix = prefix;
    if (prefix.size == 0) return REVUE_OK;
    TRY(prefix_forms_find(searcher, prefix, n + FORMS_MORE, &completing->arena, &completing->forms, completing->error));
    TRY(use_context(completing, n + TOGETHER_MORE));
    TRY(prefix_forms_spell(searcher, prefix, n, &completing->arena, &completing->forms, completing->error));
    for (size_t i = 0; i < completing->forms.count; i++) {
        const struct prefix_form *item = &completing->forms.items[i];
        if (!completions_add(completions, completing->before, item->written, view_of(NULL, 0), item->count))
            return error_no_memory(completing->error);
    }
    return REVUE_OK;
}

revue_status revue_complete(revue_searcher *searcher, const char *text, size_t size, size_t n,
                            revue_completions **completions, revue_error *error) {
    struct completing completing = {.searcher = searcher, .error = error};
    struct bytes repaired = {0};
    error_clear(error);
    TRY(searcher_is_awake(searcher, error));
    TRY(completions_check(n, error));
    revue_completions *made = completions_create();
    if (!made) return error_no_memory(error);
    revue_status status = REVUE_OK;
    if (size <= QUERY_BYTES_MAX) (void)utf8_repair(&repaired, text, size);
    if (repaired.failed) status = error_no_memory(error);
    if (status == REVUE_OK && n > 0 && repaired.size > 0 && split(&completing, bytes_view(&repaired)))
        status = complete(&completing, n, made);
    arena_free(&completing.arena);
    bytes_free(&repaired);
    if (status == REVUE_OK)
        *completions = made;
    else
        revue_completions_free(made);
    return status;
}
