/* postings_block.c - see postings_block.h.
 *
 * Values are packed at the width that makes the array smallest; what does not fit into it keeps its low bits in place and
 * its high bits in a list behind (patched frame of reference: Zukowski, Héman, Nes, Boncz, "Super-scalar RAM-CPU cache
 * compression", 2006). Most of these high bits are a single one, so that an exception is a byte that says where it is, and
 * a bit of that byte whether more follows. Gaps that are nearly all 0 become a bitset. The masks end the block. */
#include "indexer/format/postings_block.h"

#include "indexer/base/bitpack_sums.h"
#include "indexer/base/bitset.h"
#include "indexer/base/bytes.h"
#include "indexer/format/postings.h"
#include "indexer/format/postings_masks.h"

/* The head. */
#define HEAD 2u
#define FREQUENCIES_SHIFT 6
#define GAPS_PATCHED 0x1000u
#define FREQUENCIES_PATCHED 0x2000u
#define MASKS_SHIFT 14
#define WIDTHS 33u
/* An exception's byte. */
#define EXCEPTION_INDEX 0x7Fu
#define EXCEPTION_LARGE 0x80u

/* ---- encoding ---- */

struct packing {
    unsigned width;
    uint32_t exceptions;
    size_t size;
};

/* How many values are wider than each width. Four counts side by side: neighbours are mostly of one width, and would wait
 * for each other. Returns the widest. */
static unsigned count_wider(const uint32_t *values, uint32_t count, uint8_t wider[WIDTHS]) {
    uint8_t of_width[4][WIDTHS] = {{0}};
    uint32_t all = 0;
    for (uint32_t i = 0; i < count; i++) {
        of_width[i % 4][bit_width32(values[i])]++;
        all |= values[i];
    }
    const unsigned widest = bit_width32(all);
    for (unsigned width = widest; width-- > 0;) {
        const unsigned next = width + 1;
        wider[width] =
            (uint8_t)(wider[next] + of_width[0][next] + of_width[1][next] + of_width[2][next] + of_width[3][next]);
    }
    return widest;
}

/* An exception takes a byte; from 2 on its high bits take one more for each 7 of them. */
static struct packing cheapest_packing(const uint32_t *values, uint32_t count) {
    uint8_t wider[WIDTHS] = {0};
    const unsigned widest = count_wider(values, count, wider);
    struct packing best = {.width = widest, .size = bitpack_size(count, widest)};
    for (unsigned width = widest; width-- > 0;) {
        struct packing patched = {.width = width, .exceptions = wider[width]};
        patched.size = bitpack_size(count, width) + 1 + (size_t)wider[width] + wider[width + 1];
        for (unsigned above = width + 7; above < widest; above += 7)
            patched.size += wider[above];
        if (patched.size < best.size) best = patched;
    }
    return best;
}

static uint8_t *put_varint(uint8_t *out, uint32_t value) {
    for (; value >= 0x80; value >>= 7)
        *out++ = (uint8_t)(value | 0x80);
    *out++ = (uint8_t)value;
    return out;
}

static uint8_t *put_packed(uint8_t *out, const uint32_t *values, uint32_t count, struct packing packing) {
    if (packing.exceptions == 0) {
        bitpack_encode(values, count, packing.width, out);
        return out + packing.size;
    }
    const uint32_t low = packing.width ? UINT32_MAX >> (32 - packing.width) : 0;
    uint32_t low_values[BITPACK_BLOCK] = {0};
    for (uint32_t i = 0; i < count; i++)
        low_values[i] = values[i] & low;
    bitpack_encode(low_values, count, packing.width, out);
    out += bitpack_size(count, packing.width);
    *out++ = (uint8_t)packing.exceptions;
    for (uint32_t i = 0; i < count; i++)
        if (values[i] > low) *out++ = (uint8_t)(i | (values[i] >> packing.width > 1 ? EXCEPTION_LARGE : 0));
    for (uint32_t i = 0; i < count; i++)
        if (values[i] >> packing.width > 1) out = put_varint(out, values[i] >> packing.width);
    return out;
}

