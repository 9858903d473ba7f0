/* postings_masks.c - see postings_masks.h.
 *
 * Form 0 is a stem's most frequent one, and four postings in five hold it alone. The others are told apart by a bit or an
 * index each, and their masks follow in a prefix code. What a word that occurs once can be is one of three forms, so the
 * frequency, which is known by then, chooses between two codes. Masks are read by exact words only, so that their bytes
 * count for more than the time to decode them. */
#include "indexer/format/postings_masks.h"

#include "indexer/base/bitpack.h"
#include "indexer/base/bytes.h"

#define ALONE 1u /* form 0 alone */
#define WORDS (BITPACK_BLOCK / 64)
#define EXPLICIT 7u /* three ones: the mask follows as it is */
#define EXPLICIT_BITS 3u
#define MASK_BITS 4u

struct mask_code {
    uint8_t bits, size; /* low bit first */
};
static const struct mask_code of_one[16] = {[2] = {0, 1}, [4] = {1, 2}, [8] = {3, 2}};
static const struct mask_code of_several[16] = {[3] = {0, 1}, [2] = {1, 2}, [5] = {3, 3}};

/* One bit for each posting whose mask is not ALONE; how many there are. */
static uint32_t flag_others(const uint8_t *masks, uint32_t count, uint64_t others[WORDS]) {
    memset(others, 0, WORDS * sizeof *others);
    for (uint32_t i = 0; i < count; i++)
        others[i / 64] |= (uint64_t)(masks[i] != ALONE) << i % 64;
    return (uint32_t)(__builtin_popcountll(others[0]) + __builtin_popcountll(others[1]));
}

static uint32_t next_other(uint64_t others[WORDS]) {
    const unsigned word = others[0] == 0;
    const uint32_t index = word * 64 + (uint32_t)__builtin_ctzll(others[word]);
    others[word] &= others[word] - 1;
    return index;
}

/* ---- encoding ---- */

enum masks_form postings_masks_choose(const uint8_t *masks, uint32_t count) {
    uint64_t others[WORDS];
    const uint32_t other_count = flag_others(masks, count, others);
    if (other_count == 0) return MASKS_ALL_ONE;
    return 1 + other_count < bitpack_size(count, 1) ? MASKS_LIST : MASKS_BITMAP;
}

static struct mask_code code_of(uint8_t mask, uint32_t frequency) {
    if (frequency == 1) return of_one[mask];
    if (of_several[mask].size > 0) return of_several[mask];
    return (struct mask_code){(uint8_t)(EXPLICIT | (unsigned)mask << EXPLICIT_BITS), EXPLICIT_BITS + MASK_BITS};
}

static uint8_t *put_codes(uint8_t *out, const uint8_t *masks, const uint32_t *frequencies, uint64_t others[WORDS]) {
    uint64_t filling = 0;
    unsigned used = 0;
    while (others[0] | others[1]) {
        const uint32_t i = next_other(others);
        const struct mask_code code = code_of(masks[i], frequencies[i]);
        filling |= (uint64_t)code.bits << used;
        used += code.size;
        for (; used >= 8; used -= 8, filling >>= 8)
            *out++ = (uint8_t)filling;
    }
    if (used > 0) *out++ = (uint8_t)filling;
    return out;
}

uint8_t *postings_masks_put(uint8_t *out, enum masks_form form, const uint8_t *masks, const uint32_t *frequencies,
                            uint32_t count) {
    uint64_t others[WORDS];
    if (form == MASKS_ALL_ONE) return out;
    const uint32_t other_count = flag_others(masks, count, others);
    if (form == MASKS_LIST) {
        uint64_t left[WORDS] = {others[0], others[1]};
        *out++ = (uint8_t)other_count;
        while (left[0] | left[1])
            *out++ = (uint8_t)next_other(left);
    } else {
        uint8_t bitmap[BITPACK_BLOCK / 8];
        store_le64(bitmap, others[0]);
        store_le64(bitmap + 8, others[1]);
        memcpy(out, bitmap, bitpack_size(count, 1));
        out += bitpack_size(count, 1);
    }
    return put_codes(out, masks, frequencies, others);
}

/* ---- decoding ---- */

static const char *take_list(const uint8_t *data, size_t size, size_t *at, uint32_t count, uint64_t others[WORDS]) {
    if (size == 0 || data[0] == 0 || data[0] > size - 1) return "the list of masks ends early";
    uint32_t least = 0;
    for (uint32_t i = 1; i <= data[0]; i++) {
        if (data[i] < least || data[i] >= count) return "the list of masks is out of range";
        others[data[i] / 64] |= (uint64_t)1 << data[i] % 64;
        least = data[i] + 1u;
    }
    *at = 1 + (size_t)data[0];
    return NULL;
}

static const char *take_bitmap(const uint8_t *data, size_t size, size_t *at, uint32_t count, uint64_t others[WORDS]) {
    uint8_t bitmap[BITPACK_BLOCK / 8] = {0};
    const size_t bytes = bitpack_size(count, 1);
    if (bytes > size) return "the masks end early";
    memcpy(bitmap, data, bytes);
    others[0] = load_le64(bitmap);
    others[1] = load_le64(bitmap + 8);
    if (count % 8 && bitmap[bytes - 1] >> count % 8) return "a mask is behind the last posting";
    *at = bytes;
    return NULL;
}

/* The mask whose code begins with the low bit of word, and its size; 0: there is no such mask. */
static unsigned mask_at(uint64_t word, uint32_t frequency, unsigned *size) {
    const unsigned ones = (unsigned)__builtin_ctzll(~word | 1u << EXPLICIT_BITS); /* at most 3 are of interest */
    if (frequency == 1) {
        *size = ones == 0 ? 1 : 2;
        return ones == 0 ? 2 : ones == 1 ? 4 : 8;
    }
    *size = ones < EXPLICIT_BITS ? ones + 1 : EXPLICIT_BITS + MASK_BITS;
    if (ones < EXPLICIT_BITS) return ones == 0 ? 3 : ones == 1 ? 2 : 5;
    const unsigned mask = word >> EXPLICIT_BITS & ((1u << MASK_BITS) - 1);
    return mask == ALONE ? 0 : mask;
}

static const char *take_codes(const uint8_t *data, size_t size, const uint32_t *frequencies, uint64_t others[WORDS],
                              uint8_t *masks) {
    size_t bit = 0;
    while (others[0] | others[1]) {
        const uint32_t i = next_other(others);
        unsigned code_size;
        if (bit >= size * 8) return "the masks end early";
        const unsigned mask = mask_at(load_le64(data + bit / 8) >> bit % 8, frequencies[i], &code_size);
        if (mask == 0) return "a mask names no form";
        masks[i] = (uint8_t)mask;
        bit += code_size;
    }
    return (bit + 7) / 8 == size ? NULL : "the masks do not end with the block";
}

const char *postings_masks_take(const uint8_t *data, size_t size, enum masks_form form, const uint32_t *frequencies,
                                uint32_t count, uint8_t *masks) {
    uint64_t others[WORDS] = {0};
    size_t at = 0;
    memset(masks, ALONE, count);
    if (form == MASKS_ALL_ONE) return NULL;
    const char *wrong =
        form == MASKS_LIST ? take_list(data, size, &at, count, others) : take_bitmap(data, size, &at, count, others);
    return wrong ? wrong : take_codes(data + at, size - at, frequencies, others, masks);
}
