/* text_hits.c - see text_hits.h. A count is that of a search for all of the words; what it may cost is known before, from
 * how many reviews have each of them, and taken from a budget, so that a call is bounded whatever was typed. */
#include "query/suggest/text_hits.h"

#include "indexer/format/scoring.h"
#include "query/rank/search_count.h"
#include "query/rank/search_exhaustive.h"

#include <string.h>

#define TEXT_POSTINGS 64u /* what reading and planning a text costs, in postings */
#define BLOCK 128u        /* postings */

revue_status text_hits_init(struct text_hits *hits, revue_searcher *searcher, const struct plan_options *options,
                            uint64_t budget, revue_error *error) {
    *hits = (struct text_hits){.searcher = searcher, .budget = budget, .error = error};
    if (options) {
        hits->options = *options;
    } else {
        hits->options = (struct plan_options){.k1 = SCORING_K1, .b = SCORING_B};
        memcpy(hits->options.weights, scoring_default_weights, sizeof hits->options.weights);
    }
    hits->options.all = hits->options.lenient = true;
    hits->query.mode = QUERY_LENIENT;
    return plan_fields(searcher, &hits->fields, &hits->query.fields, &hits->query.field_count, error);
}

void text_hits_free(struct text_hits *hits) {
    arena_free(&hits->fields);
    arena_free(&hits->arena);
}

revue_status text_hits_parse(struct text_hits *hits, struct view text, struct query *query) {
    arena_reset(&hits->arena);
    return query_parse(text, &hits->query, &hits->arena, query, hits->error);
}

static revue_status count_plan(struct text_hits *hits, const struct plan *plan, uint64_t *count) {
    struct topk none = {0};
    if (search_count_is_possible(plan, hits->searcher)) return search_count(plan, hits->searcher, count, hits->error);
    return search_exhaustive(plan, hits->searcher, false, &none, count, hits->error);
}

/* Of a frequent word beside a rare one the blocks are read that hold a review of the rare one. */
static uint64_t cost_of(const struct plan *plan, const revue_searcher *searcher) {
    const uint64_t least = plan_postings(plan);
    uint64_t cost = TEXT_POSTINGS;
    if (!search_count_is_possible(plan, searcher)) return cost + least;
    for (uint32_t i = 0; i < plan->leaf_count; i++) {
        const uint64_t df = plan->leaves[i]->words[0].df;
        cost += least < df / BLOCK ? least * BLOCK : df;
    }
    return cost;
}

revue_status text_hits_plan(struct text_hits *hits, struct view text, struct plan *plan, bool *is_cheap) {
    struct query query;
    TRY(text_hits_parse(hits, text, &query));
    TRY(plan_make(plan, hits->searcher, &query, &hits->options, &hits->arena, hits->error));
    const uint64_t postings = cost_of(plan, hits->searcher);
    *is_cheap = postings <= hits->budget;
    if (*is_cheap) hits->budget -= postings;
    return REVUE_OK;
}

revue_status text_hits_count(struct text_hits *hits, struct view text, uint64_t *count, bool *is_known) {
    struct plan plan;
    *count = 0;
    TRY(text_hits_plan(hits, text, &plan, is_known));
    return *is_known && plan.root ? count_plan(hits, &plan, count) : REVUE_OK;
}
