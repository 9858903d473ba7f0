/* search_count.h - how many reviews match, without scores: words, any or all of them, and words that must not be there.
 *
 * No frequency, length or bound is looked at. Any of some words: all lists but the longest are put together as bits, window
 * by window; of the longest only what is in the others too is counted, and its length is known (|A or B| = |A| + |B| -
 * |A and B|). All: the rarest word's reviews as bits, then what the next words have of them. One word in one field of
 * a segment without deleted reviews is no more than a look at the dictionary. */
#ifndef REVUE_RANK_SEARCH_COUNT_H
#define REVUE_RANK_SEARCH_COUNT_H

#include "query/plan/plan.h"
#include "query/rank/doc_window.h"

/* False for plans that only the exhaustive search knows. */
bool search_count_is_possible(const struct plan *plan, const revue_searcher *searcher);
/* How many postings it reads at most, about; UINT64_MAX for a plan that it does not know. */
uint64_t search_count_postings(const struct plan *plan);
/* The live matches, exactly as many as search_exhaustive counts. */
revue_status search_count(const struct plan *plan, revue_searcher *searcher, uint64_t *total, revue_error *error);

/* What is left of one window when all words had their say; windows ascend, and begin with a chunk of the columns. */
typedef revue_status (*window_visitor)(void *context, const struct doc_window *matches, revue_error *error);
/* The live matches themselves, of one segment; for plans that search_count knows. */
revue_status search_windows(const struct plan *plan, revue_searcher *searcher, uint32_t segment, window_visitor visit,
                            void *context, revue_error *error);

#endif
