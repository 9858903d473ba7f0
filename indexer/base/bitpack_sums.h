/* bitpack_sums.h - sums of what is stored as differences: of a block that is unpacked, or of a short run that is still
 * packed (bitpack.h), as those of a skip group are (FORMAT.md, 6.3 and 6.5). */
#ifndef REVUE_BASE_BITPACK_SUMS_H
#define REVUE_BASE_BITPACK_SUMS_H

#include "indexer/base/bitpack.h"

#define BITPACK_SUMS_ROUND 16u /* sums has room for a multiple of so many */

/* Each of count values (at most 128) becomes before plus the sum of itself and all values in front of it, modulo 2^32. */
void bitpack_prefix_sum(uint32_t *values, uint32_t count, uint32_t before);

/* Each of count sums (at least 1, below BITPACK_BLOCK) becomes before plus all values up to it, modulo 2^32. Returns the
 * least of the values. Reads up to 8 bytes past the packed ones, as bitpack_decode does; what stands behind the last sum
 * means nothing. */
uint32_t bitpack_decode_sums(const uint8_t *in, uint32_t count, unsigned width, uint32_t before, uint32_t *sums);

/* The ways there are to do it, the fastest that this processor can run first; NULL behind the last, which is the plain one,
 * the judge of the others. */
struct bitpack_sum_functions {
    const char *name; /* of the instructions used: tests show it */
    uint32_t (*sums)(const uint8_t *in, uint32_t count, unsigned width, uint32_t before, uint32_t *sums);
    void (*sum_block)(uint32_t values[BITPACK_BLOCK], uint32_t before);
};
const struct bitpack_sum_functions *bitpack_sum_functions_of(unsigned way);

#endif
