/* positions.c - positions_reader of postings.h: units of POSITIONS being read (FORMAT.md, 6.4).
 *
 * Where a posting's codes lie is summed up from the frequencies and lengths of its run (positions_sums.c), so that the
 * codes of the others are not read: they are as good as random, and every branch on them would be mispredicted. Only which
 * quotients are a posting's has to be counted in the bits, a word at a time. For the same reason the single postings of a
 * run are read first, and the others by themselves. */
#include "indexer/base/bitpack.h"
#include "indexer/format/positions.h"
#include "indexer/format/postings_skips.h"

#include <assert.h>

/* ---- units ---- */

void positions_reader_open(struct positions_reader *positions) {
    positions->functions = positions_sum_functions_of(0);
    positions->block = positions->run = UINT32_MAX;
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
    uint64_t start = 0;
    const uint8_t *data = nothing;
    size_t size = 0;
    positions->block = positions->run = UINT32_MAX;
    TRY(find_unit(reader, &start, &size, error));
    /* A unit may take no bytes at all: every field has one token. */
    if (size) TRY(stream_view(reader->streams.positions, start, size, &positions->scratch, &data, error));
    positions->data = data;
    positions->data_size = size;
    if (!take_marks(positions, reader->count == POSTINGS_BLOCK))
        return postings_damaged(reader, "positions end early", error);
    positions->block = reader->block;
    return REVUE_OK;
}

/* ---- quotients ---- */

static inline uint64_t load_bits(const struct positions_reader *positions, uint64_t bit) {
    return load_le64(positions->data + (bit >> 3)) >> (bit & 7);
}

static inline uint64_t end_of(const struct positions_reader *positions) {
    return (uint64_t)positions->data_size * 8;
}

#define EACH_BYTE 0x0101010101010101u

/* Ones in each byte of the word and those below it. */
static inline uint64_t ones_up_to_bytes(uint64_t word) {
    word -= word >> 1 & 0x5555555555555555u;
    word = (word & 0x3333333333333333u) + (word >> 2 & 0x3333333333333333u);
    return ((word + (word >> 4)) & 0x0F0F0F0F0F0F0F0Fu) * EACH_BYTE;
}

/* Where in the lowest byte the one is that number others stand below; there is one. By halves, without a branch. */
static inline unsigned place_in_byte(unsigned byte, unsigned number) {
    const unsigned in_low = (unsigned)(0x4332322132212110u >> (byte & 15) * 4) & 15, high = number >= in_low ? 4 : 0;
    const unsigned half = byte >> high & 15, in_half = number - (high ? in_low : 0);
    const unsigned in_pair = (half & 1) + (half >> 1 & 1), upper = in_half >= in_pair ? 2 : 0;
    const unsigned left = in_half - (upper ? in_pair : 0);
    return high + upper + (left >= (half >> upper & 1) ? 1 : 0);
}

/* Where the one is that number others stand below (Vigna, "Broadword implementation of rank/select queries", 2008). */
static inline unsigned place_of_one(uint64_t word, uint64_t sums, unsigned number) {
    const uint64_t high = 0x80 * EACH_BYTE;
    const uint64_t is_below = (((number * EACH_BYTE | high) - sums) & high) >> 7; /* of bytes: no more than number ones */
    const unsigned shift = (unsigned)(is_below * EACH_BYTE >> 56) * 8;
    return shift + place_in_byte((unsigned)(word >> shift) & 0xFF, number - ((unsigned)(sums << 8 >> shift) & 0xFF));
}

/* Goes behind count more quotients of the run. */
static bool pass_quotients(struct positions_reader *positions, uint32_t count) {
    const uint64_t end = end_of(positions);
    uint64_t bit = positions->quotient_bit;
    positions->quotients_passed += count;
    while (count > 0) {
        if (bit >= end) return false;
        const uint64_t zeros = ~load_le64(positions->data + (bit >> 3)) >> (bit & 7), sums = ones_up_to_bytes(zeros);
        const unsigned found = (unsigned)(sums >> 56);
        bit += found < count ? 64 - (bit & 7) : place_of_one(zeros, sums, count - 1) + 1;
        count -= found < count ? found : count;
    }
    positions->quotient_bit = bit;
    return bit <= end;
}

#define ONES_MAX 56u /* of one load, however the first bit lies in its byte */

/* Ones that a load did not end: few quotients have so many. */
static bool take_long_quotient(const struct positions_reader *positions, uint64_t *bit, uint64_t *quotient) {
    unsigned ones;
    *quotient = 0;
    do {
        if (*bit >= end_of(positions) || *quotient > UINT32_MAX) return false;
        ones = (unsigned)__builtin_ctzll(~load_bits(positions, *bit) | (uint64_t)1 << ONES_MAX);
        *bit += ones;
        *quotient += ones;
    } while (ones == ONES_MAX);
    ++*bit;
    return true;
}

/* ---- postings ---- */

