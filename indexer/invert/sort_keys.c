/* sort_keys.c - see sort_keys.h. Least significant digit first, in digits of 11 bits; a digit that is the same in all keys
 * costs one look at the counts. Few keys, and those with equal prefixes, are left to qsort_r. */
#include "indexer/invert/sort_keys.h"

#include "indexer/base/memory.h"

#include <stdlib.h>

#define DIGIT_BITS 11u
#define DIGITS 6u /* 66 bits */
#define DIGIT_VALUES (1u << DIGIT_BITS)
#define FEW 64u
#define FEW_TIES 8u

uint64_t sort_prefix(struct view bytes) {
    uint8_t head[8] = {0};
    if (bytes.size >= 8) return load_be64(bytes.data);
    if (bytes.size) memcpy(head, bytes.data, bytes.size);
    return load_be64(head);
}

static inline size_t digit_of(uint64_t prefix, unsigned digit) {
    return (size_t)(prefix >> (digit * DIGIT_BITS)) & (DIGIT_VALUES - 1);
}

/* From counts to the first place of each value; false when one value holds all. */
static bool to_starts(uint32_t *counts, size_t count) {
    uint32_t next = 0;
    for (size_t value = 0; value < DIGIT_VALUES; value++) {
        uint32_t here = counts[value];
        if (here == count) return false;
        counts[value] = next;
        next += here;
    }
    return true;
}

/* Sorted into *from, with *other as the second half of the work. */
static void sort_by_prefix(struct sort_key **from, struct sort_key **other, size_t count,
                           uint32_t (*counts)[DIGIT_VALUES]) {
    for (size_t i = 0; i < count; i++)
        for (unsigned digit = 0; digit < DIGITS; digit++)
            counts[digit][digit_of((*from)[i].prefix, digit)]++;
    for (unsigned digit = 0; digit < DIGITS; digit++) {
        uint32_t *starts = counts[digit];
        if (!to_starts(starts, count)) continue;
        for (size_t i = 0; i < count; i++)
            (*other)[starts[digit_of((*from)[i].prefix, digit)]++] = (*from)[i];
        struct sort_key *sorted = *other;
        *other = *from;
        *from = sorted;
    }
}

struct tie {
    int (*compare)(const void *, const void *, void *);
    void *context;
};

static int compare_keys(const void *left, const void *right, void *context) {
    const struct sort_key *a = left, *b = right;
    const struct tie *tie = context;
    if (a->prefix != b->prefix) return a->prefix < b->prefix ? -1 : 1;
    return tie->compare(a, b, tie->context);
}

/* A few keys of one prefix, as most that have company: mostly the same word of two workers. */
static void insert_each(struct sort_key *keys, size_t count, const struct tie *tie) {
    for (size_t i = 1; i < count; i++) {
        const struct sort_key key = keys[i];
        size_t at = i;
        for (; at > 0 && tie->compare(&keys[at - 1], &key, tie->context) > 0; at--)
            keys[at] = keys[at - 1];
        keys[at] = key;
    }
}

static void break_ties(struct sort_key *keys, size_t count, struct tie *tie) {
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first + 1; end < count && keys[end].prefix == keys[first].prefix;)
            end++;
        if (end - first <= FEW_TIES)
            insert_each(keys + first, end - first, tie);
        else
            qsort_r(keys + first, end - first, sizeof *keys, compare_keys, tie);
    }
}

revue_status sort_keys(struct sort_key *keys, size_t count, int (*compare)(const void *, const void *, void *),
                       void *context, revue_error *error) {
    struct tie tie = {compare, context};
    if (count <= FEW) {
        if (count > 1) qsort_r(keys, count, sizeof *keys, compare_keys, &tie);
        return REVUE_OK;
    }
    struct sort_key *other = memory_alloc_array(count, sizeof *other), *sorted = keys, *spare = other;
    uint32_t(*counts)[DIGIT_VALUES] = memory_alloc_zeroed(DIGITS, sizeof *counts);
    if (other && counts) {
        sort_by_prefix(&sorted, &spare, count, counts);
        if (sorted != keys) memcpy(keys, sorted, count * sizeof *keys);
        break_ties(keys, count, &tie);
    }
    bool is_sorted = other && counts;
    memory_free(other);
    memory_free(counts);
    return is_sorted ? REVUE_OK : error_no_memory(error);
}
