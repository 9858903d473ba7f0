/* bitpack_sums.c - see bitpack_sums.h.
 *
 * Eight values of a run are as many bytes as one has bits, so that every eight begin with a byte, and the bytes that a
 * value lies in are the same for all eights: one instruction (AVX-512 VBMI) brings them into lanes of 64 bits, another
 * shifts each lane as it has to be. Sixteen values are summed up in four steps. */
#include "indexer/base/bitpack_sums.h"

#include "indexer/base/lane_sums.h"

#include <assert.h>
#include <string.h>

/* ---- plain ---- */

typedef uint32_t lanes __attribute__((vector_size(16)));

#define LANES 4u

/* Sums within each vector do not wait for the vector before: between vectors there is one addition. */
static void sum_block_plain(uint32_t *values, uint32_t before) {
    const lanes zero = {0};
    lanes base = {before, before, before, before};
    for (unsigned i = 0; i < BITPACK_BLOCK; i += LANES) {
        lanes sum;
        memcpy(&sum, values + i, sizeof sum);
        sum += __builtin_shufflevector(zero, sum, 3, 4, 5, 6);
        sum += __builtin_shufflevector(zero, sum, 2, 3, 4, 5);
        const lanes based = sum + base;
        memcpy(values + i, &based, sizeof based);
        base += __builtin_shufflevector(sum, sum, 3, 3, 3, 3);
    }
}

static uint32_t sums_plain(const uint8_t *in, uint32_t count, unsigned width, uint32_t before, uint32_t *sums) {
    const uint64_t mask = width ? UINT32_MAX >> (32 - width) : 0;
    uint32_t least = UINT32_MAX;
    size_t bit = 0;
    for (uint32_t i = 0; i < count; i++, bit += width) {
        uint64_t word = 0;
        if (width > 0) memcpy(&word, in + (bit >> 3), sizeof word);
        const uint32_t value = (uint32_t)(word >> (bit & 7) & mask);
        least = value < least ? value : least;
        sums[i] = before += value;
    }
    return least;
}

static const struct bitpack_sum_functions functions_plain = {"plain", sums_plain, sum_block_plain};

#if defined(__x86_64__)
#include <immintrin.h>

/* ---- AVX-512 with VBMI ---- */

#define WITH_VBMI __attribute__((target("avx512f,avx512bw,avx512vbmi")))

/* How the values of an eight are taken from its bytes. */
struct eight {
    __m512i places; /* of the bytes of each lane */
    __m512i shifts, mask;
};

WITH_VBMI static inline struct eight eight_of(unsigned width) {
    const __m512i bits = _mm512_mul_epu32(_mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7), _mm512_set1_epi64((long long)width));
    const __m512i low_bytes = _mm512_broadcast_i32x4(_mm_set_epi64x(0x0808080808080808, 0)); /* of both lanes of 16 */
    const __m512i first = _mm512_shuffle_epi8(_mm512_srli_epi64(bits, 3), low_bytes);
    return (struct eight){
        .places = _mm512_add_epi8(first, _mm512_set1_epi64(0x0706050403020100)),
        .shifts = _mm512_and_si512(bits, _mm512_set1_epi64(7)),
        .mask = _mm512_set1_epi64(((long long)1 << width) - 1),
    };
}

/* Of the bytes at in no more than left are read. */
WITH_VBMI static inline __m256i take_eight(const struct eight *eight, const uint8_t *in, size_t left, unsigned width) {
    const size_t bytes = left < width ? left : width;
    const __m512i data = _mm512_maskz_loadu_epi8(((__mmask64)1 << bytes) - 1, in);
    const __m512i placed = _mm512_permutexvar_epi8(eight->places, data);
    return _mm512_cvtepi64_epi32(_mm512_and_si512(_mm512_srlv_epi64(placed, eight->shifts), eight->mask));
}

WITH_VBMI static uint32_t sums_vbmi(const uint8_t *in, uint32_t count, unsigned width, uint32_t before, uint32_t *sums) {
    const struct eight eight = eight_of(width);
    const size_t size = bitpack_size(count, width);
    __m512i least = _mm512_set1_epi32(-1), base = _mm512_set1_epi32((int)before);
    for (uint32_t i = 0; i < count; i += BITPACK_SUMS_ROUND) {
        const size_t at = (size_t)i / 8 * width, second = at + width < size ? at + width : size;
        const __m512i values = _mm512_inserti64x4(_mm512_castsi256_si512(take_eight(&eight, in + at, size - at, width)),
                                                  take_eight(&eight, in + second, size - second, width), 1);
        const __mmask16 there = (__mmask16)(count - i < 16 ? (1u << (count - i)) - 1 : 0xFFFFu);
        least = _mm512_mask_min_epu32(least, there, least, values);
        const __m512i summed = _mm512_add_epi32(lane_sums16(values), base);
        _mm512_storeu_si512(sums + i, summed);
        base = _mm512_permutexvar_epi32(_mm512_set1_epi32(15), summed);
    }
    return _mm512_reduce_min_epu32(least);
}

WITH_VBMI static void sum_block_vbmi(uint32_t *values, uint32_t before) {
    __m512i base = _mm512_set1_epi32((int)before);
    for (unsigned i = 0; i < BITPACK_BLOCK; i += 16) {
        const __m512i sums = lane_sums16(_mm512_loadu_si512(values + i));
        _mm512_storeu_si512(values + i, _mm512_add_epi32(sums, base));
        base = _mm512_add_epi32(base, _mm512_permutexvar_epi32(_mm512_set1_epi32(15), sums));
    }
}

static const struct bitpack_sum_functions functions_vbmi = {"AVX-512 VBMI", sums_vbmi, sum_block_vbmi};

static bool has_vbmi(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi");
}

const struct bitpack_sum_functions *bitpack_sum_functions_of(unsigned way) {
    if (has_vbmi() && way-- == 0) return &functions_vbmi;
    return way == 0 ? &functions_plain : NULL;
}
#else
const struct bitpack_sum_functions *bitpack_sum_functions_of(unsigned way) {
    return way == 0 ? &functions_plain : NULL;
}
#endif

uint32_t bitpack_decode_sums(const uint8_t *in, uint32_t count, unsigned width, uint32_t before, uint32_t *sums) {
    assert(width <= 32 && count > 0 && count < BITPACK_BLOCK);
    return bitpack_sum_functions_of(0)->sums(in, count, width, before, sums);
}

void bitpack_prefix_sum(uint32_t *values, uint32_t count, uint32_t before) {
    if (count == BITPACK_BLOCK) {
        bitpack_sum_functions_of(0)->sum_block(values, before);
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        values[i] = before += values[i];
}
