/* bitpack.c - see bitpack.h.
 *
 * A block of 128 is four interleaved lanes of 32-bit words (the vertical layout of Lemire and Boytsov, "Decoding billions
 * of integers per second through vectorization", 2015): every step works on four values at once. The steps are written
 * with the vector types that gcc and clang share, so that -O2 without a machine option gives SSE2 on x86-64 and NEON on
 * arm64. Unpacking is generated once per width: all shifts and masks are then constants and the 32 steps run without a
 * branch. Packing is done once per block of an index and stays one loop over a variable width.
 *
 * Shorter runs are plain bit strings: one load of 8 bytes reaches any value, as 7 + 32 bits fit. */
#include "indexer/base/bitpack.h"

#include <assert.h>
#include <string.h>

typedef uint32_t lanes __attribute__((vector_size(16)));

#define LANES 4u
#define STEPS (BITPACK_BLOCK / LANES)

static inline lanes load_lanes(const void *at) {
    lanes loaded;
    memcpy(&loaded, at, sizeof loaded);
    return loaded;
}

static inline void store_lanes(void *at, lanes stored) {
    memcpy(at, &stored, sizeof stored);
}

static inline lanes broadcast(uint32_t value) {
    return (lanes){value, value, value, value};
}

static inline uint32_t low_bits(unsigned width) {
    return width ? UINT32_MAX >> (32 - width) : 0;
}

/* ---- packing ---- */

static void pack_block(const uint32_t *values, unsigned width, uint8_t *out) {
    lanes filling = {0};
    unsigned used = 0;
    for (unsigned step = 0; step < STEPS; step++) {
        lanes value = load_lanes(values + LANES * step);
        filling |= value << used;
        used += width;
        if (used < 32) continue;
        store_lanes(out, filling);
        out += sizeof filling;
        used -= 32;
        filling = used ? value >> (width - used) : (lanes){0};
    }
}

static void pack_run(const uint32_t *values, uint32_t count, unsigned width, uint8_t *out) {
    uint64_t filling = 0;
    unsigned used = 0;
    for (uint32_t i = 0; i < count; i++) {
        filling |= (uint64_t)values[i] << used;
        for (used += width; used >= 8; used -= 8) {
            *out++ = (uint8_t)filling;
            filling >>= 8;
        }
    }
    if (used) *out = (uint8_t)filling;
}

void bitpack_encode(const uint32_t *values, uint32_t count, unsigned width, uint8_t *out) {
    assert(width <= 32 && count <= BITPACK_BLOCK);
    if (width == 0) return;
    if (count == BITPACK_BLOCK) {
        pack_block(values, width, out);
    } else {
        pack_run(values, count, width, out);
    }
}

/* ---- unpacking ---- */

/* The values of one step. step and width are constants where this is used, so nothing but the shifts remains. */
static inline __attribute__((always_inline)) lanes unpack_step(const uint8_t *in, unsigned step, unsigned width) {
    if (width == 0) return (lanes){0};
    const unsigned bit = step * width, word = bit / 32, shift = bit % 32;
    lanes value = load_lanes(in + 16 * (size_t)word) >> shift;
    if (shift + width > 32) value |= load_lanes(in + 16 * (size_t)(word + 1)) << (32 - shift);
    return shift + width == 32 ? value : value & broadcast(low_bits(width));
}

#define UNPACK_1(step, width) store_lanes(values + LANES * (step), unpack_step(in, (step), (width)) + plus);
#define UNPACK_4(step, width)                                                                                              \
    UNPACK_1(step, width) UNPACK_1((step) + 1, width) UNPACK_1((step) + 2, width) UNPACK_1((step) + 3, width)
#define UNPACK_16(step, width)                                                                                             \
    UNPACK_4(step, width) UNPACK_4((step) + 4, width) UNPACK_4((step) + 8, width) UNPACK_4((step) + 12, width)

#define WIDTH(width)                                                                                                       \
    static void unpack_##width(const uint8_t *restrict in, lanes plus, uint32_t *restrict values) {                        \
        (void)in;                                                                                                          \
        UNPACK_16(0, width)                                                                                                \
        UNPACK_16(16, width)                                                                                               \
    }
/* clang-format off */
WIDTH(0) WIDTH(1) WIDTH(2) WIDTH(3) WIDTH(4) WIDTH(5) WIDTH(6) WIDTH(7) WIDTH(8) WIDTH(9) WIDTH(10)
WIDTH(11) WIDTH(12) WIDTH(13) WIDTH(14) WIDTH(15) WIDTH(16) WIDTH(17) WIDTH(18) WIDTH(19) WIDTH(20) WIDTH(21)
WIDTH(22) WIDTH(23) WIDTH(24) WIDTH(25) WIDTH(26) WIDTH(27) WIDTH(28) WIDTH(29) WIDTH(30) WIDTH(31) WIDTH(32)
/* clang-format on */
#undef WIDTH

            static void (*const unpack_block[33])(const uint8_t *restrict in, lanes plus, uint32_t *restrict values) = {
                unpack_0,  unpack_1,  unpack_2,  unpack_3,  unpack_4,  unpack_5,  unpack_6,  unpack_7,  unpack_8,
                unpack_9,  unpack_10, unpack_11, unpack_12, unpack_13, unpack_14, unpack_15, unpack_16, unpack_17,
                unpack_18, unpack_19, unpack_20, unpack_21, unpack_22, unpack_23, unpack_24, unpack_25, unpack_26,
                unpack_27, unpack_28, unpack_29, unpack_30, unpack_31, unpack_32,
};

static void unpack_run(const uint8_t *in, uint32_t count, unsigned width, uint32_t plus, uint32_t *values) {
    const uint64_t mask = low_bits(width);
    size_t bit = 0;
    for (uint32_t i = 0; i < count; i++, bit += width) {
        uint64_t word;
        memcpy(&word, in + (bit >> 3), sizeof word);
        values[i] = (uint32_t)(word >> (bit & 7) & mask) + plus;
    }
}

void bitpack_decode_plus(const uint8_t *in, uint32_t count, unsigned width, uint32_t plus, uint32_t *values) {
    assert(width <= 32 && count <= BITPACK_BLOCK);
    if (count == BITPACK_BLOCK) {
        unpack_block[width](in, broadcast(plus), values);
    } else if (width == 0) {
        for (uint32_t i = 0; i < count; i++)
            values[i] = plus;
    } else {
        unpack_run(in, count, width, plus, values);
    }
}

void bitpack_decode(const uint8_t *in, uint32_t count, unsigned width, uint32_t *values) {
    bitpack_decode_plus(in, count, width, 0, values);
}

/* Of a block: the lane's bits are words that stand LANES apart. */
static uint32_t decode_one_of_block(const uint8_t *in, uint32_t index, unsigned width) {
    const uint32_t bit = index / LANES * width;
    const uint8_t *at = in + (size_t)(bit / 32 * LANES + index % LANES) * sizeof(uint32_t);
    uint32_t low, high = 0;
    memcpy(&low, at, sizeof low);
    if (bit % 32 + width > 32) memcpy(&high, at + LANES * sizeof high, sizeof high);
    return (uint32_t)(((uint64_t)high << 32 | low) >> bit % 32 & low_bits(width));
}

uint32_t bitpack_decode_one(const uint8_t *in, uint32_t count, uint32_t index, unsigned width) {
    assert(width <= 32 && index < count && count <= BITPACK_BLOCK);
    if (width == 0) return 0;
    return count == BITPACK_BLOCK ? decode_one_of_block(in, index, width) : bitpack_get(in, index, width);
}
