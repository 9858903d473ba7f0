/* column_test.h - whether the value that a review has in a column is wanted: what a filter asks. */
#ifndef REVUE_COLUMN_TEST_H
#define REVUE_COLUMN_TEST_H

#include "indexer/format/columns.h"

#define CHUNK_WORDS (COLUMN_CHUNK / 64) /* of a bitset over the reviews of one chunk */

/* A value passes that lies between low and high, both included; or a keyword that is one of a set. A review without a value
 * never passes, one with several (tags) when any of them does. */
struct column_test {
    uint16_t column;
    bool is_set;              /* of keywords, else an interval */
    bool is_one;              /* a set of a single keyword, which low and high are, too */
    double low, high;         /* numbers, and seconds of dates: HUGE_VAL and its negative where the interval is open */
    const uint64_t *keywords; /* bit = the keyword of this number is wanted */
    uint32_t keyword_count;   /* bits of keywords */
};

/* bits[i / 64] >> i % 64 & 1: review i of the chunk passes. Reviews past the end of the segment do not. */
revue_status column_test_chunk(const struct column_test *test, struct column_reader *reader, uint32_t chunk,
                               uint64_t bits[CHUNK_WORDS], revue_error *error);

#endif
