/* postings_block.h - the bytes of one block of postings (FORMAT.md, 6.3). Internal to the postings files: no streams, no
 * allocation. Decoding says what is wrong with damaged bytes as a constant sentence part, NULL when nothing is. */
#ifndef REVUE_FORMAT_POSTINGS_BLOCK_H
#define REVUE_FORMAT_POSTINGS_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POSTINGS_WIDTH_BITS 0x3Fu /* of the first byte: the width of the gaps */
#define POSTINGS_WIDTH_BITSET 63u /* which are stored as bits */

/* The most an encoded block takes: the head, gaps and frequencies of 32 bits, masks in a bitmap and codes of 7 bits.
 * Exceptions are taken only when they are smaller; a bitset never takes more than gaps of 32 bits. */
#define POSTINGS_BLOCK_BYTES (2u + 512u + 512u + 16u + 112u)

/* previous: the last review of the block before, UINT32_MAX for none. Returns the size. */
size_t postings_block_encode(const uint32_t *docs, const uint32_t *frequencies, const uint8_t *masks, uint32_t count,
                             uint32_t previous, uint8_t out[POSTINGS_BLOCK_BYTES]);

/* data: size bytes, and STREAM_SLACK more that may be read. docs ascend strictly from previous on; whether the last is
 * the right one is the caller's to see. The arrays have room for 128 and BITSET_NUMBERS_BEHIND more. */
const char *postings_block_docs(const uint8_t *data, size_t size, uint32_t count, uint32_t previous, uint32_t *docs,
                                size_t *frequencies_at);
static inline bool postings_block_is_bitset(const uint8_t *data, size_t size) {
    return size > 0 && (data[0] & POSTINGS_WIDTH_BITS) == POSTINGS_WIDTH_BITSET;
}
/* The words of a block whose gaps are a bitset, the highest one being bit number last; *bits is NULL for other blocks. */
const char *postings_block_bits(const uint8_t *data, size_t size, uint32_t last, const uint8_t **bits, uint32_t *words);
/* Where the rest of such a block is, behind its words. */
const char *postings_block_behind_bits(const uint8_t *data, size_t size, uint32_t count, uint32_t words,
                                       size_t *frequencies_at);
/* The offset is the one that postings_block_docs or _behind_bits gave for the same bytes, and in turn gives that of the
 * masks. */
const char *postings_block_frequencies(const uint8_t *data, size_t size, uint32_t count, size_t frequencies_at,
                                       uint32_t *frequencies, size_t *masks_at);
/* The frequency of posting index alone. */
const char *postings_block_frequency(const uint8_t *data, size_t size, uint32_t count, size_t frequencies_at,
                                     uint32_t index, uint32_t *frequency);
const char *postings_block_masks(const uint8_t *data, size_t size, uint32_t count, size_t masks_at,
                                 const uint32_t *frequencies, uint8_t *masks);

#endif
