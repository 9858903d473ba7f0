/* positions.c - see positions.h, and positions_reader in postings.h.
 *
 * A truncated binary code for the first position and Rice codes for the gaps: both parameters follow from the field's
 * length and the frequency, which the reader has anyway, so nothing but the codes is stored. Were the positions drawn at
 * random, the gaps would be close to geometric with mean (length - frequency) / (frequency + 1), for which the Rice code
 * is close to best (Witten, Moffat, Bell, "Managing Gigabytes", 1999, chapter 3).
 *
 * The reader loads 8 bytes at the byte of the current bit, of which at least 57 bits are good, and takes codes from that
 * word until one does not fit: between codes there is a count of ones and a shift, not a load. */
#include "indexer/format/positions.h"

#include "indexer/base/bitpack.h"
#include "indexer/base/memory.h"
#include "indexer/format/postings.h"

#include <assert.h>

#define QUOTIENT_MAX 32u /* ones; the gap follows as it is */
#define LOAD_BITS 57u    /* of one load, however the first bit lies in its byte */

/* floor(log2(max(1, (length - frequency) / (frequency + 1)))), without the division. */
static inline unsigned rice_parameter(uint32_t frequency, uint32_t length) {
    const uint64_t free_places = length - frequency, parts = (uint64_t)frequency + 1;
    if (free_places < parts) return 0;
    unsigned shift = (unsigned)(__builtin_clzll(parts) - __builtin_clzll(free_places));
    return parts << shift > free_places ? shift - 1 : shift;
}

/* ---- writing ---- */

#define CODES_BATCH ((uint32_t)64)

void bit_writer_free(struct bit_writer *writer) {
    bytes_free(&writer->bytes);
    *writer = (struct bit_writer){0};
}

void bit_writer_clear(struct bit_writer *writer) {
    bytes_clear(&writer->bytes);
    writer->filling = 0;
    writer->used = 0;
}

void bit_writer_pad(struct bit_writer *writer) {
    if (writer->used) bytes_append_u8(&writer->bytes, (uint8_t)writer->filling);
    writer->filling = 0;
    writer->used = 0;
}

/* Where the next bit goes: a copy of the writer's, so that what is stored cannot overlap it. */
struct bit_place {
    uint8_t *next, *end; /* end: of the room */
    uint64_t filling;
    unsigned used;
};

/* count is at most 56, value below 2^count. Always stores 8 bytes: those behind the whole ones are stored again later. */
static inline void append_bits(struct bit_place *place, uint64_t value, unsigned count) {
    const uint64_t filling = place->filling | value << place->used;
    const unsigned used = place->used + count;
    store_le64(place->next, filling);
    place->next += used / 8;
    place->filling = filling >> (used & ~7u);
    place->used = used % 8;
}

/* The first unused values of the next power of two take one bit less than the others. No branch: which of them it is,
 * nothing can foresee. */
static inline void append_truncated(struct bit_place *place, uint32_t value, uint32_t range) {
    const unsigned bits = bit_width32(range) - 1;
    const uint64_t unused = ((uint64_t)2 << bits) - range;
    const unsigned is_long = value >= unused;
    const uint64_t code = value + (unused & -(uint64_t)is_long);
    append_bits(place, code >> is_long | (code & is_long) << bits, bits + is_long);
}

