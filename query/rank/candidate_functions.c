/* candidate_functions.c - see candidate_functions.h.
 *
 * Eight candidates are kept at a time by a permutation that brings those that pass to the front (Lemire, Boytsov, Kurz,
 * "SIMD compression and the intersection of sorted integers", 2016). A candidate is looked up by comparing it with the last
 * of each 16 reviews, then with the 16 that it can be among: no step waits for the one before, as those of a binary search
 * do, and none is taken by a branch. Many candidates are merged with the block, 16 against 16, where there is an
 * instruction for just that. */
#include "query/rank/candidate_functions.h"

#include "indexer/base/bitpack.h"
#include "indexer/base/bytes.h"

/* ---- plain ---- */

static void keep_plain(const struct candidates *candidates, const uint32_t *passes, struct candidates *kept) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < candidates->count; i++) {
        kept->docs[count] = candidates->docs[i];
        kept->postings[count] = candidates->postings[i];
        count += passes[i] & 1;
    }
    kept->count = count;
}

void candidate_functions_keep_above(const struct candidates *candidates, const float *bounds, float factor, float least,
                                    struct candidates *kept) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < candidates->count; i++) {
        kept->docs[count] = candidates->docs[i];
        kept->postings[count] = candidates->postings[i];
        count += bounds[i] * factor >= least;
    }
    kept->count = count;
}

static void take_plain(const uint32_t *docs, const uint32_t *frequencies, uint32_t count, uint32_t least,
                       struct candidates *taken) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        taken->docs[kept] = docs[i];
        taken->postings[kept] = i;
        kept += frequencies[i] >= least;
    }
    taken->count = kept;
}

void candidate_functions_take_frequent(const uint32_t *docs, const uint32_t *frequencies, uint32_t count, uint32_t least,
                                       struct taken_postings *taken) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        taken->docs[kept] = docs[i];
        taken->frequencies[kept] = frequencies[i];
        kept += frequencies[i] >= least;
    }
    taken->count = kept;
}

void candidate_functions_drop_long(struct taken_postings *taken, float value, double b, double average) {
    const float fixed = value * (float)(1 - b), slope = value * (float)(b / average);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < taken->count; i++) {
        const uint32_t frequency = taken->frequencies[i], length = taken->lengths[i];
        taken->docs[kept] = taken->docs[i];
        taken->frequencies[kept] = frequency;
        taken->lengths[kept] = length;
        kept += (float)(int32_t)frequency >= fixed + slope * (float)(int32_t)length;
    }
    taken->count = kept;
}

uint32_t candidate_functions_keep_scored(const int32_t *scores, const uint32_t *docs, const uint32_t *segments,
                                         uint32_t count, int32_t least, const struct scored_reviews *kept) {
    uint32_t kept_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        const int32_t score = scores[i];
        kept->scores[kept_count] = score;
        kept->docs[kept_count] = docs[i];
        if (segments) kept->segments[kept_count] = segments[i];
        kept_count += score >= least;
    }
    return kept_count;
}

static uint32_t up_to_plain(const uint32_t *docs, uint32_t count, uint32_t last) {
    uint32_t passed = 0;
    while (passed < count && docs[passed] <= last)
        passed++;
    return passed;
}

static uint32_t find_plain(const uint32_t *targets, uint32_t count, const uint32_t *docs, uint32_t *held, uint32_t *found) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t place = 0; /* none of those before it is the target */
        for (uint32_t step = CANDIDATES_MAX / 2; step > 0; step /= 2)
            place += docs[place + step - 1] < targets[i] ? step : 0;
        held[kept] = i;
        found[kept] = place;
        kept += docs[place] == targets[i];
    }
    return kept;
}

uint32_t candidate_functions_find_bits(const uint32_t *targets, uint32_t count, uint32_t first, const uint8_t *bits,
                                       const uint8_t *ones_before, uint32_t *held, uint32_t *found) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t bit = targets[i] - first;
        const uint64_t word = load_le64(bits + (size_t)(bit / 64) * 8);
        held[kept] = i;
        found[kept] = ones_before[bit / 64] + bit_count64(word & (((uint64_t)1 << bit % 64) - 1));
        kept += word >> bit % 64 & 1;
    }
    return kept;
}

const struct candidate_functions candidate_functions_plain = {
    .name = "plain",
    .keep = keep_plain,
    .keep_above = candidate_functions_keep_above,
    .take = take_plain,
    .take_frequent = candidate_functions_take_frequent,
    .drop_long = candidate_functions_drop_long,
    .keep_scored = candidate_functions_keep_scored,
    .up_to = up_to_plain,
    .find = find_plain,
    .find_bits = candidate_functions_find_bits,
};

