/* bitset.c - see bitset.h.
 *
 * The words of a block are dense, so that taking the ones one by one would mispredict more than the ways below do in vain:
 * four bits give a vector by a table; or 64 bits, by an instruction that moves the bytes that a mask names to the front,
 * all numbers at once. What is written behind a word's numbers is written over by the next one's. */
#include "indexer/base/bitset.h"

#include "indexer/base/bitpack.h"

#include <string.h>

static inline uint64_t load_word(const uint8_t *in, uint32_t index) {
    uint64_t word;
    memcpy(&word, in + (size_t)index * sizeof word, sizeof word);
    return word;
}

/* ---- plain ---- */

typedef uint32_t lanes __attribute__((vector_size(16)));

static const lanes ones_of_nibble[16] = {
    {0}, {0},    {1},    {0, 1},    {2},    {0, 2},    {1, 2},    {0, 1, 2},
    {3}, {0, 3}, {1, 3}, {0, 1, 3}, {2, 3}, {0, 2, 3}, {1, 2, 3}, {0, 1, 2, 3},
};
static const uint8_t count_of_nibble[16] = {0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4};

/* Four bits give a vector, of which as many numbers count as there are ones. */
static uint32_t *put_ones(uint64_t word, uint32_t first, uint32_t *numbers) {
    lanes base = {first, first, first, first};
    for (unsigned nibble = 0; nibble < 16; nibble++, word >>= 4) {
        const lanes found = ones_of_nibble[word & 15] + base;
        memcpy(numbers, &found, sizeof found);
        numbers += count_of_nibble[word & 15];
        base += 4;
    }
    return numbers;
}

static bool numbers_plain(const uint8_t *in, uint32_t words, uint32_t count, uint32_t first, uint32_t *numbers) {
    uint32_t left = count;
    for (uint32_t i = 0; i < words; i++, first += 64) {
        const uint64_t word = load_word(in, i);
        const unsigned ones = bit_count64(word);
        if (ones > left) return false;
        left -= ones;
        numbers = put_ones(word, first, numbers);
    }
    return left == 0;
}

static uint32_t ones_before_plain(const uint8_t *in, uint32_t words, uint8_t *before) {
    uint32_t ones = 0;
    for (uint32_t i = 0; i < words; i++) {
        before[i] = (uint8_t)ones;
        ones += bit_count64(load_word(in, i));
    }
    return ones;
}

static const struct bitset_functions functions_plain = {"plain", numbers_plain, ones_before_plain};

#if defined(__x86_64__)
#include <immintrin.h>

/* ---- AVX-512 with VBMI2 ---- */

#define WITH_VBMI2 __attribute__((target("avx512f,avx512bw,avx512vbmi2,avx512vpopcntdq,popcnt")))

WITH_VBMI2 static inline void put_sixteen(__m128i found, __m512i base, uint32_t *numbers) {
    _mm512_storeu_si512(numbers, _mm512_add_epi32(_mm512_cvtepu8_epi32(found), base));
}

/* Mostly there are no more than 16. */
WITH_VBMI2 static inline void put_ones_vbmi2(uint64_t word, unsigned ones, __m512i bytes, __m512i base, uint32_t *numbers) {
    const __m512i found = _mm512_maskz_compress_epi8(word, bytes);
    put_sixteen(_mm512_castsi512_si128(found), base, numbers);
    if (ones > 16) put_sixteen(_mm512_extracti32x4_epi32(found, 1), base, numbers + 16);
    if (ones > 32) put_sixteen(_mm512_extracti32x4_epi32(found, 2), base, numbers + 32);
    if (ones > 48) put_sixteen(_mm512_extracti32x4_epi32(found, 3), base, numbers + 48);
}

WITH_VBMI2 static bool numbers_vbmi2(const uint8_t *in, uint32_t words, uint32_t count, uint32_t first, uint32_t *numbers) {
    uint8_t from_zero[64];
    for (unsigned i = 0; i < sizeof from_zero; i++)
        from_zero[i] = (uint8_t)i;
    const __m512i bytes = _mm512_loadu_si512(from_zero);
    uint32_t left = count;
    for (uint32_t i = 0; i < words; i++, first += 64) {
        const uint64_t word = load_word(in, i);
        const unsigned ones = (unsigned)_mm_popcnt_u64(word);
        if (ones > left) return false;
        left -= ones;
        put_ones_vbmi2(word, ones, bytes, _mm512_set1_epi32((int)first), numbers);
        numbers += ones;
    }
    return left == 0;
}

/* Eight counts are the bytes of a word, which a multiplication sums up. */
WITH_VBMI2 static uint32_t ones_before_vbmi2(const uint8_t *in, uint32_t words, uint8_t *before) {
    const uint64_t each = 0x0101010101010101u;
    __m512i all = _mm512_setzero_si512();
    uint64_t ones = 0; /* before the eight words */
    for (uint32_t i = 0; i < words; i += 8) {
        const __mmask8 there = (__mmask8)(words - i < 8 ? (1u << (words - i)) - 1 : 0xFFu);
        const __m512i counts = _mm512_popcnt_epi64(_mm512_maskz_loadu_epi64(there, in + (size_t)i * 8));
        const uint64_t sums = (uint64_t)_mm_cvtsi128_si64(_mm512_cvtepi64_epi8(counts)) * each;
        const uint64_t ranks = (sums << 8) + ones * each;
        memcpy(before + i, &ranks, sizeof ranks);
        ones += sums >> 56;
        all = _mm512_add_epi64(all, counts);
    }
    return (uint32_t)_mm512_reduce_add_epi64(all);
}

static const struct bitset_functions functions_vbmi2 = {"AVX-512 VBMI2", numbers_vbmi2, ones_before_vbmi2};

static bool has_vbmi2(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512vpopcntdq") &&
           __builtin_cpu_supports("popcnt");
}

const struct bitset_functions *bitset_functions_of(unsigned way) {
    if (has_vbmi2() && way-- == 0) return &functions_vbmi2;
    return way == 0 ? &functions_plain : NULL;
}

bool bitset_numbers(const uint8_t *in, uint32_t words, uint32_t count, uint32_t first, uint32_t *numbers) {
    return has_vbmi2() ? numbers_vbmi2(in, words, count, first, numbers) : numbers_plain(in, words, count, first, numbers);
}

uint32_t bitset_ones_before(const uint8_t *in, uint32_t words, uint8_t *before) {
    return has_vbmi2() ? ones_before_vbmi2(in, words, before) : ones_before_plain(in, words, before);
}
#else
const struct bitset_functions *bitset_functions_of(unsigned way) {
    return way == 0 ? &functions_plain : NULL;
}

bool bitset_numbers(const uint8_t *in, uint32_t words, uint32_t count, uint32_t first, uint32_t *numbers) {
    return numbers_plain(in, words, count, first, numbers);
}

uint32_t bitset_ones_before(const uint8_t *in, uint32_t words, uint8_t *before) {
    return ones_before_plain(in, words, before);
}
#endif
