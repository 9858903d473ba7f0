/* search_exhaustive.c - see search_exhaustive.h. */
#include "query/rank/search_exhaustive.h"

#include "query/rank/excluded.h"

static revue_status search_segment(const struct plan *plan, revue_searcher *searcher, uint32_t number, bool may_pass_over,
                                   struct arena *arena, struct topk *topk, uint64_t *total, revue_error *error) {
    struct cursor_failure failure = {0};
    struct leaf_context context = {.segment = searcher->segments[number].segment,
                                   .arena = arena,
                                   .failure = &failure,
                                   .stemmer = searcher->stemmer,
                                   .least = may_pass_over ? &topk->threshold : NULL,
                                   .bounds = searcher->bounds};
    const struct deletes *deletes;
    TRY(excluded_reviews(plan, searcher, number, &deletes, error));
    if (deletes->words && deletes->deleted == deletes->doc_count)
        return REVUE_OK; /* as of old segments, asked for what is new */
    struct cursor *cursor = plan_cursor(plan, &context, number);
    if (!cursor) return error_no_memory(error);
    for (cursor_next(cursor); cursor->doc != DOC_END; cursor_next(cursor)) {
        if (deletes_has(deletes, cursor->doc)) continue;
        ++*total;
        if (topk->k > 0) topk_add(topk, number, cursor->doc, cursor_contribution(cursor));
    }
    cursor_close(cursor);
    if (failure.status != REVUE_OK && error) *error = failure.error;
    return failure.status != REVUE_OK ? failure.status : topk->status;
}

revue_status search_exhaustive(const struct plan *plan, revue_searcher *searcher, bool may_pass_over, struct topk *topk,
                               uint64_t *total, revue_error *error) {
    revue_status status = REVUE_OK;
    struct arena arena = searcher_take_arena(searcher); /* of one segment's cursors */
    *total = 0;
    for (uint32_t i = 0; i < searcher->segment_count && status == REVUE_OK; i++) {
        status = search_segment(plan, searcher, i, may_pass_over, &arena, topk, total, error);
        arena_reset(&arena);
    }
    searcher_give_arena(searcher, &arena);
    return status;
}
