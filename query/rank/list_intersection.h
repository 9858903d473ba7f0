/* list_intersection.h - how many reviews all of some posting lists have, for lists of which one is sparse: its reviews are
 * looked up in the others, block by block. (Dense ones are counted as bits: doc_window.h.) */
#ifndef REVUE_RANK_LIST_INTERSECTION_H
#define REVUE_RANK_LIST_INTERSECTION_H

#include "indexer/format/postings.h"

/* Adds to *total. At least one list, that of the fewest postings first, each as it was opened, in a segment of at most
 * INT32_MAX reviews; they are moved on. */
revue_status list_intersection_count(struct postings_reader *const *lists, uint32_t list_count, uint64_t *total,
                                     revue_error *error);

#endif
