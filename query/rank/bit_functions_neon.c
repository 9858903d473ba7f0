/* bit_functions_neon.c - those of bit_functions.h for 64-bit ARM: ones are counted in bytes there, so that a sum over many
 * words is cheaper than one of each; and two words are shifted at once, what the first two left over in a register. */
#include "query/rank/bit_functions.h"

#if defined(__aarch64__)
#include <arm_neon.h>
#include <stddef.h>

static inline uint64x2_t load_pair(const void *at) {
    return vreinterpretq_u64_u8(vld1q_u8(at));
}

static inline uint32x4_t add_ones(uint32x4_t ones, uint64x2_t pair) {
    return vpadalq_u16(ones, vpaddlq_u8(vcntq_u8(vreinterpretq_u8_u64(pair))));
}

/* Words on their way to a place that begins within a word. */
struct shifter {
    uint64x2_t before;
    int64x2_t up, down;
};

static inline struct shifter shifter_to(uint32_t at) {
    const int64_t shift = at % 64;
    return (struct shifter){vdupq_n_u64(0), vdupq_n_s64(shift), vdupq_n_s64(shift - 64)};
}

static inline uint64x2_t shift_pair(struct shifter *shifter, uint64x2_t pair) {
    const uint64x2_t over = vshlq_u64(vextq_u64(shifter->before, pair, 1), shifter->down);
    shifter->before = pair;
    return vorrq_u64(vshlq_u64(pair, shifter->up), over);
}

/* The last pair: of an odd count a word and what it leaves over, of an even one only that. */
static inline uint64x2_t last_pair(const uint8_t *in, uint32_t count) {
    return count % 2 ? vcombine_u64(vreinterpret_u64_u8(vld1_u8(in + (size_t)(count - 1) * 8)), vdup_n_u64(0))
                     : vdupq_n_u64(0);
}

static uint32_t count_neon(const uint64_t *bits, uint32_t count) {
    uint32x4_t ones = vdupq_n_u32(0);
    uint32_t i = 0;
    for (; i + 2 <= count; i += 2)
        ones = add_ones(ones, vld1q_u64(bits + i));
    return vaddvq_u32(add_ones(ones, last_pair((const uint8_t *)bits, count)));
}

static uint32_t add_neon(uint64_t *bits, uint32_t at, const uint8_t *in, uint32_t count) {
    struct shifter shifter = shifter_to(at);
    uint32x4_t ones = vdupq_n_u32(0);
    uint32_t i = 0;
    bits += at / 64;
    for (; i + 2 <= count; i += 2) {
        const uint64x2_t pair = load_pair(in + (size_t)i * 8);
        ones = add_ones(ones, pair);
        vst1q_u64(bits + i, vorrq_u64(vld1q_u64(bits + i), shift_pair(&shifter, pair)));
    }
    const uint64x2_t pair = last_pair(in, count), shifted = shift_pair(&shifter, pair);
    bits[i] |= vgetq_lane_u64(shifted, 0);
    if (i < count) bits[i + 1] |= vgetq_lane_u64(shifted, 1);
    return vaddvq_u32(add_ones(ones, pair));
}

static uint32_t add_common_neon(uint64_t *bits, const uint64_t *with, uint32_t at, const uint8_t *in, uint32_t count) {
    struct shifter shifter = shifter_to(at);
    uint32x4_t ones = vdupq_n_u32(0);
    uint32_t i = 0;
    bits += at / 64;
    with += at / 64;
    for (; i + 2 <= count; i += 2) {
        const uint64x2_t pair = load_pair(in + (size_t)i * 8);
        ones = add_ones(ones, pair);
        const uint64x2_t common = vandq_u64(shift_pair(&shifter, pair), vld1q_u64(with + i));
        vst1q_u64(bits + i, vorrq_u64(vld1q_u64(bits + i), common));
    }
    const uint64x2_t pair = last_pair(in, count), shifted = shift_pair(&shifter, pair);
    bits[i] |= vgetq_lane_u64(shifted, 0) & with[i];
    if (i < count) bits[i + 1] |= vgetq_lane_u64(shifted, 1) & with[i + 1];
    return vaddvq_u32(add_ones(ones, pair));
}

static uint32_t count_common_neon(const uint64_t *with, uint32_t at, const uint8_t *in, uint32_t count, uint32_t *common) {
    struct shifter shifter = shifter_to(at);
    uint32x4_t ones = vdupq_n_u32(0), both = vdupq_n_u32(0);
    uint32_t i = 0;
    with += at / 64;
    for (; i + 2 <= count; i += 2) {
        const uint64x2_t pair = load_pair(in + (size_t)i * 8);
        ones = add_ones(ones, pair);
        both = add_ones(both, vandq_u64(shift_pair(&shifter, pair), vld1q_u64(with + i)));
    }
    const uint64x2_t pair = last_pair(in, count), shifted = shift_pair(&shifter, pair);
    const uint64x2_t under = vcombine_u64(vld1_u64(with + i), i < count ? vld1_u64(with + i + 1) : vdup_n_u64(0));
    *common += vaddvq_u32(add_ones(both, vandq_u64(shifted, under)));
    return vaddvq_u32(add_ones(ones, pair));
}

const struct bit_functions bit_functions_neon = {"NEON", count_neon, add_neon, add_common_neon, count_common_neon};
#endif