#if defined(__x86_64__)
#include <immintrin.h>

#include <stdbool.h>

/* ---- AVX2 ---- */

#define WITH_AVX2 __attribute__((target("avx2,popcnt,bmi,bmi2")))
#define PART 16u /* reviews that are compared at once */

WITH_AVX2 static inline __m256i load8(const uint32_t *at) {
    return _mm256_loadu_si256((const __m256i *)(const void *)at);
}

WITH_AVX2 static inline unsigned set_of(__m256i lanes) {
    return (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(lanes));
}

/* The numbers of the members of a set of 0 to 7, ascending: a permutation that brings them to the front. */
WITH_AVX2 static inline __m256i order_of(unsigned set) {
    const uint64_t bytes = _pdep_u64(set, 0x0101010101010101u) * 0xFF;
    return _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)_pext_u64(0x0706050403020100u, bytes)));
}

WITH_AVX2 static inline void store_ordered(uint32_t *to, const uint32_t *from, __m256i order) {
    _mm256_storeu_si256((__m256i *)(void *)to, _mm256_permutevar8x32_epi32(load8(from), order));
}

WITH_AVX2 static void keep_avx2(const struct candidates *candidates, const uint32_t *passes, struct candidates *kept) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < candidates->count; i += 8) {
        unsigned set = set_of(load8(passes + i));
        if (candidates->count - i < 8) set &= (1u << (candidates->count - i)) - 1;
        const __m256i order = order_of(set);
        store_ordered(kept->docs + count, candidates->docs + i, order);
        store_ordered(kept->postings + count, candidates->postings + i, order);
        count += (uint32_t)__builtin_popcount(set);
    }
    kept->count = count;
}

WITH_AVX2 static void keep_above_avx2(const struct candidates *candidates, const float *bounds, float factor, float least,
                                      struct candidates *kept) {
    const __m256 factors = _mm256_set1_ps(factor), needed = _mm256_set1_ps(least);
    uint32_t count = 0;
    for (uint32_t i = 0; i < candidates->count; i += 8) {
        const __m256 most = _mm256_mul_ps(_mm256_loadu_ps(bounds + i), factors);
        unsigned set = (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(most, needed, _CMP_GE_OQ));
        if (candidates->count - i < 8) set &= (1u << (candidates->count - i)) - 1;
        const __m256i order = order_of(set);
        store_ordered(kept->docs + count, candidates->docs + i, order);
        store_ordered(kept->postings + count, candidates->postings + i, order);
        count += (uint32_t)__builtin_popcount(set);
    }
    kept->count = count;
}

WITH_AVX2 static void take_avx2(const uint32_t *docs, const uint32_t *frequencies, uint32_t count, uint32_t least,
                                struct candidates *taken) {
    const __m256i too_few = _mm256_set1_epi32((int)least - 1);
    __m256i numbers = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i += 8) {
        unsigned set = set_of(_mm256_cmpgt_epi32(load8(frequencies + i), too_few));
        if (count - i < 8) set &= (1u << (count - i)) - 1;
        const __m256i order = order_of(set);
        _mm256_storeu_si256((__m256i *)(void *)(taken->docs + kept), _mm256_permutevar8x32_epi32(load8(docs + i), order));
        _mm256_storeu_si256((__m256i *)(void *)(taken->postings + kept), _mm256_permutevar8x32_epi32(numbers, order));
        kept += (uint32_t)__builtin_popcount(set);
        numbers = _mm256_add_epi32(numbers, _mm256_set1_epi32(8));
    }
    taken->count = kept;
}

WITH_AVX2 static void take_frequent_avx2(const uint32_t *docs, const uint32_t *frequencies, uint32_t count, uint32_t least,
                                         struct taken_postings *taken) {
    const __m256i too_few = _mm256_set1_epi32((int)least - 1);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i += 8) {
        unsigned set = set_of(_mm256_cmpgt_epi32(load8(frequencies + i), too_few));
        if (count - i < 8) set &= (1u << (count - i)) - 1;
        const __m256i order = order_of(set);
        store_ordered(taken->docs + kept, docs + i, order);
        store_ordered(taken->frequencies + kept, frequencies + i, order);
        kept += (uint32_t)__builtin_popcount(set);
    }
    taken->count = kept;
}

