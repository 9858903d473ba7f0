/* positions.c - positions_reader of postings.h: units of POSITIONS being read (FORMAT.md, 6.4).
 *
 * Where a posting's code lies is summed up from the frequencies of its block (positions_sums.c), as far as it is asked for:
 * nothing is read but what is wanted, since codes are as good as random, and every branch on them would be mispredicted. */
#include "indexer/format/positions.h"
#include "indexer/format/postings_skips.h"

#include <assert.h>

/* ---- units ---- */

void positions_reader_open(struct positions_reader *positions) {
    positions->function = positions_sum_function_of(0);
    positions->block = UINT32_MAX;
    positions->scratch = (struct bytes){0};
}

void positions_reader_close(struct positions_reader *positions) {
    bytes_free(&positions->scratch);
    positions_reader_open(positions);
}

/* Where the unit of the reader's block lies, in the stream. */
static revue_status find_unit(struct postings_reader *reader, uint64_t *start, size_t *size, revue_error *error) {
    *start = reader->list.positions;
    *size = (size_t)reader->list.positions_bytes;
    if (!reader->directory) return REVUE_OK;
    const char *wrong = skip_group_positions(reader);
    if (wrong) return postings_damaged(reader, wrong, error);
    uint32_t in_group = reader->block % SKIP_GROUP;
    uint32_t before = in_group ? reader->positions_end[in_group - 1] : 0;
    *start += reader->group_positions + before;
    *size = reader->positions_end[in_group] - before;
    return REVUE_OK;
}

static revue_status touch_unit(struct positions_reader *positions, struct postings_reader *reader, revue_error *error) {
    uint64_t start = 0;
    const uint8_t *data;
    size_t size = 0;
    positions->block = UINT32_MAX;
    TRY(find_unit(reader, &start, &size, error));
    if (size < POSITIONS_HEAD) return postings_damaged(reader, "positions end early", error);
    TRY(stream_view(reader->streams.positions, start, size, &positions->scratch, &data, error));
    if (data[0] > POSITIONS_WIDEST) return postings_damaged(reader, "the width of its positions is over 32", error);
    positions->width = data[0];
    positions->data = data + POSITIONS_HEAD;
    positions->data_size = size - POSITIONS_HEAD;
    positions->bits[0] = positions->summed = 0;
    positions->block = reader->block;
    return REVUE_OK;
}

#define SUMMED_AT_ONCE 16u

/* Makes known where the codes of the first end postings lie; they do so within the unit. */
static bool sum_up_to(struct positions_reader *positions, const struct postings_reader *reader, uint32_t end) {
    if (end > positions->summed) {
        const uint32_t whole = (end + SUMMED_AT_ONCE - 1) / SUMMED_AT_ONCE * SUMMED_AT_ONCE;
        const uint32_t to = whole < reader->count ? whole : reader->count;
        if (!positions->function->sum(reader->frequencies, positions->summed, to, positions->width, positions->bits))
            return false;
        positions->summed = to;
    }
    return positions->bits[end] <= (uint64_t)positions->data_size * 8;
}

/* ---- codes ---- */

/* At least 57 bits are good. */
static inline uint64_t load_bits(const uint8_t *data, uint64_t bit) {
    return load_le64(data + (bit >> 3)) >> (bit & 7);
}

#define FEW_AT_ONCE 15u /* bits of a width in which one load has POSITIONS_FEW positions */

/* The first position and the gaps behind it, in low bits; above them there may be more. Those behind the last mean nothing.
 */
static inline void load_few(const uint8_t *data, uint64_t bit, uint32_t frequency, unsigned width, unsigned gap_width,
                            uint64_t *numbers) {
    numbers[0] = load_bits(data, bit);
    if (__builtin_expect(width <= FEW_AT_ONCE, 1)) {
        numbers[1] = numbers[0] >> width;
        numbers[2] = numbers[1] >> gap_width;
        numbers[3] = numbers[2] >> gap_width;
        return;
    }
    for (uint32_t i = 1; i < POSITIONS_FEW; i++)
        numbers[i] = i < frequency ? load_bits(data, bit + width + (uint64_t)(i - 1) * gap_width) : 0;
}

/* Where the first, second... of so many positions go when so many went around. */
static const uint8_t few_places[POSITIONS_FEW + 1][POSITIONS_FEW][POSITIONS_FEW] = {
    [1] = {{0, 1, 2, 3}, {0, 1, 2, 3}, {0, 1, 2, 3}, {0, 1, 2, 3}},
    [2] = {{0, 1, 2, 3}, {1, 0, 2, 3}, {0, 1, 2, 3}, {0, 1, 2, 3}},
    [3] = {{0, 1, 2, 3}, {1, 2, 0, 3}, {2, 0, 1, 3}, {0, 1, 2, 3}},
    [4] = {{0, 1, 2, 3}, {1, 2, 3, 0}, {2, 3, 0, 1}, {3, 0, 1, 2}},
};

/* Two to POSITIONS_FEW, which lie on a circle: those that went around it are the first of them. What is behind the last is
 * stored first, and overwritten. No branch: how many they are nothing foretells. */
