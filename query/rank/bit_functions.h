/* bit_functions.h - the loops over sets of reviews kept as bits, compiled for what the processor has: counting ones is one
 * instruction where there is one. */
#ifndef REVUE_RANK_BIT_FUNCTIONS_H
#define REVUE_RANK_BIT_FUNCTIONS_H

#include <stdint.h>

/* in: count words as they lie in a block of postings, of any alignment. Their first bit stands for bit number at of bits
 * and with, which have a word more than the last of them reaches. */
struct bit_functions {
    const char *name; /* of the instructions used: tests show it */
    /* The ones in count words. */
    uint32_t (*count)(const uint64_t *bits, uint32_t count);
    /* Sets in bits what is set in in. The ones of in. */
    uint32_t (*add)(uint64_t *bits, uint32_t at, const uint8_t *in, uint32_t count);
    /* The same, only what is set in with too. */
    uint32_t (*add_common)(uint64_t *bits, const uint64_t *with, uint32_t at, const uint8_t *in, uint32_t count);
    /* *common grows by what is set in both. */
    uint32_t (*count_common)(const uint64_t *with, uint32_t at, const uint8_t *in, uint32_t count, uint32_t *common);
};
extern const struct bit_functions bit_functions_plain;
extern const struct bit_functions bit_functions_neon; /* of 64-bit ARM only */
/* The fastest that this processor can run. */
const struct bit_functions *bit_functions_best(void);

#endif
