/* groups.h - matches by the value of a column of keywords: the best of each, and what all of each come to. */
#ifndef REVUE_COLLECT_GROUPS_H
#define REVUE_COLLECT_GROUPS_H

#include "query/collect/collect.h"
#include "query/rank/topk.h"

#define GROUP_HITS_MAX 100u

struct group_options {
    struct view column, sort; /* sort: score, count, mean or bayes; size 0: score */
    size_t hits;              /* of each group */
    size_t skipped, shown;    /* groups, in their order */
};
/* One group that is shown. */
struct group {
    struct view value;
    uint64_t count;
    revue_summary stars;
    uint64_t histogram[REVUE_STARS];
    double sort_value;
    struct candidate *hits; /* the best first, of equal scores by id; ids that were not needed are not read */
    size_t hit_count;
};
struct groups;
revue_status groups_create(struct groups **created, revue_searcher *searcher, const struct group_options *options,
                           revue_error *error);
struct collector *groups_collector(struct groups *groups);
/* The groups in their order, in the arena. unit: of scores. *total: how many groups there are in all. */
revue_status groups_finish(struct groups *groups, double unit, struct arena *arena, struct group **out, size_t *count,
                           uint64_t *total, uint64_t *ungrouped, revue_error *error);
void groups_free(struct groups *groups); /* NULL is fine */

#endif
