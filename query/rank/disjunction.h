/* disjunction.h - the best of the reviews that have any of some words, each in one field or several: MAXSCORE over posting
 * lists, window by window. */
#ifndef REVUE_RANK_DISJUNCTION_H
#define REVUE_RANK_DISJUNCTION_H

#include "query/rank/scored_leaf.h"
#include "query/rank/topk.h"

/* Adds to topk what may enter it of a segment of doc_count reviews. The leaves are started; one at least has a list. *total
 * grows by what was met. Memory is the arena's. */
revue_status disjunction_search(struct scored_leaf *leaves, uint32_t count, uint32_t segment, uint32_t doc_count,
                                const struct deletes *deletes, struct arena *arena, struct topk *topk, uint64_t *total,
                                revue_error *error);

#endif
