/* bitpack.h - integers of one width, packed: the layouts of FORMAT.md, 6.3. Plain C that compilers vectorise. */
#ifndef REVUE_BASE_BITPACK_H
#define REVUE_BASE_BITPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BITPACK_BLOCK 128u

static inline unsigned bit_width32(uint32_t value) {
    return value ? 32u - (unsigned)__builtin_clz(value) : 0;
}
/* Bytes that count values of width bits take: 16 * width for a block of 128, else (count * width + 7) / 8. */
static inline size_t bitpack_size(uint32_t count, unsigned width) {
    return count == BITPACK_BLOCK ? (size_t)16 * width : ((size_t)count * width + 7) / 8;
}
/* Packs count values (at most 128), each below 2^width; writes bitpack_size bytes. */
void bitpack_encode(const uint32_t *values, uint32_t count, unsigned width, uint8_t *out);
/* The other way. Reads up to 8 bytes past the packed bytes when count < 128 (their content means nothing): STREAM_SLACK.
 * values has room for 128. width over 32 is the caller's mistake (asserted). */
void bitpack_decode(const uint8_t *in, uint32_t count, unsigned width, uint32_t *values);
/* The same, with plus added to every value (modulo 2^32): what is stored one less costs no second pass. */
void bitpack_decode_plus(const uint8_t *in, uint32_t count, unsigned width, uint32_t plus, uint32_t *values);
/* One value of a short run (count < 128 layout) in place. */
static inline uint32_t bitpack_get(const uint8_t *in, uint32_t index, unsigned width) {
    uint64_t word;
    uint64_t bit = (uint64_t)index * width;
    __builtin_memcpy(&word, in + (bit >> 3), sizeof word);
    return width ? (uint32_t)(word >> (bit & 7) & (0xFFFFFFFFu >> (32 - width))) : 0;
}

/* One value of any run, in place. */
uint32_t bitpack_decode_one(const uint8_t *in, uint32_t count, uint32_t index, unsigned width);
/* The instruction for it is not in the x86-64 base line. */
static inline unsigned bit_count64(uint64_t word) {
    word -= word >> 1 & 0x5555555555555555u;
    word = (word & 0x3333333333333333u) + (word >> 2 & 0x3333333333333333u);
    return (unsigned)(((word + (word >> 4)) & 0x0F0F0F0F0F0F0F0Fu) * 0x0101010101010101u >> 56);
}

#endif
