/* kth_largest.c - see kth_largest.h: a heap of the k largest so far, the least of them first. */
#include "query/collect/kth_largest.h"

#include "indexer/base/memory.h"

#include <math.h>

/* Puts a number where the first was, which goes. */
static void replace_least(double *heap, size_t k, double number) {
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < k; at = child) {
        child += child + 1 < k && heap[child + 1] < heap[child];
        if (heap[child] >= number) break;
        heap[at] = heap[child];
    }
    heap[at] = number;
}

revue_status kth_largest(const double *numbers, size_t count, size_t k, double *kth, revue_error *error) {
    *kth = k == 0 ? HUGE_VAL : -HUGE_VAL;
    if (k == 0 || k >= count) return REVUE_OK;
    double *heap = memory_alloc_array(k, sizeof *heap);
    if (!heap) return error_no_memory(error);
    for (size_t i = 0; i < k; i++)
        heap[i] = -HUGE_VAL;
    for (size_t i = 0; i < count; i++)
        if (numbers[i] > heap[0]) replace_least(heap, k, numbers[i]);
    *kth = heap[0];
    memory_free(heap);
    return REVUE_OK;
}
