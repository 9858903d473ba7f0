/* positions_sums.c - see positions.h: where the codes of a block's postings lie, summed up one or sixteen at a time. */
#include "indexer/format/positions.h"

#include "indexer/base/lane_sums.h"

/* ---- plain ---- */

static bool sum_plain(const uint32_t *frequencies, uint32_t from, uint32_t to, unsigned width, uint32_t *bits) {
    uint64_t sum = bits[from];
    for (uint32_t i = from; i < to; i++) {
        if (!positions_are_possible(frequencies[i], width)) return false;
        sum += positions_code_bits(frequencies[i], width);
        if (sum > UINT32_MAX) return false;
        bits[i + 1] = (uint32_t)sum;
    }
    return true;
}

const struct positions_sum_function positions_sum_plain = {"plain", sum_plain};

/* ---- AVX-512 ---- */

#if defined(__x86_64__)
#include <immintrin.h>

#define LANES 16u
#define FREQUENCY_BITS 16 /* so many of 128 postings cannot pass 32 bits */
#define WITH_AVX512 __attribute__((target("avx512f,avx512cd")))

/* positions_code_bits of sixteen frequencies. */
WITH_AVX512 static inline __m512i code_bits_of(__m512i frequency, __m512i less, __m512i width) {
    const __m512i one = _mm512_set1_epi32(1);
    const __mmask16 is_many = _mm512_cmpge_epu32_mask(less, _mm512_set1_epi32((int)POSITIONS_FEW));
    const __m512i high_bits = _mm512_sub_epi32(_mm512_set1_epi32(32), _mm512_lzcnt_epi32(less));
    const __m512i each_less = _mm512_mask_sub_epi32(one, is_many, high_bits, one); /* than the width */
    const __m512i more = _mm512_mask_sub_epi32(one, is_many, _mm512_sllv_epi32(one, high_bits), one);
    return _mm512_add_epi32(_mm512_mullo_epi32(frequency, _mm512_sub_epi32(width, each_less)), more);
}

/* Whole vectors; the rest, and what may be wrong, is left to the plain way. */
WITH_AVX512 static bool sum_avx512(const uint32_t *frequencies, uint32_t from, uint32_t to, unsigned width,
                                   uint32_t *bits) {
    const __m512i widths = _mm512_set1_epi32((int)width), last = _mm512_set1_epi32(LANES - 1);
    const __m512i most = _mm512_set1_epi32((int)(width < FREQUENCY_BITS ? 1u << width : 1u << FREQUENCY_BITS));
    __m512i before = _mm512_set1_epi32((int)bits[from]);
    if (bits[from] > UINT32_MAX / 2) return sum_plain(frequencies, from, to, width, bits);
    for (; from + LANES <= to; from += LANES) {
        const __m512i frequency = _mm512_loadu_si512(frequencies + from);
        const __m512i less = _mm512_sub_epi32(frequency, _mm512_set1_epi32(1));
        if (_mm512_cmpge_epu32_mask(less, most) != 0) break;
        before = _mm512_add_epi32(before, lane_sums16(code_bits_of(frequency, less, widths)));
        _mm512_storeu_si512(bits + from + 1, before);
        before = _mm512_permutexvar_epi32(last, before);
    }
    return from == to || sum_plain(frequencies, from, to, width, bits);
}

static const struct positions_sum_function positions_sum_avx512 = {"AVX-512", sum_avx512};

const struct positions_sum_function *positions_sum_function_of(unsigned number) {
    const struct positions_sum_function *usable[2];
    unsigned count = 0;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd")) usable[count++] = &positions_sum_avx512;
    usable[count++] = &positions_sum_plain;
    return number < count ? usable[number] : NULL;
}
#else
const struct positions_sum_function *positions_sum_function_of(unsigned number) {
    return number == 0 ? &positions_sum_plain : NULL;
}
#endif
