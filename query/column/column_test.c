/* column_test.c - see column_test.h. A whole chunk at a time: its minimum and maximum may answer for all of it, and else an
 * interval of integers is looked for in the bytes as they lie there, which compilers turn into vector code. */
#include "query/column/column_test.h"

#include <math.h>
#include <string.h>

/* ---- intervals ---- */

/* The least integer of the chunk's range whose value is at least bound (or, past it, greater); one more than the maximum
 * when there is none. Values grow with their integers, so halving finds it, with the very conversion readers use. */
static uint64_t first_offset(const struct column_chunk *chunk, double bound, bool past) {
    uint64_t low = 0, high = (uint64_t)chunk->maximum - (uint64_t)chunk->minimum;
    struct column_chunk one = *chunk; /* of one constant value, the middle */
    one.encoding = 0;
    if (past ? chunk->number_maximum <= bound : chunk->number_maximum < bound) return high + 1;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        one.minimum = (int64_t)((uint64_t)chunk->minimum + middle);
        double value = column_chunk_number(&one, 0);
        if (past ? value > bound : value >= bound)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

#define MARK_WITHIN(name, type)                                                                                            \
    static void name(const uint8_t *values, uint32_t count, uint64_t from, uint64_t span, uint64_t bits[CHUNK_WORDS]) {    \
        for (uint32_t word = 0; word * 64 < count; word++) {                                                               \
            uint32_t in_word = count - word * 64 < 64 ? count - word * 64 : 64;                                            \
            uint64_t passed = 0;                                                                                           \
            for (uint32_t i = 0; i < in_word; i++) {                                                                       \
                type value;                                                                                                \
                memcpy(&value, values + (word * 64 + i) * sizeof value, sizeof value);                                     \
                passed |= (uint64_t)((type)(value - (type)from) <= (type)span) << i;                                       \
            }                                                                                                              \
            bits[word] = passed;                                                                                           \
        }                                                                                                                  \
    }
MARK_WITHIN(mark_u8, uint8_t)
MARK_WITHIN(mark_u16, uint16_t)
MARK_WITHIN(mark_u32, uint32_t)

static void mark_one_by_one(const struct column_test *test, const struct column_chunk *chunk, uint64_t bits[CHUNK_WORDS]) {
    for (uint32_t i = 0; i < chunk->count; i++) {
        double value = column_chunk_number(chunk, i);
        bits[i / 64] |= (uint64_t)(value >= test->low && value <= test->high) << (i % 64);
    }
}

static void mark_all(const struct column_chunk *chunk, uint64_t bits[CHUNK_WORDS]) {
    for (uint32_t i = 0; i < chunk->count; i += 64)
        bits[i / 64] = chunk->count - i < 64 ? ((uint64_t)1 << (chunk->count - i)) - 1 : UINT64_MAX;
}

static void mark_interval(const struct column_test *test, const struct column_chunk *chunk, uint64_t bits[CHUNK_WORDS]) {
    if (!(chunk->number_minimum <= test->high && chunk->number_maximum >= test->low)) return;
    if (chunk->number_minimum >= test->low && chunk->number_maximum <= test->high) {
        mark_all(chunk, bits);
        return;
    }
    unsigned bytes = chunk->is_integer ? column_chunk_value_bytes(chunk) : 8;
    if (bytes == 8) {
        mark_one_by_one(test, chunk, bits);
        return;
    }
    uint64_t from = first_offset(chunk, test->low, false), end = first_offset(chunk, test->high, true);
    if (from >= end) return;
    if (bytes == 1) mark_u8(chunk->values, chunk->count, from, end - 1 - from, bits);
    if (bytes == 2) mark_u16(chunk->values, chunk->count, from, end - 1 - from, bits);
    if (bytes == 4) mark_u32(chunk->values, chunk->count, from, end - 1 - from, bits);
}

/* ---- keywords ---- */

static bool is_wanted(const struct column_test *test, int64_t number) {
    return number >= 0 && number < (int64_t)test->keyword_count && (test->keywords[number / 64] >> (number % 64) & 1);
}

static bool has_wanted(const struct column_test *test, const struct column_chunk *chunk, uint32_t index) {
    uint32_t first, count;
    if (!chunk->has_several) return is_wanted(test, column_chunk_integer(chunk, index));
    count = column_chunk_several(chunk, index, &first);
    for (uint32_t i = 0; i < count; i++)
        if (is_wanted(test, column_chunk_several_at(chunk, first + i))) return true;
    return false;
}

static revue_status mark_keywords(const struct column_test *test, const struct column_chunk *chunk,
                                  uint64_t bits[CHUNK_WORDS], revue_error *error) {
    if (!chunk->is_integer || chunk->scale != 0)
        return error_set(error, REVUE_CORRUPT, "a chunk of keywords holds fractions; rebuild the index");
    if (test->is_one && !chunk->has_several) {
        mark_interval(test, chunk, bits);
        return REVUE_OK;
    }
    for (uint32_t i = 0; i < chunk->count; i++)
        bits[i / 64] |= (uint64_t)has_wanted(test, chunk, i) << (i % 64);
    return REVUE_OK;
}

/* ---- a chunk ---- */

revue_status column_test_chunk(const struct column_test *test, struct column_reader *reader, uint32_t chunk,
                               uint64_t bits[CHUNK_WORDS], revue_error *error) {
    memset(bits, 0, CHUNK_WORDS * sizeof *bits);
    TRY(column_reader_seek(reader, chunk * COLUMN_CHUNK, error));
    if (reader->is_absent) return REVUE_OK;
    if (test->is_set)
        TRY(mark_keywords(test, &reader->chunk, bits, error));
    else if (reader->chunk.has_several)
        return error_set(error, REVUE_CORRUPT, "a chunk of numbers holds lists; rebuild the index");
    else
        mark_interval(test, &reader->chunk, bits);
    if (reader->chunk.missing == 0) return REVUE_OK;
    for (uint32_t i = 0; i < CHUNK_WORDS; i++)
        bits[i] &= ~load_le64(reader->chunk.missing_bits + 8 * (size_t)i);
    return REVUE_OK;
}
