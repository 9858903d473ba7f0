/* sort_keys.h - sorting words bytewise: by their first eight bytes as one number, then by the rest where that is equal. */
#ifndef REVUE_INVERT_SORT_KEYS_H
#define REVUE_INVERT_SORT_KEYS_H

#include "indexer/base/bytes.h"
#include "indexer/base/error.h"

struct sort_key {
    uint64_t prefix;
    uint32_t owner, index; /* whose word it is: the caller's */
};

/* The first eight bytes, big-endian, zeros behind a shorter word: of two words the one with the smaller prefix comes
 * first. */
uint64_t sort_prefix(struct view bytes);
/* Ascending by prefix; compare (as for qsort_r, over sort keys) decides between equal ones. Radix, so that the time grows
 * with count alone as long as few words share eight bytes. */
revue_status sort_keys(struct sort_key *keys, size_t count, int (*compare)(const void *, const void *, void *),
                       void *context, revue_error *error);

#endif
