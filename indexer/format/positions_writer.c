/* positions_writer.c - see positions.h: the units of POSITIONS being written (FORMAT.md, 6.4).
 *
 * A position alone in its field takes as many bits as the length has; several have Rice codes, of a parameter that follows
 * from frequency and length, so nothing but codes is stored. Were the positions drawn at random, the gaps would be close to
 * geometric with mean (length - frequency) / (frequency + 1), for which the Rice code is close to best (Witten, Moffat,
 * Bell, "Managing Gigabytes", 1999, chapter 3). The codes are taken apart, so that a reader finds any posting by sums over
 * frequencies and lengths, and not by reading the codes of those before it. */
#include "indexer/base/bitpack.h"
#include "indexer/base/memory.h"
#include "indexer/format/positions.h"

#define CODES_BATCH ((uint32_t)64)
#define BITS_AT_ONCE 56u

/* Room for a batch of codes of at most 64 bits each, and what append_bits stores behind. */
#define BATCH_BYTES ((size_t)(CODES_BATCH + 1) * sizeof(uint64_t))

static void writer_clear(struct bit_writer *writer) {
    bytes_clear(&writer->bytes);
    writer->filling = 0;
    writer->used = 0;
}

/* ---- bits ---- */

/* Where the next bit goes: a copy of the writer's, so that what is stored cannot overlap it. */
struct bit_place {
    uint8_t *next, *end; /* end: of the room */
    uint64_t filling;
    unsigned used;
};

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

static inline struct bit_place place_of(const struct bit_writer *writer) {
    const struct bytes *bytes = &writer->bytes;
    return (struct bit_place){bytes->data + bytes->size, bytes->data + bytes->capacity, writer->filling, writer->used};
}

static inline void settle(struct bit_writer *writer, struct bit_place place) {
    writer->bytes.size = (size_t)(place.next - writer->bytes.data);
    writer->filling = place.filling;
    writer->used = place.used;
}

static __attribute__((noinline)) bool make_room(struct bit_writer *writer, size_t size) {
    struct bytes *bytes = &writer->bytes;
    if (!bytes->failed && !MEMORY_RESERVE(bytes->data, bytes->capacity, bytes->size + size)) bytes->failed = true;
    return !bytes->failed;
}

static inline bool has_room(struct bit_writer *writer, struct bit_place *place) {
    if (__builtin_expect((size_t)(place->end - place->next) >= BATCH_BYTES, 1)) return true;
    settle(writer, *place);
    if (!make_room(writer, BATCH_BYTES)) return false;
    *place = place_of(writer);
    return true;
}

/* Appends the bits of another writer, which is left as it is. */
static void append_writer(struct bit_writer *writer, const struct bit_writer *from) {
    if (from->bytes.failed) writer->bytes.failed = true;
    if (!make_room(writer, from->bytes.size + 2 * sizeof(uint64_t))) return;
    struct bit_place place = place_of(writer);
    for (size_t i = 0; i < from->bytes.size; i += BITS_AT_ONCE / 8) {
        const size_t left = from->bytes.size - i, taken = left < BITS_AT_ONCE / 8 ? left : BITS_AT_ONCE / 8;
        uint64_t bits = 0;
        memcpy(&bits, from->bytes.data + i, taken);
        append_bits(&place, load_le64(&bits), (unsigned)taken * 8);
    }
    append_bits(&place, from->filling, from->used);
    settle(writer, place);
}

/* ---- codes ---- */

static void add_singles(struct bit_writer *unit, const uint32_t *positions, const uint32_t *frequencies,
                        const uint32_t *lengths, uint32_t count) {
    if (!make_room(unit, (size_t)(count + 2) * sizeof(uint64_t))) return;
    struct bit_place place = place_of(unit);
    for (uint32_t i = 0; i < count; positions += frequencies[i++]) {
        /* No branch: which postings have one position nothing can foresee. */
        const uint32_t single = -(uint32_t)(frequencies[i] == 1);
        append_bits(&place, positions[0] & single, positions_single_width(lengths[i]) & single);
    }
    settle(unit, place);
}

/* Few quotients are over 56. */
static inline bool append_quotient(struct bit_writer *writer, struct bit_place *place, uint32_t quotient) {
    for (; __builtin_expect(quotient >= BITS_AT_ONCE, 0); quotient -= BITS_AT_ONCE) {
        if (!has_room(writer, place)) return false;
        append_bits(place, ((uint64_t)1 << BITS_AT_ONCE) - 1, BITS_AT_ONCE);
    }
    append_bits(place, ((uint64_t)1 << quotient) - 1, quotient + 1);
    return true;
}

static void add_several(struct positions_writer *writer, const uint32_t *positions, uint32_t frequency, uint32_t length) {
    const unsigned parameter = positions_rice_parameter(frequency, length);
    const uint32_t low = (uint32_t)(((uint64_t)1 << parameter) - 1);
    if (!make_room(&writer->rests, BATCH_BYTES) || !make_room(&writer->quotients, BATCH_BYTES)) return;
    struct bit_place rests = place_of(&writer->rests), quotients = place_of(&writer->quotients);
    uint32_t expected = 0; /* the least that the next position can be */
    for (uint32_t i = 0; i < frequency; i++) {
        if (i % CODES_BATCH == 0 && (!has_room(&writer->rests, &rests) || !has_room(&writer->quotients, &quotients)))
            return;
        const uint32_t value = positions[i] - expected;
        append_bits(&rests, value & low, parameter);
        if (!append_quotient(&writer->quotients, &quotients, value >> parameter)) return;
        expected = positions[i] + 1;
    }
    settle(&writer->rests, rests);
    settle(&writer->quotients, quotients);
}

/* ---- units ---- */

void positions_writer_free(struct positions_writer *writer) {
    bytes_free(&writer->unit.bytes);
    bytes_free(&writer->rests.bytes);
    bytes_free(&writer->quotients.bytes);
    *writer = (struct positions_writer){0};
}

void positions_writer_clear(struct positions_writer *writer) {
    writer_clear(&writer->unit);
    writer_clear(&writer->rests);
    writer_clear(&writer->quotients);
}

void positions_writer_add(struct positions_writer *writer, const uint32_t *positions, const uint32_t *frequencies,
                          const uint32_t *lengths, uint32_t count) {
    add_singles(&writer->unit, positions, frequencies, lengths, count);
    for (uint32_t i = 0; i < count; positions += frequencies[i++])
        if (frequencies[i] > 1) add_several(writer, positions, frequencies[i], lengths[i]);
}

uint64_t positions_writer_end_run(struct positions_writer *writer) {
    append_writer(&writer->unit, &writer->rests);
    append_writer(&writer->unit, &writer->quotients);
    writer_clear(&writer->rests);
    writer_clear(&writer->quotients);
    return (uint64_t)writer->unit.bytes.size * 8 + writer->unit.used;
}

bool positions_writer_finish(struct positions_writer *writer) {
    struct bit_writer *unit = &writer->unit;
    if (unit->used) bytes_append_u8(&unit->bytes, (uint8_t)unit->filling);
    unit->filling = 0;
    unit->used = 0;
    return !unit->bytes.failed;
}
