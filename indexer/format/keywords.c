/* keywords.c - keyword values by number and numbers by value, read in place (FORMAT.md, 8). Writing: keywords_builder.c.
 *
 * Values of a column are numbered once for the whole index, in batches: each run that brings new values adds one. A number
 * is an offset away from its value; a value is sought by its hash in every batch (few, for they are joined). Opening looks
 * at the last key of each part of each batch and at nothing else. */
#include "indexer/format/keywords_batch.h"

#include "indexer/base/memory.h"
#include "indexer/format/hash_index.h"

#define KEY_BYTES 11u /* column, first number, part, extent */
#define VARINT_MAX 10u

static revue_status damaged(const keywords *table, const char *what, revue_error *error) {
    return error_set(error, REVUE_CORRUPT, "keyword values of column %u: %s; rebuild the index", table->column, what);
}

/* ---- opening ---- */

/* The size of a part, by its last extent. */
static revue_status measure_part(keywords *table, store_cursor *cursor, uint32_t first, unsigned part, uint64_t *size,
                                 revue_error *error) {
    struct key last = key_keywords(table->column, first, (uint8_t)part, UINT32_MAX);
    struct view key, value;
    revue_status status = store_cursor_at_or_before(cursor, key_view(&last), &key, &value, error);
    if (status != REVUE_OK && status != REVUE_NO_MATCH) return status;
    if (status == REVUE_NO_MATCH || key.size != KEY_BYTES || memcmp(key.data, last.data, KEY_BYTES - 4) != 0)
        return damaged(table, "a batch lacks a part", error);
    *size = (uint64_t)load_be32(key.data + KEY_BYTES - 4) * EXTENT_BYTES + value.size;
    return REVUE_OK;
}

/* Measures the batch that begins with number first; its parts must fit each other. */
static revue_status measure_batch(keywords *table, store_cursor *cursor, uint32_t first, struct keywords_batch *batch,
                                  revue_error *error) {
    memset(batch, 0, sizeof *batch);
    batch->first = first;
    for (unsigned part = 0; part < PART_COUNT; part++)
        TRY(measure_part(table, cursor, first, part, &batch->parts[part].size, error));
    uint64_t count = batch->parts[PART_OFFSETS].size / 4;
    if (count == 0 || count > UINT32_MAX - first || batch->parts[PART_OFFSETS].size != 4 * count ||
        batch->parts[PART_HASHES].size != 8 * count || batch->parts[PART_VALUES].size > UINT32_MAX)
        return damaged(table, "the parts of a batch do not fit each other", error);
    batch->count = (uint32_t)count;
    return REVUE_OK;
}

static revue_status open_batches(keywords *table, store_cursor *cursor, revue_error *error) {
    for (;;) {
        struct key sought = key_keywords(table->column, table->count, 0, 0);
        struct view key, value;
        revue_status status = store_cursor_at_or_after(cursor, key_view(&sought), &key, &value, error);
        if (status == REVUE_NO_MATCH) return REVUE_OK;
        if (status != REVUE_OK) return status;
        if (key.size != KEY_BYTES || memcmp(key.data, sought.data, 2) != 0) return REVUE_OK;
        if (memcmp(key.data, sought.data, KEY_BYTES) != 0) return damaged(table, "batches do not follow each other", error);
        if (!MEMORY_RESERVE(table->batches, table->batch_capacity, table->batch_count + 1)) return error_no_memory(error);
        struct keywords_batch *batch = &table->batches[table->batch_count];
        TRY(measure_batch(table, cursor, table->count, batch, error));
        table->batch_count++;
        table->count += batch->count;
    }
}

revue_status keywords_open(keywords **opened, store_txn *txn, uint16_t column, revue_error *error) {
    store_cursor *cursor;
    keywords *table = memory_alloc_zeroed(1, sizeof *table);
    if (!table) return error_no_memory(error);
    table->txn = txn;
    table->column = column;
    revue_status status = store_cursor_open(txn, TABLE_KEYWORDS, &cursor, error);
    if (status == REVUE_OK) {
        status = open_batches(table, cursor, error);
        store_cursor_close(cursor);
    }
    if (status != REVUE_OK) {
        keywords_close(table);
        return status;
    }
    *opened = table;
    return REVUE_OK;
}

void keywords_close(keywords *table) {
    if (!table) return;
    for (size_t i = 0; i < table->batch_count; i++) {
        for (unsigned part = 0; part < PART_COUNT; part++)
            memory_free((void *)table->batches[i].parts[part].extents);
        memory_free(table->batches[i].filter);
    }
    memory_free(table->batches);
    memory_free(table);
}

uint32_t keywords_count(const keywords *table) {
    return table->count;
}

/* ---- bytes of a part ---- */

/* An extent of the part; extent is one of those it has. */
static revue_status touch_extent(keywords *table, struct keywords_batch *batch, unsigned part, uint32_t extent,
                                 const uint8_t **data, revue_error *error) {
    struct keywords_stream *stream = &batch->parts[part];
    if (!stream->extents) stream->extents = memory_alloc_zeroed(KEYWORDS_EXTENTS(stream->size), sizeof *stream->extents);
    if (!stream->extents) return error_no_memory(error);
    if (!stream->extents[extent]) {
        struct key key = key_keywords(table->column, batch->first, (uint8_t)part, extent);
        struct view value;
        revue_status status = store_get(table->txn, TABLE_KEYWORDS, key_view(&key), &value, error);
        if (status != REVUE_OK && status != REVUE_NO_MATCH) return status;
        if (status == REVUE_NO_MATCH || value.size != keywords_extent_size(stream, extent))
            return damaged(table, "an extent is missing or has the wrong size", error);
        stream->extents[extent] = (const uint8_t *)value.data;
    }
    *data = stream->extents[extent];
    return REVUE_OK;
}

