/* word_search.h - the best reviews of one segment for a single word that stands in one searched field. */
#ifndef REVUE_RANK_WORD_SEARCH_H
#define REVUE_RANK_WORD_SEARCH_H

#include "query/rank/scored_leaf.h"
#include "query/rank/topk.h"

/* Adds to topk the matches that may enter, and their number to *total. leaf: started, of one list, not moved before. */
revue_status word_search(struct scored_leaf *leaf, uint32_t segment, const struct deletes *deletes, struct topk *topk,
                         uint64_t *total, revue_error *error);

#endif
