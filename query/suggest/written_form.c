/* written_form.c - see written_form.h. What the symbol tables do not know stands in few texts: the first of them are read.
 */
#include "query/suggest/written_form.h"

#include "indexer/format/scoring.h"
#include "query/plan/bind.h"
#include "query/suggest/common_words.h"
#include "query/suggest/stored_words.h"

#include <string.h>

#define REVIEWS_WANTED 3u
#define REVIEWS_READ 8u
#define WAYS_MAX 8u /* to write one form, that are told apart */

struct written_ways {
    revue_searcher *searcher;
    struct view form;
    struct arena *arena;
    struct stored_words words;
    bool has_failed; /* for lack of memory */
    struct written_way {
        struct view written;
        uint32_t count;
    } ways[WAYS_MAX];
    size_t count;
    uint32_t read, reviews; /* looked at, and with the form */
    size_t met;             /* occurrences of it */
    revue_error *error;
};

static bool count_way(struct written_ways *ways, struct view written) {
    for (size_t i = 0; i < ways->count; i++) {
        if (!view_equal(ways->ways[i].written, written)) continue;
        ways->ways[i].count++;
        return true;
    }
    if (ways->count == WAYS_MAX) return true;
    const char *copy = arena_copy(ways->arena, written.data, written.size);
    if (!copy) return false;
    ways->ways[ways->count++] = (struct written_way){view_of(copy, written.size), 1};
    return true;
}

/* Only the same letter, or one that is not ASCII, can be folded to the first of the form. */
static bool take_word(void *context, struct view word, bool is_ascii) {
    struct written_ways *ways = context;
    char form[FORM_MAX];
    if (word.size == 0) return true;
    const bool may_be = !is_ascii || (word.data[0] | 0x20) == (ways->form.data[0] | 0x20);
    if (!may_be || !view_equal(view_of(form, fold_word(word, is_ascii, LANGUAGE_ENGLISH, form)), ways->form)) return true;
    ways->met++;
    ways->has_failed |= common_word_is_clean(word) && !count_way(ways, word);
    return !ways->has_failed;
}

static bool may_read(const struct written_ways *ways) {
    return ways->reviews < REVIEWS_WANTED && ways->read < REVIEWS_READ;
}

static revue_status read_review(struct written_ways *ways, uint32_t segment, uint32_t doc) {
    TRY(stored_words_walk(&ways->words, ways->searcher, segment, doc, take_word, ways, ways->error));
    return ways->has_failed ? error_no_memory(ways->error) : REVUE_OK;
}

/* A form that is not listed among those of its stem can only be looked for in texts, and may stand in few of very many. */
static bool is_listed(const struct segment_word *in) {
    for (uint32_t i = 0; i < in->stem_count; i++)
        if (in->stems[i].form_bits >> FORM_OTHER & 1) return false;
    return true;
}

/* The first reviews of a segment that have the form, or, when it is not listed, that have its stem. */
static revue_status read_segment(struct written_ways *ways, const struct plan_word *word,
                                 const struct field_scoring *scoring, uint32_t number) {
    struct cursor_failure failure = {0};
    const struct segment_word *in = &word->in[number];
    const struct leaf_context context = {.segment = ways->searcher->segments[number].segment,
                                         .arena = ways->arena,
                                         .failure = &failure,
                                         .stemmer = ways->searcher->stemmer};
    revue_status status = REVUE_OK;
    struct cursor *cursor = cursor_term_create(&context, in, scoring, 1, word->forms, is_listed(in) ? word->form_count : 0);
    if (!cursor) return error_no_memory(ways->error);
    for (cursor_next(cursor); cursor->doc != DOC_END && may_read(ways) && status == REVUE_OK; cursor_next(cursor)) {
        const size_t before = ways->met;
        ways->read++;
        status = read_review(ways, number, cursor->doc);
        ways->reviews += ways->met > before;
    }
    cursor_close(cursor);
    if (failure.status != REVUE_OK && ways->error) *ways->error = failure.error;
    return failure.status != REVUE_OK ? failure.status : status;
}

static revue_status read_reviews(struct written_ways *ways) {
    const struct binder binder = {ways->searcher, ways->arena, ways->error};
    struct field_scoring scoring = {.k1 = SCORING_K1, .b = SCORING_B};
    struct plan_word word;
    memcpy(scoring.weight, scoring_default_weights, sizeof scoring.weight);
    memcpy(scoring.average, ways->searcher->average, sizeof scoring.average);
    bind_forms(ways->form, &ways->form, 1, &word);
    TRY(bind_lists(&binder, &word, &scoring));
    for (uint32_t i = 0; i < ways->searcher->segment_count && may_read(ways); i++)
        TRY(read_segment(ways, &word, &scoring, i));
    return REVUE_OK;
}

revue_status written_form_find(revue_searcher *searcher, struct view form, struct arena *arena, struct view *written,
                               revue_error *error) {
    struct written_ways ways = {.searcher = searcher, .form = form, .arena = arena, .error = error};
    const struct written_way *best = NULL;
    revue_status status = read_reviews(&ways);
    stored_words_free(&ways.words);
    for (size_t i = 0; i < ways.count; i++)
        if (!best || ways.ways[i].count > best->count) best = &ways.ways[i];
    *written = best ? best->written : view_of(form.data, ways.read > 0 ? form.size : 0);
    return status;
}