/* A bitset says in place which reviews it has, and is decoded sooner: it may be half as large again as packed gaps. (Twice
 * as large made searches no faster, and long lists slower.) */
static bool is_better_as_bitset(uint32_t words, size_t packed) {
    return words <= POSTINGS_BITSET_WORDS && sizeof(uint16_t) + (size_t)words * 8 <= packed + packed / 2;
}

static uint8_t *put_bitset(uint8_t *out, const uint32_t *docs, uint32_t count, uint32_t base, uint32_t words) {
    store_le16(out, (uint16_t)words);
    out += sizeof(uint16_t);
    memset(out, 0, (size_t)words * 8);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t bit = docs[i] - base;
        out[bit / 8] |= (uint8_t)(1u << bit % 8);
    }
    return out + (size_t)words * 8;
}

/* With the count of a whole block as a constant, the loops are compiled to vectors. */
static inline __attribute__((always_inline)) size_t encode(const uint32_t *docs, const uint32_t *frequencies,
                                                           const uint8_t *masks, uint32_t count, uint32_t base,
                                                           uint8_t *out) {
    uint32_t gaps[BITPACK_BLOCK], rest[BITPACK_BLOCK] = {0};
    gaps[0] = docs[0] - base;
    for (uint32_t i = 1; i < count; i++)
        gaps[i] = docs[i] - docs[i - 1] - 1;
    for (uint32_t i = 0; i < count; i++)
        rest[i] = frequencies[i] - 1;
    const struct packing of_gaps = cheapest_packing(gaps, count), of_frequencies = cheapest_packing(rest, count);
    const uint32_t words = (docs[count - 1] - base) / 64 + 1;
    const bool as_bitset = is_better_as_bitset(words, of_gaps.size);
    const enum masks_form form = postings_masks_choose(masks, count);
    const unsigned head = (as_bitset ? POSTINGS_WIDTH_BITSET : of_gaps.width) | of_frequencies.width << FREQUENCIES_SHIFT |
                          (!as_bitset && of_gaps.exceptions ? GAPS_PATCHED : 0) |
                          (of_frequencies.exceptions ? FREQUENCIES_PATCHED : 0) | (unsigned)form << MASKS_SHIFT;
    store_le16(out, (uint16_t)head);
    uint8_t *next = out + HEAD;
    next = as_bitset ? put_bitset(next, docs, count, base, words) : put_packed(next, gaps, count, of_gaps);
    next = put_packed(next, rest, count, of_frequencies);
    return (size_t)(postings_masks_put(next, form, masks, frequencies, count) - out);
}

size_t postings_block_encode(const uint32_t *docs, const uint32_t *frequencies, const uint8_t *masks, uint32_t count,
                             uint32_t previous, uint8_t out[POSTINGS_BLOCK_BYTES]) {
    if (count == BITPACK_BLOCK) return encode(docs, frequencies, masks, BITPACK_BLOCK, previous + 1, out);
    return encode(docs, frequencies, masks, count, previous + 1, out);
}

/* ---- decoding ---- */

/* At most 5 bytes and 32 bits; NULL when it ends early or says more. */
static const uint8_t *take_varint(const uint8_t *next, const uint8_t *end, uint32_t *value) {
    uint64_t taken = 0;
    for (unsigned shift = 0; shift < 35 && next < end; shift += 7) {
        taken |= (uint64_t)(*next & 0x7F) << shift;
        if (*next++ < 0x80) {
            *value = (uint32_t)taken;
            return taken <= UINT32_MAX ? next : NULL;
        }
    }
    return NULL;
}

#define EACH_BYTE 0x0101010101010101u

/* Whether the indexes of count exceptions ascend, and whether any of them is large. Eight at a time: the top bit of a byte
 * of the difference is left where the next index is larger. Reads up to 8 bytes behind the last. */
