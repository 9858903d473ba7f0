/* environment.c - LMDB environments: one per generation and process, shared by everyone who opens it.
 *
 * LMDB forbids opening an environment twice in a process (closing one copy would drop the POSIX locks of the other), so a
 * registry finds open ones by device and inode of their folder. All are opened with the right to write where the process
 * has it, because the one that is open first may be a searcher's and the next a writer's; the memory this reserves is not
 * touched until a write transaction begins. Without that right a reader falls back to MDB_RDONLY, and on a file system
 * that nobody can write to MDB_NOLOCK. Whether the kernel reads ahead is decided by who opens first: LMDB cannot change
 * it later.
 *
 * The map is 1 TiB of address space, which costs nothing. Where the process may not have that much (ulimit -v, valgrind)
 * it takes half of what can be had, and an environment that outgrows its map is closed and opened again between
 * transactions: LMDB's own mdb_env_set_mapsize leaves the handle unusable when the new map is refused. */
#include "indexer/store/internal.h"

#include "indexer/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAP_LARGEST ((uint64_t)1 << 40)
#define MAP_SMALLEST ((uint64_t)1 << 20)
#define DATA_SMALLEST 8192                             /* two meta pages */
#define LOCK_FILE_BYTES (STORE_READERS_MAX * 64 + 128) /* of LMDB 0.9: a cache line a reader, two and more before them */

static pthread_mutex_t registry_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct environment *registry;

/* ---- the map ---- */

static bool can_map(uint64_t size) {
    if (size > SIZE_MAX) return false;
    void *probe = mmap(NULL, (size_t)size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (probe == MAP_FAILED) return false;
    (void)munmap(probe, (size_t)size);
    return true;
}

/* The largest map that can be had; of limited address space half is left to the rest of the process, unless the store
 * itself wants more. */
static size_t choose_map_bytes(uint64_t wanted) {
    uint64_t size = MAP_LARGEST;
    while (size > MAP_SMALLEST && !can_map(size))
        size /= 2;
    if (size < MAP_LARGEST && size / 2 >= wanted) size /= 2;
    return (size_t)size;
}

uint64_t environment_committed_bytes(const struct environment *environment) {
    MDB_envinfo info;
    MDB_stat stat;
    (void)mdb_env_info(environment->handle, &info);
    (void)mdb_env_stat(environment->handle, &stat);
    return ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize;
}

/* ---- opening a handle ---- */

/* LMDB makes lock.mdb a file of holes and writes to it through a map: on a full disk that is SIGBUS. So its blocks are
 * asked for beforehand, where the process may write to it; file systems that cannot tell are trusted. The process has no
 * handle of this environment yet: closing the file would drop the POSIX locks of one. The size is the one LMDB gives the
 * file, since it takes the number of readers from it. */
static int reserve_lock_file(const struct environment *environment) {
    char path[STORE_PATH_MAX];
    struct stat about;
    int code = 0;
    if (path_join(path, environment->path, "lock.mdb", NULL) != REVUE_OK) return ENAMETOOLONG;
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0) return errno == ENOSPC ? ENOSPC : 0; /* LMDB says best what other trouble there is */
    if (fstat(file, &about) == 0 && about.st_blocks * 512 < LOCK_FILE_BYTES &&
        fallocate(file, 0, 0, LOCK_FILE_BYTES) != 0 && errno == ENOSPC)
        code = ENOSPC;
    (void)close(file);
    return code;
}

static int open_handle(const struct environment *environment, unsigned flags, MDB_env **opened) {
    MDB_env *handle;
    int code = LMDB_READ(mdb_env_create(&handle));
    if (code != 0) return code;
    code = flags & MDB_RDONLY ? 0 : reserve_lock_file(environment);
    if (code == 0) code = LMDB_READ(mdb_env_set_mapsize(handle, environment->map_bytes));
    if (code == 0) code = LMDB_READ(mdb_env_set_maxdbs(handle, TABLE_COUNT));
    if (code == 0) code = LMDB_READ(mdb_env_set_maxreaders(handle, STORE_READERS_MAX));
    if (code == 0) code = LMDB_READ(mdb_env_open(handle, environment->path, environment->flags | MDB_NOTLS | flags, 0666));
    if (code == 0)
        *opened = handle;
    else
        mdb_env_close(handle);
    return code;
}

