/* merge_heap.h - the inputs of a merge by what each has next, smallest first; of equals the older input. */
#ifndef REVUE_MERGE_HEAP_H
#define REVUE_MERGE_HEAP_H

#include "indexer/base/bytes.h"
#include "indexer/merge/merge.h"

/* count 0 is an empty heap. Keys are views whose bytes must stay until their item is popped. */
struct merge_heap {
    struct merge_heap_item {
        struct view key;
        uint32_t input;
    } items[MERGE_INPUTS_MAX];
    uint32_t count;
};
void merge_heap_push(struct merge_heap *heap, struct view key, uint32_t input); /* each input at most once */
static inline struct view merge_heap_key(const struct merge_heap *heap) {
    return heap->items[0].key;
}
uint32_t merge_heap_pop(struct merge_heap *heap); /* the input; count must not be 0 */
/* Pops all inputs that have the smallest key: they ascend in inputs[]. Returns how many, and the key. */
uint32_t merge_heap_pop_equal(struct merge_heap *heap, struct view *key, uint32_t inputs[MERGE_INPUTS_MAX]);

#endif
