/* block_functions.h - the loops over a block of postings that searches spend their time in, written to be turned into
 * vectors and compiled for what the processor has. Scores are those of scoring.h: the same operations in the same order. */
#ifndef REVUE_RANK_BLOCK_FUNCTIONS_H
#define REVUE_RANK_BLOCK_FUNCTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct block_functions {
    const char *name; /* of the instructions used: tests and benches show it */
    /* values[i] = weight * frequency / norm. Frequencies and lengths are below 2^31, at most 128 of them. */
    void (*values)(const uint32_t *frequencies, const uint32_t *lengths, uint32_t count, double weight, double b,
                   double average, double *values);
    /* Whether 0 < frequency <= length < 2^31 for all of them: then no norm is 0, and no value is 0 or infinite. */
    bool (*are_sound)(const uint32_t *frequencies, const uint32_t *lengths, uint32_t count);
    /* How many of 128 docs are below target; all below 2^31. What a binary search finds, without its seven dependent steps.
     */
    uint32_t (*count_below)(const uint32_t *docs, uint32_t target);
    /* contributions[i] = that of values[i], which are over 0 and finite. */
    void (*contributions)(const double *values, uint32_t count, double scale, double k1, int32_t *contributions);
    /* bounds[i] += what a posting contributes, before it is rounded, in floats: off by less than 4 FLT_EPSILON of it. */
    void (*add_bounds)(const uint32_t *frequencies, const uint32_t *lengths, uint32_t count, double weight, double b,
                       double average, double scale, double k1, float *bounds);
    /* passes[i] = UINT32_MAX where frequency / norm, of floats, is at least value; else 0. */
    void (*reach)(const uint32_t *frequencies, const uint32_t *lengths, uint32_t count, float value, double b,
                  double average, uint32_t *passes);
};
extern const struct block_functions block_functions_plain;
/* The fastest that this processor can run. Every one of them gives the same bits. */
const struct block_functions *block_functions_best(void);

#endif
