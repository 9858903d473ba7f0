/* byte_lanes.h - sixteen bytes at once: the vector types of gcc and clang, and what they lack, one bit a lane. */
#ifndef REVUE_BASE_BYTE_LANES_H
#define REVUE_BASE_BYTE_LANES_H

#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
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

#endif
