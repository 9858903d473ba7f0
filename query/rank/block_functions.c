/* block_functions.c - see block_functions.h. One body, compiled once for the base line of the architecture and once for
 * AVX2. Divisions and conversions are exact in either, and nothing is contracted, so that the widths cannot differ in a
 * bit. */
#include "query/rank/block_functions.h"

#include "indexer/format/scoring.h"

/* Signed conversions: SSE2 has no other. */
static inline __attribute__((always_inline)) void values_body(const uint32_t *restrict frequencies,
                                                              const uint32_t *restrict lengths, uint32_t count,
                                                              double weight, double b, double average,
                                                              double *restrict values) {
    for (uint32_t i = 0; i < count; i++)
        values[i] = weight * (double)(int32_t)frequencies[i] / (1.0 - b + b * (double)(int32_t)lengths[i] / average);
}

/* As signed numbers, which is what there are comparisons of. */
static inline __attribute__((always_inline)) bool are_sound_body(const uint32_t *frequencies, const uint32_t *lengths,
                                                                 uint32_t count) {
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < count; i++) {
        const int32_t frequency = (int32_t)frequencies[i], length = (int32_t)lengths[i];
        wrong |= (uint32_t)(frequency < 1) | (uint32_t)(frequency > length);
    }
    return wrong == 0;
}

static inline __attribute__((always_inline)) void contributions_body(const double *restrict values, uint32_t count,
                                                                     double scale, double k1,
                                                                     int32_t *restrict contributions) {
    for (uint32_t i = 0; i < count; i++)
        contributions[i] = scoring_contribution(scale, values[i], k1);
}

/* value / (k1 + value) as weight * frequency / (weight * frequency + k1 * norm): one division. */
static inline __attribute__((always_inline)) void add_bounds_body(const uint32_t *restrict frequencies,
                                                                  const uint32_t *restrict lengths, uint32_t count,
                                                                  double weight, double b, double average, double scale,
                                                                  double k1, float *restrict bounds) {
    const float of_weight = (float)weight, of_scale = (float)scale;
    const float fixed = (float)(k1 * (1 - b)), slope = (float)(k1 * b / average);
    for (uint32_t i = 0; i < count; i++) {
        const float value = of_weight * (float)(int32_t)frequencies[i];
        bounds[i] += of_scale * (value / (value + (fixed + slope * (float)(int32_t)lengths[i])));
    }
}

static inline __attribute__((always_inline)) void reach_body(const uint32_t *restrict frequencies,
                                                             const uint32_t *restrict lengths, uint32_t count, float value,
                                                             double b, double average, uint32_t *restrict passes) {
    const float fixed = value * (float)(1 - b), slope = value * (float)(b / average);
    for (uint32_t i = 0; i < count; i++)
        passes[i] = (float)(int32_t)frequencies[i] >= fixed + slope * (float)(int32_t)lengths[i] ? UINT32_MAX : 0;
}

static inline __attribute__((always_inline)) uint32_t count_below_body(const uint32_t *docs, uint32_t target) {
    int32_t count = 0;
    for (uint32_t i = 0; i < 128; i++)
        count += (int32_t)docs[i] < (int32_t)target;
    return (uint32_t)count;
}

#define BLOCK_FUNCTIONS(suffix, attributes)                                                                                \
    attributes static void values_##suffix(const uint32_t *frequencies, const uint32_t *lengths, uint32_t count,           \
                                           double weight, double b, double average, double *values) {                      \
        values_body(frequencies, lengths, count, weight, b, average, values);                                              \
    }                                                                                                                      \
    attributes static bool are_sound_##suffix(const uint32_t *frequencies, const uint32_t *lengths, uint32_t count) {      \
        return are_sound_body(frequencies, lengths, count);                                                                \
    }                                                                                                                      \
    attributes static void contributions_##suffix(const double *values, uint32_t count, double scale, double k1,           \
                                                  int32_t *contributions) {                                                \
        contributions_body(values, count, scale, k1, contributions);                                                       \
    }                                                                                                                      \
    attributes static void add_bounds_##suffix(const uint32_t *frequencies, const uint32_t *lengths, uint32_t count,       \
                                               double weight, double b, double average, double scale, double k1,           \
                                               float *bounds) {                                                            \
        add_bounds_body(frequencies, lengths, count, weight, b, average, scale, k1, bounds);                               \
    }                                                                                                                      \
    attributes static void reach_##suffix(const uint32_t *frequencies, const uint32_t *lengths, uint32_t count,            \
                                          float value, double b, double average, uint32_t *passes) {                       \
        reach_body(frequencies, lengths, count, value, b, average, passes);                                                \
    }                                                                                                                      \
    attributes static uint32_t count_below_##suffix(const uint32_t *docs, uint32_t target) {                               \
        return count_below_body(docs, target);                                                                             \
    }

BLOCK_FUNCTIONS(plain, )
const struct block_functions block_functions_plain = {
    "plain", values_plain, are_sound_plain, count_below_plain, contributions_plain, add_bounds_plain, reach_plain};

#if defined(__x86_64__)
BLOCK_FUNCTIONS(avx2, __attribute__((target("avx2"))))
static const struct block_functions functions_avx2 = {
    "AVX2", values_avx2, are_sound_avx2, count_below_avx2, contributions_avx2, add_bounds_avx2, reach_avx2};

const struct block_functions *block_functions_best(void) {
    return __builtin_cpu_supports("avx2") ? &functions_avx2 : &block_functions_plain;
}
#else
const struct block_functions *block_functions_best(void) {
    return &block_functions_plain;
}
#endif
