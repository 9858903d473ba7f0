/* search_exhaustive.h - scores every match: the plain way, and the judge of every faster one. */
#ifndef REVUE_RANK_SEARCH_EXHAUSTIVE_H
#define REVUE_RANK_SEARCH_EXHAUSTIVE_H

#include "query/plan/plan.h"
#include "query/rank/topk.h"

/* Adds all live matches of all segments to topk and counts them. */
revue_status search_exhaustive(const struct plan *plan, revue_searcher *searcher, struct topk *topk, uint64_t *total,
                               revue_error *error);

#endif
