/* search_pruned.h - the best k without scoring every match: words side by side, any or all of them.
 *
 * Any: MAXSCORE (Turtle and Flood, "Query evaluation: strategies and optimizations", 1995) over windows of reviews, with
 * the bounds of the blocks in the window (Ding and Suel, 2011). A window whose bounds do not reach the threshold is passed
 * over; in the others, words that cannot lift a review over the threshold by themselves are only asked about reviews that
 * the other words brought in. All: the rarest word leads block by block, the others are asked about what can still enter.
 * What is passed over scores strictly below the k-th best, so hits, scores and order are those of search_exhaustive. */
#ifndef REVUE_RANK_SEARCH_PRUNED_H
#define REVUE_RANK_SEARCH_PRUNED_H

#include "query/plan/plan.h"
#include "query/rank/topk.h"

/* False for plans that only the exhaustive search knows. */
bool search_pruned_is_possible(const struct plan *plan, const revue_searcher *searcher);
/* False where the cursors are cheaper: matches are few, and some of the words stand in several fields. */
bool search_pruned_pays(const struct plan *plan, const revue_searcher *searcher);
/* *total: matches met, at most all there are; over 0 when there is any. All there are when no threshold was ever reached.
 */
revue_status search_pruned(const struct plan *plan, revue_searcher *searcher, struct topk *topk, uint64_t *total,
                           revue_error *error);

#endif
