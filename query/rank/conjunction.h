/* conjunction.h - the reviews of one segment that have all of some words, each of which stands in one searched field only:
 * there a review is a match when every list has it, and what a list gives is known from its frequency and one length. */
#ifndef REVUE_RANK_CONJUNCTION_H
#define REVUE_RANK_CONJUNCTION_H

#include "query/rank/scored_leaf.h"
#include "query/rank/topk.h"

/* True when every leaf has just one list. */
bool conjunction_is_possible(const struct scored_leaf *leaves, uint32_t count);
/* Adds to topk the matches that may enter, and their number to *total. leaves: at least one, cheapest first, not moved
 * before. Memory is the arena's. */
revue_status conjunction_search(struct scored_leaf *leaves, uint32_t count, uint32_t segment, const struct deletes *deletes,
                                struct arena *arena, struct topk *topk, uint64_t *total, revue_error *error);

#endif