WITH_AVX2 static void drop_long_avx2(struct taken_postings *taken, float value, double b, double average) {
    const __m256 fixed = _mm256_set1_ps(value * (float)(1 - b)), slope = _mm256_set1_ps(value * (float)(b / average));
    uint32_t kept = 0;
    for (uint32_t i = 0; i < taken->count; i += 8) {
        const __m256 frequencies = _mm256_cvtepi32_ps(load8(taken->frequencies + i)),
                     lengths = _mm256_cvtepi32_ps(load8(taken->lengths + i)),
                     needed = _mm256_add_ps(fixed, _mm256_mul_ps(slope, lengths));
        unsigned set = (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(frequencies, needed, _CMP_GE_OQ));
        if (taken->count - i < 8) set &= (1u << (taken->count - i)) - 1;
        const __m256i order = order_of(set);
        store_ordered(taken->docs + kept, taken->docs + i, order);
        store_ordered(taken->frequencies + kept, taken->frequencies + i, order);
        store_ordered(taken->lengths + kept, taken->lengths + i, order);
        kept += (uint32_t)__builtin_popcount(set);
    }
    taken->count = kept;
}

WITH_AVX2 static uint32_t up_to_avx2(const uint32_t *docs, uint32_t count, uint32_t last) {
    const __m256i limit = _mm256_set1_epi32((int)last);
    uint32_t passed = 0, here = 8;
    for (; passed < count && here == 8; passed += here)
        here = (uint32_t)_tzcnt_u32(set_of(_mm256_cmpgt_epi32(load8(docs + passed), limit)) | 0x100);
    return passed < count ? passed : count;
}

WITH_AVX2 static inline __m256i last_of_parts(const uint32_t *docs) {
    const int *last = (const int *)docs + PART - 1;
    return _mm256_setr_epi32(last[0], last[PART], last[2 * PART], last[3 * PART], last[4 * PART], last[5 * PART],
                             last[6 * PART], last[7 * PART]);
}

WITH_AVX2 static uint32_t find_avx2(const uint32_t *targets, uint32_t count, const uint32_t *docs, uint32_t *held,
                                    uint32_t *found) {
    const __m256i lasts = last_of_parts(docs);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        const __m256i target = _mm256_set1_epi32((int)targets[i]);
        const uint32_t part = PART * (uint32_t)__builtin_popcount(set_of(_mm256_cmpgt_epi32(target, lasts)));
        const unsigned low = set_of(_mm256_cmpeq_epi32(target, load8(docs + part)));
        const unsigned high = set_of(_mm256_cmpeq_epi32(target, load8(docs + part + 8)));
        const unsigned equal = low | high << 8;
        held[kept] = i;
        found[kept] = part + (uint32_t)_tzcnt_u32(equal);
        kept += equal != 0;
    }
    return kept;
}

/* The ones below a bit are counted by one instruction. */
WITH_AVX2 static uint32_t find_bits_avx2(const uint32_t *targets, uint32_t count, uint32_t first, const uint8_t *bits,
                                         const uint8_t *ones_before, uint32_t *held, uint32_t *found) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t bit = targets[i] - first;
        const uint64_t word = load_le64(bits + (size_t)(bit / 64) * 8);
        held[kept] = i;
        found[kept] = ones_before[bit / 64] + (uint32_t)_mm_popcnt_u64(_bzhi_u64(word, bit % 64));
        kept += word >> bit % 64 & 1;
    }
    return kept;
}

static bool has_avx2(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2");
}
static const struct candidate_functions functions_avx2 = {
    .name = "AVX2",
    .keep = keep_avx2,
    .keep_above = keep_above_avx2,
    .take = take_avx2,
    .take_frequent = take_frequent_avx2,
    .drop_long = drop_long_avx2,
    .keep_scored = candidate_functions_keep_scored,
    .up_to = up_to_avx2,
    .find = find_avx2,
    .find_bits = find_bits_avx2,
};

/* ---- AVX-512 with VP2INTERSECT ---- */

#define WITH_AVX512 __attribute__((target("avx512f,avx512vp2intersect,avx2,popcnt,bmi,bmi2")))
#define MERGED_LEAST 6u /* targets that are merged; fewer are looked up one by one */

WITH_AVX512 static inline __mmask16 first_of_16(uint32_t count) {
    return (__mmask16)(count < 16 ? (1u << count) - 1 : 0xFFFFu);
}

WITH_AVX512 static inline void store_set(uint32_t *to, __mmask16 set, __m512i lanes) {
    _mm512_storeu_si512(to, _mm512_maskz_compress_epi32(set, lanes));
}

