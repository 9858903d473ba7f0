/* tail.c - a data.mdb that is shorter than its newest meta page says.
 *
 * Reading past the end of a mapped file kills the process (SIGBUS), so a truncated file must be seen at open. But a short
 * file may be whole: pages that one transaction both takes at the end of the file and gives up again are counted by the
 * meta page and never written (two of 3,000 random transactions, measured with 0.9.24). What is missing then is only
 * pages of LMDB's free list. So a short file is lengthened, with nobody else writing; when all the pages that were missing
 * are free it stays so, else it is cut back to what it was and called damaged. Every commit looks too, so that a file is
 * short only after a crash in between. */
#include "indexer/store/internal.h"

#include <errno.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TRIES_WITHOUT_RIGHTS 50     /* a millisecond apart: the writer that can mend it is at it right now, or dead */
#define META_BYTES ((uint64_t)8192) /* two meta pages, of the smallest size LMDB's pages have here */
#define FREE_TABLE 0                /* LMDB's own table of free pages: key transaction, value count and page numbers */

/* Size of data.mdb, or an errno. */
static int file_bytes(const struct environment *environment, uint64_t *bytes) {
    mdb_filehandle_t file;
    struct stat about;
    int code = LMDB_READ(mdb_env_get_fd(environment->handle, &file));
    if (code != 0) return code;
    if (fstat(file, &about) != 0) return errno;
    *bytes = (uint64_t)about.st_size;
    return 0;
}

/* Counts the free pages numbered first or higher. Each record is looked up afresh: unlike a step to the next one that
 * tells LMDB to check the pages on the way. */
int free_pages_count(MDB_txn *txn, size_t first, uint64_t *count) {
    MDB_cursor *cursor;
    int code = LMDB_READ(mdb_cursor_open(txn, FREE_TABLE, &cursor));
    if (code != 0) return code;
    size_t next = 0;
    uint64_t found = 0;
    for (;;) {
        MDB_val key = {sizeof next, &next}, value;
        code = LMDB_READ(mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE));
        if (code != 0) break;
        size_t transaction, pages;
        if (key.mv_size != sizeof transaction || value.mv_size < sizeof pages) code = MDB_CORRUPTED;
        if (code != 0) break;
        memcpy(&transaction, key.mv_data, sizeof transaction);
        memcpy(&pages, value.mv_data, sizeof pages);
        if (transaction < next || transaction == SIZE_MAX) code = MDB_CORRUPTED; /* it would never end */
        if (code != 0) break;
        for (size_t i = 1; i <= pages && (i + 1) * sizeof pages <= value.mv_size; i++) {
            size_t page;
            memcpy(&page, (const char *)value.mv_data + i * sizeof page, sizeof page);
            found += page >= first;
        }
        next = transaction + 1;
    }
    mdb_cursor_close(cursor);
    *count = found;
    return code == MDB_NOTFOUND ? 0 : code;
}

/* True in *free when the pages from byte have on are all free. */
static int missing_pages_are_free(struct environment *environment, uint64_t have, uint64_t needed, bool *free) {
    MDB_stat stat;
    MDB_txn *txn;
    uint64_t count = 0;
    int code = LMDB_READ(mdb_env_stat(environment->handle, &stat));
    if (code == 0) code = LMDB_READ(mdb_txn_begin(environment->handle, NULL, MDB_RDONLY, &txn));
    if (code != 0) return code;
    uint64_t first = have / stat.ms_psize, missing = needed / stat.ms_psize - first;
    code = free_pages_count(txn, (size_t)first, &count);
    mdb_txn_abort(txn);
    *free = count == missing;
    return code;
}

static revue_status short_file(const struct environment *environment, uint64_t have, uint64_t needed, revue_error *error) {
    return error_set(error, REVUE_CORRUPT,
                     "%s/data.mdb has %llu bytes instead of %llu: it was cut off; restore it, or rebuild the index from "
                     "its archive",
                     environment->path, (unsigned long long)have, (unsigned long long)needed);
}

/* A write transaction is open, so that no other process lengthens the file meanwhile. */
static revue_status lengthen(struct environment *environment, revue_error *error) {
    uint64_t have = 0, needed = environment_committed_bytes(environment);
    bool is_free = false;
    mdb_filehandle_t file = -1;
    int code = file_bytes(environment, &have);
    if (code == 0 && have >= needed) return REVUE_OK;
    if (code == 0) code = LMDB_READ(mdb_env_get_fd(environment->handle, &file));
    if (code == 0) code = ftruncate(file, (off_t)needed) == 0 ? 0 : errno;
    if (code != 0) return lmdb_error_set(error, code, environment->path);
    code = missing_pages_are_free(environment, have, needed, &is_free);
    if (code == 0 && is_free) return REVUE_OK;
    if (ftruncate(file, (off_t)have) != 0) return lmdb_error_set(error, errno, environment->path);
    if (code == 0 || code == MDB_CORRUPTED || code == MDB_PAGE_NOTFOUND)
        return short_file(environment, have, needed, error);
    return lmdb_error_set(error, code, environment->path);
}

/* Without the right to write all that is left is to let a writer that is between its commit and tail_check get there. */
static revue_status wait_for_writer(const struct environment *environment, revue_error *error) {
    uint64_t have = 0, needed = 0;
    for (int i = 0; i < TRIES_WITHOUT_RIGHTS; i++) {
        needed = environment_committed_bytes(environment);
        int code = file_bytes(environment, &have);
        if (code != 0) return lmdb_error_set(error, code, environment->path);
        if (have >= needed) return REVUE_OK;
        (void)nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
    return short_file(environment, have, needed, error);
}

revue_status tail_check(struct environment *environment, revue_error *error) {
    uint64_t have = 0;
    int code = file_bytes(environment, &have);
    if (code != 0) return lmdb_error_set(error, code, environment->path);
    if (have < META_BYTES) return short_file(environment, have, META_BYTES, error); /* nothing there says how long it was */
    if (have >= environment_committed_bytes(environment)) return REVUE_OK;
    if (environment->is_read_only) return wait_for_writer(environment, error);
    MDB_txn *txn;
    code = LMDB_WRITE(mdb_txn_begin(environment->handle, NULL, 0, &txn));
    if (code != 0) return lmdb_error_set(error, code, environment->path);
    revue_status status = lengthen(environment, error);
    mdb_txn_abort(txn);
    return status;
}
