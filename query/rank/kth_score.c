/* kth_score.c - see kth_score.h. */
#include "query/rank/kth_score.h"

#include "indexer/base/memory.h"

#include <string.h>

revue_status kth_score_init(struct kth_score *kth, size_t k, revue_error *error) {
    kth->k = kth->raise_at = k;
    kth->floor = INT32_MIN;
    kth->heap_count = kth->from_least = 0;
    kth->least = kth->shift = 0;
    kth->has_shift = false;
    kth->ranges = NULL;
    if (k <= KTH_HEAP_MAX) return REVUE_OK;
    kth->ranges = memory_alloc_zeroed(KTH_RANGES, sizeof *kth->ranges);
    return kth->ranges ? REVUE_OK : error_no_memory(error);
}

void kth_score_free(struct kth_score *kth) {
    memory_free(kth->ranges);
    kth->ranges = NULL;
}

/* ---- few ---- */

static void heap_push(struct kth_score *kth, int32_t score) {
    size_t at = kth->heap_count++;
    for (; at > 0 && kth->heap[(at - 1) / 2] > score; at = (at - 1) / 2)
        kth->heap[at] = kth->heap[(at - 1) / 2];
    kth->heap[at] = score;
}

static void heap_replace_least(struct kth_score *kth, int32_t score) {
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < kth->k; at = child) {
        child += child + 1 < kth->k && kth->heap[child + 1] < kth->heap[child];
        if (kth->heap[child] >= score) break;
        kth->heap[at] = kth->heap[child];
    }
    kth->heap[at] = score;
}

static void add_to_heap(struct kth_score *kth, int32_t score) {
    if (kth->heap_count < kth->k)
        heap_push(kth, score);
    else if (score > kth->heap[0])
        heap_replace_least(kth, score);
    if (kth->heap_count == kth->k) kth->floor = kth->heap[0];
}

/* ---- many ---- */

/* The first score lies in the lower half, so that the scores to come mostly fit. */
static void choose_shift(struct kth_score *kth, int32_t score) {
    while ((uint32_t)score >> kth->shift >= KTH_RANGES / 2)
        kth->shift++;
    kth->has_shift = true;
}

/* Ranges below the least hold nothing, so that each pair has but scores that are counted in from_least. */
static void join_pairs(struct kth_score *kth) {
    for (uint32_t i = 0; i < KTH_RANGES / 2; i++)
        kth->ranges[i] = kth->ranges[2 * i] + kth->ranges[2 * i + 1];
    memset(kth->ranges + KTH_RANGES / 2, 0, KTH_RANGES / 2 * sizeof *kth->ranges);
    kth->shift++;
    kth->least /= 2;
}

void kth_score_raise(struct kth_score *kth) {
    while (kth->from_least - kth->ranges[kth->least] >= kth->k) {
        kth->from_least -= kth->ranges[kth->least];
        kth->ranges[kth->least++] = 0;
    }
    const int32_t floor = (int32_t)(kth->least << kth->shift);
    if (floor > kth->floor) kth->floor = floor;
    kth->raise_at = kth->k + kth->ranges[kth->least];
}

void kth_score_add_slow(struct kth_score *kth, int32_t score) {
    if (!kth->ranges) {
        add_to_heap(kth, score);
        return;
    }
    if (score < 0) return;
    if (!kth->has_shift) choose_shift(kth, score);
    while ((uint32_t)score >> kth->shift >= KTH_RANGES)
        join_pairs(kth);
    kth_score_add(kth, score);
}
