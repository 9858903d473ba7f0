/* positions.h - the codes of positions within one unit (FORMAT.md, 6.4). Only postings_writer.c, positions.c and their
 * tests need this; readers use positions_reader of postings.h. */
#ifndef REVUE_FORMAT_POSITIONS_H
#define REVUE_FORMAT_POSITIONS_H

#include "indexer/base/bytes.h"

/* Bits being appended to bytes, low first. Zero bytes are ready for use; memory trouble is the buffer's sticky failed. */
struct bit_writer {
    struct bytes bytes;
    uint64_t filling;
    unsigned used; /* bits of filling, below 8 between calls */
};

/* A unit being written, run by run. Zero bytes are ready for use; unit.bytes has its codes, without marks. */
struct positions_writer {
    struct bit_writer unit;
    struct bit_writer rests, quotients; /* of the run */
};
void positions_writer_free(struct positions_writer *writer);
void positions_writer_clear(struct positions_writer *writer);
/* The positions of count postings of the run (all of its 32 in as many calls as wanted), one posting after the other:
 * frequencies[i] of them (at least 1), strictly ascending, below lengths[i]. */
void positions_writer_add(struct positions_writer *writer, const uint32_t *positions, const uint32_t *frequencies,
                          const uint32_t *lengths, uint32_t count);
/* Behind the last posting of every run. Bits of the unit so far: where the next run begins. */
uint64_t positions_writer_end_run(struct positions_writer *writer);
/* Behind the last run: up to a whole byte, with zeros. False: out of memory, now or before. */
bool positions_writer_finish(struct positions_writer *writer);

/* Marks of a unit: how wide they are in a unit of so many bytes, marks included. */
static inline size_t positions_mark_width(size_t unit_size) {
    return unit_size < 8192 ? 2 : 4;
}

/* Bits of the position of a posting that has one: ceil(log2 length). */
static inline unsigned positions_single_width(uint32_t length) {
    return length > 1 ? 32u - (unsigned)__builtin_clz(length - 1) : 0;
}
/* floor(log2(max(1, (length - frequency) / (frequency + 1)))), without the division. */
static inline unsigned positions_rice_parameter(uint32_t frequency, uint32_t length) {
    const uint64_t free_places = length - frequency, parts = (uint64_t)frequency + 1;
    if (free_places < parts) return 0;
    const unsigned shift = (unsigned)(__builtin_clzll(parts) - __builtin_clzll(free_places));
    return parts << shift > free_places ? shift - 1 : shift;
}

/* Sums up a run of count postings: where its singles are, and where the codes of those with several positions. False when
 * a posting is impossible (no frequency, or over its length), or when there are more codes than 32 bits count. */
struct positions_sums;
struct positions_sum_functions {
    const char *name; /* of the way */
    bool (*singles)(const uint32_t *frequencies, const uint32_t *lengths, uint32_t count, struct positions_sums *sums);
    bool (*several)(const uint32_t *frequencies, const uint32_t *lengths, uint32_t count, struct positions_sums *sums);
};
extern const struct positions_sum_functions positions_sum_plain; /* the judge of the others */
/* Those that this processor can run, fastest first; NULL behind the last. */
const struct positions_sum_functions *positions_sum_functions_of(unsigned number);

#endif
