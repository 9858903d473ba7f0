/* segment_writer.c - writing the records of a segment in transactions of about 10 MB, with their counts and checksums. */
#include <xxhash.h>

#include "indexer/format/segment.h"

#include "indexer/base/memory.h"

#include <string.h>

#define STEP_BYTES (10u << 20)       /* a transaction's dirty pages are on the heap until it commits */

struct segment_writer {
    store *to;
    store_txn *txn;
    uint32_t number;
    struct segment_sink sink;
    struct segment_kind_size kinds[KIND_COUNT];
    XXH3_state_t *checksums[KIND_COUNT];         /* made at a kind's first record */
};

static revue_status ensure_txn(segment_writer *writer, revue_error *error) {
    if (writer->txn && store_txn_written(writer->txn) >= STEP_BYTES) {
        store_txn *full = writer->txn;
        writer->txn = NULL;
        TRY(store_commit(full, error));
    }
    return writer->txn ? REVUE_OK : store_begin_write(writer->to, &writer->txn, error);
}

static revue_status sink_put(void *context, enum segment_kind kind, struct view part, struct view value, revue_error *error) {
    segment_writer *writer = context;
    struct key key = key_segment_kind(writer->number, kind);
    if (part.size > KEY_MAX - key.size) return error_set(error, REVUE_BUG, "a segment key is too long");
    memcpy(key.data + key.size, part.data, part.size);
    key.size += part.size;
    TRY(ensure_txn(writer, error));
    TRY(store_put(writer->txn, TABLE_SEGMENTS, key_view(&key), value, error));
    if (!writer->checksums[kind]) {
        writer->checksums[kind] = XXH3_createState();
        if (!writer->checksums[kind] || XXH3_64bits_reset(writer->checksums[kind]) != XXH_OK) return error_no_memory(error);
    }
    uint64_t checksum = store_txn_last_checksum(writer->txn);
    (void)XXH3_64bits_update(writer->checksums[kind], &checksum, sizeof checksum);
    writer->kinds[kind].records++;
    writer->kinds[kind].bytes += value.size;
    return REVUE_OK;
}

revue_status segment_writer_create(segment_writer **created, store *to, uint32_t number, revue_error *error) {
    segment_writer *writer = memory_alloc_zeroed(1, sizeof *writer);
    if (!writer) return error_no_memory(error);
    writer->to = to;
    writer->number = number;
    writer->sink = (struct segment_sink){sink_put, writer};
    /* What a stopped run left under this number goes first. */
    revue_status status = ensure_txn(writer, error);
    if (status == REVUE_OK) status = segment_remove(writer->txn, number, error);
    if (status != REVUE_OK) {
        segment_writer_free(writer);
        return status;
    }
    *created = writer;
    return REVUE_OK;
}

void segment_writer_free(segment_writer *writer) {
    if (!writer) return;
    store_abort(writer->txn);
    for (unsigned kind = 0; kind < KIND_COUNT; kind++)
        if (writer->checksums[kind]) (void)XXH3_freeState(writer->checksums[kind]);
    memory_free(writer);
}

const struct segment_sink *segment_writer_sink(segment_writer *writer) {
    return &writer->sink;
}

revue_status segment_writer_put_column(segment_writer *writer, uint16_t column, uint32_t chunk, struct view record, revue_error *error) {
    struct key key = key_column_chunk(writer->number, column, chunk);
    TRY(ensure_txn(writer, error));
    return store_put(writer->txn, TABLE_COLUMNS, key_view(&key), record, error);
}

revue_status segment_writer_finish(segment_writer *writer, struct segment_meta *meta, uint64_t *checksum, revue_error *error) {
    struct bytes record = {0};
    struct key key = key_segment_kind(writer->number, KIND_META);
    memcpy(meta->kinds, writer->kinds, sizeof meta->kinds);
    for (unsigned kind = 0; kind < KIND_COUNT; kind++)
        if (writer->checksums[kind]) meta->kinds[kind].checksum = XXH3_64bits_digest(writer->checksums[kind]);
    segment_meta_encode(meta, &record);
    revue_status status = record.failed ? error_no_memory(error) : ensure_txn(writer, error);
    if (status == REVUE_OK) status = store_put(writer->txn, TABLE_SEGMENTS, key_view(&key), bytes_view(&record), error);
    if (status == REVUE_OK) *checksum = store_txn_last_checksum(writer->txn);
    bytes_free(&record);
    TRY(status);
    store_txn *last = writer->txn;
    writer->txn = NULL;
    return store_commit(last, error);
}

revue_status segment_remove(store_txn *txn, uint32_t segment, revue_error *error) {
    struct key prefix = key_segment(segment);
    TRY(store_delete_prefix(txn, TABLE_SEGMENTS, key_view(&prefix), error));
    TRY(store_delete_prefix(txn, TABLE_COLUMNS, key_view(&prefix), error));
    return store_delete_prefix(txn, TABLE_DELETES, key_view(&prefix), error);
}