/* With the strongest rights that can be had. */
static revue_status open_with_rights(struct environment *environment, revue_error *error) {
    environment->is_read_only = false;
    environment->has_locks = true;
    int code = open_handle(environment, 0, &environment->handle);
    if ((code == EACCES || code == EPERM || code == EROFS) && !environment->needs_write) {
        environment->is_read_only = true;
        environment->has_locks = code != EROFS;
        code = open_handle(environment, MDB_RDONLY | (environment->has_locks ? 0 : MDB_NOLOCK), &environment->handle);
    }
    return code == 0 ? REVUE_OK : lmdb_error_set(error, code, environment->path);
}

/* Opens the handles of all tables, in a transaction of its own as LMDB wants it. */
static revue_status open_tables(struct environment *environment, bool may_create, revue_error *error) {
    MDB_txn *txn;
    int code = LMDB_READ(mdb_txn_begin(environment->handle, NULL, may_create ? 0 : MDB_RDONLY, &txn));
    if (code != 0) return lmdb_error_set(error, code, environment->path);
    for (int table = 0; table < TABLE_COUNT; table++) {
        code = LMDB_READ(
            mdb_dbi_open(txn, store_table_names[table], may_create ? MDB_CREATE : 0, &environment->tables[table]));
        if (code == 0) continue;
        mdb_txn_abort(txn);
        if (code != MDB_NOTFOUND) return lmdb_error_set(error, code, environment->path);
        return error_set(error, REVUE_CORRUPT,
                         "%s: the table %s is missing: restore the index, or rebuild it from its archive",
                         environment->path, store_table_names[table]);
    }
    if (!store_may_call()) {
        mdb_txn_abort(txn);
        code = ENOSPC;
    } else {
        code = mdb_txn_commit(txn);
    }
    return code == 0 ? REVUE_OK : lmdb_error_set(error, code, environment->path);
}

static revue_status damaged_file(const char *path, const char *what, revue_error *error) {
    return error_set(error, REVUE_CORRUPT, "%s %s: restore it, or rebuild the index from its archive", path, what);
}

/* LMDB takes an empty data.mdb for a new one, and its second meta page for granted. */
static revue_status check_data_file(const char *folder, bool may_create, revue_error *error) {
    char path[STORE_PATH_MAX];
    struct stat about;
    TRY(path_join(path, folder, "data.mdb", error));
    if (stat(path, &about) != 0) {
        if (errno == ENOENT && may_create) return REVUE_OK;
        if (errno == ENOENT) return damaged_file(path, "is missing", error);
        return lmdb_error_set(error, errno, path);
    }
    if (about.st_size >= DATA_SMALLEST || (may_create && about.st_size == 0)) return REVUE_OK;
    return damaged_file(path, "is too short", error);
}

static void close_handle(struct environment *environment) {
    if (environment->handle) mdb_env_close(environment->handle);
    environment->handle = NULL;
    environment->map_address = 0;
    environment->map_is_sought = false;
    environment->map_split = 0;
}

/* Everything from nothing to an open environment. */
static revue_status start(struct environment *environment, uint64_t wanted, bool may_create, revue_error *error) {
    TRY(check_data_file(environment->path, may_create, error));
    environment->map_bytes = choose_map_bytes(wanted);
    TRY(open_with_rights(environment, error));
    MDB_envinfo info;
    (void)mdb_env_info(environment->handle, &info);
    environment->map_bytes = info.me_mapsize; /* LMDB takes more when the file is larger */
    revue_status status = REVUE_OK;
    int dead, code = environment->has_locks ? LMDB_READ(mdb_reader_check(environment->handle, &dead)) : 0;
    if (code != 0) status = lmdb_error_set(error, code, environment->path);
    if (status == REVUE_OK) status = tail_check(environment, error);
    if (status == REVUE_OK) status = open_tables(environment, may_create, error);
    if (status != REVUE_OK) close_handle(environment);
    return status;
}

revue_status environment_reopen(struct environment *environment, uint64_t wanted, revue_error *error) {
    close_handle(environment);
    return start(environment, wanted, false, error);
}