static inline void append_rice(struct bit_place *place, uint32_t value, unsigned parameter) {
    const uint32_t quotient = value >> parameter;
    const uint64_t rest = value & (((uint64_t)1 << parameter) - 1);
    if (__builtin_expect(quotient + parameter < 56, 1) && __builtin_expect(quotient < QUOTIENT_MAX, 1)) {
        append_bits(place, (((uint64_t)1 << quotient) - 1) | rest << (quotient + 1), quotient + 1 + parameter);
    } else if (quotient < QUOTIENT_MAX) {
        append_bits(place, ((uint64_t)1 << quotient) - 1, quotient + 1);
        append_bits(place, rest, parameter);
    } else {
        append_bits(place, UINT32_MAX, QUOTIENT_MAX);
        append_bits(place, value, 32);
    }
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

/* Room for a batch of codes of at most 64 bits each, and what append_bits stores behind. */
#define BATCH_BYTES ((size_t)(CODES_BATCH + 1) * sizeof(uint64_t))

static __attribute__((noinline)) bool make_room(struct bit_writer *writer) {
    struct bytes *bytes = &writer->bytes;
    if (!bytes->failed && !MEMORY_RESERVE(bytes->data, bytes->capacity, bytes->size + BATCH_BYTES)) bytes->failed = true;
    return !bytes->failed;
}

static inline bool has_room(struct bit_writer *writer, struct bit_place *place) {
    if (__builtin_expect((size_t)(place->end - place->next) >= BATCH_BYTES, 1)) return true;
    settle(writer, *place);
    if (!make_room(writer)) return false;
    *place = place_of(writer);
    return true;
}

void positions_encode(struct bit_writer *writer, const uint32_t *positions, const uint32_t *frequencies,
                      const uint32_t *lengths, uint32_t count) {
    if (!make_room(writer)) return;
    struct bit_place place = place_of(writer);
    for (uint32_t i = 0; i < count; positions += frequencies[i++]) {
        if (!has_room(writer, &place)) return;
        append_truncated(&place, positions[0], lengths[i]);
        if (frequencies[i] == 1) continue;
        const unsigned parameter = rice_parameter(frequencies[i], lengths[i]);
        for (uint32_t j = 1; j < frequencies[i]; j++) {
            if (j % CODES_BATCH == 0 && !has_room(writer, &place)) return;
            append_rice(&place, positions[j] - positions[j - 1] - 1, parameter);
        }
    }
    settle(writer, place);
}

/* ---- reading ---- */

/* The next bits of a unit. Loads stay within STREAM_SLACK: they start at a bit no later than end. */
struct window {
    const uint8_t *data;
    uint64_t bit, end; /* of data: the next, and behind the last */
    uint64_t word;     /* the next left bits, zeros above */
    unsigned left;
};

static inline bool window_load(struct window *window) {
    if (window->bit > window->end) return false;
    window->word = load_le64(window->data + (window->bit >> 3)) >> (window->bit & 7);
    window->left = LOAD_BITS;
    return true;
}

static inline void window_drop(struct window *window, unsigned count) {
    window->word >>= count;
    window->left -= count;
    window->bit += count;
}

static inline unsigned leading_ones(uint64_t word) {
    return (unsigned)__builtin_ctzll(~word | (uint64_t)1 << QUOTIENT_MAX);
}

/* A gap whose quotient and remainder do not fit into one load, or that is stored as it is: rare, so it loads again. */
static bool take_long_gap(struct window *window, unsigned parameter, uint64_t *gap) {
    if (!window_load(window)) return false;
    const unsigned ones = leading_ones(window->word);
    const unsigned bits = ones < QUOTIENT_MAX ? parameter : 32;
    window_drop(window, ones < QUOTIENT_MAX ? ones + 1 : QUOTIENT_MAX);
    if (!window_load(window)) return false;
    const uint64_t low = window->word & (((uint64_t)1 << bits) - 1);
    *gap = ones < QUOTIENT_MAX ? (uint64_t)ones << parameter | low : low;
    window_drop(window, bits);
    return true;
}

/* The next bits of a unit, filled up without a branch: as many whole bytes as fit are added behind the bits that are left
 * (Giesen, "Reading bits in far too many ways", 2018). The codes of a posting then wait for each other, not for a load. */
struct bit_buffer {
    const uint8_t *data;
    uint64_t next, size; /* bytes of data: the next to load, and how many there are, with slack behind them */
    uint64_t word;
    unsigned left; /* good bits of word; more may be there already, and are added again with the same value */
};

/* Behind the end zeros follow for a while, so that the last codes need no other way. */
static inline bool bit_buffer_fill(struct bit_buffer *buffer) {
    if (__builtin_expect(buffer->next <= buffer->size, 1))
        buffer->word |= load_le64(buffer->data + buffer->next) << buffer->left;
    else if (buffer->next > buffer->size + sizeof buffer->word)
        return false;
    buffer->next += (63 - buffer->left) >> 3;
    buffer->left |= 56;
    return true;
}

static inline void bit_buffer_drop(struct bit_buffer *buffer, unsigned count) {
    buffer->word >>= count;
    buffer->left -= count;
}

static inline bool bit_buffer_start(struct bit_buffer *buffer, const uint8_t *data, uint64_t end, uint64_t bit) {
    if (bit > end) return false;
    *buffer = (struct bit_buffer){.data = data, .next = bit >> 3, .size = end >> 3};
    bit_buffer_fill(buffer);
    bit_buffer_drop(buffer, bit & 7);
    return true;
}

static inline uint64_t bit_buffer_at(const struct bit_buffer *buffer) {
    return buffer->next * 8 - buffer->left;
}

/* Rice codes that are too long for what is left of a filled buffer are taken by a window, one by one. */
static bool take_long_gap_of(struct bit_buffer *buffer, uint64_t end, unsigned parameter, uint64_t *gap) {
    const uint8_t *data = buffer->data;
    struct window window = {.data = data, .bit = bit_buffer_at(buffer), .end = end};
    return take_long_gap(&window, parameter, gap) && bit_buffer_start(buffer, data, end, window.bit);
}

/* The code is as long as the length of the field and a single comparison say. */
static inline uint32_t take_first(struct bit_buffer *buffer, uint32_t length) {
    const unsigned bits = 31u - (unsigned)__builtin_clz(length);
    const uint64_t unused = ((uint64_t)2 << bits) - length, prefix = buffer->word & (((uint64_t)1 << bits) - 1);
    const unsigned is_long = prefix >= unused;
    const uint64_t last = buffer->word >> bits & is_long;
    bit_buffer_drop(buffer, bits + is_long);
    return (uint32_t)((prefix << is_long | last) - (unused & -(uint64_t)is_long));
}

/* The gaps behind the first position; out NULL: only passes over them. */
static inline __attribute__((always_inline)) bool take_gaps(struct bit_buffer *buffer, uint64_t end, uint32_t frequency,
                                                            uint32_t length, uint64_t position, uint32_t *out) {
    const unsigned parameter = rice_parameter(frequency, length);
    const uint64_t mask = ((uint64_t)1 << parameter) - 1;
    for (uint32_t i = 1; i < frequency; i++) {
        unsigned ones = leading_ones(buffer->word);
        uint64_t gap;
        if (ones + 1 + parameter > buffer->left) {
            if (!bit_buffer_fill(buffer)) return false;
            ones = leading_ones(buffer->word);
        }
        if (__builtin_expect(ones + 1 + parameter <= buffer->left && ones < QUOTIENT_MAX, 1)) {
            gap = (uint64_t)ones << parameter | (buffer->word >> (ones + 1) & mask);
            bit_buffer_drop(buffer, ones + 1 + parameter);
        } else {
            struct bit_buffer copy = *buffer; /* so that the buffer itself may stay in registers */
            if (!take_long_gap_of(&copy, end, parameter, &gap)) return false;
            *buffer = copy;
        }
        position += gap + 1;
        if (out) out[i] = (uint32_t)position;
    }
    return !out || position < length;
}

/* Most postings have one position. */
static inline __attribute__((always_inline)) bool pass_postings(struct bit_buffer *buffer, uint64_t end,
                                                                const uint32_t *frequencies, const uint32_t *lengths,
                                                                uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t frequency = frequencies[i], length = lengths[i];
        if (frequency - 1 >= length || !bit_buffer_fill(buffer)) return false;
        (void)take_first(buffer, length);
        if (frequency > 1 && !take_gaps(buffer, end, frequency, length, 0, NULL)) return false;
    }
    return true;
}