WITH_AVX512 static void keep_avx512(const struct candidates *candidates, const uint32_t *passes, struct candidates *kept) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < candidates->count; i += 16) {
        const __m512i flags = _mm512_loadu_si512(passes + i);
        const __mmask16 set = _mm512_mask_test_epi32_mask(first_of_16(candidates->count - i), flags, flags);
        const __m512i docs = _mm512_loadu_si512(candidates->docs + i),
                      postings = _mm512_loadu_si512(candidates->postings + i);
        _mm512_storeu_si512(kept->docs + count, _mm512_maskz_compress_epi32(set, docs));
        _mm512_storeu_si512(kept->postings + count, _mm512_maskz_compress_epi32(set, postings));
        count += (uint32_t)__builtin_popcount(set);
    }
    kept->count = count;
}

WITH_AVX512 static void keep_above_avx512(const struct candidates *candidates, const float *bounds, float factor,
                                          float least, struct candidates *kept) {
    const __m512 factors = _mm512_set1_ps(factor), needed = _mm512_set1_ps(least);
    uint32_t count = 0;
    for (uint32_t i = 0; i < candidates->count; i += 16) {
        const __m512 most = _mm512_mul_ps(_mm512_loadu_ps(bounds + i), factors);
        const __mmask16 set = _mm512_mask_cmp_ps_mask(first_of_16(candidates->count - i), most, needed, _CMP_GE_OQ);
        store_set(kept->docs + count, set, _mm512_loadu_si512(candidates->docs + i));
        store_set(kept->postings + count, set, _mm512_loadu_si512(candidates->postings + i));
        count += (uint32_t)__builtin_popcount(set);
    }
    kept->count = count;
}

WITH_AVX512 static void take_avx512(const uint32_t *docs, const uint32_t *frequencies, uint32_t count, uint32_t least,
                                    struct candidates *taken) {
    const __m512i enough = _mm512_set1_epi32((int)least);
    __m512i numbers = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i += 16) {
        const __mmask16 set =
            _mm512_mask_cmpge_epi32_mask(first_of_16(count - i), _mm512_loadu_si512(frequencies + i), enough);
        _mm512_storeu_si512(taken->docs + kept, _mm512_maskz_compress_epi32(set, _mm512_loadu_si512(docs + i)));
        _mm512_storeu_si512(taken->postings + kept, _mm512_maskz_compress_epi32(set, numbers));
        kept += (uint32_t)__builtin_popcount(set);
        numbers = _mm512_add_epi32(numbers, _mm512_set1_epi32(16));
    }
    taken->count = kept;
}

WITH_AVX512 static void take_frequent_avx512(const uint32_t *docs, const uint32_t *frequencies, uint32_t count,
                                             uint32_t least, struct taken_postings *taken) {
    const __m512i enough = _mm512_set1_epi32((int)least);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i += 16) {
        const __m512i of_16 = _mm512_loadu_si512(frequencies + i);
        const __mmask16 set = _mm512_mask_cmpge_epi32_mask(first_of_16(count - i), of_16, enough);
        store_set(taken->docs + kept, set, _mm512_loadu_si512(docs + i));
        store_set(taken->frequencies + kept, set, of_16);
        kept += (uint32_t)__builtin_popcount(set);
    }
    taken->count = kept;
}

WITH_AVX512 static void drop_long_avx512(struct taken_postings *taken, float value, double b, double average) {
    const __m512 fixed = _mm512_set1_ps(value * (float)(1 - b)), slope = _mm512_set1_ps(value * (float)(b / average));
    uint32_t kept = 0;
    for (uint32_t i = 0; i < taken->count; i += 16) {
        const __m512i docs = _mm512_loadu_si512(taken->docs + i), lengths = _mm512_loadu_si512(taken->lengths + i),
                      frequencies = _mm512_loadu_si512(taken->frequencies + i);
        const __m512 needed = _mm512_add_ps(fixed, _mm512_mul_ps(slope, _mm512_cvtepi32_ps(lengths)));
        const __mmask16 set =
            _mm512_mask_cmp_ps_mask(first_of_16(taken->count - i), _mm512_cvtepi32_ps(frequencies), needed, _CMP_GE_OQ);
        store_set(taken->docs + kept, set, docs);
        store_set(taken->frequencies + kept, set, frequencies);
        store_set(taken->lengths + kept, set, lengths);
        kept += (uint32_t)__builtin_popcount(set);
    }
    taken->count = kept;
}

