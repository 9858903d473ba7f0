/* bound_table.h - what a pair of impact codes is worth at most, without a division.
 *
 * A block's bound is the maximum, over its (frequency, length) pairs, of weight * frequency / norm(length). The norms of
 * the 256 length codes are worked out once for a field's average and b, as floats rounded up: bounds need not be exact,
 * only never below what scoring.h computes. */
#ifndef REVUE_RANK_BOUND_TABLE_H
#define REVUE_RANK_BOUND_TABLE_H

#include "indexer/format/impacts.h"
#include "indexer/review/review.h"

#include <stdbool.h>

#define BOUND_ROUNDED_UP 1.000001f /* covers the roundings of some float operations, and more */

struct bound_table {
    bool is_ready;
    double b, average;
    float inverse_norm[256]; /* by length code, never below 1 / norm */
    float norm[256];         /* by length code, never above the norm */
    float frequency[256];    /* by frequency code; infinite for IMPACT_ANY */
};
/* Makes the table when it is not that of this b and average already. */
void bound_table_prepare(struct bound_table *table, double b, double average);
/* No posting under these pairs is worth more: of weight 1. 0 without pairs. */
float bound_table_value(const struct bound_table *table, const struct impact *pairs, uint32_t count);
/* Of postings under these pairs, one with a lower frequency than this has a lower frequency / norm than value; UINT32_MAX:
 * all of them have. */
uint32_t bound_table_least_frequency(const struct bound_table *table, const struct impact *pairs, uint32_t count,
                                     float value);

#endif
