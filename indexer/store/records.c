/* records.c - single records: every value with its checksum behind it, XXH3-64 seeded with the XXH3-64 of its key
 * (FORMAT.md, 2), so that a record found under another's key is as wrong as one with a flipped bit. */
#include "indexer/store/internal.h"

#include "indexer/base/hash.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

const char *const store_table_names[TABLE_COUNT] = {"index",    "segments", "columns", "deletes",
                                                    "keywords", "sources",  "blocks",  "shadows"};

bool table_has_checksums(enum store_table table) {
    return table != TABLE_BLOCKS && table != TABLE_SHADOWS;
}

/* ---- messages ---- */

/* Printable bytes as they are, others as \xNN, as far as they fit. */
static void append_bytes(char *out, size_t capacity, size_t at, struct view bytes) {
    for (size_t i = 0; i < bytes.size && at + 5 < capacity; i++) {
        unsigned char byte = (unsigned char)bytes.data[i];
        int written = byte >= 0x20 && byte < 0x7F && byte != '\\' ? snprintf(out + at, capacity - at, "%c", byte)
                                                                  : snprintf(out + at, capacity - at, "\\x%02x", byte);
        at += (size_t)written;
    }
}

void store_describe_key(enum store_table table, struct view key, char out[128]) {
    size_t at = (size_t)snprintf(out, 128, "%s ", store_table_names[table]);
    const unsigned char *data = (const unsigned char *)key.data;
    size_t numbers = 0; /* bytes of the key printed as numbers */
    if (table == TABLE_SEGMENTS && key.size >= 5) {
        at += (size_t)snprintf(out + at, 128 - at, "%u/%u/", load_be32(data), data[4]);
        numbers = 5;
        if (key.size == 9) {
            (void)snprintf(out + at, 128 - at, "%08x", load_be32(data + 5));
            numbers = 9;
        }
    } else if (table == TABLE_COLUMNS && key.size == 10) {
        (void)snprintf(out + at, 128 - at, "%u/%u/%u", load_be32(data), (unsigned)data[4] << 8 | data[5],
                       load_be32(data + 6));
        numbers = 10;
    } else if (table == TABLE_DELETES && key.size == 8) {
        (void)snprintf(out + at, 128 - at, "%u/%u", load_be32(data), load_be32(data + 4));
        numbers = 8;
    } else if (table == TABLE_KEYWORDS && key.size == 11) {
        (void)snprintf(out + at, 128 - at, "%u/%u/%u/%u", (unsigned)data[0] << 8 | data[1], load_be32(data + 2), data[6],
                       load_be32(data + 7));
        numbers = 11;
    } else if (table == TABLE_SOURCES && key.size >= 2) {
        at += (size_t)snprintf(out + at, 128 - at, "%u/", (unsigned)data[0] << 8 | data[1]);
        numbers = 2;
    }
    append_bytes(out, 128, at, view_of(key.data ? key.data + numbers : NULL, key.size - numbers));
}

static revue_status fail_at(int code, enum store_table table, struct view key, revue_error *error) {
    char place[128];
    if (!error) return lmdb_error_set(NULL, code, "");
    store_describe_key(table, key, place);
    return lmdb_error_set(error, code, place);
}

static revue_status refuse_key(struct view key, revue_error *error) {
    return error_set(error, REVUE_BUG, "a key of %zu bytes: keys have 1 to %u", key.size, STORE_KEY_MAX);
}

/* ---- values ---- */

static revue_status damaged(enum store_table table, struct view key, revue_error *error) {
    char place[128];
    store_describe_key(table, key, place);
    return error_set(error, REVUE_CORRUPT, "%s is damaged: restore the index, or rebuild it from its archive", place);
}

uint64_t store_checksum(struct view key, struct view value) {
    return hash_bytes_seeded(value.data, value.size, hash_view(key));
}

revue_status store_verify(enum store_table table, struct view key, struct view value, revue_error *error) {
    if (!table_has_checksums(table)) return value.size == 0 ? REVUE_OK : damaged(table, key, error);
    return load_le64(value.data + value.size) == store_checksum(key, value) ? REVUE_OK : damaged(table, key, error);
}

