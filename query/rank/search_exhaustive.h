/* search_exhaustive.h - scores every match: the plain way, and the judge of every faster one. */
#ifndef REVUE_RANK_SEARCH_EXHAUSTIVE_H
#define REVUE_RANK_SEARCH_EXHAUSTIVE_H

#include "query/plan/plan.h"
#include "query/rank/topk.h"

/* Adds all live matches of all segments to topk and counts them; with may_pass_over only those that may be among the best,
 * as far as the cursors know (leaf_context.least). */
revue_status search_exhaustive(const struct plan *plan, revue_searcher *searcher, bool may_pass_over, struct topk *topk,
                               uint64_t *total, revue_error *error);

#endif