static inline bool take_few(const uint8_t *data, uint64_t bit, uint32_t frequency, unsigned width, uint32_t *out) {
    const unsigned gap_width = width - 1;
    const uint64_t low = ((uint64_t)1 << width) - 1, gap_low = low >> 1;
    const uint64_t has_third = -(uint64_t)(frequency > 2), has_fourth = -(uint64_t)(frequency > 3);
    uint64_t numbers[POSITIONS_FEW];
    load_few(data, bit, frequency, width, gap_width, numbers);
    const uint64_t first = numbers[0] & low, second = first + (numbers[1] & gap_low) + 1;
    const uint64_t third = second + (((numbers[2] & gap_low) + 1) & has_third);
    const uint64_t fourth = third + (((numbers[3] & gap_low) + 1) & has_fourth);
    const uint64_t around = (second >> width) + (third >> width & has_third) + (fourth >> width & has_fourth);
    const uint8_t *place = few_places[frequency][around % POSITIONS_FEW];
    out[place[3]] = (uint32_t)(fourth & low);
    out[place[2]] = (uint32_t)(third & low);
    out[place[1]] = (uint32_t)(second & low);
    out[place[0]] = (uint32_t)first;
    return fourth - first <= low;
}

/* Of a damaged unit ones may be missing: then those of what follows are taken, up to the end of the ones and zeros. */
static inline bool take_many(const uint8_t *data, uint64_t bit, uint32_t frequency, unsigned width, uint32_t *out) {
    const unsigned high_bits = positions_high_bits(frequency), low_bits = width - high_bits;
    const uint64_t ones_end = bit + frequency + ((uint64_t)1 << high_bits) - 1, low = ((uint64_t)1 << low_bits) - 1;
    const unsigned loaded = 56;
    uint64_t rest = ones_end, before = bit, ones = load_bits(data, bit) & (((uint64_t)1 << loaded) - 1);
    bool is_right = true;
    for (uint32_t i = 0; i < frequency; i++, rest += low_bits, ones &= ones - 1) {
        while (__builtin_expect(ones == 0, 0)) {
            before += loaded;
            if (before >= ones_end) return false;
            ones = load_bits(data, before) & (((uint64_t)1 << loaded) - 1);
        }
        const uint64_t high = before - bit + (unsigned)__builtin_ctzll(ones) - i;
        out[i] = (uint32_t)(high << low_bits | (load_bits(data, rest) & low));
        is_right &= high >> high_bits == 0 && (i == 0 || out[i] > out[i - 1]);
    }
    return is_right;
}

static bool take_postings(struct positions_reader *positions, const struct postings_reader *reader, const uint8_t *indexes,
                          uint32_t count, uint32_t *out) {
    const unsigned width = positions->width;
    const uint8_t *data = positions->data;
    bool is_right = sum_up_to(positions, reader, (uint32_t)indexes[count - 1] + 1);
    for (uint32_t i = 0; i < count && is_right; i++) {
        const uint32_t bit = positions->bits[indexes[i]], frequency = reader->frequencies[indexes[i]];
        if (frequency == 1)
            *out = (uint32_t)(load_bits(data, bit) & (((uint64_t)1 << width) - 1));
        else if (frequency <= POSITIONS_FEW)
            is_right = take_few(data, bit, frequency, width, out);
        else
            is_right = take_many(data, bit, frequency, width, out);
        out += frequency;
    }
    return is_right;
}

/* ---- the reader ---- */

revue_status positions_reader_read_several(struct positions_reader *positions, struct postings_reader *reader,
                                           const uint8_t *indexes, uint32_t count, uint32_t *out, revue_error *error) {
    assert(count > 0 && indexes[count - 1] < reader->count && reader->has_frequencies);
    if (reader->list.is_inline) {
        memcpy(out, reader->list.inline_positions, reader->list.inline_frequency * sizeof *out);
        return REVUE_OK;
    }
    if (positions->block != reader->block) TRY(touch_unit(positions, reader, error));
    if (take_postings(positions, reader, indexes, count, out)) return REVUE_OK;
    positions->block = UINT32_MAX;
    return postings_damaged(reader, "positions end early or do not ascend", error);
}

revue_status positions_reader_read(struct positions_reader *positions, struct postings_reader *reader, uint32_t index,
                                   uint32_t *out, revue_error *error) {
    return positions_reader_read_several(positions, reader, &(uint8_t){(uint8_t)index}, 1, out, error);
}

revue_status positions_reader_check(struct positions_reader *positions, struct postings_reader *reader, uint32_t largest,
                                    revue_error *error) {
    const char *wrong = NULL;
    if (reader->list.is_inline) return REVUE_OK;
    TRY(touch_unit(positions, reader, error));
    if (!sum_up_to(positions, reader, reader->count))
        wrong = "positions end early";
    else if (((uint64_t)positions->bits[reader->count] + 7) / 8 != positions->data_size)
        wrong = "bytes are left over behind its positions";
    else if (positions->width != bit_width32(largest))
        wrong = "its positions have another width than the largest of them";
    positions->block = UINT32_MAX;
    return wrong ? postings_damaged(reader, wrong, error) : REVUE_OK;
}