revue_status record_value(enum store_table table, struct view key, MDB_val stored, struct view *value, revue_error *error) {
    static const char nothing[CHECKSUM_BYTES];
    if (!table_has_checksums(table)) {
        if (stored.mv_size != 0) return damaged(table, key, error);
        *value = view_of(nothing, 0);
        return REVUE_OK;
    }
    if (stored.mv_size < CHECKSUM_BYTES) return damaged(table, key, error);
    *value = view_of(stored.mv_data, stored.mv_size - CHECKSUM_BYTES);
    return REVUE_OK;
}

revue_status store_get_unverified(store_txn *txn, enum store_table table, struct view key, struct view *value,
                                  revue_error *error) {
    if (key.size == 0 || key.size > STORE_KEY_MAX) return refuse_key(key, error);
    MDB_val sought = {key.size, (void *)(uintptr_t)key.data}, stored;
    int code = LMDB_READ(mdb_get(txn->handle, txn->environment->tables[table], &sought, &stored));
    if (code == MDB_NOTFOUND) return REVUE_NO_MATCH;
    if (code != 0) return fail_at(lmdb_read_code(txn, code), table, key, error);
    return record_value(table, key, stored, value, error);
}

/* Searchers map the file without read-ahead, so that reading a value of many pages would wait for the disk at each of them:
 * where the last one is not in memory the kernel is asked for all at once. */
static void read_ahead(struct view value) {
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), end = (uintptr_t)value.data + value.size;
    const uintptr_t first = (uintptr_t)value.data / page * page, last = (end - 1) / page * page;
    unsigned char is_there = 1;
    if (last - first < 2 * page || mincore((void *)last, page, &is_there) != 0 || is_there & 1) return;
    (void)posix_madvise((void *)first, end - first, POSIX_MADV_WILLNEED);
}

revue_status store_get(store_txn *txn, enum store_table table, struct view key, struct view *value, revue_error *error) {
    struct view found;
    TRY(store_get_unverified(txn, table, key, &found, error));
    read_ahead(found);
    TRY(store_verify(table, key, found, error));
    *value = found;
    return REVUE_OK;
}

revue_status store_count(store_txn *txn, enum store_table table, uint64_t *count, revue_error *error) {
    MDB_stat stat;
    int code = LMDB_READ(mdb_stat(txn->handle, txn->environment->tables[table], &stat));
    if (code != 0) return lmdb_error_set(error, lmdb_read_code(txn, code), store_table_names[table]);
    *count = stat.ms_entries;
    return REVUE_OK;
}

revue_status store_put(store_txn *txn, enum store_table table, struct view key, struct view value, revue_error *error) {
    if (key.size == 0 || key.size > STORE_KEY_MAX) return refuse_key(key, error);
    bool has_checksum = table_has_checksums(table);
    if (!has_checksum && value.size > 0)
        return error_set(error, REVUE_BUG, "table %s has no values", store_table_names[table]);
    if (value.size > UINT32_MAX - CHECKSUM_BYTES)
        return error_set(error, REVUE_BUG, "a record of %zu bytes: 4 GiB are the most", value.size);
    MDB_val place = {key.size, (void *)(uintptr_t)key.data};
    MDB_val stored = {has_checksum ? value.size + CHECKSUM_BYTES : 0, NULL};
    int code = LMDB_WRITE(mdb_put(txn->handle, txn->environment->tables[table], &place, &stored, MDB_RESERVE));
    if (code != 0) return fail_at(code, table, key, error);
    txn->written += key.size + stored.mv_size;
    if (!has_checksum) return REVUE_OK;
    if (value.size) memcpy(stored.mv_data, value.data, value.size);
    txn->last_checksum = store_checksum(key, value);
    store_le64((char *)stored.mv_data + value.size, txn->last_checksum);
    return REVUE_OK;
}

revue_status store_delete(store_txn *txn, enum store_table table, struct view key, revue_error *error) {
    if (key.size == 0 || key.size > STORE_KEY_MAX) return refuse_key(key, error);
    MDB_val place = {key.size, (void *)(uintptr_t)key.data};
    int code = LMDB_WRITE(mdb_del(txn->handle, txn->environment->tables[table], &place, NULL));
    return code == 0 || code == MDB_NOTFOUND ? REVUE_OK : fail_at(code, table, key, error);
}
