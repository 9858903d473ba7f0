/* sift.c - see sift.h. No branch: nothing can foresee which terms are wanted. AVX-512 VBMI2 puts the places of sixteen
 * terms side by side with one instruction. */
#include "indexer/invert/sift.h"

#include <stdbool.h>
#include <stddef.h>

static uint32_t sift_plain(const uint32_t *terms, uint32_t count, uint32_t least, uint32_t span,
                           uint8_t places[SIFT_ROOM]) {
    uint32_t found = 0;
    for (uint32_t i = 0; i < count; i++) {
        places[found] = (uint8_t)i;
        found += terms[i] - least < span;
    }
    return found;
}

#if defined(__x86_64__)
#include <immintrin.h>

#define WITH_VBMI2 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi2,popcnt")))

WITH_VBMI2 static uint32_t sift_vbmi2(const uint32_t *terms, uint32_t count, uint32_t least, uint32_t span,
                                      uint8_t places[SIFT_ROOM]) {
    const __m512i first = _mm512_set1_epi32((int)least), end = _mm512_set1_epi32((int)span);
    __m128i numbers = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    uint32_t found = 0;
    for (uint32_t i = 0; i < count; i += 16) {
        const __mmask16 there = (__mmask16)(count - i < 16 ? (1u << (count - i)) - 1 : 0xFFFFu);
        const __m512i distances = _mm512_sub_epi32(_mm512_maskz_loadu_epi32(there, terms + i), first);
        const __mmask16 wanted = _mm512_mask_cmplt_epu32_mask(there, distances, end);
        _mm_storeu_si128((__m128i *)(void *)(places + found), _mm_maskz_compress_epi8(wanted, numbers));
        numbers = _mm_add_epi8(numbers, _mm_set1_epi8(16));
        found += (uint32_t)__builtin_popcount(wanted);
    }
    return found;
}

sift_terms *sift_terms_of(unsigned way) {
    bool is_fast = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                   __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi2") &&
                   __builtin_cpu_supports("popcnt");
    if (is_fast && way-- == 0) return sift_vbmi2;
    return way == 0 ? sift_plain : NULL;
}
#else
sift_terms *sift_terms_of(unsigned way) {
    return way == 0 ? sift_plain : NULL;
}
#endif
