/* collect.h - all matches of a plan, handed to those who count, order or group them.
 *
 * A collector is given every match once, a chunk of the columns at a time, in ascending order of each segment: the reviews
 * as bits, so that the values of a chunk are decoded by one loop. */
#ifndef REVUE_COLLECT_H
#define REVUE_COLLECT_H

#include "query/plan/plan.h"
#include "query/rank/prior.h"

struct matches {
    uint32_t segment; /* number in the searcher */
    uint32_t chunk;   /* of every column of the segment */
    uint32_t count;   /* bits that are set, over 0 */
    uint64_t bits[CHUNK_WORDS];
    int32_t scores[COLUMN_CHUNK]; /* of those that are set; 0 where nothing scores, and where scores are not asked for */
};
struct collector { /* the first member of what collects */
    revue_status (*take)(struct collector *collector, const struct matches *matches, revue_error *error);
};

/* with_scores: somebody looks at them; with their prior, unless that is NULL. Without, words are matched on bits alone
 * (rank/search_count.h). *total: how many there are. */
revue_status collect_matches(const struct plan *plan, revue_searcher *searcher, struct collector *const *collectors,
                             size_t count, bool with_scores, struct prior *prior, uint64_t *total, revue_error *error);

#endif
