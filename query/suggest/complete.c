/* complete.c - revue_complete: a text whose last word is completed from the forms of the index. */
#include "indexer/base/memory.h"
#include "indexer/base/utf8.h"
#include "query/expand/expand.h"
#include "query/suggest/completions.h"
#include "query/suggest/text_hits.h"

#include <stdlib.h>

#define FORMS_OFFERED 64u         /* that are counted together with the words before */
#define POSTINGS_COUNTED 1000000u /* for one call */

struct completing {
    revue_searcher *searcher;
    struct view before, word; /* the text up to its last word, and that */
    bool has_context;         /* there are words before it */
    struct arena arena;
    struct expansion *forms; /* df becomes the count that is shown */
    size_t count;
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

static revue_status find_forms(struct completing *completing) {
    struct pattern pattern;
    struct expansions expansions;
    revue_status status =
        pattern_init(&pattern, PATTERN_PREFIX, completing->word, 0, completing->searcher->language, completing->error);
    if (status == REVUE_OK)
        status = expand_pattern(completing->searcher, &pattern, FORMS_OFFERED, &completing->arena, &expansions,
                                completing->error);
    pattern_free(&pattern);
    if (status == REVUE_NO_MATCH) return REVUE_OK;
    TRY(status);
    completing->forms = expansions.items;
    completing->count = expansions.count;
    return REVUE_OK;
}

/* ---- together with the words before ---- */

static int compare_count(const void *left, const void *right) {
    const struct expansion *a = left, *b = right;
    if (a->df != b->df) return a->df > b->df ? -1 : 1;
    return view_compare(a->form, b->form);
}

static revue_status count_together(struct completing *completing, struct text_hits *hits) {
    struct expansion *found = arena_alloc_array(&completing->arena, completing->count + 1, sizeof *found);
    size_t found_count = 0;
    struct bytes text = {0};
    revue_status status = found ? REVUE_OK : error_no_memory(completing->error);
    for (size_t i = 0; i < completing->count && status == REVUE_OK; i++) {
        uint64_t count;
        bool is_known;
        bytes_clear(&text);
        bytes_append(&text, completing->before.data, completing->before.size);
        bytes_append(&text, completing->forms[i].form.data, completing->forms[i].form.size);
        status =
            text.failed ? error_no_memory(completing->error) : text_hits_count(hits, bytes_view(&text), &count, &is_known);
        if (status != REVUE_OK || !is_known || count == 0) continue;
        found[found_count] = completing->forms[i];
        found[found_count++].df = count;
    }
    bytes_free(&text);
    if (status != REVUE_OK || found_count == 0) return status;
    qsort(found, found_count, sizeof *found, compare_count);
    completing->forms = found;
    completing->count = found_count;
    return REVUE_OK;
}

static revue_status use_context(struct completing *completing) {
    struct text_hits hits;
    if (!completing->has_context) return REVUE_OK;
    revue_status status = text_hits_init(&hits, completing->searcher, NULL, POSTINGS_COUNTED, completing->error);
    if (status == REVUE_OK) status = count_together(completing, &hits);
    text_hits_free(&hits);
    return status;
}

/* ---- the call ---- */

static revue_status complete(struct completing *completing, size_t n, revue_completions *completions) {
    TRY(find_forms(completing));
    TRY(use_context(completing));
    for (size_t i = 0; i < completing->count && i < n; i++) {
        const struct expansion *form = &completing->forms[i];
        if (!completions_add(completions, completing->before, form->form, view_of(NULL, 0), form->df))
            return error_no_memory(completing->error);
    }
    return REVUE_OK;
}

revue_status revue_complete(revue_searcher *searcher, const char *text, size_t size, size_t n,
                            revue_completions **completions, revue_error *error) {
    struct completing completing = {.searcher = searcher, .error = error};
    struct bytes repaired = {0};
    error_clear(error);
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
