/* lane_sums.h - sums within a vector: what adding up a run sixteen values at a time is made of. */
#ifndef REVUE_BASE_LANE_SUMS_H
#define REVUE_BASE_LANE_SUMS_H

#if defined(__x86_64__)
#include <immintrin.h>

/* Each lane becomes the sum of all up to it, modulo 2^32. For processors with AVX-512. */
__attribute__((target("avx512f"))) static inline __m512i lane_sums16(__m512i values) {
    const __m512i zero = _mm512_setzero_si512();
    values = _mm512_add_epi32(values, _mm512_alignr_epi32(values, zero, 15));
    values = _mm512_add_epi32(values, _mm512_alignr_epi32(values, zero, 14));
    values = _mm512_add_epi32(values, _mm512_alignr_epi32(values, zero, 12));
    return _mm512_add_epi32(values, _mm512_alignr_epi32(values, zero, 8));
}
#endif

#endif
