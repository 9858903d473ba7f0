/* ids_block.h - a block of ids (FORMAT.md, 10): cut into groups of neighbours, so that any one of them is put together from
 * three pieces, without a walk over those before it. Writer and reader. */
#ifndef REVUE_FORMAT_IDS_BLOCK_H
#define REVUE_FORMAT_IDS_BLOCK_H

#include "indexer/base/bitpack.h"
#include "indexer/format/stream.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define ID_MAX 400u
#define IDS_BLOCK 32u
#define IDS_BLOCK_BYTES_MAX (6u + IDS_BLOCK * (3u + ID_MAX))

/* The head: two bytes, then four of bits where groups begin. */
#define IDS_HEAD_BYTES 6u
#define IDS_PREFIX_MASK 511u
#define IDS_GROUPS_SHIFT 9
#define IDS_WIDE 0x8000u
#define IDS_REST_MOST 15u /* bytes of a rest: its size takes four bits */

/* Appends the block of 1 to IDS_BLOCK ids, of 1 to ID_MAX bytes each. */
void ids_block_append(struct bytes *out, const struct view *ids, uint32_t count);

/* An id, in place. */
struct id_pieces {
    const uint8_t *block, *group, *rest;
    size_t block_size, group_size, rest_size;
};
static inline size_t id_pieces_size(const struct id_pieces *pieces) {
    return pieces->block_size + pieces->group_size + pieces->rest_size;
}

/* Bytes copied at once, and one step at least: that there is a second one is rare, and a piece of no bytes is not. */
#define ID_STEP 8u
#define ID_WIDE_STEP 16u
#define ID_ROOM (ID_MAX + ID_WIDE_STEP) /* bytes that writing an id may touch */
_Static_assert(ID_STEP <= STREAM_SLACK, "pieces are read in whole steps");

static inline __attribute__((always_inline)) char *id_piece_write(const uint8_t *piece, size_t size, size_t step,
                                                                  char *out) {
    size_t done = 0;
    do {
        memcpy(out + done, piece + done, step);
        done += step;
    } while (__builtin_expect(done < size, 0));
    return out + size;
}
/* Gives the end of the id. step: ID_STEP, or ID_WIDE_STEP where so many bytes are readable from the rest on. */
static inline __attribute__((always_inline)) char *id_pieces_write(const struct id_pieces *pieces, size_t step, char *out) {
    out = id_piece_write(pieces->block, pieces->block_size, step, out);
    out = id_piece_write(pieces->group, pieces->group_size, step, out);
    return id_piece_write(pieces->rest, pieces->rest_size, step, out);
}

/* The sum of the first count, at most 31, values of four bits, of more than count. Without a branch, which would go wrong
 * every other time. */
static inline size_t ids_sum_halves(const uint8_t *values, uint32_t count) {
    const uint64_t even = 0x0F0F0F0F0F0F0F0F, ones = 0x0101010101010101;
    const uint64_t some = ((uint64_t)1 << count % 16 * 4) - 1, is_long = count >= 16 ? UINT64_MAX : 0;
    const uint64_t first = load_le64(values) & (some | is_long);
    const uint64_t second = load_le64(values + (is_long & 8)) & some & is_long;
    return (((first & even) + (first >> 4 & even)) * ones >> 56) + (((second & even) + (second >> 4 & even)) * ones >> 56);
}

/* Id index of a block of count, which lies in the size bytes at block; behind these STREAM_SLACK are readable. False for
 * damage, and when the block is cut off. Hardly anything branches on what stands there: it cannot be predicted. */
