/* rows_ahead.c - see rows_ahead.h. This is a redo log: putting rows in their places may stop anywhere and begin anew, since
 * the same rows are put again. How far it came is not noted: the next one to open the index does all of it. */
#include "indexer/format/rows_ahead.h"

#include "indexer/format/keys.h"

#define ROW_PART 8u             /* of the memory (an eighth) for the pages that a step changes, at the worst ... */
#define ROW_BYTES 4096u         /* ... one a row */
#define ROWS_LEAST 64u          /* a commit for fewer costs more than it saves */
#define ROWS_MOST 16384u        /* more gains nothing */
#define ROWS_BETWEEN_RESTS 128u /* for each, 64 KiB of the table may come into memory */
#define CHUNK_BYTES 65000u      /* with the last row a little more; 16 pages */
#define STEP_PART 16u           /* of the memory, for chunks, which are pages side by side */
#define STEP_LEAST (64u << 10)
#define STEP_MOST (10u << 20)

size_t rows_in_a_step(size_t memory_bytes) {
    size_t rows = memory_bytes / ROW_PART / ROW_BYTES;
    return rows < ROWS_LEAST ? ROWS_LEAST : rows > ROWS_MOST ? ROWS_MOST : rows;
}

/* ---- writing ---- */

void row_writer_into(struct row_writer *writer, store_txn *txn) {
    *writer = (struct row_writer){.into = txn};
}

void row_writer_ahead(struct row_writer *writer, store *to, size_t memory_bytes) {
    size_t step = memory_bytes / STEP_PART;
    step = step < STEP_LEAST ? STEP_LEAST : step > STEP_MOST ? STEP_MOST : step;
    *writer = (struct row_writer){.store = to, .step_bytes = step};
}

static revue_status put_chunk(struct row_writer *writer, revue_error *error) {
    struct key key = key_rows(writer->chunk_count);
    if (writer->chunk.failed) return error_no_memory(error);
    if (!writer->step) TRY(store_begin_write(writer->store, &writer->step, error));
    TRY(store_put(writer->step, TABLE_INDEX, key_view(&key), bytes_view(&writer->chunk), error));
    writer->chunk_count++;
    bytes_clear(&writer->chunk);
    if (store_txn_written(writer->step) < writer->step_bytes) return REVUE_OK;
    store_txn *step = writer->step;
    writer->step = NULL;
    return store_commit(step, error);
}

/* An entry is the key and the record, both sized; an empty record takes the row away. */
static revue_status put_ahead(struct row_writer *writer, struct view key, struct view record, revue_error *error) {
    bytes_append_view(&writer->chunk, key);
    bytes_append_view(&writer->chunk, record);
    if (writer->chunk.failed) return error_no_memory(error);
    return writer->chunk.size < CHUNK_BYTES ? REVUE_OK : put_chunk(writer, error);
}

revue_status row_writer_put(struct row_writer *writer, struct view key, const struct source_row *row, revue_error *error) {
    bytes_clear(&writer->row);
    if (row) source_row_encode(row, &writer->row);
    if (writer->row.failed) return error_no_memory(error);
    if (!writer->into) return put_ahead(writer, key, bytes_view(&writer->row), error);
    return row ? store_put(writer->into, TABLE_SOURCES, key, bytes_view(&writer->row), error)
               : store_delete(writer->into, TABLE_SOURCES, key, error);
}

revue_status row_writer_finish(struct row_writer *writer, revue_error *error) {
    if (writer->chunk.size > 0) TRY(put_chunk(writer, error));
    store_txn *step = writer->step;
    writer->step = NULL;
    return step ? store_commit(step, error) : REVUE_OK;
}

void row_writer_free(struct row_writer *writer) {
    store_abort(writer->step);
    bytes_free(&writer->row);
    bytes_free(&writer->chunk);
    *writer = (struct row_writer){0};
}

revue_status rows_ahead_decide(store_txn *txn, uint32_t chunk_count, revue_error *error) {
    struct key key = key_name("rows");
    uint8_t record[4];
    store_le32(record, chunk_count);
    return store_put(txn, TABLE_INDEX, key_view(&key), view_of(record, sizeof record), error);
}

/* ---- reading ---- */

bool rows_ahead_key_parse(struct view key, uint32_t *chunk) {
    if (key.size < sizeof *chunk) return false;
    uint32_t named = load_be32(key.data + key.size - sizeof named);
    struct key whole = key_rows(named);
    if (!view_equal(key, key_view(&whole))) return false;
    *chunk = named;
    return true;
}

bool rows_ahead_count_parse(struct view record, uint32_t *chunk_count) {
    if (record.size != sizeof *chunk_count) return false;
    *chunk_count = load_le32(record.data);
    return true;
}

/* False at the end, and when what is there is no entry: reader->failed. */
static bool read_entry(struct byte_reader *reader, struct view *key, struct view *record) {
    if (byte_reader_left(reader) == 0) return false;
    *key = byte_reader_view(reader);
    *record = byte_reader_view(reader);
    reader->failed |= key->size < sizeof(uint16_t) || key->size > KEY_MAX;
    return !reader->failed;
}

