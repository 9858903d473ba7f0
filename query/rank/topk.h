/* topk.h - the best reviews met so far: by score, of equal scores by id. */
#ifndef REVUE_RANK_TOPK_H
#define REVUE_RANK_TOPK_H

#include "indexer/format/columns.h"
#include "query/rank/candidate_functions.h"
#include "query/rank/kth_score.h"
#include "query/rank/prior.h"
#include "query/searcher.h"

struct candidate {
    int32_t score;
    uint32_t segment, doc;
    const char *id; /* NULL: not read yet */
};
/* The hit that the page before ended with: what comes before it in the order, and itself, is not wanted. */
struct topk_after {
    const char *id; /* NULL: everything is wanted */
    int32_t score;
};
struct topk {
    revue_searcher *searcher;
    struct topk_after after; /* this and the next are set behind topk_init */
    struct prior *prior;     /* what scores are multiplied by; NULL: nothing */
    uint32_t prior_most;     /* its largest factor, of the reviews at hand */
    size_t k, count, capacity;
    /* Those met, in the order they came: up to 2k + 256 before those that are not the best k are dropped. */
    int32_t *scores; /* one block of memory with the next two */
    uint32_t *docs, *segments;
    struct candidate *items; /* after topk_finish, in ordered: the best, best first, with their ids, which are in ids */
    void *ordered;
    int32_t floor;     /* what scores less with its prior cannot enter; INT32_MIN while fewer than k are known */
    int32_t threshold; /* what scores less without it cannot: the same where there is none */
    struct kth_score kth;
    const struct candidate_functions *functions;
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
    if (floor <= topk->floor) return;
    topk->floor = floor;
    topk->threshold = topk->prior ? prior_needed(floor, topk->prior_most) : floor;
}
/* The same of scores before the prior. */
static inline void topk_raise_unweighed(struct topk *topk, int32_t floor) {
    topk_raise(topk, topk->prior && floor > 0 ? prior_apply(floor, topk->prior->least) : floor);
}
/* Until topk_leave only reviews [from, to) of a segment are added: the threshold is that of their priors. */
revue_status topk_enter(struct topk *topk, uint32_t segment, uint32_t from, uint32_t to);
static inline void topk_leave(struct topk *topk) {
    if (!topk->prior) return;
    topk->prior_most = topk->prior->most;
    if (topk->floor > INT32_MIN) topk->threshold = prior_needed(topk->floor, topk->prior_most);
}
void topk_set_prior(struct topk *topk, struct prior *prior); /* NULL: none */
void topk_take(struct topk *topk, uint32_t segment, uint32_t doc, int32_t score);
static inline void topk_put(struct topk *topk, uint32_t segment, uint32_t doc, int32_t score) {
    topk->scores[topk->count] = score;
    topk->docs[topk->count] = doc;
    topk->segments[topk->count++] = segment;
    kth_score_add(&topk->kth, score);
    topk_raise(topk, topk->kth.floor);
}
/* Best in the order of segments and reviews: their ids are read together at the end. score: without the prior. */
static inline void topk_add(struct topk *topk, uint32_t segment, uint32_t doc, int32_t score) {
    if (score < topk->threshold) return;
    if (topk->prior || topk->after.id || topk->count == topk->capacity)
        topk_take(topk, segment, doc, score);
    else
        topk_put(topk, segment, doc, score);
}
/* Those of docs, as many as scores, that are not deleted, which *total goes up by. */
void topk_add_live(struct topk *topk, uint32_t segment, const struct deletes *deletes, const uint32_t *docs,
                   const int32_t *scores, uint32_t count, uint64_t *total);
/* What a review must score so far when it gets at most rest more. Scores are int32 and their largest sum fits 31 bits
 * (plan.h, unit), but bounds may lie over it. */
static inline int32_t topk_threshold_less(const struct topk *topk, int64_t rest) {
    int64_t least = (int64_t)topk->threshold - rest;
    return least > INT32_MIN ? (int32_t)least : INT32_MIN;
}
/* Sorts: items[0 .. count) are the best, best first. Nothing is added behind it. */
revue_status topk_finish(struct topk *topk);

#endif