static uint32_t count_of_run(const struct postings_reader *reader, uint32_t run) {
    const uint32_t left = reader->count - run * POSITIONS_RUN;
    return left < POSITIONS_RUN ? left : POSITIONS_RUN;
}

/* The run that begins at bit. */
static bool start_run(struct positions_reader *positions, const struct postings_reader *reader, uint32_t run,
                      const uint32_t *lengths, uint64_t bit) {
    const uint32_t first = run * POSITIONS_RUN, count = count_of_run(reader, run);
    positions->run = UINT32_MAX;
    if (!positions->functions->singles(reader->frequencies + first, lengths + first, count, &positions->sums)) return false;
    positions->singles = bit;
    positions->rests = bit + positions->sums.single_bits[count];
    positions->has_several = false;
    if (positions->rests > end_of(positions)) return false;
    positions->run = run;
    return true;
}

/* Most postings are single, and do without these sums. */
static bool know_several(struct positions_reader *positions, const struct postings_reader *reader,
                         const uint32_t *lengths) {
    const uint32_t first = positions->run * POSITIONS_RUN, count = count_of_run(reader, positions->run);
    const struct positions_sums *sums = &positions->sums;
    if (positions->has_several) return true;
    if (!positions->functions->several(reader->frequencies + first, lengths + first, count, &positions->sums)) return false;
    positions->quotients = positions->quotient_bit = positions->rests + sums->rest_bits[count];
    positions->quotients_passed = 0;
    /* A quotient takes one bit at least. */
    positions->has_several = positions->quotients + sums->quotients[count] <= end_of(positions);
    return positions->has_several;
}

/* Where the run behind the one it stands in begins. */
static bool end_run(struct positions_reader *positions, const struct postings_reader *reader, const uint32_t *lengths,
                    uint64_t *bit) {
    if (!know_several(positions, reader, lengths)) return false;
    const uint32_t count = positions->sums.quotients[count_of_run(reader, positions->run)];
    if (!pass_quotients(positions, count - positions->quotients_passed)) return false;
    *bit = positions->quotient_bit;
    return true;
}

static bool enter_run(struct positions_reader *positions, const struct postings_reader *reader, uint32_t run,
                      const uint32_t *lengths) {
    if (reader->count == POSTINGS_BLOCK)
        return start_run(positions, reader, run, lengths, run ? positions->marks[run - 1] : 0);
    uint64_t bit = 0;
    uint32_t next = 0;
    if (positions->run < run) {
        next = positions->run + 1;
        if (!end_run(positions, reader, lengths, &bit)) return false;
    }
    for (; start_run(positions, reader, next, lengths, bit); next++) {
        if (next == run) return true;
        if (!end_run(positions, reader, lengths, &bit)) break;
    }
    return false;
}

static inline bool take_single(const struct positions_reader *positions, uint32_t in_run, uint32_t length, uint32_t *out) {
    const uint32_t *bits = positions->sums.single_bits, width = bits[in_run + 1] - bits[in_run];
    *out = (uint32_t)(load_bits(positions, positions->singles + bits[in_run]) & (((uint64_t)1 << width) - 1));
    return *out < length;
}

static inline bool take_several(struct positions_reader *positions, uint32_t in_run, uint32_t frequency, uint32_t length,
                                uint32_t *out) {
    const struct positions_sums *sums = &positions->sums;
    const unsigned parameter = positions_rice_parameter(frequency, length);
    const uint64_t low = ((uint64_t)1 << parameter) - 1;
    if (sums->quotients[in_run] < positions->quotients_passed) {
        positions->quotient_bit = positions->quotients;
        positions->quotients_passed = 0;
    }
    if (!pass_quotients(positions, sums->quotients[in_run] - positions->quotients_passed)) return false;
    uint64_t rest = positions->rests + sums->rest_bits[in_run], bit = positions->quotient_bit, ones = 0, position = 0;
    unsigned left = 0; /* good bits of ones, zeros above */
    for (uint32_t i = 0; i < frequency; i++, rest += parameter, position++) {
        uint64_t quotient = (uint64_t)__builtin_ctzll(~ones);
        if (quotient >= left) {
            if (bit > end_of(positions)) return false;
            ones = load_bits(positions, bit) & (((uint64_t)1 << ONES_MAX) - 1);
            left = ONES_MAX;
            quotient = (uint64_t)__builtin_ctzll(~ones);
        }
        if (__builtin_expect(quotient < left, 1)) {
            ones >>= quotient + 1;
            left -= (unsigned)quotient + 1;
            bit += quotient + 1;
        } else {
            if (!take_long_quotient(positions, &bit, &quotient)) return false;
            left = 0;
        }
        position += quotient << parameter | (load_bits(positions, rest) & low);
        if (position >= length) return false;
        out[i] = (uint32_t)position;
    }
    positions->quotient_bit = bit;
    positions->quotients_passed += frequency;
    return bit <= end_of(positions);
}

