/* columns.c - values kept beside the text: 4,096 reviews a record, each as narrow as its chunk allows (FORMAT.md, 8).
 *
 * Ratings are written 4.5 and 4.0, votes 12: decimals of few digits. A chunk of numbers that are all such is stored as
 * integers times a power of ten, and only if every one of them comes back bit for bit; else as doubles. Minimum and maximum
 * stand in front, so that a filter may pass over a chunk without looking at its values. */
#include "indexer/format/columns.h"

#include <math.h>

#define MISSING_BYTES (COLUMN_CHUNK / 8)
#define SCALE_MAX 4u
#define EXACT_INTEGERS 9007199254740992.0 /* 2^53: doubles hold every integer up to here */

enum encoding { ENCODING_CONSTANT, ENCODING_U8, ENCODING_U16, ENCODING_U32, ENCODING_I64, ENCODING_F64 };
#define ENCODING_SEVERAL (16u | ENCODING_U32) /* ends, then numbers as they are */

static const double powers_of_ten[SCALE_MAX + 1] = {1, 10, 100, 1000, 10000};
static const uint8_t encoding_bytes[] = {0, 1, 2, 4, 8, 8};

/* ---- writing ---- */

static bool input_has(const struct column_chunk_input *input, uint32_t index) {
    if (input->ends) return input->ends[index] > (index > 0 ? input->ends[index - 1] : 0);
    return !input->has_value || input->has_value[index];
}

static uint32_t count_missing(const struct column_chunk_input *input) {
    uint32_t missing = 0;
    for (uint32_t i = 0; i < input->count; i++)
        missing += !input_has(input, i);
    return missing;
}

/* number as an integer times 10^scale; false when it would not come back the same. */
static bool scaled(double number, unsigned scale, int64_t *integer) {
    double product = nearbyint(number * powers_of_ten[scale]);
    if (!(fabs(product) <= EXACT_INTEGERS)) return false;
    int64_t whole = (int64_t)product;
    double back = (double)whole / powers_of_ten[scale];
    *integer = whole;
    return memcmp(&back, &number, sizeof back) == 0;
}

static bool all_scaled(const struct column_chunk_input *input, unsigned scale, int64_t integers[COLUMN_CHUNK]) {
    for (uint32_t i = 0; i < input->count; i++) {
        integers[i] = 0;
        if (input_has(input, i) && !scaled(input->numbers[i], scale, &integers[i])) return false;
    }
    return true;
}

static void append_head(struct bytes *out, const struct column_chunk_input *input, unsigned encoding, unsigned scale,
                        uint32_t missing, uint64_t minimum, uint64_t maximum) {
    bytes_append_u16(out, (uint16_t)input->count);
    bytes_append_u8(out, (uint8_t)encoding);
    bytes_append_u8(out, (uint8_t)scale);
    bytes_append_u16(out, (uint16_t)missing);
    bytes_append_u16(out, 0);
    bytes_append_u64(out, minimum);
    bytes_append_u64(out, maximum);
    if (missing == 0) return;
    uint8_t bits[MISSING_BYTES] = {0};
    for (uint32_t i = 0; i < input->count; i++)
        if (!input_has(input, i)) bits[i / 8] |= (uint8_t)(1u << (i % 8));
    bytes_append(out, bits, sizeof bits);
}

static void append_doubles(struct bytes *out, const struct column_chunk_input *input, uint32_t missing) {
    double minimum = HUGE_VAL, maximum = -HUGE_VAL;
    uint64_t minimum_bits, maximum_bits;
    for (uint32_t i = 0; i < input->count; i++) {
        if (!input_has(input, i)) continue;
        if (input->numbers[i] < minimum) minimum = input->numbers[i];
        if (input->numbers[i] > maximum) maximum = input->numbers[i];
    }
    memcpy(&minimum_bits, &minimum, sizeof minimum_bits);
    memcpy(&maximum_bits, &maximum, sizeof maximum_bits);
    append_head(out, input, ENCODING_F64, 0, missing, minimum_bits, maximum_bits);
    for (uint32_t i = 0; i < input->count; i++) {
        uint64_t bits = 0;
        if (input_has(input, i)) memcpy(&bits, &input->numbers[i], sizeof bits);
        bytes_append_u64(out, bits);
    }
}

