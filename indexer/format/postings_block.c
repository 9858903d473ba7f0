/* postings_block.c - see postings_block.h.
 *
 * Values are packed at the width that makes the array smallest; what does not fit into it keeps its low bits in place and
 * its high bits in a list behind (patched frame of reference: Zukowski, Héman, Nes, Boncz, "Super-scalar RAM-CPU cache
 * compression", 2006). Gaps that are nearly all 0 become a bitset. The masks end the block, so they are found from its
 * end. */
#include "indexer/format/postings_block.h"

#include "indexer/base/bitpack.h"
#include "indexer/base/bytes.h"

#define HEAD 3u
#define WIDTH_BITS 0x3Fu
#define BITSET 63u /* as the width of the gaps */
#define MASK_WIDTH_BITS 0x07u
#define MASK_WIDTH_MAX 4u
#define GAPS_PATCHED 0x08u
#define FREQUENCIES_PATCHED 0x10u
#define LAST_RESERVED 0xE0u
#define WIDTHS 33u

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

/* An exception takes a byte that says where it is, and one for each 7 of its high bits. */
static struct packing cheapest_packing(const uint32_t *values, uint32_t count) {
    uint8_t wider[WIDTHS] = {0};
    const unsigned widest = count_wider(values, count, wider);
    struct packing best = {.width = widest, .size = bitpack_size(count, widest)};
    for (unsigned width = widest; width-- > 0;) {
        struct packing patched = {.width = width, .exceptions = wider[width]};
        patched.size = bitpack_size(count, width) + 1 + (size_t)wider[width] * 2;
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
    for (uint32_t i = 0; i < count; i++) {
        if (values[i] <= low) continue;
        *out++ = (uint8_t)i;
        out = put_varint(out, values[i] >> packing.width);
    }
    return out;
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

static unsigned mask_width(const uint8_t *masks, uint32_t count) {
    unsigned all = 0;
    for (uint32_t i = 0; i < count; i++)
        all |= masks[i];
    return all == 1 ? 0 : bit_width32(all);
}

static uint8_t *put_masks(uint8_t *out, const uint8_t *masks, uint32_t count, unsigned width) {
    if (width == 0) return out;
    uint32_t values[BITPACK_BLOCK] = {0};
    for (uint32_t i = 0; i < count; i++)
        values[i] = masks[i];
    bitpack_encode(values, count, width, out);
    return out + bitpack_size(count, width);
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
    const bool as_bitset = sizeof(uint16_t) + (uint64_t)words * 8 <= of_gaps.size;
    const unsigned width = mask_width(masks, count);

    out[0] = (uint8_t)(as_bitset ? BITSET : of_gaps.width);
    out[1] = (uint8_t)of_frequencies.width;
    out[2] = (uint8_t)(width | (!as_bitset && of_gaps.exceptions ? GAPS_PATCHED : 0) |
                       (of_frequencies.exceptions ? FREQUENCIES_PATCHED : 0));
    uint8_t *next = out + HEAD;
    next = as_bitset ? put_bitset(next, docs, count, base, words) : put_packed(next, gaps, count, of_gaps);
    next = put_packed(next, rest, count, of_frequencies);
    return (size_t)(put_masks(next, masks, count, width) - out);
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

/* Adds the high bits of the exceptions at *at to values, which already carry their plus of 1, and moves *at behind them.
 * No value may leave 32 bits. *added grows by all that was added. */
static const char *patch(const uint8_t *data, size_t end, size_t *at, uint32_t count, unsigned width, uint32_t *values,
                         uint64_t *added) {
    const uint8_t *next = data + *at, *stop = data + end;
    if (next == stop || width == 32) return "exceptions are missing";
    uint32_t least = 0;
    for (unsigned left = *next++; left > 0; left--) {
        if (next == stop) return "exceptions end early";
        const uint32_t index = *next++;
        uint32_t high;
        next = take_varint(next, stop, &high);
        if (!next || index < least || index >= count || high > UINT32_MAX >> width) return "an exception is out of range";
        values[index] += high << width;
        if (values[index] == 0) return "an exception is too large";
        *added += (uint64_t)high << width;
        least = index + 1;
    }
    *at = (size_t)(next - data);
    return NULL;
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
    const unsigned width = data[0];
    if (width > 32) return "the width of the gaps is over 32";
    if (bitpack_size(count, width) > size - *at) return "the gaps end early";
    bitpack_decode_plus(data + *at, count, width, 1, docs);
    *at += bitpack_size(count, width);
    uint64_t most = (uint64_t)count << width; /* that the gaps can add up to */
    if (data[2] & GAPS_PATCHED) {
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
    if (data[2] & GAPS_PATCHED) return "a bitset has exceptions";
    if (size - *at < sizeof(uint16_t)) return "the bitset ends early";
    *words = load_le16(data + *at);
    *at += sizeof(uint16_t);
    return *words > (size - *at) / 8 ? "the bitset ends early" : NULL;
}

static const char *decode_bitset(const uint8_t *data, size_t size, uint32_t count, uint32_t previous, uint32_t *docs,
                                 size_t *at) {
    uint32_t words;
    const char *wrong = take_bitset_head(data, size, at, &words);
    if (wrong) return wrong;
    if (!bitpack_decode_bitset(data + *at, words, count, previous + 1, docs))
        return "the bitset has another number of reviews";
    *at += (size_t)words * 8;
    if ((uint64_t)(uint32_t)(previous + 1) + (uint64_t)words * 64 > UINT32_MAX && !ascends(docs, count, previous)) {
        return "the reviews pass 32 bits";
    }
    return NULL;
}

static const char *check_head(const uint8_t *data, size_t size) {
    if (size < HEAD) return "the head ends early";
    const unsigned mask_bits = data[2] & MASK_WIDTH_BITS;
    const bool is_known = !((data[0] | data[1]) & ~WIDTH_BITS) && !(data[2] & LAST_RESERVED);
    return is_known && mask_bits <= MASK_WIDTH_MAX && data[1] <= 32 ? NULL : "the head has unknown bits";
}

/* Where frequencies and masks are, behind gaps that end at at. */
static const char *find_rest(const uint8_t *data, size_t size, uint32_t count, size_t at, size_t *frequencies_at,
                             size_t *masks_at) {
    const unsigned mask_bits = data[2] & MASK_WIDTH_BITS;
    const size_t frequencies = bitpack_size(count, data[1]), masks = bitpack_size(count, mask_bits);
    if (frequencies + masks > size - at) return "frequencies or masks end early";
    if (!(data[2] & FREQUENCIES_PATCHED) && frequencies + masks != size - at) return "bytes are left over";
    *frequencies_at = at;
    *masks_at = size - masks;
    return NULL;
}

const char *postings_block_docs(const uint8_t *data, size_t size, uint32_t count, uint32_t previous, uint32_t *docs,
                                size_t *frequencies_at, size_t *masks_at) {
    size_t at = HEAD;
    const char *wrong = check_head(data, size);
    if (!wrong)
        wrong = data[0] == BITSET ? decode_bitset(data, size, count, previous, docs, &at)
                                  : decode_gaps(data, size, count, previous, docs, &at);
    return wrong ? wrong : find_rest(data, size, count, at, frequencies_at, masks_at);
}

const char *postings_block_bits(const uint8_t *data, size_t size, uint32_t last, const uint8_t **bits, uint32_t *words) {
    size_t at = HEAD;
    *bits = NULL;
    if (size < HEAD || data[0] != BITSET) return NULL;
    const char *wrong = take_bitset_head(data, size, &at, words);
    if (wrong) return wrong;
    if (*words == 0 || last / 64 != *words - 1 || load_le64(data + at + (size_t)(*words - 1) * 8) >> last % 64 != 1)
        return "the last review is not the expected one";
    *bits = data + at;
    return NULL;
}

const char *postings_block_behind_bits(const uint8_t *data, size_t size, uint32_t count, uint32_t words,
                                       size_t *frequencies_at, size_t *masks_at) {
    const char *wrong = check_head(data, size);
    return wrong ? wrong
                 : find_rest(data, size, count, HEAD + sizeof(uint16_t) + (size_t)words * 8, frequencies_at, masks_at);
}

const char *postings_block_frequencies(const uint8_t *data, uint32_t count, size_t frequencies_at, size_t masks_at,
                                       uint32_t *frequencies) {
    const unsigned width = data[1];
    bitpack_decode_plus(data + frequencies_at, count, width, 1, frequencies);
    if (data[2] & FREQUENCIES_PATCHED) {
        size_t at = frequencies_at + bitpack_size(count, width);
        uint64_t added = 0;
        const char *wrong = patch(data, masks_at, &at, count, width, frequencies, &added);
        if (wrong) return wrong;
        if (at != masks_at) return "bytes are left over";
    }
    if (width == 32) {
        for (uint32_t i = 0; i < count; i++) {
            if (frequencies[i] == 0) return "a frequency passes 32 bits";
        }
    }
    return NULL;
}

/* The high bits of posting index, when it is among the exceptions from at on. */
static const char *find_exception(const uint8_t *data, size_t at, size_t end, uint32_t index, unsigned width,
                                  uint32_t *high) {
    const uint8_t *next = data + at, *stop = data + end;
    *high = 0;
    if (next == stop || width == 32) return "exceptions are missing";
    for (unsigned left = *next++; left > 0; left--) {
        if (next == stop) return "exceptions end early";
        const uint32_t exception = *next++;
        uint32_t value;
        next = take_varint(next, stop, &value);
        if (!next || value > UINT32_MAX >> width) return "an exception is out of range";
        if (exception < index) continue;
        if (exception == index) *high = value << width;
        return NULL;
    }
    return NULL;
}

const char *postings_block_frequency(const uint8_t *data, uint32_t count, size_t frequencies_at, size_t masks_at,
                                     uint32_t index, uint32_t *frequency) {
    const unsigned width = data[1];
    uint32_t high = 0;
    if (data[2] & FREQUENCIES_PATCHED) {
        const size_t at = frequencies_at + bitpack_size(count, width);
        const char *wrong = find_exception(data, at, masks_at, index, width, &high);
        if (wrong) return wrong;
    }
    *frequency = bitpack_decode_one(data + frequencies_at, count, index, width) + high + 1;
    return *frequency == 0 ? "a frequency passes 32 bits" : NULL;
}

void postings_block_masks(const uint8_t *data, uint32_t count, size_t masks_at, uint8_t *masks) {
    const unsigned width = data[2] & MASK_WIDTH_BITS;
    if (width == 0) {
        memset(masks, 1, count);
        return;
    }
    uint32_t wide[BITPACK_BLOCK];
    bitpack_decode(data + masks_at, count, width, wide);
    for (uint32_t i = 0; i < count; i++)
        masks[i] = (uint8_t)wide[i];
}
