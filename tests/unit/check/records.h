/* records.h - every record of an index with its key, to be damaged one by one and put back. */
#ifndef REVUE_TESTS_CHECK_RECORDS_H
#define REVUE_TESTS_CHECK_RECORDS_H

#include "tests/unit/check/check_test.h"

struct record {
    enum store_table table;
    uint8_t key[KEY_MAX];
    size_t key_size;
    uint8_t *stored; /* with its checksum */
    size_t size;
};
struct all_records {
    struct record *items;
    size_t count;
};

static inline struct view key_of(const struct record *record) {
    return view_of(record->key, record->key_size);
}

static inline void collect_table(struct edit *edit, enum store_table table, struct all_records *records) {
    MDB_cursor *cursor;
    MDB_val key, value;
    assert_int_equal(mdb_cursor_open(edit->txn->handle, edit->txn->environment->tables[table], &cursor), 0);
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
        records->items = realloc(records->items, (records->count + 1) * sizeof *records->items);
        assert_non_null(records->items);
        struct record *record = &records->items[records->count++];
        record->table = table;
        record->key_size = key.mv_size;
        memcpy(record->key, key.mv_data, key.mv_size);
        record->size = value.mv_size;
        record->stored = malloc(value.mv_size + 1);
        assert_non_null(record->stored);
        if (value.mv_size) memcpy(record->stored, value.mv_data, value.mv_size);
    }
    mdb_cursor_close(cursor);
}

static inline struct all_records collect(const char *index) {
    struct all_records records = {NULL, 0};
    struct edit edit = edit_begin(index);
    for (unsigned table = 0; table < TABLE_COUNT; table++)
        collect_table(&edit, (enum store_table)table, &records);
    edit_end(&edit);
    assert_true(records.count > 40);
    return records;
}

static inline void forget(struct all_records *records) {
    for (size_t i = 0; i < records->count; i++)
        free(records->items[i].stored);
    free(records->items);
}

static inline void put_stored(const char *index, const struct record *record, const uint8_t *stored, size_t size) {
    struct edit edit = edit_begin(index);
    edit_put_raw(&edit, record->table, key_of(record), view_of(stored, size));
    edit_end(&edit);
}

/* The stored bytes with one changed and the checksum that the record would have then. malloc'd. */
static inline uint8_t *change_byte(const struct record *record, size_t byte, uint8_t value) {
    const size_t size = record->size - CHECKSUM_BYTES;
    uint8_t *changed = malloc(record->size);
    assert_non_null(changed);
    memcpy(changed, record->stored, size);
    changed[byte] = value;
    store_le64(changed + size, store_checksum(key_of(record), view_of(changed, size)));
    return changed;
}

/* The stored bytes with one bit flipped and, sealed, the checksum that the record would have then. malloc'd. */
static inline uint8_t *flip_record(const struct record *record, uint64_t *random, bool sealed, size_t *byte) {
    const size_t size = sealed ? record->size - CHECKSUM_BYTES : record->size;
    uint8_t *flipped = malloc(record->size);
    assert_non_null(flipped);
    memcpy(flipped, record->stored, record->size);
    *byte = random_below(random, (uint32_t)size);
    flipped[*byte] ^= (uint8_t)(1u << random_below(random, 8));
    if (sealed) store_le64(flipped + size, store_checksum(key_of(record), view_of(flipped, size)));
    return flipped;
}

#endif