static bool exceptions_ascend(const uint8_t *exceptions, uint32_t count, bool *any_large) {
    uint64_t large = 0, fallen = 0;
    for (uint32_t i = 0; i < count; i += 8) {
        const uint64_t these = load_le64(exceptions + i), next = load_le64(exceptions + i + 1);
        const uint64_t there = count - i < 8 ? ((uint64_t)1 << (count - i) * 8) - 1 : UINT64_MAX;
        const uint64_t followed = count - i > 8 ? UINT64_MAX : there >> 8;
        const uint64_t rises = (next | EXCEPTION_LARGE * EACH_BYTE) - (these & EXCEPTION_INDEX * EACH_BYTE) - EACH_BYTE;
        fallen |= ~rises & followed;
        large |= these & there;
    }
    *any_large = (large & EXCEPTION_LARGE * EACH_BYTE) != 0;
    return (fallen & EXCEPTION_LARGE * EACH_BYTE) == 0;
}

/* Of the exceptions that are large, what is more than the one that every exception has got; *next moves behind it. */
static const char *patch_large(const uint8_t *exceptions, uint32_t count, const uint8_t **next, const uint8_t *stop,
                               unsigned width, uint32_t *values, uint64_t *added) {
    for (uint32_t i = 0; i < count; i++) {
        uint32_t high;
        if (exceptions[i] < EXCEPTION_LARGE) continue;
        *next = take_varint(*next, stop, &high);
        if (!*next || high < 2 || high > UINT32_MAX >> width) return "an exception is out of range";
        uint32_t *value = &values[exceptions[i] & EXCEPTION_INDEX];
        *value += (high - 1) << width;
        if (*value == 0) return "an exception is too large";
        *added += (uint64_t)high << width;
    }
    return NULL;
}

/* Adds the high bits of the exceptions at *at to values, which already carry their plus of 1, and moves *at behind them.
 * No value may leave 32 bits. *added grows by all that was added. Every exception gets a one; what is more comes after. */
static const char *patch(const uint8_t *data, size_t end, size_t *at, uint32_t count, unsigned width, uint32_t *values,
                         uint64_t *added) {
    const uint8_t *next = data + *at, *stop = data + end;
    if (next == stop || width == 32) return "exceptions are missing";
    const uint32_t exceptions = *next++;
    if (exceptions > count || exceptions > (size_t)(stop - next)) return "exceptions end early";
    bool any_large, wrong = !exceptions_ascend(next, exceptions, &any_large);
    wrong |= exceptions > 0 && (next[exceptions - 1] & EXCEPTION_INDEX) >= count;
    if (wrong) return "an exception is out of range";
    for (uint32_t i = 0; i < exceptions; i++)
        values[next[i] & EXCEPTION_INDEX] += (uint32_t)1 << width;
    for (uint32_t i = 0; width == 31 && i < exceptions; i++)
        if (values[next[i] & EXCEPTION_INDEX] == 0) return "an exception is out of range";
    *added += (uint64_t)exceptions << width;
    const uint8_t *behind = next + exceptions;
    const char *failed = any_large ? patch_large(next, exceptions, &behind, stop, width, values, added) : NULL;
    *at = failed ? *at : (size_t)(behind - data);
    return failed;
}

/* True when no addition passed 32 bits: each doc is previous + gap + 1 with a sum of at most 2^32, so one that wrapped is
 * not above its predecessor. */
static bool ascends(const uint32_t *docs, uint32_t count, uint32_t previous) {
    if (previous != UINT32_MAX && docs[0] <= previous) return false;
    for (uint32_t i = 1; i < count; i++) {
        if (docs[i] <= docs[i - 1]) return false;
    }
    return true;
}

