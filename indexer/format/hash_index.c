/* hash_index.c - see hash_index.h. */
#include "indexer/format/hash_index.h"

#include "indexer/base/memory.h"

#define RADIX_BITS 11u
#define RADIX (1u << RADIX_BITS)

/* One pass of a radix sort by the bits from shift on: stable, so numbers keep their order within a hash. */
static void radix_pass(const uint64_t *from, uint64_t *to, size_t count, unsigned shift) {
    size_t starts[RADIX] = {0}, start = 0;
    for (size_t i = 0; i < count; i++)
        starts[from[i] >> shift & (RADIX - 1)]++;
    for (size_t bucket = 0; bucket < RADIX; bucket++) {
        size_t size = starts[bucket];
        starts[bucket] = start;
        start += size;
    }
    for (size_t i = 0; i < count; i++)
        to[starts[from[i] >> shift & (RADIX - 1)]++] = from[i];
}

bool hash_index_sort(uint64_t **elements, size_t count) {
    uint64_t *other = memory_alloc_array(count, sizeof *other);
    if (!other) return false;
    radix_pass(*elements, other, count, 32);
    radix_pass(other, *elements, count, 32 + RADIX_BITS);
    radix_pass(*elements, other, count, 32 + 2 * RADIX_BITS);
    memory_free(*elements);
    *elements = other;
    return true;
}

/* Where hash should stand among the span elements from low on, whose hashes lie between low_hash and high_hash. */
static uint32_t interpolate(uint32_t low, uint32_t span, uint32_t low_hash, uint32_t high_hash, uint32_t hash) {
    if (hash <= low_hash || high_hash <= low_hash) return low;
    if (hash >= high_hash) return low + span - 1;
    return low + (uint32_t)((uint64_t)(span - 1) * (hash - low_hash) / (high_hash - low_hash));
}

/* After a guess that did not halve the rest the next step does, so that no hashes make it slower than twice a binary
 * search. */
revue_status hash_index_search(hash_index_get *get, void *array, uint32_t count, uint32_t hash, uint32_t *first,
                               revue_error *error) {
    uint32_t low = 0, high = count, low_hash = 0, high_hash = UINT32_MAX;
    bool may_guess = true;
    while (low < high) {
        uint32_t span = high - low;
        uint32_t middle = may_guess ? interpolate(low, span, low_hash, high_hash, hash) : low + span / 2;
        uint64_t element = 0;
        TRY(get(array, middle, &element, error));
        if (hash_index_hash(element) < hash) {
            low = middle + 1;
            low_hash = hash_index_hash(element);
        } else {
            high = middle;
            high_hash = hash_index_hash(element);
        }
        may_guess = high - low <= span / 2;
    }
    *first = low;
    return REVUE_OK;
}
