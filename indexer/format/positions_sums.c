/* positions_sums.c - see positions.h: where the codes of a run's postings lie, summed up four or sixteen postings at a time.
 *
 * Four lanes find logarithms in the bits of floats, which any processor can make; sixteen count leading zeros. */
#include "indexer/format/positions.h"
#include "indexer/format/postings.h"

/* ---- plain ---- */

static bool sum_singles_plain(const uint32_t *frequencies, const uint32_t *lengths, uint32_t count,
                              struct positions_sums *sums) {
    uint32_t bits = sums->single_bits[0] = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (lengths[i] == 0) return false;
        bits += frequencies[i] == 1 ? positions_single_width(lengths[i]) : 0;
        sums->single_bits[i + 1] = bits;
    }
    return true;
}

static bool sum_several_plain(const uint32_t *frequencies, const uint32_t *lengths, uint32_t count,
                              struct positions_sums *sums) {
    uint64_t rest_bits = 0, quotients = 0;
    sums->rest_bits[0] = sums->quotients[0] = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t frequency = frequencies[i];
        if (frequency == 0 || frequency > lengths[i]) return false;
        rest_bits += frequency > 1 ? (uint64_t)frequency * positions_rice_parameter(frequency, lengths[i]) : 0;
        quotients += frequency > 1 ? frequency : 0;
        if (rest_bits > UINT32_MAX || quotients > UINT32_MAX) return false;
        sums->rest_bits[i + 1] = (uint32_t)rest_bits;
        sums->quotients[i + 1] = (uint32_t)quotients;
    }
    return true;
}

const struct positions_sum_functions positions_sum_plain = {"plain", sum_singles_plain, sum_several_plain};

/* ---- four lanes ---- */

#define LANES 4u
typedef uint32_t lanes __attribute__((vector_size(4 * LANES)));
typedef int32_t signed_lanes __attribute__((vector_size(4 * LANES)));
#define FRACTION_BITS 23 /* of a float: whole numbers of one bit more are exact */
#define EXPONENT_BIAS 127
#define FREQUENCY_BITS 16

static inline lanes load_lanes(const uint32_t *at) {
    lanes loaded;
    memcpy(&loaded, at, sizeof loaded);
    return loaded;
}

/* The bits of floats: those of larger numbers are larger, and each doubling adds the same. */
static inline lanes float_bits(lanes values) {
    typedef float float_lanes __attribute__((vector_size(4 * LANES)));
    return (lanes) __builtin_convertvector((signed_lanes)values, float_lanes);
}

/* Each lane becomes the sum of all up to it, and of those before; *before becomes the last. */
static inline void put_sums(uint32_t *sums, lanes values, lanes *before) {
    const lanes zero = {0};
    values += __builtin_shufflevector(zero, values, 3, 4, 5, 6);
    values += __builtin_shufflevector(zero, values, 2, 3, 4, 5);
    values += *before;
    memcpy(sums, &values, sizeof values);
    *before = __builtin_shufflevector(values, values, 3, 3, 3, 3);
}

static inline bool is_any(lanes set) {
    return (set[0] | set[1] | set[2] | set[3]) != 0;
}

/* Of a whole run. False when a length is 0 or too large for this way. ceil(log2 L) is floor(log2(2 L - 1)). */
static bool sum_single_lanes(const uint32_t *frequencies, const uint32_t *lengths, struct positions_sums *sums) {
    lanes bits = {0}, wrong = {0};
    sums->single_bits[0] = 0;
    for (uint32_t i = 0; i < POSITIONS_RUN; i += LANES) {
        const lanes frequency = load_lanes(frequencies + i), length = load_lanes(lengths + i);
        const lanes width = (float_bits(2 * length - 1) >> FRACTION_BITS) - EXPONENT_BIAS;
        wrong |= (length - 1) >> FRACTION_BITS;
        put_sums(sums->single_bits + i + 1, width & (lanes)(frequency == 1), &bits);
    }
    return !is_any(wrong);
}

/* Of two floats' bits the difference, shifted, is the logarithm of their quotient, rounded down: without a division. */
static bool sum_several_lanes(const uint32_t *frequencies, const uint32_t *lengths, struct positions_sums *sums) {
    lanes rest_bits = {0}, quotients = {0}, wrong = {0};
    sums->rest_bits[0] = sums->quotients[0] = 0;
    for (uint32_t i = 0; i < POSITIONS_RUN; i += LANES) {
        const lanes frequency = load_lanes(frequencies + i), length = load_lanes(lengths + i);
        const lanes free_places = length - frequency, codes = frequency & ~(lanes)(frequency == 1);
        const lanes logarithm = (float_bits(free_places) - float_bits(frequency + 1)) >> FRACTION_BITS;
        const lanes parameter = logarithm & (lanes)((signed_lanes)free_places > (signed_lanes)frequency);
        wrong |= (frequency - 1) >> FREQUENCY_BITS | length >> FRACTION_BITS | free_places >> FRACTION_BITS;
        put_sums(sums->rest_bits + i + 1, codes * parameter, &rest_bits);
        put_sums(sums->quotients + i + 1, codes, &quotients);
    }
    return !is_any(wrong);
}

static bool sum_singles_four(const uint32_t *frequencies, const uint32_t *lengths, uint32_t count,
                             struct positions_sums *sums) {
    return (count == POSITIONS_RUN && sum_single_lanes(frequencies, lengths, sums)) ||
           sum_singles_plain(frequencies, lengths, count, sums);
}