WITH_AVX512 static uint32_t keep_scored_avx512(const int32_t *scores, const uint32_t *docs, const uint32_t *segments,
                                               uint32_t count, int32_t least, const struct scored_reviews *kept) {
    const __m512i enough = _mm512_set1_epi32(least);
    uint32_t kept_count = 0;
    for (uint32_t i = 0; i < count; i += 16) {
        const __mmask16 are_there = first_of_16(count - i);
        const __m512i some = _mm512_maskz_loadu_epi32(are_there, scores + i),
                      their_docs = _mm512_maskz_loadu_epi32(are_there, docs + i);
        const __mmask16 set = _mm512_mask_cmpge_epi32_mask(are_there, some, enough);
        if (segments) store_set(kept->segments + kept_count, set, _mm512_maskz_loadu_epi32(are_there, segments + i));
        _mm512_storeu_si512(kept->scores + kept_count, _mm512_maskz_compress_epi32(set, some));
        store_set(kept->docs + kept_count, set, their_docs);
        kept_count += (uint32_t)__builtin_popcount(set);
    }
    return kept_count;
}

WITH_AVX512 static uint32_t up_to_avx512(const uint32_t *docs, uint32_t count, uint32_t last) {
    const __m512i limit = _mm512_set1_epi32((int)last);
    uint32_t passed = 0, here = 16;
    for (; passed < count && here == 16; passed += here)
        here = (uint32_t)__builtin_popcount(
            _mm512_mask_cmple_epi32_mask(first_of_16(count - passed), _mm512_loadu_si512(docs + passed), limit));
    return passed < count ? passed : count;
}

/* Of 16 targets and 16 docs those go on whose last is not above the others'; what is behind the targets is above all. */
WITH_AVX512 static uint32_t find_avx512(const uint32_t *targets, uint32_t count, const uint32_t *docs, uint32_t *held,
                                        uint32_t *found) {
    const __m512i numbers = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    uint32_t kept = 0, target = 0, doc = 0;
    if (count < MERGED_LEAST) return find_avx2(targets, count, docs, held, found);
    while (target < count && doc < CANDIDATES_MAX) {
        const __m512i some = _mm512_mask_loadu_epi32(_mm512_set1_epi32(-1), first_of_16(count - target), targets + target);
        __mmask16 of_targets, of_docs;
        _mm512_2intersect_epi32(some, _mm512_loadu_si512(docs + doc), &of_targets, &of_docs);
        const __m512i held_numbers = _mm512_add_epi32(numbers, _mm512_set1_epi32((int)target));
        const __m512i found_numbers = _mm512_add_epi32(numbers, _mm512_set1_epi32((int)doc));
        _mm512_storeu_si512(held + kept, _mm512_maskz_compress_epi32(of_targets, held_numbers));
        _mm512_storeu_si512(found + kept, _mm512_maskz_compress_epi32(of_docs, found_numbers));
        kept += (uint32_t)__builtin_popcount(of_targets);
        const uint32_t last_target = target + 16 <= count ? targets[target + 15] : UINT32_MAX, last_doc = docs[doc + 15];
        target += last_target <= last_doc ? 16 : 0;
        doc += last_doc <= last_target ? 16 : 0;
    }
    return kept;
}

static bool has_avx512(void) {
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vp2intersect");
}
static const struct candidate_functions functions_avx512 = {
    .name = "AVX-512",
    .keep = keep_avx512,
    .keep_above = keep_above_avx512,
    .take = take_avx512,
    .take_frequent = take_frequent_avx512,
    .drop_long = drop_long_avx512,
    .keep_scored = keep_scored_avx512,
    .up_to = up_to_avx512,
    .find = find_avx512,
    .find_bits = find_bits_avx2,
};

const struct candidate_functions *candidate_functions_of(unsigned number) {
    const struct candidate_functions *usable[3];
    unsigned count = 0;
    if (has_avx512()) usable[count++] = &functions_avx512;
    if (has_avx2()) usable[count++] = &functions_avx2;
    usable[count++] = &candidate_functions_plain;
    return number < count ? usable[number] : NULL;
}
#elif defined(__aarch64__)
const struct candidate_functions *candidate_functions_of(unsigned number) {
    return number == 0 ? &candidate_functions_neon : number == 1 ? &candidate_functions_plain : NULL;
}
#else
const struct candidate_functions *candidate_functions_of(unsigned number) {
    return number == 0 ? &candidate_functions_plain : NULL;
}
#endif