const char *rows_ahead_check(struct view record) {
    struct byte_reader reader = byte_reader_of(record.data, record.size);
    struct view key, row;
    struct source_row decoded;
    while (read_entry(&reader, &key, &row))
        if (row.size > 0 && source_row_decode(row, &decoded, NULL) != REVUE_OK) return "a row in it is damaged";
    return reader.failed ? "an entry of it is cut off" : NULL;
}

/* ---- putting in place ---- */

struct settling {
    store *in;
    store_txn *txn;     /* NULL between two steps */
    size_t rows, most;  /* of the step at hand */
    struct bytes chunk; /* a copy: views last until the next put */
};

static revue_status end_step(struct settling *settling, revue_error *error) {
    store_txn *txn = settling->txn;
    settling->txn = NULL;
    settling->rows = 0;
    if (!txn) return REVUE_OK;
    store_release_pages(txn);
    return store_commit(txn, error);
}

static revue_status ensure_step(struct settling *settling, revue_error *error) {
    if (settling->rows >= settling->most) TRY(end_step(settling, error));
    return settling->txn ? REVUE_OK : store_begin_write(settling->in, &settling->txn, error);
}

static revue_status read_chunk(struct settling *settling, uint32_t chunk, revue_error *error) {
    struct key key = key_rows(chunk);
    struct view record;
    TRY(ensure_step(settling, error));
    revue_status status = store_get(settling->txn, TABLE_INDEX, key_view(&key), &record, error);
    if (status == REVUE_NO_MATCH)
        return error_set(error, REVUE_CORRUPT,
                         "rows of sources that a run wrote are missing: restore the index, or rebuild it from its archive");
    TRY(status);
    bytes_clear(&settling->chunk);
    bytes_append(&settling->chunk, record.data, record.size);
    return settling->chunk.failed ? error_no_memory(error) : REVUE_OK;
}

static revue_status settle_chunk(struct settling *settling, uint32_t chunk, revue_error *error) {
    struct view key, row;
    TRY(read_chunk(settling, chunk, error));
    struct byte_reader reader = byte_reader_of(settling->chunk.data, settling->chunk.size);
    while (read_entry(&reader, &key, &row)) {
        TRY(ensure_step(settling, error));
        TRY(row.size > 0 ? store_put(settling->txn, TABLE_SOURCES, key, row, error)
                         : store_delete(settling->txn, TABLE_SOURCES, key, error));
        if (++settling->rows % ROWS_BETWEEN_RESTS == 0) store_release_pages(settling->txn);
    }
    return reader.failed ? error_set(error, REVUE_CORRUPT,
                                     "rows of sources that a run wrote are damaged: restore the index, or rebuild it from "
                                     "its archive")
                         : REVUE_OK;
}

/* The first record of them that there is: `rows` when all was decided, else a chunk. REVUE_NO_MATCH: there is none. */
static revue_status find_first(store *in, bool *is_decided, uint32_t *chunk_count, revue_error *error) {
    struct key from = key_name("rows");
    store_txn *txn;
    store_cursor *cursor = NULL;
    struct view key, value;
    TRY(store_begin_read(in, &txn, error));
    revue_status status = store_cursor_open(txn, TABLE_INDEX, &cursor, error);
    if (status == REVUE_OK) status = store_cursor_at_or_after(cursor, key_view(&from), &key, &value, error);
    if (status == REVUE_OK) {
        uint32_t chunk;
        *is_decided = view_equal(key, key_view(&from));
        if (*is_decided && !rows_ahead_count_parse(value, chunk_count))
            status =
                error_set(error, REVUE_CORRUPT, "index rows is damaged: restore the index, or rebuild it from its archive");
        else if (!*is_decided && !rows_ahead_key_parse(key, &chunk))
            status = REVUE_NO_MATCH;
    }
    store_cursor_close(cursor);
    store_abort(txn);
    return status;
}

static revue_status settle_all(struct settling *settling, uint32_t chunk_count, revue_error *error) {
    struct key prefix = key_name("rows");
    for (uint32_t chunk = 0; chunk < chunk_count; chunk++)
        TRY(settle_chunk(settling, chunk, error));
    TRY(end_step(settling, error));
    TRY(ensure_step(settling, error));
    TRY(store_delete_prefix(settling->txn, TABLE_INDEX, key_view(&prefix), error));
    return end_step(settling, error);
}

revue_status rows_ahead_settle(store *in, size_t memory_bytes, revue_error *error) {
    struct settling settling = {.in = in, .most = rows_in_a_step(memory_bytes)};
    bool is_decided = false;
    uint32_t chunk_count = 0;
    revue_status status = find_first(in, &is_decided, &chunk_count, error);
    if (status == REVUE_NO_MATCH) return REVUE_OK;
    if (status == REVUE_OK) status = settle_all(&settling, is_decided ? chunk_count : 0, error);
    store_abort(settling.txn);
    bytes_free(&settling.chunk);
    return status;
}