static enum encoding narrowest(int64_t minimum, int64_t maximum) {
    uint64_t span = (uint64_t)maximum - (uint64_t)minimum;
    if (span == 0) return ENCODING_CONSTANT;
    if (span <= UINT8_MAX) return ENCODING_U8;
    if (span <= UINT16_MAX) return ENCODING_U16;
    return span <= UINT32_MAX ? ENCODING_U32 : ENCODING_I64;
}

static void append_integer(struct bytes *out, enum encoding encoding, int64_t value, int64_t minimum) {
    uint64_t offset = encoding == ENCODING_I64 ? (uint64_t)value : (uint64_t)value - (uint64_t)minimum;
    bytes_append(out, &offset, encoding_bytes[encoding]); /* little-endian: the low bytes come first */
}

static void append_integers(struct bytes *out, const struct column_chunk_input *input, const int64_t *integers,
                            unsigned scale, uint32_t missing) {
    int64_t minimum = INT64_MAX, maximum = INT64_MIN;
    for (uint32_t i = 0; i < input->count; i++) {
        if (!input_has(input, i)) continue;
        if (integers[i] < minimum) minimum = integers[i];
        if (integers[i] > maximum) maximum = integers[i];
    }
    enum encoding encoding = narrowest(minimum, maximum);
    append_head(out, input, encoding, scale, missing, (uint64_t)minimum, (uint64_t)maximum);
    int64_t missing_value = encoding == ENCODING_I64 ? 0 : minimum;
    for (uint32_t i = 0; i < input->count; i++)
        append_integer(out, encoding, input_has(input, i) ? integers[i] : missing_value, minimum);
}

static revue_status append_several(struct bytes *out, const struct column_chunk_input *input, uint32_t missing,
                                   revue_error *error) {
    int64_t minimum = INT64_MAX, maximum = INT64_MIN;
    uint32_t total = input->ends[input->count - 1];
    for (uint32_t i = 0; i < total; i++) {
        if (input->integers[i] < 0 || input->integers[i] > UINT32_MAX)
            return error_set(error, REVUE_BUG, "a keyword number is out of range");
        if (input->integers[i] < minimum) minimum = input->integers[i];
        if (input->integers[i] > maximum) maximum = input->integers[i];
    }
    append_head(out, input, ENCODING_SEVERAL, 0, missing, (uint64_t)minimum, (uint64_t)maximum);
    for (uint32_t i = 0; i < input->count; i++)
        bytes_append_u32(out, input->ends[i]);
    for (uint32_t i = 0; i < total; i++)
        bytes_append_u32(out, (uint32_t)input->integers[i]);
    return REVUE_OK;
}

static void append_numbers(struct bytes *out, const struct column_chunk_input *input, uint32_t missing) {
    int64_t integers[COLUMN_CHUNK];
    for (unsigned scale = 0; scale <= SCALE_MAX; scale++) {
        if (!all_scaled(input, scale, integers)) continue;
        append_integers(out, input, integers, scale, missing);
        return;
    }
    append_doubles(out, input, missing);
}

revue_status column_chunk_encode(const struct column_chunk_input *input, struct bytes *out, bool *is_empty,
                                 revue_error *error) {
    if (input->count == 0 || input->count > COLUMN_CHUNK)
        return error_set(error, REVUE_BUG, "a chunk of %u values", input->count);
    uint32_t missing = count_missing(input);
    if (missing < input->count) {
        if (input->ends)
            TRY(append_several(out, input, missing, error));
        else if (input->is_integer)
            append_integers(out, input, input->integers, 0, missing);
        else
            append_numbers(out, input, missing);
        if (out->failed) return error_no_memory(error);
    }
    *is_empty = missing == input->count;
    return REVUE_OK;
}

/* ---- a chunk in place ---- */

static revue_status damaged(const char *what, revue_error *error) {
    return error_set(error, REVUE_CORRUPT, "a chunk of a column: %s; rebuild the index", what);
}

