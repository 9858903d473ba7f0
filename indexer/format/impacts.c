/* impacts.c - see impacts.h.
 *
 * Everything happens on codes, not on values: rounding first can only merge pairs, and a bound of rounded pairs is what
 * the reader gets anyway. When there are more pairs than fit, two neighbours become one that stands above both. Drawn as
 * a staircase over (length, frequency), that adds the rectangle between the two steps, so the pair of neighbours with the
 * smallest rectangle loses least; codes are near-logarithmic, so a rectangle measures ratios. */
#include "indexer/format/impacts.h"

#include <assert.h>

#define EXACT 16u /* codes below stand for themselves */
#define MANTISSA_BITS 4u

uint32_t impact_value(uint8_t code) {
    if (code < EXACT) return code;
    return (EXACT + code % EXACT) << (code / EXACT - 1);
}

static inline uint8_t code_down(uint32_t value) {
    if (value < EXACT) return (uint8_t)value;
    unsigned exponent = 32u - (unsigned)__builtin_clz(value) - MANTISSA_BITS;
    if (exponent > 15) return 255;
    return (uint8_t)(exponent * EXACT + (value >> (exponent - 1)) % EXACT);
}

static inline uint8_t code_up(uint32_t value) {
    if (value < EXACT) return (uint8_t)value;
    uint8_t code = code_down(value);
    return code < IMPACT_ANY && impact_value(code) < value ? (uint8_t)(code + 1) : code;
}

uint8_t impact_code_down(uint32_t value) {
    return code_down(value);
}

uint8_t impact_code_up(uint32_t value) {
    return code_up(value);
}

/* Keeps of count pairs, ascending by length and then by falling frequency, those that no pair before them covers. */
static uint32_t keep_pareto(struct impact *pairs, uint32_t count) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (kept == 0 || pairs[i].frequency_code > pairs[kept - 1].frequency_code) pairs[kept++] = pairs[i];
    }
    return kept;
}

/* Joins the two neighbours that lose least. */
static void join_nearest(struct impact *pairs, uint32_t count) {
    uint32_t best = 0, best_loss = UINT32_MAX;
    for (uint32_t i = 0; i + 1 < count; i++) {
        uint32_t higher = (uint32_t)(pairs[i + 1].frequency_code - pairs[i].frequency_code);
        uint32_t longer = (uint32_t)(pairs[i + 1].length_code - pairs[i].length_code);
        if (higher * longer < best_loss) {
            best = i;
            best_loss = higher * longer;
        }
    }
    pairs[best].frequency_code = pairs[best + 1].frequency_code;
    memmove(pairs + best + 1, pairs + best + 2, (count - best - 2) * sizeof *pairs);
}

static void reduce(struct impact *pairs, uint32_t count, struct impacts *impacts) {
    count = keep_pareto(pairs, count);
    while (count > IMPACTS_MAX)
        join_nearest(pairs, count--);
    impacts->count = count;
    memcpy(impacts->pairs, pairs, count * sizeof *pairs);
}

void impacts_of(const uint32_t *frequencies, const uint32_t *lengths, uint32_t count, struct impacts *impacts) {
    assert(count > 0);
    /* The highest frequency for each length that is there. */
    uint8_t highest[256] = {0};
    uint64_t is_there[4] = {0};
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t length = code_down(lengths[i]), frequency = code_up(frequencies[i]);
        is_there[length / 64] |= (uint64_t)1 << length % 64;
        if (frequency > highest[length]) highest[length] = frequency;
    }
    struct impact pairs[256];
    uint32_t found = 0;
    for (unsigned part = 0; part < 4; part++)
        for (uint64_t left = is_there[part]; left; left &= left - 1) {
            const unsigned length = part * 64 + (unsigned)__builtin_ctzll(left);
            pairs[found++] = (struct impact){.frequency_code = highest[length], .length_code = (uint8_t)length};
        }
    reduce(pairs, found, impacts);
}

void impacts_join(struct impacts *into, const struct impacts *other) {
    struct impact pairs[2 * IMPACTS_MAX];
    uint32_t count = 0, a = 0, b = 0;
    while (a < into->count || b < other->count) {
        const struct impact *left = a < into->count ? &into->pairs[a] : NULL;
        const struct impact *right = b < other->count ? &other->pairs[b] : NULL;
        bool take_left =
            !right || (left && (left->length_code < right->length_code || (left->length_code == right->length_code &&
                                                                           left->frequency_code >= right->frequency_code)));
        pairs[count++] = take_left ? *left : *right;
        if (take_left)
            a++;
        else
            b++;
    }
    reduce(pairs, count, into);
}
