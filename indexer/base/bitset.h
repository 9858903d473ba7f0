/* bitset.h - the numbers and ranks of the ones in a bitset, as a dense block of postings is stored (FORMAT.md, 6.3). */
#ifndef REVUE_BASE_BITSET_H
#define REVUE_BASE_BITSET_H

#include <stdbool.h>
#include <stdint.h>

#define BITSET_NUMBERS_BEHIND 16u /* numbers that may be written over behind the last */

/* The numbers of the ones in so many 64-bit words at in, ascending, from first on (modulo 2^32). numbers has room for count
 * and BITSET_NUMBERS_BEHIND more. False when there are not count ones; numbers then holds some of them. */
bool bitset_numbers(const uint8_t *in, uint32_t words, uint32_t count, uint32_t first, uint32_t *numbers);

/* How many ones there are before each of at most BITSET_RANKED_WORDS words at in; before has room for BITSET_RANKED_WORDS,
 * and means nothing where there are more than 255 in all. Returns how many these are. */
#define BITSET_RANKED_WORDS 64u
uint32_t bitset_ones_before(const uint8_t *in, uint32_t words, uint8_t *before);

/* The ways there are to do it, the fastest that this processor can run first; NULL behind the last, which is the plain one,
 * the judge of the others. */
struct bitset_functions {
    const char *name; /* of the instructions used: tests show it */
    bool (*numbers)(const uint8_t *in, uint32_t words, uint32_t count, uint32_t first, uint32_t *numbers);
    uint32_t (*ones_before)(const uint8_t *in, uint32_t words, uint8_t *before);
};
const struct bitset_functions *bitset_functions_of(unsigned way);

#endif
