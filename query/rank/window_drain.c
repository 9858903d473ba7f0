/* window_drain.c - what a window of scores has to offer (scored_leaf.h).
 *
 * Of a window's touched reviews few reach the threshold, but every one of them has to be looked at, and its score put back
 * to 0: one by one 7 % of what a long question takes. Where many are touched sixteen are looked at together, and those that
 * pass are brought together by one instruction. */
#include "query/rank/scored_leaf.h"

/* The touched reviews of one word of bits, one by one; gives how many candidates there are then. */
static inline uint32_t drain_word(struct score_window *window, uint32_t word, int32_t least,
                                  struct score_candidates *candidates, uint32_t count) {
    for (uint64_t bits = window->touched[word]; bits; bits &= bits - 1) {
        uint32_t at = word * 64 + (uint32_t)__builtin_ctzll(bits);
        candidates->docs[count] = window->from + at;
        candidates->scores[count] = window->scores[at];
        count += window->scores[at] >= least;
        window->scores[at] = 0;
    }
    window->touched[word] = 0;
    return count;
}

void score_window_drain_plain(struct score_window *window, int32_t least, struct score_candidates *candidates) {
    uint32_t count = 0;
    for (uint32_t word = 0; word < SCORE_WINDOW / 64; word++)
        count = drain_word(window, word, least, candidates, count);
    candidates->count = count;
}

#if defined(__x86_64__)
#include <immintrin.h>

#define FEW 8 /* touched reviews of 64 that are taken one by one */

/* Whole vectors are written: no more than are before at stand before them. */
__attribute__((target("avx512f,popcnt"))) static void drain_avx512(struct score_window *window, int32_t least,
                                                                   struct score_candidates *candidates) {
    const __m512i enough = _mm512_set1_epi32(least);
    const __m512i numbers = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    uint32_t count = 0;
    for (uint32_t word = 0; word < SCORE_WINDOW / 64; word++) {
        uint32_t at = word * 64;
        if (__builtin_popcountll(window->touched[word]) < FEW) {
            count = drain_word(window, word, least, candidates, count);
            continue;
        }
        for (uint64_t bits = window->touched[word]; bits; bits >>= 16, at += 16) {
            const __m512i scores = _mm512_loadu_si512(window->scores + at);
            const __mmask16 passes = _mm512_mask_cmpge_epi32_mask((__mmask16)bits, scores, enough);
            _mm512_storeu_si512(window->scores + at, _mm512_setzero_si512());
            if (!passes) continue; /* mostly */
            const __m512i docs = _mm512_add_epi32(numbers, _mm512_set1_epi32((int)(window->from + at)));
            _mm512_storeu_si512(candidates->docs + count, _mm512_maskz_compress_epi32(passes, docs));
            _mm512_storeu_si512(candidates->scores + count, _mm512_maskz_compress_epi32(passes, scores));
            count += (uint32_t)__builtin_popcount(passes);
        }
        window->touched[word] = 0;
    }
    candidates->count = count;
}

void score_window_drain(struct score_window *window, int32_t least, struct score_candidates *candidates) {
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("popcnt"))
        drain_avx512(window, least, candidates);
    else
        score_window_drain_plain(window, least, candidates);
}
#else
void score_window_drain(struct score_window *window, int32_t least, struct score_candidates *candidates) {
    score_window_drain_plain(window, least, candidates);
}
#endif
