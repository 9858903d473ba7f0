/* positions.h - the codes of positions within one unit (FORMAT.md, 6.4). Only postings_writer.c, positions.c and their
 * tests need this; readers use positions_reader of postings.h. */
#ifndef REVUE_FORMAT_POSITIONS_H
#define REVUE_FORMAT_POSITIONS_H

#include "indexer/base/bitpack.h"
#include "indexer/base/bytes.h"

#define POSITIONS_FEW 4u  /* up to so many are gaps on a circle */
#define POSITIONS_HEAD 1u /* bytes of a unit before its codes */
#define POSITIONS_WIDEST 32u

/* Of more than POSITIONS_FEW: how many bits of each position are told by ones and zeros. */
static inline unsigned positions_high_bits(uint32_t frequency) {
    return bit_width32(frequency - 1);
}
/* Bits of a posting's code; frequency is at least 1 and at most 2^width. */
static inline uint64_t positions_code_bits(uint32_t frequency, unsigned width) {
    const uint64_t all = (uint64_t)frequency * width;
    if (frequency <= POSITIONS_FEW) return all - (frequency - 1);
    const unsigned high_bits = positions_high_bits(frequency);
    return all - (uint64_t)frequency * (high_bits - 1) + ((uint64_t)1 << high_bits) - 1;
}
static inline bool positions_are_possible(uint32_t frequency, unsigned width) {
    return frequency > 0 && (uint64_t)frequency <= (uint64_t)1 << width;
}

/* Makes unit the unit of count postings: frequencies[i] positions of each (at least 1), strictly ascending, one posting
 * after the other. Whatever it held is gone. *bits: of its codes; over UINT32_MAX nothing is made. False: out of memory. */
bool positions_unit_make(struct bytes *unit, const uint32_t *positions, const uint32_t *frequencies, uint32_t count,
                         uint64_t *bits);

/* Sums up where codes are: bits[i] is before that of posting i, and is known for i = from; it becomes so up to i = to.
 * False when a posting from from on is impossible in that width, or when there are more bits than 32 bits count. */
struct positions_sum_function {
    const char *name; /* of the way */
    bool (*sum)(const uint32_t *frequencies, uint32_t from, uint32_t to, unsigned width, uint32_t *bits);
};
extern const struct positions_sum_function positions_sum_plain; /* the judge of the other */
/* Those that this processor can run, fastest first; NULL behind the last. */
const struct positions_sum_function *positions_sum_function_of(unsigned number);

#endif