static inline bool ids_block_find(const uint8_t *block, size_t size, uint32_t count, uint32_t index,
                                  struct id_pieces *pieces) {
    if (size < IDS_HEAD_BYTES) return false;
    const uint32_t head = load_le16(block), begins = load_le32(block + 2);
    const size_t groups = (head >> IDS_GROUPS_SHIFT & 31) + 1;
    const size_t group = bit_count64(begins & UINT32_MAX >> (31 - index)) - 1;
    const uint8_t *ends = block + IDS_HEAD_BYTES, *sizes = ends + (head & IDS_WIDE ? 2 * groups : groups);
    const uint8_t *text = sizes + (count + 1) / 2;
    if (group >= groups || (size_t)(text - block) > size) return false;
    size_t start, end, all;
    if (head & IDS_WIDE) {
        start = load_le16(ends + 2 * group - 2);
        end = load_le16(ends + 2 * group);
        all = load_le16(ends + 2 * groups - 2);
    } else {
        start = (ends + group)[-1];
        end = ends[group];
        all = ends[groups - 1];
    }
    start &= group > 0 ? SIZE_MAX : 0; /* before the first end stands the head */
    pieces->block = text;
    pieces->block_size = head & IDS_PREFIX_MASK;
    pieces->group = text + pieces->block_size + start;
    pieces->group_size = end - start;
    pieces->rest = text + pieces->block_size + all + ids_sum_halves(sizes, index);
    pieces->rest_size = (size_t)(sizes[index / 2] >> index % 2 * 4) & IDS_REST_MOST;
    const size_t id_size = id_pieces_size(pieces), used = (size_t)(pieces->rest - block) + pieces->rest_size;
    return start <= end && end <= all && used <= size && id_size - 1 < ID_MAX;
}

/* ---- the same in fewer instructions, where they are had ---- */

/* The sum of the first count, at most 31, of 32 values of four bits. */
#if defined(__SSE2__)
extern const uint8_t ids_first_halves[IDS_BLOCK][IDS_BLOCK / 2]; /* ones in so many of the values */
static inline size_t ids_sum_of_32(const uint8_t *values, uint32_t count) {
    const __m128i low = _mm_set1_epi8(0x0F);
    const __m128i some = _mm_and_si128(_mm_loadu_si128((const __m128i *)(const void *)values),
                                       _mm_loadu_si128((const __m128i *)(const void *)ids_first_halves[count]));
    const __m128i pairs = _mm_add_epi8(_mm_and_si128(some, low), _mm_and_si128(_mm_srli_epi16(some, 4), low));
    const __m128i sums = _mm_sad_epu8(pairs, _mm_setzero_si128());
    return (size_t)_mm_cvtsi128_si64(_mm_add_epi64(sums, _mm_unpackhi_epi64(sums, sums)));
}
#else
static inline size_t ids_sum_of_32(const uint8_t *values, uint32_t count) {
    return ids_sum_halves(values, count);
}
#endif

/* Bytes of a block that may be looked at before it is known where its ids end. */
#define IDS_FRONT_BYTES (IDS_HEAD_BYTES + 2 * IDS_BLOCK + IDS_BLOCK / 2)
/* Of a block of IDS_BLOCK that is not wide, and of which IDS_FRONT_BYTES are readable: false as above, for any other block,
 * and when the rest begins behind rest_most. */
static inline __attribute__((always_inline)) bool
ids_block_find_narrow(const uint8_t *block, uint32_t index, const uint8_t *rest_most, struct id_pieces *pieces) {
    const uint32_t head = load_le16(block), begins = load_le32(block + 2), groups = (head >> IDS_GROUPS_SHIFT & 31) + 1;
    const uint32_t group = (uint32_t)__builtin_popcount(begins << (31 - index)) - 1;
    if (__builtin_expect(head & IDS_WIDE || group >= groups, 0)) return false;
    const uint8_t *ends = block + IDS_HEAD_BYTES, *sizes = ends + groups;
    const uint8_t *text = sizes + IDS_BLOCK / 2 + (head & IDS_PREFIX_MASK);
    const size_t start = group > 0 ? (ends + group)[-1] : 0, end = ends[group], all = ends[groups - 1];
    pieces->block_size = head & IDS_PREFIX_MASK;
    pieces->block = text - pieces->block_size;
    pieces->group = text + start;
    pieces->group_size = end - start;
    pieces->rest = text + all + ids_sum_of_32(sizes, index);
    pieces->rest_size = (size_t)(sizes[index / 2] >> index % 2 * 4) & IDS_REST_MOST;
    return start <= end && end <= all && pieces->rest <= rest_most && id_pieces_size(pieces) - 1 < ID_MAX;
}

#endif
