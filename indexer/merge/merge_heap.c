/* merge_heap.c - see merge_heap.h. A binary heap. */
#include "indexer/merge/merge_heap.h"

static bool comes_before(const struct merge_heap_item *a, const struct merge_heap_item *b) {
    int order = view_compare(a->key, b->key);
    return order ? order < 0 : a->input < b->input;
}

void merge_heap_push(struct merge_heap *heap, struct view key, uint32_t input) {
    struct merge_heap_item item = {key, input};
    uint32_t at = heap->count++;
    for (; at > 0 && comes_before(&item, &heap->items[(at - 1) / 2]); at = (at - 1) / 2)
        heap->items[at] = heap->items[(at - 1) / 2];
    heap->items[at] = item;
}

uint32_t merge_heap_pop(struct merge_heap *heap) {
    uint32_t input = heap->items[0].input, at = 0;
    struct merge_heap_item item = heap->items[--heap->count];
    for (uint32_t child; (child = 2 * at + 1) < heap->count; at = child) {
        if (child + 1 < heap->count && comes_before(&heap->items[child + 1], &heap->items[child])) child++;
        if (!comes_before(&heap->items[child], &item)) break;
        heap->items[at] = heap->items[child];
    }
    heap->items[at] = item;
    return input;
}

uint32_t merge_heap_pop_equal(struct merge_heap *heap, struct view *key, uint32_t inputs[MERGE_INPUTS_MAX]) {
    uint32_t count = 0;
    *key = merge_heap_key(heap);
    do
        inputs[count++] = merge_heap_pop(heap);
    while (heap->count > 0 && view_equal(merge_heap_key(heap), *key));
    return count;
}
