/* collect.c - see collect.h. Three ways to the matches: all that is live, the bits of words, or the cursors of the plan. */
#include "query/collect/collect.h"

#include "indexer/base/memory.h"
#include "query/rank/excluded.h"
#include "query/rank/search_count.h"

#include <string.h>

#define CHUNK_WORK 512 /* what collectors do with a chunk, in postings */

struct collecting {
    struct collector *const *collectors;
    size_t collector_count;
    bool with_scores;
    struct prior *prior;     /* NULL: none */
    struct matches *matches; /* of the chunk at hand */
    uint64_t total;
};

static revue_status hand_over(struct collecting *collecting, revue_error *error) {
    struct matches *matches = collecting->matches;
    TRY(deadline_spend(CHUNK_WORK, error));
    for (size_t i = 0; i < collecting->collector_count && matches->count > 0; i++)
        TRY(collecting->collectors[i]->take(collecting->collectors[i], matches, error));
    collecting->total += matches->count;
    matches->count = 0;
    return REVUE_OK;
}

/* ---- bits ---- */

/* Words of bits from the first review of a chunk on. */
static revue_status take_bits(struct collecting *collecting, uint32_t chunk, const uint64_t *bits, uint32_t words,
                              revue_error *error) {
    struct matches *matches = collecting->matches;
    uint32_t count = 0;
    for (uint32_t i = 0; i < words; i++)
        count += (uint32_t)__builtin_popcountll(bits[i]);
    if (count == 0) return REVUE_OK;
    matches->chunk = chunk;
    matches->count = count;
    memcpy(matches->bits, bits, words * sizeof *bits);
    memset(matches->bits + words, 0, (CHUNK_WORDS - words) * sizeof *bits);
    return hand_over(collecting, error);
}

static revue_status take_window(void *context, const struct doc_window *window, revue_error *error) {
    const uint32_t words = (window->to - window->from + 63) / 64;
    for (uint32_t word = 0; word < words; word += CHUNK_WORDS)
        TRY(take_bits(context, window->from / COLUMN_CHUNK + word / CHUNK_WORDS, window->bits + word,
                      words - word < CHUNK_WORDS ? words - word : CHUNK_WORDS, error));
    return REVUE_OK;
}

/* Every review that is not excluded: no cursor knows better. */
static revue_status collect_live(struct collecting *collecting, const struct deletes *excluded, uint32_t doc_count,
                                 revue_error *error) {
    for (uint32_t from = 0; from < doc_count; from += COLUMN_CHUNK) {
        const uint32_t docs = doc_count - from < COLUMN_CHUNK ? doc_count - from : COLUMN_CHUNK, words = (docs + 63) / 64;
        uint64_t live[CHUNK_WORDS];
        for (uint32_t i = 0; i < words; i++)
            live[i] = excluded->words ? ~excluded->words[from / 64 + i] : UINT64_MAX;
        if (docs % 64) live[words - 1] &= ((uint64_t)1 << docs % 64) - 1;
        TRY(take_bits(collecting, from / COLUMN_CHUNK, live, words, error));
    }
    return REVUE_OK;
}

/* ---- cursors ---- */

static revue_status add_match(struct collecting *collecting, uint32_t doc, int32_t score, revue_error *error) {
    struct matches *matches = collecting->matches;
    const uint32_t at = doc % COLUMN_CHUNK;
    if (matches->count > 0 && matches->chunk != doc / COLUMN_CHUNK) TRY(hand_over(collecting, error));
    if (matches->count == 0) memset(matches->bits, 0, sizeof matches->bits);
    matches->chunk = doc / COLUMN_CHUNK;
    matches->bits[at / 64] |= (uint64_t)1 << at % 64;
    matches->scores[at] = score;
    matches->count++;
    return REVUE_OK;
}

static revue_status score_of(struct collecting *collecting, struct cursor *cursor, int32_t *score, revue_error *error) {
    uint32_t factor;
    *score = collecting->with_scores ? cursor_contribution(cursor) : 0;
    if (!collecting->prior || *score == 0) return REVUE_OK;
    TRY(prior_factor(collecting->prior, collecting->matches->segment, cursor->doc, &factor, error));
    *score = prior_apply(*score, factor);
    return REVUE_OK;
}

static revue_status collect_cursor(struct collecting *collecting, struct cursor *cursor, const struct deletes *excluded,
                                   revue_error *error) {
    for (cursor_next(cursor); cursor->doc != DOC_END; cursor_next(cursor)) {
        if (deletes_has(excluded, cursor->doc)) continue;
        int32_t score;
        TRY(score_of(collecting, cursor, &score, error));
        TRY(add_match(collecting, cursor->doc, score, error));
    }
    return hand_over(collecting, error);
}

/* ---- a segment ---- */

static bool is_everything(const struct plan_node *root) {
    return root && root->kind == PLAN_BOOLEAN &&
           root->must_count + root->should_count + root->must_not_count + root->filter_count == 0;
}

static revue_status collect_by_cursor(struct collecting *collecting, const struct plan *plan, revue_searcher *searcher,
                                      const struct deletes *excluded, struct arena *arena, revue_error *error) {
    const uint32_t number = collecting->matches->segment;
    struct cursor_failure failure = {0};
    const struct leaf_context context = {
        .segment = searcher->segments[number].segment, .arena = arena, .failure = &failure, .stemmer = searcher->stemmer};
    struct cursor *cursor = plan_cursor(plan, &context, number);
    if (!cursor) return error_no_memory(error);
    revue_status status = collect_cursor(collecting, cursor, excluded, error);
    cursor_close(cursor);
    if (status != REVUE_OK || failure.status == REVUE_OK) return status;
    if (error) *error = failure.error;
    return failure.status;
}

static revue_status collect_segment(struct collecting *collecting, const struct plan *plan, revue_searcher *searcher,
                                    uint32_t number, struct arena *arena, revue_error *error) {
    const struct deletes *excluded;
    collecting->matches->segment = number;
    TRY(excluded_reviews(plan, searcher, number, &excluded, error));
    if (excluded->words && excluded->deleted == excluded->doc_count) return REVUE_OK;
    if (is_everything(plan->root))
        return collect_live(collecting, excluded, searcher->segments[number].segment->meta.doc_count, error);
    if (!collecting->with_scores && search_count_is_possible(plan, searcher))
        return search_windows(plan, searcher, number, take_window, collecting, error);
    return collect_by_cursor(collecting, plan, searcher, excluded, arena, error);
}

revue_status collect_matches(const struct plan *plan, revue_searcher *searcher, struct collector *const *collectors,
                             size_t count, bool with_scores, struct prior *prior, uint64_t *total, revue_error *error) {
    struct collecting collecting = {
        .collectors = collectors, .collector_count = count, .with_scores = with_scores, .prior = prior};
    struct arena arena = {0}; /* of one segment's cursors */
    revue_status status = REVUE_OK;
    collecting.matches = memory_alloc_zeroed(1, sizeof *collecting.matches);
    if (!collecting.matches) return error_no_memory(error);
    for (uint32_t i = 0; i < searcher->segment_count && status == REVUE_OK; i++) {
        status = collect_segment(&collecting, plan, searcher, i, &arena, error);
        arena_reset(&arena);
    }
    arena_free(&arena);
    memory_free(collecting.matches);
    *total = collecting.total;
    return status;
}
