/* candidate_functions_neon.c - those of candidate_functions.h for 64-bit ARM, all of which has NEON.
 *
 * As with AVX2: what passes is brought to the front by a permutation, four at a time, and a candidate is looked up by
 * counting the ends of parts below it, then the reviews below it in its part. There is no instruction that gathers a bit of
 * each lane: the lanes are made numbers whose sum tells the set and its size. */
#include "query/rank/candidate_functions.h"

#if defined(__aarch64__)
#include <arm_neon.h>

/* ---- keep, take ---- */

#define ORDER(a, b, c, d)                                                                                                  \
    {                                                                                                                      \
        4 * (a), 4 * (a) + 1, 4 * (a) + 2, 4 * (a) + 3, 4 * (b), 4 * (b) + 1, 4 * (b) + 2, 4 * (b) + 3, 4 * (c),           \
            4 * (c) + 1, 4 * (c) + 2, 4 * (c) + 3, 4 * (d), 4 * (d) + 1, 4 * (d) + 2, 4 * (d) + 3                          \
    }

/* Of each set of 0 to 3 the bytes of its members, ascending; what stands behind them means nothing. */
static const uint8_t order_of_set[16][16] = {
    ORDER(0, 0, 0, 0), ORDER(0, 0, 0, 0), ORDER(1, 0, 0, 0), ORDER(0, 1, 0, 0), ORDER(2, 0, 0, 0), ORDER(0, 2, 0, 0),
    ORDER(1, 2, 0, 0), ORDER(0, 1, 2, 0), ORDER(3, 0, 0, 0), ORDER(0, 3, 0, 0), ORDER(1, 3, 0, 0), ORDER(0, 1, 3, 0),
    ORDER(2, 3, 0, 0), ORDER(0, 2, 3, 0), ORDER(1, 2, 3, 0), ORDER(0, 1, 2, 3),
};

static inline uint32x4_t ordered(uint32x4_t lanes, uint8x16_t order) {
    return vreinterpretq_u32_u8(vqtbl1q_u8(vreinterpretq_u8_u32(lanes), order));
}

/* All ones where there is a lane of the next four; left: how many come. */
static inline uint32x4_t are_there(uint32_t left) {
    return vcltq_u32((uint32x4_t){0, 1, 2, 3}, vdupq_n_u32(left));
}

/* Of lanes that are all ones or zero the set in the low four bits, and its size above them. */
static inline uint32_t set_of(uint32x4_t lanes) {
    return vaddvq_u32(vandq_u32(lanes, (uint32x4_t){0x11, 0x12, 0x14, 0x18}));
}

static void keep_neon(const struct candidates *candidates, const uint32_t *passes, struct candidates *kept) {
    const uint32_t of = candidates->count;
    uint32_t count = 0;
    for (uint32_t i = 0; i < of; i += 4) {
        const uint32_t set = set_of(vandq_u32(vld1q_u32(passes + i), are_there(of - i)));
        const uint8x16_t order = vld1q_u8(order_of_set[set & 15]);
        vst1q_u32(kept->docs + count, ordered(vld1q_u32(candidates->docs + i), order));
        vst1q_u32(kept->postings + count, ordered(vld1q_u32(candidates->postings + i), order));
        count += set >> 4;
    }
    kept->count = count;
}

static void take_neon(const uint32_t *docs, const uint32_t *frequencies, uint32_t count, uint32_t least,
                      struct candidates *taken) {
    uint32x4_t numbers = {0, 1, 2, 3};
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i += 4) {
        const uint32x4_t enough = vcgeq_u32(vld1q_u32(frequencies + i), vdupq_n_u32(least));
        const uint32_t set = set_of(vandq_u32(enough, are_there(count - i)));
        const uint8x16_t order = vld1q_u8(order_of_set[set & 15]);
        vst1q_u32(taken->docs + kept, ordered(vld1q_u32(docs + i), order));
        vst1q_u32(taken->postings + kept, ordered(numbers, order));
        kept += set >> 4;
        numbers = vaddq_u32(numbers, vdupq_n_u32(4));
    }
    taken->count = kept;
}

/* ---- find ---- */

#define PART 16u /* reviews that are compared at once */

/* How many lanes are all ones; the others are zero. */
static inline uint32_t ones_of(uint32x4_t lanes) {
    return 0u - vaddvq_u32(lanes);
}

static inline uint32_t count_below(const uint32_t *part, uint32x4_t target) {
    const uint32x4_t low = vaddq_u32(vcltq_u32(vld1q_u32(part), target), vcltq_u32(vld1q_u32(part + 4), target));
    const uint32x4_t high = vaddq_u32(vcltq_u32(vld1q_u32(part + 8), target), vcltq_u32(vld1q_u32(part + 12), target));
    return ones_of(vaddq_u32(low, high));
}

static uint32_t find_neon(const uint32_t *targets, uint32_t count, const uint32_t *docs, uint32_t *held, uint32_t *found) {
    const uint32_t *last = docs + PART - 1;
    const uint32x4_t low = {last[0], last[PART], last[2 * PART], last[3 * PART]};
    const uint32x4_t high = {last[4 * PART], last[5 * PART], last[6 * PART], last[7 * PART]};
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint32x4_t target = vdupq_n_u32(targets[i]);
        const uint32_t part = PART * ones_of(vaddq_u32(vcltq_u32(low, target), vcltq_u32(high, target)));
        const uint32_t place = part + count_below(docs + part, target);
        held[kept] = i;
        found[kept] = place;
        kept += docs[place] == targets[i];
    }
    return kept;
}

/* ---- up to ---- */

static uint32_t up_to_neon(const uint32_t *docs, uint32_t count, uint32_t last) {
    uint32_t passed = 0;
    for (; passed < count; passed += 4) {
        const uint32x4_t are_passed = vcleq_u32(vld1q_u32(docs + passed), vdupq_n_u32(last));
        const uint32_t here = ones_of(vandq_u32(are_passed, are_there(count - passed)));
        if (here < 4) return passed + here; /* a branch: the next four need not wait for the sum */
    }
    return passed;
}

const struct candidate_functions candidate_functions_neon = {
    .name = "NEON",
    .keep = keep_neon,
    .keep_above = candidate_functions_keep_above,
    .take = take_neon,
    .take_frequent = candidate_functions_take_frequent,
    .drop_long = candidate_functions_drop_long,
    .keep_scored = candidate_functions_keep_scored,
    .up_to = up_to_neon,
    .find = find_neon,
    .find_bits = candidate_functions_find_bits,
};
#endif