/* ---- the registry; its mutex is held in what follows ---- */

/* The number of a folder that was removed may be that of a new one: an environment whose files are gone, which somebody
 * still reads, is not the one at path. The number of a file that is open is not given away. */
static bool has_data_of(const struct environment *environment, const char *path) {
    char data[STORE_PATH_MAX];
    struct stat mine, there;
    mdb_filehandle_t file;
    if (!environment->handle || mdb_env_get_fd(environment->handle, &file) != 0 || fstat(file, &mine) != 0) return true;
    if (path_join(data, path, "data.mdb", NULL) != REVUE_OK || stat(data, &there) != 0) return mine.st_nlink > 0;
    return mine.st_dev == there.st_dev && mine.st_ino == there.st_ino;
}

static struct environment *registry_find(dev_t device, ino_t inode, const char *path) {
    struct environment *found = registry;
    while (found && (found->device != device || found->inode != inode || !has_data_of(found, path)))
        found = found->next;
    return found;
}

static void registry_remove(struct environment *environment) {
    struct environment **link = &registry;
    while (*link != environment)
        link = &(*link)->next;
    *link = environment->next;
}

static revue_status share(struct environment *environment, enum environment_use use, struct environment **acquired,
                          revue_error *error) {
    if (use >= ENVIRONMENT_WRITE && environment->is_read_only) {
        return error_set(error, REVUE_NO_RIGHTS,
                         "%s is open for reading only in this process, which had no right to write to it",
                         environment->path);
    }
    environment->references++;
    *acquired = environment;
    return REVUE_OK;
}

static void environment_free(struct environment *environment) {
    close_handle(environment);
    (void)pthread_mutex_destroy(&environment->mutex);
    memory_free(environment->path);
    memory_free(environment);
}

static revue_status create(const char *path, const struct stat *about, enum environment_use use,
                           struct environment **acquired, revue_error *error) {
    struct environment *environment = memory_alloc_zeroed(1, sizeof *environment);
    if (!environment) return error_no_memory(error);
    (void)pthread_mutex_init(&environment->mutex, NULL);
    environment->device = about->st_dev;
    environment->inode = about->st_ino;
    environment->references = 1;
    environment->needs_write = use >= ENVIRONMENT_WRITE;
    environment->flags = use == ENVIRONMENT_SEARCH ? MDB_NORDAHEAD : use == ENVIRONMENT_BULK ? MDB_NOSYNC : 0;
    environment->path = memory_copy_string(path);
    revue_status status =
        environment->path ? start(environment, 0, use >= ENVIRONMENT_CREATE, error) : error_no_memory(error);
    if (status != REVUE_OK) {
        environment_free(environment);
        return status;
    }
    environment->next = registry;
    registry = environment;
    *acquired = environment;
    return REVUE_OK;
}

revue_status environment_acquire(struct environment **acquired, const char *path, enum environment_use use,
                                 revue_error *error) {
    struct stat about;
    if (stat(path, &about) != 0) {
        return errno == ENOENT ? damaged_file(path, "is missing", error) : lmdb_error_set(error, errno, path);
    }
    (void)pthread_mutex_lock(&registry_mutex);
    struct environment *open = registry_find(about.st_dev, about.st_ino, path);
    revue_status status = open ? share(open, use, acquired, error) : create(path, &about, use, acquired, error);
    (void)pthread_mutex_unlock(&registry_mutex);
    return status;
}

void environment_release(struct environment *environment) {
    if (!environment) return;
    (void)pthread_mutex_lock(&registry_mutex);
    if (--environment->references == 0) {
        registry_remove(environment);
        environment_free(environment);
    }
    (void)pthread_mutex_unlock(&registry_mutex);
}

bool environment_is_open(const char *path) {
    struct stat about;
    if (stat(path, &about) != 0) return false;
    (void)pthread_mutex_lock(&registry_mutex);
    bool is_open = registry_find(about.st_dev, about.st_ino, path) != NULL;
    (void)pthread_mutex_unlock(&registry_mutex);
    return is_open;
}

/* Another thread of the parent may have held the mutex when it forked: the child's copy then stays locked for good, so it
 * gets a new one. */
void store_forget_after_fork(void) {
    registry = NULL;
    registry_mutex = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
}