/* Minimum and maximum, which also say how wide the values are. */
static bool read_limits(struct byte_reader *reader, struct column_chunk *chunk) {
    uint64_t minimum = byte_reader_u64(reader), maximum = byte_reader_u64(reader);
    if (!chunk->is_integer) {
        memcpy(&chunk->number_minimum, &minimum, sizeof minimum);
        memcpy(&chunk->number_maximum, &maximum, sizeof maximum);
        return chunk->number_minimum <= chunk->number_maximum;
    }
    chunk->minimum = (int64_t)minimum;
    chunk->maximum = (int64_t)maximum;
    chunk->number_minimum = (double)chunk->minimum / powers_of_ten[chunk->scale];
    chunk->number_maximum = (double)chunk->maximum / powers_of_ten[chunk->scale];
    return chunk->minimum <= chunk->maximum &&
           (chunk->has_several || narrowest(chunk->minimum, chunk->maximum) == chunk->encoding);
}

static bool read_head(struct byte_reader *reader, struct column_chunk *chunk) {
    chunk->count = byte_reader_u16(reader);
    chunk->encoding = byte_reader_u8(reader);
    chunk->scale = byte_reader_u8(reader);
    chunk->missing = byte_reader_u16(reader);
    uint16_t reserved = byte_reader_u16(reader);
    chunk->has_several = chunk->encoding == ENCODING_SEVERAL;
    chunk->is_integer = chunk->encoding != ENCODING_F64;
    if (reserved != 0 || chunk->count == 0 || chunk->count > COLUMN_CHUNK || chunk->missing >= chunk->count) return false;
    if (chunk->encoding > ENCODING_F64 && !chunk->has_several) return false;
    if (chunk->scale > (chunk->is_integer && !chunk->has_several ? SCALE_MAX : 0)) return false;
    return read_limits(reader, chunk) && !reader->failed;
}

static bool read_missing(struct byte_reader *reader, struct column_chunk *chunk) {
    if (chunk->missing == 0) return true;
    chunk->missing_bits = (const uint8_t *)byte_reader_bytes(reader, MISSING_BYTES).data;
    if (reader->failed) return false;
    uint32_t marked = 0;
    for (uint32_t i = 0; i < MISSING_BYTES; i += 8)
        marked += (uint32_t)__builtin_popcountll(load_le64(chunk->missing_bits + i));
    return marked == chunk->missing;
}

static bool read_ends(struct byte_reader *reader, struct column_chunk *chunk) {
    uint32_t end = 0;
    chunk->ends = (const uint8_t *)byte_reader_bytes(reader, 4 * (size_t)chunk->count).data;
    if (reader->failed) return false;
    for (uint32_t i = 0; i < chunk->count; i++) {
        uint32_t next = load_le32(chunk->ends + 4 * (size_t)i);
        if (next < end) return false;
        end = next;
    }
    chunk->values = reader->next;
    return byte_reader_left(reader) == 4 * (size_t)end;
}

revue_status column_chunk_open(struct view record, struct column_chunk *chunk, revue_error *error) {
    struct byte_reader reader = byte_reader_of(record.data, record.size);
    struct column_chunk opened = {0};
    if (!read_head(&reader, &opened)) return damaged("its head is damaged", error);
    if (!read_missing(&reader, &opened)) return damaged("its bitmap is damaged", error);
    if (opened.has_several) {
        if (!read_ends(&reader, &opened)) return damaged("its offsets are damaged", error);
    } else {
        opened.values = reader.next;
        if (byte_reader_left(&reader) != (size_t)opened.count * encoding_bytes[opened.encoding])
            return damaged("it has the wrong size", error);
    }
    *chunk = opened;
    return REVUE_OK;
}

bool column_chunk_has(const struct column_chunk *chunk, uint32_t index) {
    return chunk->missing == 0 || !(chunk->missing_bits[index / 8] >> (index % 8) & 1);
}

int64_t column_chunk_integer(const struct column_chunk *chunk, uint32_t index) {
    uint64_t offset = 0;
    switch (chunk->encoding) {
    case ENCODING_U8: offset = chunk->values[index]; break;
    case ENCODING_U16: offset = load_le16(chunk->values + 2 * (size_t)index); break;
    case ENCODING_U32: offset = load_le32(chunk->values + 4 * (size_t)index); break;
    case ENCODING_I64: return (int64_t)load_le64(chunk->values + 8 * (size_t)index);
    default: break;
    }
    return (int64_t)((uint64_t)chunk->minimum + offset);
}

