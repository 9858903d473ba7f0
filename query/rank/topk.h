/* topk.h - the best reviews met so far: by score, of equal scores by id. */
#ifndef REVUE_RANK_TOPK_H
#define REVUE_RANK_TOPK_H

#include "query/rank/kth_score.h"
#include "query/searcher.h"

struct candidate {
    int32_t score;
    uint32_t segment, doc;
    const char *id; /* in topk.ids; NULL: not read yet. All of them have one after topk_finish */
};
/* The hit that the page before ended with: what comes before it in the order, and itself, is not wanted. */
struct topk_after {
    const char *id; /* NULL: everything is wanted */
    int32_t score;
};
struct topk {
    revue_searcher *searcher;
    struct topk_after after; /* set behind topk_init */
    size_t k, count, capacity;
    struct candidate *items; /* up to 2k + 256 before those that are not the best k are dropped */
    int32_t threshold;       /* a score below it cannot enter; INT32_MIN while fewer than k are known */
    struct kth_score kth;
    struct arena ids; /* whoever wants them longer than the topk lives takes it, and leaves an empty one */
    struct bytes scratch;
    revue_status status; /* sticky */
    revue_error *error;
};
/* Zero bytes may be freed as well. Free it also when this fails. */
revue_status topk_init(struct topk *topk, revue_searcher *searcher, size_t k, revue_error *error);
void topk_free(struct topk *topk);
/* At least k reviews that are wanted are known to score at least floor: what scores less need not be added. */
static inline void topk_raise(struct topk *topk, int32_t floor) {
    if (floor > topk->threshold) topk->threshold = floor;
}
void topk_take(struct topk *topk, uint32_t segment, uint32_t doc, int32_t score);
/* Best in the order of segments and reviews: their ids are read together at the end. */
static inline void topk_add(struct topk *topk, uint32_t segment, uint32_t doc, int32_t score) {
    if (score >= topk->threshold) topk_take(topk, segment, doc, score);
}
/* Sorts: items[0 .. count) are the best, best first. */
revue_status topk_finish(struct topk *topk);

#endif
