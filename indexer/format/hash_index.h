/* hash_index.h - arrays of (32 bits of hash, number) sorted by both: how ids and keyword values are found (FORMAT.md, 8,
 * 10).
 *
 * Hashes are spread evenly, so that an interpolating search lands within a few elements of the right place. 8 bytes a
 * value, no tree, and nothing is read at open. In memory an element is hash << 32 | number, so that order is number order;
 * on disk the hash comes first: hash_index_swap turns one into the other. */
#ifndef REVUE_FORMAT_HASH_INDEX_H
#define REVUE_FORMAT_HASH_INDEX_H

#include "indexer/base/error.h"
#include "indexer/base/hash.h"

static inline uint64_t hash_index_element(struct view value, uint32_t number) {
    return hash_view(value) >> 32 << 32 | number;
}
static inline uint64_t hash_index_swap(uint64_t element) {
    return element << 32 | element >> 32;
}
static inline uint32_t hash_index_hash(uint64_t element) {
    return (uint32_t)(element >> 32);
}
static inline uint32_t hash_index_number(uint64_t element) {
    return (uint32_t)element;
}

/* Sorts count elements that stand in the order of their numbers. *elements, from memory_alloc, may be replaced by another
 * block of count elements. False when out of memory. */
bool hash_index_sort(uint64_t **elements, size_t count);

/* Gives element index (in its form in memory) of an array that is being searched. */
typedef revue_status hash_index_get(void *array, uint32_t index, uint64_t *element, revue_error *error);
/* The first of count elements whose hash is not below hash: *first, count when there is none. */
revue_status hash_index_search(hash_index_get *get, void *array, uint32_t count, uint32_t hash, uint32_t *first,
                               revue_error *error);

#endif
