/* positions_writer.c - see positions.h: a unit of POSITIONS being made (FORMAT.md, 6.4).
 *
 * The size of a code follows from the frequency and a width that all of the unit share, so that a reader finds any posting
 * by a sum over frequencies. Few positions are numbers of that width, less a bit of each but one: on a circle, what is not
 * the widest gap is at most half of it. For many Elias and Fano's code comes within half a bit of the best for each
 * (P. Elias, "Efficient storage and retrieval by content and address of static files", JACM 1974). */
#include "indexer/base/memory.h"
#include "indexer/format/positions.h"

/* Where the next bit goes; whole bytes are stored, others wait in filling. */
struct bit_place {
    uint8_t *next;
    uint64_t filling;
    unsigned used; /* bits of filling, below 8 */
};

#define BITS_AT_ONCE 56u
#define STORED_BEHIND sizeof(uint64_t) /* bytes after the last one */

/* count is at most BITS_AT_ONCE, value below 2^count. Always stores 8 bytes: those behind the whole ones are stored again
 * later. */
static inline void append_bits(struct bit_place *place, uint64_t value, unsigned count) {
    const uint64_t filling = place->filling | value << place->used;
    const unsigned used = place->used + count;
    store_le64(place->next, filling);
    place->next += used / 8;
    place->filling = filling >> (used & ~7u);
    place->used = used % 8;
}

static void append_zeros(struct bit_place *place, uint64_t count) {
    for (; count >= BITS_AT_ONCE; count -= BITS_AT_ONCE)
        append_bits(place, 0, BITS_AT_ONCE);
    append_bits(place, 0, (unsigned)count);
}

/* The positions from the one behind the widest gap on, around the circle. */
static void append_few(struct bit_place *place, const uint32_t *positions, uint32_t count, unsigned width) {
    const uint64_t circle = (uint64_t)1 << width;
    uint32_t widest = count - 1;
    uint64_t gaps[POSITIONS_FEW], widest_gap;
    for (uint32_t i = 0; i + 1 < count; i++)
        gaps[i] = positions[i + 1] - positions[i];
    gaps[count - 1] = circle - (positions[count - 1] - positions[0]);
    widest_gap = gaps[count - 1];
    for (uint32_t i = count - 1; i-- > 0;) {
        widest = gaps[i] >= widest_gap ? i : widest;
        widest_gap = gaps[i] >= widest_gap ? gaps[i] : widest_gap;
    }
    uint32_t at = widest + 1 < count ? widest + 1 : 0;
    append_bits(place, positions[at], width);
    for (uint32_t i = 1; i < count; i++) {
        append_bits(place, gaps[at] - 1, width - 1);
        at = at + 1 < count ? at + 1 : 0;
    }
}

static void append_many(struct bit_place *place, const uint32_t *positions, uint32_t count, unsigned width) {
    const unsigned high_bits = positions_high_bits(count), low_bits = width - high_bits;
    const uint64_t all = (uint64_t)count + ((uint64_t)1 << high_bits) - 1, low = ((uint64_t)1 << low_bits) - 1;
    uint64_t next = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t one = ((uint64_t)positions[i] >> low_bits) + i, zeros = one - next;
        next = one + 1;
        if (__builtin_expect(zeros < BITS_AT_ONCE, 1)) {
            append_bits(place, (uint64_t)1 << zeros, (unsigned)zeros + 1);
            continue;
        }
        append_zeros(place, zeros);
        append_bits(place, 1, 1);
    }
    append_zeros(place, all - next);
    for (uint32_t i = 0; i < count; i++)
        append_bits(place, positions[i] & low, low_bits);
}

static unsigned width_of(const uint32_t *positions, const uint32_t *frequencies, uint32_t count) {
    uint32_t all = 0;
    for (uint32_t i = 0; i < count; positions += frequencies[i++])
        all |= positions[frequencies[i] - 1];
    return bit_width32(all);
}

bool positions_unit_make(struct bytes *unit, const uint32_t *positions, const uint32_t *frequencies, uint32_t count,
                         uint64_t *bits) {
    const unsigned width = width_of(positions, frequencies, count);
    *bits = 0;
    for (uint32_t i = 0; i < count; i++)
        *bits += positions_code_bits(frequencies[i], width);
    bytes_clear(unit);
    if (*bits > UINT32_MAX) return true;
    const size_t size = POSITIONS_HEAD + (size_t)(*bits + 7) / 8;
    if (!MEMORY_RESERVE(unit->data, unit->capacity, size + STORED_BEHIND)) return false;
    unit->data[0] = (uint8_t)width;
    struct bit_place place = {.next = unit->data + POSITIONS_HEAD};
    for (uint32_t i = 0; i < count; positions += frequencies[i++]) {
        if (frequencies[i] == 1)
            append_bits(&place, positions[0], width);
        else if (frequencies[i] <= POSITIONS_FEW)
            append_few(&place, positions, frequencies[i], width);
        else
            append_many(&place, positions, frequencies[i], width);
    }
    append_bits(&place, 0, 0);
    unit->size = size;
    return true;
}
