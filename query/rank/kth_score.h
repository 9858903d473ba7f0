/* kth_score.h - the k-th best of the scores met so far, or a little less: the floor that pruning lives on.
 *
 * Few are kept in a heap, whose least is the k-th best itself. Of many only the number in each of some equal ranges is
 * kept: the floor is where a range begins, at most a thousandth of the best score too low, and a score costs one addition
 * instead of a way through a heap. */
#ifndef REVUE_RANK_KTH_SCORE_H
#define REVUE_RANK_KTH_SCORE_H

#include "indexer/base/error.h"

#define KTH_HEAP_MAX 32u /* the largest k that has a heap */
#define KTH_RANGES 2048u

struct kth_score {
    size_t k;
    int32_t floor; /* k scores at least were not below it; INT32_MIN while fewer are known */
    /* Few. */
    int32_t heap[KTH_HEAP_MAX]; /* the best, the least of them first */
    size_t heap_count;
    /* Many. Scores below 0 are not counted: a floor that is too low is no mistake. */
    uint32_t *ranges;  /* scores met, from range least on; each range has 2^shift of them */
    uint32_t least;    /* the range that the floor is the beginning of */
    size_t from_least; /* scores in it and above */
    size_t raise_at;   /* how many these have to be before the floor may rise */
    unsigned shift;
    bool has_shift;
};
/* k is at least 1. Free it also when this fails. */
revue_status kth_score_init(struct kth_score *kth, size_t k, revue_error *error);
void kth_score_free(struct kth_score *kth);
/* What kth_score_add does of few, and of a score that no range is for yet. */
void kth_score_add_slow(struct kth_score *kth, int32_t score);
/* Moves the floor up as far as k scores are left from it on. */
void kth_score_raise(struct kth_score *kth);
static inline void kth_score_add(struct kth_score *kth, int32_t score) {
    const uint32_t range = (uint32_t)score >> kth->shift; /* of a score below 0 a large one */
    if (!kth->has_shift || range >= KTH_RANGES) {
        kth_score_add_slow(kth, score);
        return;
    }
    if (range < kth->least) return;
    kth->ranges[range]++;
    kth->from_least++;
    if (kth->from_least >= kth->raise_at) kth_score_raise(kth);
}

#endif
