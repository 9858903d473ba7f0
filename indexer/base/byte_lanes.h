/* byte_lanes.h - sixteen bytes at once: the vector types of gcc and clang, and what they lack, one bit a lane. */
#ifndef REVUE_BASE_BYTE_LANES_H
#define REVUE_BASE_BYTE_LANES_H

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#define BYTE_LANES 16u
typedef uint8_t byte_lanes __attribute__((vector_size(16)));

/* at: BYTE_LANES readable bytes, at any alignment. */
static inline byte_lanes byte_lanes_load(const char *at) {
    byte_lanes loaded;
    memcpy(&loaded, at, sizeof loaded);
    return loaded;
}

/* One bit a lane, the first lowest, of lanes that are all ones or all zeros. */
static inline uint32_t byte_lanes_bits(byte_lanes lanes) {
#ifdef __SSE2__
    return (uint32_t)_mm_movemask_epi8((__m128i)lanes);
#else
    /* The product gathers one bit of each of eight bytes in its highest byte. */
    const uint64_t each = 0x0101010101010101u, gather = 0x0102040810204080u;
    uint64_t halves[2];
    memcpy(halves, &lanes, sizeof halves);
    return (uint32_t)((halves[0] & each) * gather >> 56 | (halves[1] & each) * gather >> 56 << 8);
#endif
}

/* ---- a word of bits, one for each of 64 bytes that come in four parts ---- */

#if defined(__aarch64__)
/* The bits are gathered at the end: sums of neighbours, each bit at its own place, take three steps for all four. */
struct lane_bits {
    byte_lanes parts[4]; /* of each byte none but the bit of its place among eight */
};
static inline void lane_bits_put(struct lane_bits *bits, unsigned part, byte_lanes lanes) {
    const byte_lanes places = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    bits->parts[part] = lanes & places;
}
static inline uint64_t lane_bits_word(const struct lane_bits *bits) {
    const uint8x16_t low = vpaddq_u8((uint8x16_t)bits->parts[0], (uint8x16_t)bits->parts[1]);
    const uint8x16_t high = vpaddq_u8((uint8x16_t)bits->parts[2], (uint8x16_t)bits->parts[3]);
    const uint8x16_t eighths = vpaddq_u8(low, high);
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(eighths, eighths)), 0);
}
#else
struct lane_bits {
    uint64_t word;
};
static inline void lane_bits_put(struct lane_bits *bits, unsigned part, byte_lanes lanes) {
    bits->word |= (uint64_t)byte_lanes_bits(lanes) << part * BYTE_LANES;
}
static inline uint64_t lane_bits_word(const struct lane_bits *bits) {
    return bits->word;
}
#endif

#endif
