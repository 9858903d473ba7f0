/* segment_writer.c - writing a segment in transactions of about 10 MB, under a number that the manifest does not list yet.
 *
 * LMDB keeps the pages a transaction has changed on the heap until it commits, so a large segment is written in several:
 * that is faster than one (90 MB in 74 ms against 106, measured) and holds memory down. META, the record that makes the
 * segment readable, comes last and alone says how many records of each kind there are and what they add up to. */
#include "indexer/format/segment.h"

#include "indexer/base/hash.h"
#include "indexer/base/memory.h"

#define STEP_BYTES ((size_t)10 << 20) /* more gains nothing, less costs syncs */
#define STEP_LEAST ((size_t)1 << 20)
#define STEP_PART 16u

struct segment_writer {
    store *store;
    store_txn *txn; /* NULL before the first record and after a commit */
    uint32_t segment;
    size_t step_bytes;
    bool is_cleared; /* of what a stopped run left under this number */
    struct segment_sink sink;
    struct segment_kind_size kinds[KIND_COUNT];
    struct bytes checksums[KIND_COUNT]; /* the 8 bytes behind each record, in key order */
};

/* ---- transactions ---- */

static revue_status commit(segment_writer *writer, revue_error *error) {
    store_txn *txn = writer->txn;
    writer->txn = NULL;
    return store_commit(txn, error);
}

/* A transaction with room for another record. */
static revue_status ensure_txn(segment_writer *writer, revue_error *error) {
    if (writer->txn && store_txn_written(writer->txn) >= writer->step_bytes) TRY(commit(writer, error));
    if (!writer->txn) TRY(store_begin_write(writer->store, &writer->txn, error));
    if (!writer->is_cleared) TRY(segment_remove(writer->txn, writer->segment, error));
    writer->is_cleared = true;
    return REVUE_OK;
}

/* ---- records ---- */

static revue_status put_record(void *context, enum segment_kind kind, struct view part, struct view value,
                               revue_error *error) {
    segment_writer *writer = context;
    struct key key = key_block(writer->segment, kind, part);
    TRY(ensure_txn(writer, error));
    TRY(store_put(writer->txn, TABLE_SEGMENTS, key_view(&key), value, error));
    bytes_append_u64(&writer->checksums[kind], store_txn_last_checksum(writer->txn));
    if (writer->checksums[kind].failed) return error_no_memory(error);
    writer->kinds[kind].records++;
    writer->kinds[kind].bytes += value.size;
    return REVUE_OK;
}

revue_status segment_writer_put_column(segment_writer *writer, uint16_t column, uint32_t chunk, struct view record,
                                       revue_error *error) {
    struct key key = key_column_chunk(writer->segment, column, chunk);
    TRY(ensure_txn(writer, error));
    return store_put(writer->txn, TABLE_COLUMNS, key_view(&key), record, error);
}

/* ---- the writer ---- */

revue_status segment_writer_create(segment_writer **created, store *to, uint32_t segment, revue_error *error) {
    segment_writer *writer = memory_alloc_zeroed(1, sizeof *writer);
    if (!writer) return error_no_memory(error);
    writer->store = to;
    writer->segment = segment;
    writer->step_bytes = STEP_BYTES;
    writer->sink = (struct segment_sink){put_record, writer};
    *created = writer;
    return REVUE_OK;
}

void segment_writer_fit(segment_writer *writer, size_t memory_bytes) {
    size_t step = memory_bytes / STEP_PART;
    if (step < writer->step_bytes) writer->step_bytes = step > STEP_LEAST ? step : STEP_LEAST;
}

const struct segment_sink *segment_writer_sink(segment_writer *writer) {
    return &writer->sink;
}

static revue_status put_meta(segment_writer *writer, const struct segment_meta *meta, uint64_t *checksum,
                             revue_error *error) {
    struct key key = key_segment_kind(writer->segment, KIND_META);
    struct bytes record = {0};
    segment_meta_encode(meta, &record);
    revue_status status = record.failed
                              ? error_no_memory(error)
                              : store_put(writer->txn, TABLE_SEGMENTS, key_view(&key), bytes_view(&record), error);
    if (status == REVUE_OK) *checksum = store_txn_last_checksum(writer->txn);
    bytes_free(&record);
    return status;
}

revue_status segment_writer_finish(segment_writer *writer, struct segment_meta *meta, uint64_t *checksum,
                                   revue_error *error) {
    uint64_t written;
    for (unsigned kind = 0; kind < KIND_COUNT; kind++) {
        meta->kinds[kind] = writer->kinds[kind];
        if (writer->kinds[kind].records > 0) meta->kinds[kind].checksum = hash_view(bytes_view(&writer->checksums[kind]));
    }
    TRY(ensure_txn(writer, error));
    TRY(put_meta(writer, meta, &written, error));
    TRY(commit(writer, error));
    *checksum = written;
    return REVUE_OK;
}

void segment_writer_free(segment_writer *writer) {
    if (!writer) return;
    store_abort(writer->txn);
    for (unsigned kind = 0; kind < KIND_COUNT; kind++)
        bytes_free(&writer->checksums[kind]);
    memory_free(writer);
}

revue_status segment_remove(store_txn *txn, uint32_t segment, revue_error *error) {
    struct key prefix = key_segment(segment);
    TRY(store_delete_prefix(txn, TABLE_SEGMENTS, key_view(&prefix), error));
    TRY(store_delete_prefix(txn, TABLE_COLUMNS, key_view(&prefix), error));
    return store_delete_prefix(txn, TABLE_DELETES, key_view(&prefix), error);
}
