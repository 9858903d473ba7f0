/* collect.c - see collect.h. */
#include "query/collect/collect.h"

#include "query/rank/excluded.h"

struct collecting {
    struct collector *const *collectors;
    size_t collector_count;
    struct matches matches;
    uint64_t total;
    revue_error *error;
};

static revue_status hand_over(struct collecting *collecting) {
    struct matches *matches = &collecting->matches;
    for (size_t i = 0; i < collecting->collector_count && matches->count > 0; i++)
        TRY(collecting->collectors[i]->take(collecting->collectors[i], matches, collecting->error));
    collecting->total += matches->count;
    matches->count = 0;
    return REVUE_OK;
}

static revue_status add_match(struct collecting *collecting, uint32_t doc, int32_t score) {
    struct matches *matches = &collecting->matches;
    if (matches->count == MATCH_BATCH || (matches->count > 0 && matches->docs[0] / COLUMN_CHUNK != doc / COLUMN_CHUNK))
        TRY(hand_over(collecting));
    matches->docs[matches->count] = doc;
    matches->scores[matches->count++] = score;
    return REVUE_OK;
}

/* Every review that is not excluded: no cursor knows better. */
static revue_status collect_live(struct collecting *collecting, const struct deletes *excluded, uint32_t doc_count) {
    for (uint32_t word = 0; word * 64 < doc_count; word++) {
        uint64_t valid = doc_count - word * 64 < 64 ? ((uint64_t)1 << (doc_count - word * 64)) - 1 : UINT64_MAX;
        uint64_t live = ~(excluded->words ? excluded->words[word] : 0) & valid;
        for (; live != 0; live &= live - 1)
            TRY(add_match(collecting, word * 64 + (uint32_t)__builtin_ctzll(live), 0));
    }
    return REVUE_OK;
}

static revue_status collect_cursor(struct collecting *collecting, struct cursor *cursor, const struct deletes *excluded) {
    for (cursor_next(cursor); cursor->doc != DOC_END; cursor_next(cursor)) {
        if (deletes_has(excluded, cursor->doc)) continue;
        TRY(add_match(collecting, cursor->doc, cursor_contribution(cursor)));
    }
    return REVUE_OK;
}

static bool is_everything(const struct plan_node *root) {
    return root && root->kind == PLAN_BOOLEAN &&
           root->must_count + root->should_count + root->must_not_count + root->filter_count == 0;
}

static revue_status collect_segment(struct collecting *collecting, const struct plan *plan, revue_searcher *searcher,
                                    uint32_t number, struct arena *arena) {
    struct cursor_failure failure = {0};
    const struct leaf_context context = {
        .segment = searcher->segments[number].segment, .arena = arena, .failure = &failure, .stemmer = searcher->stemmer};
    const struct deletes *excluded;
    collecting->matches.segment = number;
    TRY(excluded_reviews(plan, searcher, number, &excluded, collecting->error));
    if (is_everything(plan->root)) {
        TRY(collect_live(collecting, excluded, context.segment->meta.doc_count));
        return hand_over(collecting);
    }
    struct cursor *cursor = plan_cursor(plan, &context, number);
    if (!cursor) return error_no_memory(collecting->error);
    revue_status status = collect_cursor(collecting, cursor, excluded);
    if (status == REVUE_OK) status = hand_over(collecting);
    cursor_close(cursor);
    if (status != REVUE_OK || failure.status == REVUE_OK) return status;
    if (collecting->error) *collecting->error = failure.error;
    return failure.status;
}

revue_status collect_matches(const struct plan *plan, revue_searcher *searcher, struct collector *const *collectors,
                             size_t count, uint64_t *total, revue_error *error) {
    struct collecting collecting = {.collectors = collectors, .collector_count = count, .error = error};
    struct arena arena = {0}; /* of one segment's cursors */
    revue_status status = REVUE_OK;
    for (uint32_t i = 0; i < searcher->segment_count && status == REVUE_OK; i++) {
        status = collect_segment(&collecting, plan, searcher, i, &arena);
        arena_reset(&arena);
    }
    arena_free(&arena);
    *total = collecting.total;
    return status;
}