/* [offset, offset + size) of a part, in place or copied into scratch. */
static revue_status part_view(keywords *table, struct keywords_batch *batch, unsigned part, uint64_t offset, uint64_t size,
                              struct bytes *scratch, const uint8_t **view, revue_error *error) {
    const struct keywords_stream *stream = &batch->parts[part];
    const uint8_t *data = NULL;
    if (offset > stream->size || size > stream->size - offset || size == 0)
        return damaged(table, "a value lies outside of its batch", error);
    uint32_t within = (uint32_t)(offset % EXTENT_BYTES);
    TRY(touch_extent(table, batch, part, (uint32_t)(offset / EXTENT_BYTES), &data, error));
    if (size <= EXTENT_BYTES - within) {
        *view = data + within;
        return REVUE_OK;
    }
    bytes_clear(scratch);
    for (uint64_t end = offset + size; offset < end;) {
        uint32_t extent = (uint32_t)(offset / EXTENT_BYTES);
        TRY(touch_extent(table, batch, part, extent, &data, error));
        uint64_t here = keywords_extent_size(stream, extent) - offset % EXTENT_BYTES;
        if (here > end - offset) here = end - offset;
        bytes_append(scratch, data + offset % EXTENT_BYTES, (size_t)here);
        offset += here;
    }
    if (scratch->failed) return error_no_memory(error);
    *view = scratch->data;
    return REVUE_OK;
}

revue_status keywords_offset(keywords *table, struct keywords_batch *batch, uint32_t index, uint32_t *offset,
                             revue_error *error) {
    const uint8_t *at = NULL;
    TRY(part_view(table, batch, PART_OFFSETS, (uint64_t)index * 4, 4, NULL, &at, error));
    *offset = load_le32(at);
    return REVUE_OK;
}

revue_status keywords_hash(keywords *table, struct keywords_batch *batch, uint32_t index, uint64_t *element,
                           revue_error *error) {
    const uint8_t *at = NULL;
    TRY(part_view(table, batch, PART_HASHES, (uint64_t)index * 8, 8, NULL, &at, error));
    *element = hash_index_swap(load_le64(at));
    return REVUE_OK;
}

/* ---- number to value ---- */

static revue_status batch_value(keywords *table, struct keywords_batch *batch, uint32_t index, struct bytes *scratch,
                                struct view *value, revue_error *error) {
    const uint8_t *at = NULL;
    uint32_t offset = 0;
    TRY(keywords_offset(table, batch, index, &offset, error));
    uint64_t left = offset < batch->parts[PART_VALUES].size ? batch->parts[PART_VALUES].size - offset : 0;
    uint64_t most = left < VARINT_MAX ? left : VARINT_MAX;
    TRY(part_view(table, batch, PART_VALUES, offset, most, scratch, &at, error));
    struct byte_reader reader = byte_reader_of(at, (size_t)most);
    uint64_t size = byte_reader_varint(&reader);
    if (reader.failed) return damaged(table, "a value has no size", error);
    TRY(part_view(table, batch, PART_VALUES, offset + (uint64_t)(reader.next - at), size, scratch, &at, error));
    *value = view_of(at, (size_t)size);
    return REVUE_OK;
}

/* The batch that holds number, which is one of those there are. */
static struct keywords_batch *batch_of(keywords *table, uint32_t number) {
    size_t at = table->batch_count - 1;
    while (table->batches[at].first > number)
        at--;
    return &table->batches[at];
}

revue_status keywords_value(keywords *table, uint32_t number, struct bytes *scratch, struct view *value,
                            revue_error *error) {
    if (number >= table->count) return damaged(table, "there is no value of such a number", error);
    struct keywords_batch *batch = batch_of(table, number);
    return batch_value(table, batch, number - batch->first, scratch, value, error);
}

/* ---- value to number ---- */

struct searched_batch {
    keywords *table;
    struct keywords_batch *batch;
};

static revue_status searched_element(void *array, uint32_t index, uint64_t *element, revue_error *error) {
    struct searched_batch *searched = array;
    return keywords_hash(searched->table, searched->batch, index, element, error);
}

/* REVUE_NO_MATCH when the batch does not hold value. */
static revue_status search_batch(keywords *table, struct keywords_batch *batch, struct view value, struct bytes *scratch,
                                 uint32_t *number, revue_error *error) {
    struct searched_batch searched = {table, batch};
    uint32_t at = 0, hash = hash_index_hash(hash_index_element(value, 0));
    if (!keywords_batch_may_hold(batch, hash)) return REVUE_NO_MATCH;
    TRY(hash_index_search(searched_element, &searched, batch->count, hash, &at, error));
    for (; at < batch->count; at++) {
        uint64_t element = 0;
        struct view candidate = {NULL, 0};
        TRY(keywords_hash(table, batch, at, &element, error));
        if (hash_index_hash(element) != hash) break;
        if (hash_index_number(element) >= batch->count) return damaged(table, "a hash names no value", error);
        TRY(batch_value(table, batch, hash_index_number(element), scratch, &candidate, error));
        if (!view_equal(candidate, value)) continue;
        *number = batch->first + hash_index_number(element);
        return REVUE_OK;
    }
    return REVUE_NO_MATCH;
}

revue_status keywords_number(keywords *table, struct view value, uint32_t *number, revue_error *error) {
    struct bytes scratch = {0};
    revue_status status = REVUE_NO_MATCH;
    for (size_t i = 0; i < table->batch_count && status == REVUE_NO_MATCH; i++)
        status = search_batch(table, &table->batches[i], value, &scratch, number, error);
    bytes_free(&scratch);
    return status;
}