static inline __attribute__((always_inline)) bool take_posting(struct bit_buffer *buffer, uint64_t end, uint32_t frequency,
                                                               uint32_t length, uint32_t *out) {
    if (frequency - 1 >= length || !bit_buffer_fill(buffer)) return false;
    out[0] = take_first(buffer, length);
    return frequency == 1 || take_gaps(buffer, end, frequency, length, out[0], out);
}

bool positions_decode(const uint8_t *data, size_t size, uint64_t *bit, uint32_t frequency, uint32_t length, uint32_t *out) {
    const uint64_t end = (uint64_t)size * 8;
    struct bit_buffer buffer;
    if (!bit_buffer_start(&buffer, data, end, *bit)) return false;
    const bool is_taken =
        out ? take_posting(&buffer, end, frequency, length, out) : pass_postings(&buffer, end, &frequency, &length, 1);
    if (!is_taken) return false;
    *bit = bit_buffer_at(&buffer);
    return *bit <= end;
}

/* ---- units ---- */

void positions_reader_open(struct positions_reader *positions) {
    *positions = (struct positions_reader){.block = UINT32_MAX};
}

void positions_reader_close(struct positions_reader *positions) {
    bytes_free(&positions->scratch);
    positions_reader_open(positions);
}

/* Where the unit of the reader's block lies, in the stream. */
static void find_unit(const struct postings_reader *reader, uint64_t *start, size_t *size) {
    *start = reader->list.positions;
    *size = (size_t)reader->list.positions_bytes;
    if (!reader->directory) return;
    uint32_t in_group = reader->block % SKIP_GROUP;
    uint32_t before = in_group ? reader->positions_end[in_group - 1] : 0;
    *start += reader->group_positions + before;
    *size = reader->positions_end[in_group] - before;
}

