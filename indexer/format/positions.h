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
void bit_writer_free(struct bit_writer *writer);
void bit_writer_clear(struct bit_writer *writer);
void bit_writer_pad(struct bit_writer *writer); /* up to a whole byte, with zeros */

/* Bits appended so far. */
static inline uint64_t bit_writer_size(const struct bit_writer *writer) {
    return (uint64_t)writer->bytes.size * 8 + writer->used;
}

/* Marks of a unit (FORMAT.md, 6.4): how wide they are in a unit of so many bytes, marks included. */
static inline size_t positions_mark_width(size_t unit_size) {
    return unit_size < 8192 ? 2 : 4;
}

/* The positions of count postings, one posting after the other: frequencies[i] of them (at least 1), strictly ascending,
 * below lengths[i]. */
void positions_encode(struct bit_writer *writer, const uint32_t *positions, const uint32_t *frequencies,
                      const uint32_t *lengths, uint32_t count);
/* Decodes one from data (size bytes and STREAM_SLACK more that may be read) at *bit, which is moved behind it; out NULL:
 * only moves. False when the bits are damaged: they end early, or a position reaches length. */
bool positions_decode(const uint8_t *data, size_t size, uint64_t *bit, uint32_t frequency, uint32_t length, uint32_t *out);

#endif
