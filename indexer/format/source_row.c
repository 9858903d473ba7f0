/* source_row.c - what the index knows of one source it has read (FORMAT.md, 11). */
#include "indexer/format/keys.h"
#include "indexer/format/manifest.h"

#include <math.h>

#define SOME_RATING 1u
#define SOME_FRACTION 2u

static void append_double(struct bytes *out, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    bytes_append_u64(out, bits);
}

static double read_double(struct byte_reader *reader) {
    uint64_t bits = byte_reader_u64(reader);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void encode_ratings(const struct rating_range *ratings, struct bytes *out) {
    bytes_append_u8(out, (uint8_t)((ratings->has_rating ? SOME_RATING : 0) | (ratings->has_fraction ? SOME_FRACTION : 0)));
    append_double(out, ratings->smallest);
    append_double(out, ratings->largest);
}

/* False when it cannot be a range. */
static bool decode_ratings(struct byte_reader *reader, struct rating_range *ratings) {
    unsigned flags = byte_reader_u8(reader);
    *ratings = (struct rating_range){.has_rating = flags & SOME_RATING, .has_fraction = flags & SOME_FRACTION};
    ratings->smallest = read_double(reader);
    ratings->largest = read_double(reader);
    return flags <= (SOME_RATING | SOME_FRACTION) && isfinite(ratings->smallest) && isfinite(ratings->largest) &&
           ratings->smallest <= ratings->largest;
}

void source_row_encode(const struct source_row *row, struct bytes *out) {
    bytes_append_u32(out, row->number);
    bytes_append_u64(out, row->size);
    bytes_append_u64(out, (uint64_t)row->modified_ns);
    bytes_append_u64(out, row->inode);
    bytes_append_u64(out, row->hash);
    bytes_append_u64(out, row->prefix_bytes);
    bytes_append_u64(out, row->prefix_hash);
    bytes_append_u32(out, row->schema_version);
    bytes_append_u8(out, row->state);
    bytes_append_u32(out, row->reviews);
    bytes_append_u32(out, row->left_out);
    bytes_append_u32(out, row->run);
    bytes_append_u64(out, (uint64_t)row->read_at);
    encode_ratings(&row->ratings, out);
    bytes_append_view(out, row->name);
}

revue_status source_row_decode(struct view record, struct source_row *row, revue_error *error) {
    struct byte_reader reader = byte_reader_of(record.data, record.size);
    struct source_row decoded;
    decoded.number = byte_reader_u32(&reader);
    decoded.size = byte_reader_u64(&reader);
    decoded.modified_ns = (int64_t)byte_reader_u64(&reader);
    decoded.inode = byte_reader_u64(&reader);
    decoded.hash = byte_reader_u64(&reader);
    decoded.prefix_bytes = byte_reader_u64(&reader);
    decoded.prefix_hash = byte_reader_u64(&reader);
    decoded.schema_version = byte_reader_u32(&reader);
    decoded.state = byte_reader_u8(&reader);
    decoded.reviews = byte_reader_u32(&reader);
    decoded.left_out = byte_reader_u32(&reader);
    decoded.run = byte_reader_u32(&reader);
    decoded.read_at = (int64_t)byte_reader_u64(&reader);
    bool is_sound = decode_ratings(&reader, &decoded.ratings);
    decoded.name = byte_reader_view(&reader);
    if (!is_sound || reader.failed || byte_reader_left(&reader) > 0) {
        return error_set(error, REVUE_CORRUPT,
                         "the row of a source is damaged: restore the index, or rebuild it from its archive");
    }
    *row = decoded;
    return REVUE_OK;
}

revue_status source_row_get(store_txn *txn, uint16_t root, struct view path, struct source_row *row, revue_error *error) {
    struct key key = key_source(root, path);
    struct view value;
    TRY(store_get(txn, TABLE_SOURCES, key_view(&key), &value, error));
    return source_row_decode(value, row, error);
}

revue_status source_row_put(store_txn *txn, uint16_t root, struct view path, const struct source_row *row,
                            revue_error *error) {
    struct key key = key_source(root, path);
    struct bytes record = {0};
    source_row_encode(row, &record);
    revue_status status =
        record.failed ? error_no_memory(error) : store_put(txn, TABLE_SOURCES, key_view(&key), bytes_view(&record), error);
    bytes_free(&record);
    return status;
}