/* Takes the marks off the front of a whole block's unit. */
static bool take_marks(struct positions_reader *positions, bool is_whole_block) {
    memset(positions->marks, 0, sizeof positions->marks);
    if (!is_whole_block || positions->data_size == 0) return true;
    const size_t width = positions_mark_width(positions->data_size), size = POSITIONS_MARKS * width;
    if (size > positions->data_size) return false;
    for (unsigned i = 0; i < POSITIONS_MARKS; i++)
        positions->marks[i] = width == 2 ? load_le16(positions->data + i * width) : load_le32(positions->data + i * width);
    positions->data += size;
    positions->data_size -= size;
    return true;
}

static revue_status touch_unit(struct positions_reader *positions, struct postings_reader *reader, revue_error *error) {
    static const uint8_t nothing[STREAM_SLACK];
    uint64_t start;
    const uint8_t *data = nothing;
    size_t size;
    positions->block = UINT32_MAX;
    find_unit(reader, &start, &size);
    /* A unit may take no bytes at all: every field has one token. */
    if (size) TRY(stream_view(reader->streams.positions, start, size, &positions->scratch, &data, error));
    positions->data = data;
    positions->data_size = size;
    if (!take_marks(positions, reader->count == POSTINGS_BLOCK))
        return postings_damaged(reader, "positions end early", error);
    positions->block = reader->block;
    positions->next = 0;
    positions->bit = 0;
    return REVUE_OK;
}

/* The positions of several postings, one pass over the codes between them; marks lead past the others. */
static bool take_several(struct positions_reader *positions, const struct postings_reader *reader, const uint8_t *indexes,
                         uint32_t count, const uint32_t *lengths, uint32_t *out) {
    const uint64_t end = (uint64_t)positions->data_size * 8;
    const bool has_marks = reader->count == POSTINGS_BLOCK;
    uint32_t next = positions->next;
    struct bit_buffer buffer;
    if (!bit_buffer_start(&buffer, positions->data, end, positions->bit)) return false;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t index = indexes[i], marked = index / POSITIONS_MARK * POSITIONS_MARK;
        if (has_marks && next < marked) {
            next = marked;
            if (!bit_buffer_start(&buffer, positions->data, end, positions->marks[marked / POSITIONS_MARK - 1]))
                return false;
        }
        if (!pass_postings(&buffer, end, reader->frequencies + next, lengths + next, index - next)) return false;
        if (!take_posting(&buffer, end, reader->frequencies[index], lengths[index], out)) return false;
        out += reader->frequencies[index];
        next = index + 1;
    }
    positions->next = next;
    positions->bit = bit_buffer_at(&buffer);
    return positions->bit <= end;
}

revue_status positions_reader_read_several(struct positions_reader *positions, struct postings_reader *reader,
                                           const uint8_t *indexes, uint32_t count, const uint32_t *lengths, uint32_t *out,
                                           revue_error *error) {
    assert(count > 0 && indexes[count - 1] < reader->count && reader->has_frequencies);
    if (reader->list.is_inline) {
        memcpy(out, reader->list.inline_positions, reader->list.inline_frequency * sizeof *out);
        return REVUE_OK;
    }
    if (positions->block != reader->block) {
        TRY(touch_unit(positions, reader, error));
    } else if (indexes[0] < positions->next) {
        positions->next = 0;
        positions->bit = 0;
    }
    if (take_several(positions, reader, indexes, count, lengths, out)) return REVUE_OK;
    positions->block = UINT32_MAX;
    return postings_damaged(reader, "positions end early or pass the end of their field", error);
}

revue_status positions_reader_read(struct positions_reader *positions, struct postings_reader *reader, uint32_t index,
                                   const uint32_t *lengths, uint32_t *out, revue_error *error) {
    return positions_reader_read_several(positions, reader, &(uint8_t){(uint8_t)index}, 1, lengths, out, error);
}
