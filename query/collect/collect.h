/* collect.h - all matches of a plan, handed to those who count, order or group them.
 *
 * A collector is given every match once, in batches of one segment in ascending order; the reviews of a batch lie in one
 * chunk of every column, so that it is opened once for all of them. */
#ifndef REVUE_COLLECT_H
#define REVUE_COLLECT_H

#include "query/plan/plan.h"

#define MATCH_BATCH 256u

struct matches {
    uint32_t segment; /* number in the searcher */
    uint32_t count;
    uint32_t docs[MATCH_BATCH];
    int32_t scores[MATCH_BATCH]; /* 0 where the plan has nothing that scores */
};
struct collector { /* the first member of what collects */
    revue_status (*take)(struct collector *collector, const struct matches *matches, revue_error *error);
};

/* *total: how many there are. */
revue_status collect_matches(const struct plan *plan, revue_searcher *searcher, struct collector *const *collectors,
                             size_t count, uint64_t *total, revue_error *error);

#endif
