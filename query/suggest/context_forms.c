/* context_forms.c - see context_forms.h. The stored texts and products tell at once what stands beside the words before,
 * which posting lists tell only of forms that one asks for. */
#include "query/suggest/context_forms.h"

#include "indexer/base/memory.h"
#include "query/suggest/common_words.h"
#include "query/suggest/stored_words.h"

#include <string.h>

#define REVIEWS_READ 48u /* of the whole snapshot, about */
#define FORMS_MAX 128u   /* told apart */
#define NEXT_SHARE 32u   /* of one in so many reviews: it is what comes next */

struct sampling {
    struct text_hits *hits;
    const struct plan *plan;
    struct view prefix;
    struct arena *arena;
    struct prefix_form *items;
    uint32_t *met_in;        /* by item: the review it was met in last, counted from 1, */
    uint32_t *followed_in;   /* and the one it followed the word before in */
    struct view word_before; /* folded */
    bool has_failed;         /* for lack of memory */
    size_t count;
    uint32_t reviews;
    bool is_small; /* every match is read */
    struct stored_words words;
    struct view previous; /* word of the review at hand */
    revue_error *error;
};

/* ---- a review ---- */

static struct prefix_form *find_or_add(struct sampling *sampling, struct view form) {
    size_t at = 0;
    while (at < sampling->count && !view_equal(sampling->items[at].form, form))
        at++;
    if (at < sampling->count || at == FORMS_MAX) return at < sampling->count ? &sampling->items[at] : NULL;
    const char *copy = arena_copy(sampling->arena, form.data, form.size);
    sampling->has_failed |= !copy;
    if (!copy) return NULL;
    sampling->items[at] = (struct prefix_form){.form = view_of(copy, form.size)};
    sampling->met_in[at] = sampling->followed_in[at] = 0;
    sampling->count++;
    return &sampling->items[at];
}

static bool is_word_before(const struct sampling *sampling, struct view word) {
    char form[FORM_MAX];
    return word.size > 0 &&
           view_equal(sampling->word_before, view_of(form, common_word_fold(word, LANGUAGE_ENGLISH, form)));
}

/* Counts a form once for each review. */
static void take_form(struct sampling *sampling, struct view form, struct view previous) {
    struct prefix_form *item = find_or_add(sampling, form);
    if (!item) return;
    const size_t at = (size_t)(item - sampling->items);
    item->count += sampling->met_in[at] != sampling->reviews;
    sampling->met_in[at] = sampling->reviews;
    if (sampling->followed_in[at] == sampling->reviews || !is_word_before(sampling, previous)) return;
    sampling->followed_in[at] = sampling->reviews;
    item->following++;
}

static bool may_begin(struct view word, struct view prefix) {
    const bool is_ascii = ((word.data[0] | prefix.data[0]) & 0x80) == 0;
    return !is_ascii || (word.data[0] | 0x20) == (prefix.data[0] | 0x20);
}

static bool take_word(void *context, struct view word, bool is_ascii) {
    struct sampling *sampling = context;
    const struct view before = sampling->previous;
    char form[FORM_MAX];
    sampling->previous = word;
    if (word.size == 0 || !may_begin(word, sampling->prefix)) return true;
    const size_t size = fold_word(word, is_ascii, LANGUAGE_ENGLISH, form);
    if (size >= sampling->prefix.size && memcmp(form, sampling->prefix.data, sampling->prefix.size) == 0)
        take_form(sampling, view_of(form, size), before);
    return !sampling->has_failed;
}

static revue_status read_review(struct sampling *sampling, uint32_t segment, uint32_t doc) {
    sampling->reviews++;
    TRY(stored_words_walk(&sampling->words, sampling->hits->searcher, segment, doc, take_word, sampling, sampling->error));
    return sampling->has_failed ? error_no_memory(sampling->error) : REVUE_OK;
}

/* ---- the sample ---- */

