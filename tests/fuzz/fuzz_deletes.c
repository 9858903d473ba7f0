/* fuzz_deletes.c - the deleted reviews of a segment from hostile records whose checksums are right.
 *
 * Input: u32 reviews (taken modulo four chunks), u8 records, u8 marks, then the records: u8 chunk, u16 size, bytes; then
 * marks: u32 review. What is accepted counts what it holds, and comes back the same after it was written, with the marks
 * and without. */
#include "indexer/format/columns.h"
#include "tests/fuzz/fuzz_index.h"

#include <stdlib.h>

#define CHUNKS_MAX 4u
#define REVIEWS_MAX (CHUNKS_MAX * DELETES_CHUNK + 1)
#define SEGMENT_READ 1u
#define SEGMENT_WRITTEN 2u

static uint32_t count_deleted(const struct deletes *deletes) {
    uint32_t count = 0;
    for (uint32_t doc = 0; doc < deletes->doc_count; doc++)
        count += deletes_has(deletes, doc);
    return count;
}

static void check_written(const struct deletes *deletes, store_txn *txn) {
    struct deletes again;
    require(deletes_write(deletes, txn, SEGMENT_WRITTEN, NULL) == REVUE_OK);
    require(deletes_read(&again, txn, SEGMENT_WRITTEN, deletes->doc_count, NULL) == REVUE_OK);
    require(again.deleted == deletes->deleted && !again.words == (again.deleted == 0));
    for (uint32_t doc = 0; doc < deletes->doc_count; doc++)
        require(deletes_has(&again, doc) == deletes_has(deletes, doc));
    deletes_free(&again);
}

static void mark(struct deletes *deletes, struct byte_reader *reader, unsigned count) {
    bool was_live;
    for (unsigned i = 0; i < count; i++) {
        const uint32_t doc = byte_reader_u32(reader) % (deletes->doc_count ? deletes->doc_count : 1);
        if (deletes->doc_count == 0) break;
        const bool is_live = !deletes_has(deletes, doc);
        require(deletes_mark(deletes, doc, &was_live, NULL) == REVUE_OK && was_live == is_live &&
                deletes_has(deletes, doc));
    }
    require(deletes_mark(deletes, deletes->doc_count, &was_live, NULL) == REVUE_BUG);
}

static void put_records(store_txn *txn, struct byte_reader *reader, unsigned count) {
    for (unsigned i = 0; i < count && !reader->failed; i++) {
        const uint32_t chunk = byte_reader_u8(reader);
        const struct view record = byte_reader_bytes(reader, byte_reader_u16(reader));
        const struct key key = key_deletes_chunk(SEGMENT_READ, chunk);
        if (!reader->failed) require(store_put(txn, TABLE_DELETES, key_view(&key), record, NULL) == REVUE_OK);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct byte_reader reader = byte_reader_of(data, size);
    struct deletes deletes;
    store_txn *txn;
    const uint32_t doc_count = byte_reader_u32(&reader) % REVIEWS_MAX;
    const unsigned record_count = byte_reader_u8(&reader), mark_count = byte_reader_u8(&reader);
    if (reader.failed) return 0;
    require(store_begin_write(fuzz_index(), &txn, NULL) == REVUE_OK);
    put_records(txn, &reader, record_count);
    revue_status status = deletes_read(&deletes, txn, SEGMENT_READ, doc_count, NULL);
    require(status == REVUE_OK || status == REVUE_CORRUPT);
    if (status == REVUE_OK) {
        require(count_deleted(&deletes) == deletes.deleted && deletes.deleted <= doc_count);
        check_written(&deletes, txn);
        mark(&deletes, &reader, mark_count);
        require(count_deleted(&deletes) == deletes.deleted);
        check_written(&deletes, txn);
        deletes_free(&deletes);
    }
    store_abort(txn);
    return 0;
}