static const char *decode_gaps(const uint8_t *data, size_t size, uint32_t count, uint32_t previous, uint32_t *docs,
                               size_t *at) {
    const unsigned head = load_le16(data), width = head & POSTINGS_WIDTH_BITS;
    if (width > 32) return "the width of the gaps is over 32";
    if (bitpack_size(count, width) > size - *at) return "the gaps end early";
    bitpack_decode_plus(data + *at, count, width, 1, docs);
    *at += bitpack_size(count, width);
    uint64_t most = (uint64_t)count << width; /* that the gaps can add up to */
    if (head & GAPS_PATCHED) {
        const char *wrong = patch(data, size, at, count, width, docs, &most);
        if (wrong) return wrong;
    }
    bitpack_prefix_sum(docs, count, previous);
    /* Only sums that could pass 32 bits are looked at one by one. */
    if ((uint64_t)(uint32_t)(previous + 1) + most > UINT32_MAX && !ascends(docs, count, previous)) {
        return "the reviews pass 32 bits";
    }
    return NULL;
}

/* Moves *at from the count of words to the words. */
static const char *take_bitset_head(const uint8_t *data, size_t size, size_t *at, uint32_t *words) {
    if (load_le16(data) & GAPS_PATCHED) return "a bitset has exceptions";
    if (size - *at < sizeof(uint16_t)) return "the bitset ends early";
    *words = load_le16(data + *at);
    *at += sizeof(uint16_t);
    if (*words > POSTINGS_BITSET_WORDS) return "the bitset is larger than that of a block can be";
    return *words > (size - *at) / 8 ? "the bitset ends early" : NULL;
}

static const char *decode_bitset(const uint8_t *data, size_t size, uint32_t count, uint32_t previous, uint32_t *docs,
                                 size_t *at) {
    uint32_t words;
    const char *wrong = take_bitset_head(data, size, at, &words);
    if (wrong) return wrong;
    if (!bitset_numbers(data + *at, words, count, previous + 1, docs)) return "the bitset has another number of reviews";
    *at += (size_t)words * 8;
    if ((uint64_t)(uint32_t)(previous + 1) + (uint64_t)words * 64 > UINT32_MAX && !ascends(docs, count, previous)) {
        return "the reviews pass 32 bits";
    }
    return NULL;
}

static const char *check_head(const uint8_t *data, size_t size) {
    if (size < HEAD) return "the head ends early";
    const unsigned head = load_le16(data);
    const bool is_known = (head >> FREQUENCIES_SHIFT & POSTINGS_WIDTH_BITS) <= 32 && head >> MASKS_SHIFT < MASKS_FORMS;
    return is_known ? NULL : "the head has unknown bits";
}

/* Where the frequencies are, behind gaps that end at at. */
static const char *find_rest(const uint8_t *data, size_t size, uint32_t count, size_t at, size_t *frequencies_at) {
    const unsigned width = load_le16(data) >> FREQUENCIES_SHIFT & POSTINGS_WIDTH_BITS;
    if (bitpack_size(count, width) > size - at) return "the frequencies end early";
    *frequencies_at = at;
    return NULL;
}

const char *postings_block_docs(const uint8_t *data, size_t size, uint32_t count, uint32_t previous, uint32_t *docs,
                                size_t *frequencies_at) {
    size_t at = HEAD;
    const char *wrong = check_head(data, size);
    if (!wrong)
        wrong = postings_block_is_bitset(data, size) ? decode_bitset(data, size, count, previous, docs, &at)
                                                     : decode_gaps(data, size, count, previous, docs, &at);
    return wrong ? wrong : find_rest(data, size, count, at, frequencies_at);
}

const char *postings_block_bits(const uint8_t *data, size_t size, uint32_t last, const uint8_t **bits, uint32_t *words) {
    size_t at = HEAD;
    *bits = NULL;
    if (!postings_block_is_bitset(data, size)) return NULL;
    if (size < HEAD) return "the head ends early";
    const char *wrong = take_bitset_head(data, size, &at, words);
    if (wrong) return wrong;
    if (*words == 0 || last / 64 != *words - 1 || load_le64(data + at + (size_t)(*words - 1) * 8) >> last % 64 != 1)
        return "the last review is not the expected one";
    *bits = data + at;
    return NULL;
}

const char *postings_block_behind_bits(const uint8_t *data, size_t size, uint32_t count, uint32_t words,
                                       size_t *frequencies_at) {
    const char *wrong = check_head(data, size);
    return wrong ? wrong : find_rest(data, size, count, HEAD + sizeof(uint16_t) + (size_t)words * 8, frequencies_at);
}

