/* chunk_values.h - what the matches of a chunk have in a column: decoded by one loop for each width of values. */
#ifndef REVUE_COLLECT_CHUNK_VALUES_H
#define REVUE_COLLECT_CHUNK_VALUES_H

#include "query/collect/collect.h"

struct chunk_values {
    uint64_t has[CHUNK_WORDS];    /* the matches that have a value */
    double numbers[COLUMN_CHUNK]; /* of those */
};
/* The next match from the chunk's review at on, COLUMN_CHUNK when there is none. */
static inline uint32_t chunk_next(const uint64_t bits[CHUNK_WORDS], uint32_t at) {
    uint32_t word = at / 64;
    if (at >= COLUMN_CHUNK) return COLUMN_CHUNK;
    uint64_t left = bits[word] & UINT64_MAX << at % 64;
    while (left == 0) {
        if (++word == CHUNK_WORDS) return COLUMN_CHUNK;
        left = bits[word];
    }
    return word * 64 + (uint32_t)__builtin_ctzll(left);
}
/* Of a column of single values. Numbers of keywords, and dates, are whole. */
revue_status chunk_values_read(struct chunk_values *values, struct column_reader *reader, const struct matches *matches,
                               revue_error *error);

#endif
