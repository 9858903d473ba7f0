/* deletes.c - which reviews of a segment are deleted: one bitset in memory, a record per 65,536 reviews (FORMAT.md, 9).
 *
 * A segment without deletes has no record and no words, so that asking costs one compare. Writing puts only chunks that
 * differ from what is there: a run that deletes ten reviews writes ten chunks at most. */
#include "indexer/format/columns.h"

#include "indexer/base/memory.h"

#define CHUNK_BYTES (DELETES_CHUNK / 8)
#define CHUNK_WORDS (DELETES_CHUNK / 64)

static uint32_t chunk_count(uint32_t doc_count) {
    return doc_count / DELETES_CHUNK + (doc_count % DELETES_CHUNK != 0);
}

/* Bytes of bits of a chunk: fewer in the last one. */
static size_t chunk_bytes(uint32_t doc_count, uint32_t chunk) {
    uint32_t left = doc_count - chunk * DELETES_CHUNK;
    return left < DELETES_CHUNK ? (left + 7) / 8 : CHUNK_BYTES;
}

static uint64_t *words_create(uint32_t doc_count) {
    return memory_alloc_zeroed((size_t)chunk_count(doc_count) * CHUNK_WORDS, sizeof(uint64_t));
}

static uint32_t count_bits(const uint64_t *words) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < CHUNK_WORDS; i++)
        count += (uint32_t)__builtin_popcountll(words[i]);
    return count;
}

/* ---- reading ---- */

static revue_status damaged(uint32_t segment, uint32_t chunk, const char *what, revue_error *error) {
    return error_set(error, REVUE_CORRUPT, "deletes of segment %u, chunk %u: %s; rebuild the index", segment, chunk, what);
}

static revue_status read_chunk(struct deletes *deletes, struct view record, uint32_t segment, uint32_t chunk,
                               revue_error *error) {
    size_t size = chunk_bytes(deletes->doc_count, chunk);
    if (record.size != 4 + size) return damaged(segment, chunk, "its size does not fit the segment", error);
    if (!deletes->words) deletes->words = words_create(deletes->doc_count);
    if (!deletes->words) return error_no_memory(error);
    uint64_t *words = deletes->words + (size_t)chunk * CHUNK_WORDS;
    memcpy(words, record.data + 4, size);
    uint32_t docs = deletes->doc_count - chunk * DELETES_CHUNK, marked = count_bits(words);
    if (docs % 64 != 0 && docs < DELETES_CHUNK && words[docs / 64] >> (docs % 64) != 0)
        return damaged(segment, chunk, "it marks reviews that do not exist", error);
    if (marked != load_le32(record.data)) return damaged(segment, chunk, "it does not hold as many as it says", error);
    deletes->deleted += marked;
    return REVUE_OK;
}

revue_status deletes_read(struct deletes *deletes, store_txn *txn, uint32_t segment, uint32_t doc_count,
                          revue_error *error) {
    struct deletes read = {NULL, doc_count, 0};
    for (uint32_t chunk = 0; chunk < chunk_count(doc_count); chunk++) {
        struct key key = key_deletes_chunk(segment, chunk);
        struct view record;
        revue_status status = store_get(txn, TABLE_DELETES, key_view(&key), &record, error);
        if (status == REVUE_NO_MATCH) continue;
        if (status == REVUE_OK) status = read_chunk(&read, record, segment, chunk, error);
        if (status != REVUE_OK) {
            deletes_free(&read);
            return status;
        }
    }
    *deletes = read;
    return REVUE_OK;
}

void deletes_free(struct deletes *deletes) {
    memory_free(deletes->words);
    deletes->words = NULL;
    deletes->deleted = 0;
}

/* ---- writing ---- */

revue_status deletes_mark(struct deletes *deletes, uint32_t doc, bool *was_live, revue_error *error) {
    if (doc >= deletes->doc_count)
        return error_set(error, REVUE_BUG, "review %u of a segment of %u is deleted", doc, deletes->doc_count);
    if (!deletes->words) deletes->words = words_create(deletes->doc_count);
    if (!deletes->words) return error_no_memory(error);
    uint64_t bit = (uint64_t)1 << (doc % 64);
    bool is_new = (deletes->words[doc / 64] & bit) == 0;
    deletes->words[doc / 64] |= bit;
    deletes->deleted += is_new;
    *was_live = is_new;
    return REVUE_OK;
}

static revue_status write_chunk(const struct deletes *deletes, store_txn *txn, uint32_t segment, uint32_t chunk,
                                revue_error *error) {
    const uint64_t *words = deletes->words + (size_t)chunk * CHUNK_WORDS;
    size_t size = chunk_bytes(deletes->doc_count, chunk);
    uint32_t marked = count_bits(words);
    if (marked == 0) return REVUE_OK;
    uint8_t record[4 + CHUNK_BYTES];
    store_le32(record, marked);
    memcpy(record + 4, words, size);
    struct key key = key_deletes_chunk(segment, chunk);
    struct view old;
    revue_status status = store_get(txn, TABLE_DELETES, key_view(&key), &old, error);
    if (status == REVUE_OK && view_equal(old, view_of(record, 4 + size))) return REVUE_OK;
    if (status != REVUE_OK && status != REVUE_NO_MATCH) return status;
    return store_put(txn, TABLE_DELETES, key_view(&key), view_of(record, 4 + size), error);
}

revue_status deletes_write(const struct deletes *deletes, store_txn *txn, uint32_t segment, revue_error *error) {
    if (!deletes->words) return REVUE_OK;
    for (uint32_t chunk = 0; chunk < chunk_count(deletes->doc_count); chunk++)
        TRY(write_chunk(deletes, txn, segment, chunk, error));
    return REVUE_OK;
}