/* Postings that are read one after the other, and where their positions go. */
struct wanted {
    uint32_t count;
    uint8_t index[POSITIONS_RUN + 1];
    uint32_t at[POSITIONS_RUN + 1];
};

static bool take_singles(const struct positions_reader *positions, const struct wanted *wanted, const uint32_t *lengths,
                         uint32_t *out) {
    bool are_right = true;
    for (uint32_t i = 0; i < wanted->count; i++)
        are_right &=
            take_single(positions, wanted->index[i] % POSITIONS_RUN, lengths[wanted->index[i]], out + wanted->at[i]);
    return are_right;
}

static bool take_others(struct positions_reader *positions, const struct postings_reader *reader,
                        const struct wanted *wanted, const uint32_t *lengths, uint32_t *out) {
    if (wanted->count > 0 && !know_several(positions, reader, lengths)) return false;
    for (uint32_t i = 0; i < wanted->count; i++) {
        const uint8_t index = wanted->index[i];
        if (!take_several(positions, index % POSITIONS_RUN, reader->frequencies[index], lengths[index],
                          out + wanted->at[i]))
            return false;
    }
    return true;
}

/* Those of the first of the indexes that lie in one run. *count: how many they are; *used: of out. */
static bool take_run(struct positions_reader *positions, const struct postings_reader *reader, const uint8_t *indexes,
                     uint32_t *count, const uint32_t *lengths, uint32_t *out, uint32_t *used) {
    const uint32_t run = indexes[0] / POSITIONS_RUN, all = *count;
    struct wanted singles, others;
    uint32_t taken = 0, at = 0;
    singles.count = others.count = 0;
    for (; taken < all && indexes[taken] / POSITIONS_RUN == run; taken++) {
        const uint32_t frequency = reader->frequencies[indexes[taken]];
        singles.index[singles.count] = others.index[others.count] = indexes[taken];
        singles.at[singles.count] = others.at[others.count] = at;
        singles.count += frequency == 1;
        others.count += frequency != 1;
        at += frequency;
    }
    *count = taken;
    *used = at;
    return (run == positions->run || enter_run(positions, reader, run, lengths)) &&
           take_singles(positions, &singles, lengths, out) && take_others(positions, reader, &others, lengths, out);
}

static bool take_postings(struct positions_reader *positions, const struct postings_reader *reader, const uint8_t *indexes,
                          uint32_t count, const uint32_t *lengths, uint32_t *out) {
    for (uint32_t from = 0; from < count;) {
        uint32_t taken = count - from, used;
        if (!take_run(positions, reader, indexes + from, &taken, lengths, out, &used)) return false;
        from += taken;
        out += used;
    }
    return true;
}

revue_status positions_reader_read_several(struct positions_reader *positions, struct postings_reader *reader,
                                           const uint8_t *indexes, uint32_t count, const uint32_t *lengths, uint32_t *out,
                                           revue_error *error) {
    assert(count > 0 && indexes[count - 1] < reader->count && reader->has_frequencies);
    if (reader->list.is_inline) {
        memcpy(out, reader->list.inline_positions, reader->list.inline_frequency * sizeof *out);
        return REVUE_OK;
    }
    if (positions->block != reader->block) TRY(touch_unit(positions, reader, error));
    if (take_postings(positions, reader, indexes, count, lengths, out)) return REVUE_OK;
    positions->block = positions->run = UINT32_MAX;
    return postings_damaged(reader, "positions end early or pass the end of their field", error);
}

revue_status positions_reader_read(struct positions_reader *positions, struct postings_reader *reader, uint32_t index,
                                   const uint32_t *lengths, uint32_t *out, revue_error *error) {
    return positions_reader_read_several(positions, reader, &(uint8_t){(uint8_t)index}, 1, lengths, out, error);
}

/* *wrong stays NULL when nothing is. */
static void check_runs(struct positions_reader *positions, const struct postings_reader *reader, const uint32_t *lengths,
                       const char **wrong) {
    uint64_t bit = 0;
    for (uint32_t run = 0; run * POSITIONS_RUN < reader->count && !*wrong; run++) {
        if (run > 0 && reader->count == POSTINGS_BLOCK && positions->marks[run - 1] != bit)
            *wrong = "a mark of its positions points elsewhere";
        else if (!start_run(positions, reader, run, lengths, bit) || !end_run(positions, reader, lengths, &bit))
            *wrong = "positions end early";
    }
    if (!*wrong && (bit + 7) / 8 != positions->data_size) *wrong = "bytes are left over behind its positions";
}

revue_status positions_reader_check(struct positions_reader *positions, struct postings_reader *reader,
                                    const uint32_t *lengths, revue_error *error) {
    const char *wrong = NULL;
    if (reader->list.is_inline) return REVUE_OK;
    TRY(touch_unit(positions, reader, error));
    check_runs(positions, reader, lengths, &wrong);
    positions->block = positions->run = UINT32_MAX;
    return wrong ? postings_damaged(reader, wrong, error) : REVUE_OK;
}