const char *postings_block_frequencies(const uint8_t *data, size_t size, uint32_t count, size_t frequencies_at,
                                       uint32_t *frequencies, size_t *masks_at) {
    const unsigned head = load_le16(data), width = head >> FREQUENCIES_SHIFT & POSTINGS_WIDTH_BITS;
    bitpack_decode_plus(data + frequencies_at, count, width, 1, frequencies);
    size_t at = frequencies_at + bitpack_size(count, width);
    if (head & FREQUENCIES_PATCHED) {
        uint64_t added = 0;
        const char *wrong = patch(data, size, &at, count, width, frequencies, &added);
        if (wrong) return wrong;
    }
    if (width == 32) {
        for (uint32_t i = 0; i < count; i++) {
            if (frequencies[i] == 0) return "a frequency passes 32 bits";
        }
    }
    if (head >> MASKS_SHIFT == MASKS_ALL_ONE && at != size) return "bytes are left over";
    *masks_at = at;
    return NULL;
}

/* Of ascending exceptions the first whose index is not below index. Eight at a time: the sum has the top bit of a byte set
 * where its index is large enough. Reads up to 7 bytes behind the last. */
static uint32_t first_exception(const uint8_t *exceptions, uint32_t count, uint32_t index) {
    const uint64_t rest = (EXCEPTION_LARGE - index) * EACH_BYTE;
    for (uint32_t i = 0; i < count; i += 8) {
        const uint64_t reached =
            ((load_le64(exceptions + i) & EXCEPTION_INDEX * EACH_BYTE) + rest) & EXCEPTION_LARGE * EACH_BYTE;
        if (reached) return i + (uint32_t)__builtin_ctzll(reached) / 8;
    }
    return count;
}

/* The high bits of posting index, when it is among the exceptions from at on. */
static const char *find_exception(const uint8_t *data, size_t at, size_t end, uint32_t index, unsigned width,
                                  uint32_t *high) {
    const uint8_t *next = data + at, *stop = data + end;
    uint32_t value = 1, larger = 1;
    *high = 0;
    if (next == stop || width == 32) return "exceptions are missing";
    const uint32_t exceptions = *next++;
    if (exceptions > (size_t)(stop - next)) return "exceptions end early";
    const uint32_t place = first_exception(next, exceptions, index);
    if (place >= exceptions || (next[place] & EXCEPTION_INDEX) != index) return NULL;
    if (next[place] & EXCEPTION_LARGE) {
        for (uint32_t i = 0; i < place; i++)
            larger += next[i] / EXCEPTION_LARGE;
        next += exceptions;
        for (; larger > 0 && next; larger--)
            next = take_varint(next, stop, &value);
    }
    if (!next || value > UINT32_MAX >> width) return "an exception is out of range";
    *high = value << width;
    return NULL;
}

const char *postings_block_frequency(const uint8_t *data, size_t size, uint32_t count, size_t frequencies_at,
                                     uint32_t index, uint32_t *frequency) {
    const unsigned head = load_le16(data), width = head >> FREQUENCIES_SHIFT & POSTINGS_WIDTH_BITS;
    uint32_t high = 0;
    if (head & FREQUENCIES_PATCHED) {
        const size_t at = frequencies_at + bitpack_size(count, width);
        const char *wrong = find_exception(data, at, size, index, width, &high);
        if (wrong) return wrong;
    }
    *frequency = bitpack_decode_one(data + frequencies_at, count, index, width) + high + 1;
    return *frequency == 0 ? "a frequency passes 32 bits" : NULL;
}

const char *postings_block_masks(const uint8_t *data, size_t size, uint32_t count, size_t masks_at,
                                 const uint32_t *frequencies, uint8_t *masks) {
    const enum masks_form form = (enum masks_form)(load_le16(data) >> MASKS_SHIFT);
    return postings_masks_take(data + masks_at, size - masks_at, form, frequencies, count, masks);
}