double column_chunk_number(const struct column_chunk *chunk, uint32_t index) {
    if (chunk->is_integer) return (double)column_chunk_integer(chunk, index) / powers_of_ten[chunk->scale];
    double number;
    memcpy(&number, chunk->values + 8 * (size_t)index, sizeof number);
    return number;
}

unsigned column_chunk_value_bytes(const struct column_chunk *chunk) {
    return encoding_bytes[chunk->encoding];
}

uint32_t column_chunk_several(const struct column_chunk *chunk, uint32_t index, uint32_t *first) {
    *first = index > 0 ? load_le32(chunk->ends + 4 * ((size_t)index - 1)) : 0;
    return load_le32(chunk->ends + 4 * (size_t)index) - *first;
}

uint32_t column_chunk_several_at(const struct column_chunk *chunk, uint32_t at) {
    return load_le32(chunk->values + 4 * (size_t)at);
}

/* ---- a column of a segment ---- */

void column_reader_open(struct column_reader *reader, store_txn *txn, uint32_t segment, uint16_t column) {
    memset(reader, 0, sizeof *reader);
    reader->txn = txn;
    reader->segment = segment;
    reader->column = column;
    reader->chunk_number = UINT32_MAX;
}

revue_status column_reader_seek(struct column_reader *reader, uint32_t doc, revue_error *error) {
    uint32_t number = doc / COLUMN_CHUNK;
    if (number == reader->chunk_number) return REVUE_OK;
    struct key key = key_column_chunk(reader->segment, reader->column, number);
    struct view record;
    reader->chunk_number = UINT32_MAX;
    revue_status status = store_get(reader->txn, TABLE_COLUMNS, key_view(&key), &record, error);
    if (status != REVUE_OK && status != REVUE_NO_MATCH) return status;
    if (status == REVUE_OK) TRY(column_chunk_open(record, &reader->chunk, error));
    reader->is_absent = status == REVUE_NO_MATCH;
    reader->chunk_number = number;
    return REVUE_OK;
}

/* Makes the chunk of doc current and tells whether doc has a value in it. */
static revue_status seek_value(struct column_reader *reader, uint32_t doc, bool *has, revue_error *error) {
    TRY(column_reader_seek(reader, doc, error));
    if (!reader->is_absent && doc % COLUMN_CHUNK >= reader->chunk.count)
        return damaged("it is shorter than its segment", error);
    *has = !reader->is_absent && column_chunk_has(&reader->chunk, doc % COLUMN_CHUNK);
    return REVUE_OK;
}

revue_status column_reader_integer(struct column_reader *reader, uint32_t doc, bool *has, int64_t *value,
                                   revue_error *error) {
    bool found = false;
    TRY(seek_value(reader, doc, &found, error));
    if (found) {
        if (!reader->chunk.is_integer || reader->chunk.scale != 0 || reader->chunk.has_several)
            return damaged("it does not hold integers", error);
        *value = column_chunk_integer(&reader->chunk, doc % COLUMN_CHUNK);
    }
    *has = found;
    return REVUE_OK;
}

revue_status column_reader_number(struct column_reader *reader, uint32_t doc, bool *has, double *value,
                                  revue_error *error) {
    bool found = false;
    TRY(seek_value(reader, doc, &found, error));
    if (found) {
        if (reader->chunk.has_several) return damaged("it does not hold single values", error);
        *value = column_chunk_number(&reader->chunk, doc % COLUMN_CHUNK);
    }
    *has = found;
    return REVUE_OK;
}

revue_status column_reader_several(struct column_reader *reader, uint32_t doc, uint32_t *first, uint32_t *count,
                                   revue_error *error) {
    bool found = false;
    TRY(seek_value(reader, doc, &found, error));
    *count = *first = 0;
    if (!found) return REVUE_OK;
    if (!reader->chunk.has_several) return damaged("it does not hold several values", error);
    *count = column_chunk_several(&reader->chunk, doc % COLUMN_CHUNK, first);
    return REVUE_OK;
}