static bool sum_several_four(const uint32_t *frequencies, const uint32_t *lengths, uint32_t count,
                             struct positions_sums *sums) {
    return (count == POSITIONS_RUN && sum_several_lanes(frequencies, lengths, sums)) ||
           sum_several_plain(frequencies, lengths, count, sums);
}

static const struct positions_sum_functions sum_four = {"four lanes", sum_singles_four, sum_several_four};

/* ---- AVX-512 ---- */

#if defined(__x86_64__)
#include <immintrin.h>

#define WITH_AVX512 __attribute__((target("avx512f,avx512cd")))

WITH_AVX512 static inline __m512i load_sixteen(const uint32_t *at) {
    return _mm512_loadu_si512(at);
}

/* Each lane becomes the sum of all up to it, and of those before; *before becomes the last. */
WITH_AVX512 static inline void put_sixteen_sums(uint32_t *sums, __m512i values, __m512i *before) {
    const __m512i zero = _mm512_setzero_si512(), last = _mm512_set1_epi32(15);
    values = _mm512_add_epi32(values, _mm512_alignr_epi32(values, zero, 15));
    values = _mm512_add_epi32(values, _mm512_alignr_epi32(values, zero, 14));
    values = _mm512_add_epi32(values, _mm512_alignr_epi32(values, zero, 12));
    values = _mm512_add_epi32(values, _mm512_alignr_epi32(values, zero, 8));
    values = _mm512_add_epi32(values, *before);
    _mm512_storeu_si512(sums, values);
    *before = _mm512_permutexvar_epi32(last, values);
}

WITH_AVX512 static bool sum_singles_avx512(const uint32_t *frequencies, const uint32_t *lengths, uint32_t count,
                                           struct positions_sums *sums) {
    const __m512i one = _mm512_set1_epi32(1), all_bits = _mm512_set1_epi32(32);
    __m512i bits = _mm512_setzero_si512();
    __mmask16 wrong = 0;
    if (count != POSITIONS_RUN) return sum_singles_plain(frequencies, lengths, count, sums);
    sums->single_bits[0] = 0;
    for (uint32_t i = 0; i < POSITIONS_RUN; i += 16) {
        const __m512i length = load_sixteen(lengths + i);
        const __mmask16 is_single = _mm512_cmpeq_epi32_mask(load_sixteen(frequencies + i), one);
        const __m512i zeros = _mm512_lzcnt_epi32(_mm512_sub_epi32(length, one));
        wrong |= _mm512_testn_epi32_mask(length, length);
        put_sixteen_sums(sums->single_bits + i + 1, _mm512_maskz_sub_epi32(is_single, all_bits, zeros), &bits);
    }
    return wrong == 0;
}

/* The parameter as positions_rice_parameter finds it. What the plain way might find wrong is left to it. */
WITH_AVX512 static bool sum_several_avx512(const uint32_t *frequencies, const uint32_t *lengths, uint32_t count,
                                           struct positions_sums *sums) {
    const __m512i one = _mm512_set1_epi32(1), most = _mm512_set1_epi32(1 << FREQUENCY_BITS);
    __m512i rest_bits = _mm512_setzero_si512(), quotients = rest_bits;
    __mmask16 wrong = 0;
    if (count != POSITIONS_RUN) return sum_several_plain(frequencies, lengths, count, sums);
    sums->rest_bits[0] = sums->quotients[0] = 0;
    for (uint32_t i = 0; i < POSITIONS_RUN; i += 16) {
        const __m512i frequency = load_sixteen(frequencies + i), length = load_sixteen(lengths + i);
        const __m512i free_places = _mm512_sub_epi32(length, frequency), parts = _mm512_add_epi32(frequency, one);
        const __mmask16 has_several = _mm512_cmpgt_epu32_mask(frequency, one);
        const __mmask16 has_parameter = _mm512_cmpge_epu32_mask(free_places, parts);
        const __m512i shift = _mm512_sub_epi32(_mm512_lzcnt_epi32(parts), _mm512_lzcnt_epi32(free_places));
        const __mmask16 is_over = _mm512_cmpgt_epu32_mask(_mm512_sllv_epi32(parts, shift), free_places);
        const __m512i parameter = _mm512_maskz_mov_epi32(has_parameter, _mm512_mask_sub_epi32(shift, is_over, shift, one));
        const __m512i codes = _mm512_maskz_mov_epi32(has_several, frequency);
        wrong |= _mm512_cmpgt_epu32_mask(frequency, length) | _mm512_testn_epi32_mask(frequency, frequency) |
                 _mm512_cmpge_epu32_mask(frequency, most);
        put_sixteen_sums(sums->rest_bits + i + 1, _mm512_mullo_epi32(codes, parameter), &rest_bits);
        put_sixteen_sums(sums->quotients + i + 1, codes, &quotients);
    }
    return wrong == 0 || sum_several_plain(frequencies, lengths, count, sums);
}

static const struct positions_sum_functions sum_avx512 = {"AVX-512", sum_singles_avx512, sum_several_avx512};

const struct positions_sum_functions *positions_sum_functions_of(unsigned number) {
    const struct positions_sum_functions *usable[3];
    unsigned count = 0;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd")) usable[count++] = &sum_avx512;
    usable[count++] = &sum_four;
    usable[count++] = &positions_sum_plain;
    return number < count ? usable[number] : NULL;
}
#else
const struct positions_sum_functions *positions_sum_functions_of(unsigned number) {
    return number == 0 ? &sum_four : number == 1 ? &positions_sum_plain : NULL;
}
#endif
