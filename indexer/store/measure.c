/* measure.c - how large the index is, how much of it is in use, and who reads it. */
#include "indexer/store/internal.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#define META_PAGES 2u
#define OWN_TABLES 2u    /* LMDB's: free pages (0) and the table of tables (1) */
#define BLOCK_BYTES 512u /* the unit of st_blocks */

/* ---- readers ---- */

/* LMDB tells of its readers in lines "pid thread snapshot", a snapshot of "-" for none; the first line is a heading. */
static int count_reader(const char *line, void *context) {
    struct reader_count *count = context;
    int process;
    unsigned long thread;
    unsigned long long snapshot;
    if (sscanf(line, "%d %lx %llu", &process, &thread, &snapshot) != 3) return 0;
    count->readers++;
    if (snapshot < count->oldest) count->oldest = snapshot;
    return 0;
}

revue_status environment_count_readers(const struct environment *environment, struct reader_count *count,
                                       revue_error *error) {
    struct reader_count found = {0, UINT64_MAX};
    int code = LMDB_READ(mdb_reader_list(environment->handle, count_reader, &found));
    if (code < 0) return lmdb_error_set(error, code, environment->path);
    if (code == EIO) return lmdb_error_set(error, code, environment->path);
    *count = found;
    return REVUE_OK;
}

/* ---- the folder ---- */

static revue_status add_file(uint64_t *bytes, const char *path, struct stat *about, revue_error *error) {
    if (lstat(path, about) == 0) {
        *bytes += (uint64_t)about->st_blocks * BLOCK_BYTES;
        return REVUE_OK;
    }
    /* A file that another run has just removed takes no room. */
    memset(about, 0, sizeof *about);
    return errno == ENOENT ? REVUE_OK : error_from_errno(error, errno, path);
}

struct folder_size {
    const char *path;
    uint64_t bytes;
};

static revue_status add_name(void *context, const char *name, revue_error *error) {
    struct folder_size *size = context;
    char path[STORE_PATH_MAX];
    struct stat about;
    TRY(path_join(path, size->path, name, error));
    TRY(add_file(&size->bytes, path, &about, error));
    if (!S_ISDIR(about.st_mode)) return REVUE_OK;
    uint32_t generation;
    if (!generation_parse_name(name, &generation)) return REVUE_OK;
    struct folder_size inner = {path, 0};
    revue_status status = generation_each_name(path, add_name, &inner, error);
    size->bytes += inner.bytes;
    return status == REVUE_NO_INPUT ? REVUE_OK : status;
}

/* ---- pages ---- */

static int count_pages(MDB_txn *txn, const struct environment *environment, uint64_t *pages) {
    uint64_t found = META_PAGES;
    for (unsigned i = 0; i < TABLE_COUNT + OWN_TABLES; i++) {
        MDB_stat stat;
        int code = LMDB_READ(mdb_stat(txn, i < OWN_TABLES ? i : environment->tables[i - OWN_TABLES], &stat));
        if (code != 0) return code;
        found += stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages;
    }
    *pages = found;
    return 0;
}

revue_status store_measure(store *opened, struct store_sizes *sizes, revue_error *error) {
    struct environment *environment = opened->environment;
    struct store_sizes found = {0};
    struct reader_count readers;
    struct folder_size folder = {opened->path, 0};
    uint64_t used = 0, unused = 0;
    MDB_stat stat;
    store_txn *txn;
    TRY(generation_each_name(opened->path, add_name, &folder, error));
    TRY(environment_count_readers(environment, &readers, error));
    TRY(store_begin_read(opened, &txn, error));
    int code = count_pages(txn->handle, environment, &used);
    if (code == 0) code = free_pages_count(txn->handle, 0, &unused);
    if (code == 0) code = LMDB_READ(mdb_env_stat(environment->handle, &stat));
    uint64_t now = store_txn_id(txn);
    store_abort(txn);
    if (code != 0) return lmdb_error_set(error, code, environment->path);
    found.file_bytes = folder.bytes;
    found.used_bytes = used * stat.ms_psize;
    found.free_bytes = unused * stat.ms_psize;
    found.readers = readers.readers;
    found.oldest_reader_lag = readers.oldest < now ? now - readers.oldest : 0;
    *sizes = found;
    return REVUE_OK;
}
