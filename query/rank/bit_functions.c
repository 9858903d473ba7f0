/* bit_functions.c - see bit_functions.h. One body, compiled for the base line of the architecture, and for processors that
 * count ones. */
#include "query/rank/bit_functions.h"

#include "indexer/base/bytes.h"

#define BODY static inline __attribute__((always_inline))

static inline uint32_t ones_of(uint64_t word) {
    return (uint32_t)__builtin_popcountll(word);
}

/* The 64 bits from number at on. */
BODY uint64_t word_at(const uint64_t *bits, uint32_t at) {
    const unsigned shift = at % 64;
    return shift ? bits[at / 64] >> shift | bits[at / 64 + 1] << (64 - shift) : bits[at / 64];
}

BODY void add_word(uint64_t *bits, uint32_t at, uint64_t word) {
    const unsigned shift = at % 64;
    bits[at / 64] |= word << shift;
    if (shift) bits[at / 64 + 1] |= word >> (64 - shift);
}

BODY uint32_t count_body(const uint64_t *bits, uint32_t count) {
    uint32_t ones = 0;
    for (uint32_t i = 0; i < count; i++)
        ones += ones_of(bits[i]);
    return ones;
}

BODY uint32_t add_body(uint64_t *bits, uint32_t at, const uint8_t *in, uint32_t count) {
    uint32_t ones = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t word = load_le64(in + (size_t)i * 8);
        ones += ones_of(word);
        add_word(bits, at + i * 64, word);
    }
    return ones;
}

BODY uint32_t add_common_body(uint64_t *bits, const uint64_t *with, uint32_t at, const uint8_t *in, uint32_t count) {
    uint32_t ones = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t word = load_le64(in + (size_t)i * 8);
        ones += ones_of(word);
        add_word(bits, at + i * 64, word & word_at(with, at + i * 64));
    }
    return ones;
}

BODY uint32_t count_common_body(const uint64_t *with, uint32_t at, const uint8_t *in, uint32_t count, uint32_t *common) {
    uint32_t ones = 0, both = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t word = load_le64(in + (size_t)i * 8);
        ones += ones_of(word);
        both += ones_of(word & word_at(with, at + i * 64));
    }
    *common += both;
    return ones;
}

#define BIT_FUNCTIONS(suffix, title, attributes)                                                                           \
    attributes static uint32_t count_##suffix(const uint64_t *bits, uint32_t count) {                                      \
        return count_body(bits, count);                                                                                    \
    }                                                                                                                      \
    attributes static uint32_t add_##suffix(uint64_t *bits, uint32_t at, const uint8_t *in, uint32_t count) {              \
        return add_body(bits, at, in, count);                                                                              \
    }                                                                                                                      \
    attributes static uint32_t add_common_##suffix(uint64_t *bits, const uint64_t *with, uint32_t at, const uint8_t *in,   \
                                                   uint32_t count) {                                                       \
        return add_common_body(bits, with, at, in, count);                                                                 \
    }                                                                                                                      \
    attributes static uint32_t count_common_##suffix(const uint64_t *with, uint32_t at, const uint8_t *in, uint32_t count, \
                                                     uint32_t *common) {                                                   \
        return count_common_body(with, at, in, count, common);                                                             \
    }                                                                                                                      \
    const struct bit_functions bit_functions_##suffix = {title, count_##suffix, add_##suffix, add_common_##suffix,         \
                                                         count_common_##suffix};

BIT_FUNCTIONS(plain, "plain", )

#if defined(__x86_64__)
extern const struct bit_functions bit_functions_popcnt;
BIT_FUNCTIONS(popcnt, "POPCNT", __attribute__((target("popcnt"))))

const struct bit_functions *bit_functions_best(void) {
    return __builtin_cpu_supports("popcnt") ? &bit_functions_popcnt : &bit_functions_plain;
}
#elif defined(__aarch64__)
const struct bit_functions *bit_functions_best(void) {
    return &bit_functions_neon;
}
#else
const struct bit_functions *bit_functions_best(void) {
    return &bit_functions_plain;
}
#endif
