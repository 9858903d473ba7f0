/* cursor.c - walking a table in key order, and deleting all keys of a prefix. */
#include "indexer/store/internal.h"

#include "indexer/base/memory.h"

#include <errno.h>

/* Deleted values, of whatever prefixes: LMDB looks at the first page of each, and the kernel maps 64 KiB with it. */
#define RELEASE_EVERY 128u

#define REMEMBERED 1024u /* verified values, by the page they begin on: values of a page each mostly have a slot each */
#define PAGE_SHIFT 12

struct store_cursor {
    MDB_cursor *handle;
    store_txn *txn;
    enum store_table table;
    enum { BEFORE_FIRST, AT_ENTRY, AFTER_LAST } place;
    const void **remembered; /* REMEMBERED addresses of values that have been verified; NULL: none are remembered */
};

revue_status store_cursor_open(store_txn *txn, enum store_table table, store_cursor **opened, revue_error *error) {
    store_cursor *cursor = memory_alloc_zeroed(1, sizeof *cursor);
    if (!cursor) return error_no_memory(error);
    cursor->txn = txn;
    cursor->table = table;
    int code = LMDB_READ(mdb_cursor_open(txn->handle, txn->environment->tables[table], &cursor->handle));
    if (code != 0) {
        memory_free(cursor);
        return lmdb_error_set(error, lmdb_read_code(txn, code), store_table_names[table]);
    }
    *opened = cursor;
    return REVUE_OK;
}

void store_cursor_close(store_cursor *cursor) {
    if (!cursor) return;
    mdb_cursor_close(cursor->handle);
    memory_free(cursor->remembered);
    memory_free(cursor);
}

/* What a writing transaction reads may change beneath it. */
revue_status store_cursor_remember(store_cursor *cursor, revue_error *error) {
    if (cursor->remembered || cursor->txn->is_write) return REVUE_OK;
    cursor->remembered = memory_alloc_zeroed(REMEMBERED, sizeof *cursor->remembered);
    return cursor->remembered ? REVUE_OK : error_no_memory(error);
}

static revue_status verify(store_cursor *cursor, struct view key, struct view value, revue_error *error) {
    const void **slot = NULL;
    if (cursor->remembered) slot = &cursor->remembered[((uintptr_t)value.data >> PAGE_SHIFT) % REMEMBERED];
    if (slot && *slot == value.data) return REVUE_OK;
    TRY(store_verify(cursor->table, key, value, error));
    if (slot) *slot = value.data;
    return REVUE_OK;
}

/* One LMDB step, its entry verified. sought is what MDB_SET_RANGE looks for. */
static revue_status step(store_cursor *cursor, MDB_cursor_op operation, struct view sought, struct view *key,
                         struct view *value, revue_error *error) {
    MDB_val place = {sought.size, (void *)(uintptr_t)sought.data}, stored;
    int code = LMDB_READ(mdb_cursor_get(cursor->handle, &place, &stored, operation));
    cursor->place = code == 0 ? AT_ENTRY : operation == MDB_PREV || operation == MDB_LAST ? BEFORE_FIRST : AFTER_LAST;
    if (code == MDB_NOTFOUND) return REVUE_NO_MATCH;
    if (code != 0) return lmdb_error_set(error, lmdb_read_code(cursor->txn, code), store_table_names[cursor->table]);
    *key = view_of(place.mv_data, place.mv_size);
    *value = view_of(NULL, 0);
    TRY(record_value(cursor->table, *key, stored, value, error));
    return verify(cursor, *key, *value, error);
}

revue_status store_cursor_at_or_after(store_cursor *cursor, struct view sought, struct view *key, struct view *value,
                                      revue_error *error) {
    /* LMDB has no empty keys to look for: everything is after one. */
    return step(cursor, sought.size > 0 ? MDB_SET_RANGE : MDB_FIRST, sought, key, value, error);
}

revue_status store_cursor_at_or_before(store_cursor *cursor, struct view sought, struct view *key, struct view *value,
                                       revue_error *error) {
    if (sought.size == 0) {
        cursor->place = BEFORE_FIRST;
        return REVUE_NO_MATCH;
    }
    MDB_val place = {sought.size, (void *)(uintptr_t)sought.data}, stored;
    int code = LMDB_READ(mdb_cursor_get(cursor->handle, &place, &stored, MDB_SET_RANGE));
    if (code != 0 && code != MDB_NOTFOUND)
        return lmdb_error_set(error, lmdb_read_code(cursor->txn, code), store_table_names[cursor->table]);
    MDB_cursor_op operation = MDB_LAST;
    if (code == 0) operation = view_equal(view_of(place.mv_data, place.mv_size), sought) ? MDB_GET_CURRENT : MDB_PREV;
    return step(cursor, operation, view_of(NULL, 0), key, value, error);
}

revue_status store_cursor_next(store_cursor *cursor, struct view *key, struct view *value, revue_error *error) {
    if (cursor->place == AFTER_LAST) return REVUE_NO_MATCH;
    return step(cursor, cursor->place == AT_ENTRY ? MDB_NEXT : MDB_FIRST, view_of(NULL, 0), key, value, error);
}

static bool has_prefix(MDB_val key, struct view prefix) {
    return key.mv_size >= prefix.size && memcmp(key.mv_data, prefix.data, prefix.size) == 0;
}

revue_status store_delete_prefix(store_txn *txn, enum store_table table, struct view prefix, revue_error *error) {
    if (prefix.size == 0)
        return error_set(error, REVUE_BUG, "a prefix of no bytes would empty table %s", store_table_names[table]);
    MDB_cursor *cursor;
    int code = LMDB_WRITE(mdb_cursor_open(txn->handle, txn->environment->tables[table], &cursor));
    if (code != 0) return lmdb_error_set(error, code, store_table_names[table]);
    MDB_val key = {prefix.size, (void *)(uintptr_t)prefix.data}, stored;
    code = LMDB_READ(mdb_cursor_get(cursor, &key, &stored, MDB_SET_RANGE));
    while (code == 0 && has_prefix(key, prefix)) {
        if (++txn->deleted % RELEASE_EVERY == 0) environment_release_pages(txn->environment);
        code = LMDB_WRITE(mdb_cursor_del(cursor, 0));
        /* After a delete the cursor stands before the entry that followed. */
        if (code == 0) code = LMDB_READ(mdb_cursor_get(cursor, &key, &stored, MDB_NEXT));
    }
    mdb_cursor_close(cursor);
    return code == 0 || code == MDB_NOTFOUND ? REVUE_OK : lmdb_error_set(error, code, store_table_names[table]);
}
