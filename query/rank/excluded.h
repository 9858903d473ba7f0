/* excluded.h - the reviews of a segment that no search may return: deleted, or kept out by a filter. */
#ifndef REVUE_RANK_EXCLUDED_H
#define REVUE_RANK_EXCLUDED_H

#include "query/plan/plan.h"

/* Worked out once for each segment of a plan. Filters are tested for all reviews of the segment, so that every way of
 * searching sees them as it sees deletes, and pruning goes on beneath them. *excluded belongs to the plan or the searcher.
 */
revue_status excluded_reviews(const struct plan *plan, revue_searcher *searcher, uint32_t segment,
                              const struct deletes **excluded, revue_error *error);

#endif