/* Reads the match at hand unless it was deleted, and goes to one a step further on. */
static revue_status read_matches(struct sampling *sampling, struct cursor *cursor, uint32_t number, uint32_t step) {
    revue_searcher *searcher = sampling->hits->searcher;
    const struct deletes *deletes;
    TRY(searcher_deletes(searcher, number, &deletes, sampling->error));
    for (cursor_next(cursor); cursor->doc != DOC_END && sampling->reviews < 2 * REVIEWS_READ;) {
        if (!deletes_has(deletes, cursor->doc)) TRY(read_review(sampling, number, cursor->doc));
        if (cursor->doc > DOC_END - 1 - step) break;
        cursor_seek(cursor, cursor->doc + step);
    }
    return REVUE_OK;
}

static revue_status sample_segment(struct sampling *sampling, uint32_t number) {
    revue_searcher *searcher = sampling->hits->searcher;
    struct cursor_failure failure = {0};
    struct arena arena = {0};
    const struct leaf_context context = {
        .segment = searcher->segments[number].segment, .arena = &arena, .failure = &failure, .stemmer = searcher->stemmer};
    const uint64_t step = searcher->reviews / REVIEWS_READ;
    struct cursor *cursor = plan_cursor(sampling->plan, &context, number);
    revue_status status = cursor
                              ? read_matches(sampling, cursor, number, sampling->is_small || step == 0 ? 1 : (uint32_t)step)
                              : error_no_memory(sampling->error);
    cursor_close(cursor);
    if (failure.status != REVUE_OK && sampling->error) *sampling->error = failure.error;
    arena_free(&arena);
    return failure.status != REVUE_OK ? failure.status : status;
}

static revue_status sample(struct sampling *sampling) {
    const uint32_t segment_count = sampling->hits->searcher->segment_count;
    sampling->items = arena_alloc_array(sampling->arena, FORMS_MAX, sizeof *sampling->items);
    sampling->met_in = arena_alloc_array(sampling->arena, FORMS_MAX, sizeof *sampling->met_in);
    sampling->followed_in = arena_alloc_array(sampling->arena, FORMS_MAX, sizeof *sampling->followed_in);
    if (!sampling->items || !sampling->met_in || !sampling->followed_in) return error_no_memory(sampling->error);
    for (uint32_t i = 0; i < segment_count; i++)
        TRY(sample_segment(sampling, i));
    for (size_t i = 0; i < sampling->count; i++)
        sampling->items[i].is_next =
            sampling->items[i].following > 0 && sampling->items[i].following >= sampling->reviews / NEXT_SHARE;
    return REVUE_OK;
}

/* The form of the last word of a text. */
static struct view last_form(struct view text, char form[FORM_MAX]) {
    struct scanner scanner;
    struct span span, last = {.kind = SPAN_GAP};
    scanner_start(&scanner, text);
    while (scanner_next(&scanner, &span))
        if (span.kind == SPAN_WORD) last = span;
    if (last.kind == SPAN_GAP) return view_of(form, 0);
    return view_of(form, fold_word(view_of(text.data + last.start, last.size), last.ascii, LANGUAGE_ENGLISH, form));
}

revue_status context_forms_find(struct text_hits *hits, struct view before, struct view prefix, struct arena *arena,
                                struct prefix_forms *forms) {
    struct sampling sampling = {.hits = hits, .prefix = prefix, .arena = arena, .error = hits->error};
    struct plan plan;
    char form[FORM_MAX];
    bool is_cheap;
    sampling.word_before = last_form(before, form);
    *forms = (struct prefix_forms){0};
    TRY(text_hits_plan(hits, before, &plan, &is_cheap));
    if (!plan.root || !is_cheap) return REVUE_OK;
    sampling.plan = &plan;
    sampling.is_small = plan_postings(&plan) <= REVIEWS_READ;
    revue_status status = sample(&sampling);
    stored_words_free(&sampling.words);
    if (status != REVUE_OK) return status;
    *forms = (struct prefix_forms){sampling.items, sampling.count};
    prefix_forms_sort(forms);
    return REVUE_OK;
}
