/* internal.h - what the files of this room share; nobody outside includes it, but its tests.
 *
 * store.c             opening, creating, publishing        transaction.c   begin, commit, abort
 * environment.c       LMDB environments, one per           records.c       values with their checksums
 *                     generation and process               cursor.c        walking a table
 * tail.c              files shorter than their             measure.c       sizes, readers counted
 *                     meta page says                       readers.c       readers of old snapshots
 *                                                          index_lock.c    the lock of a run
 * generation.c        CURRENT and the folders it names     lmdb_error.c    codes to statuses, the test hook
 * index_directory.c   the folder of a new index            file_system.c   network file systems, folders synced
 * map_pages.c         memory of pages that were read       share.c         rights of a group, carried over */
#ifndef REVUE_STORE_INTERNAL_H
#define REVUE_STORE_INTERNAL_H

#include "indexer/store/store.h"

#include <lmdb.h>
#include <pthread.h>
#include <sys/types.h>

#define STORE_PATH_MAX 4096u /* of any path built here, with its zero byte */
#define STORE_READERS_MAX 512u
#define CHECKSUM_BYTES 8u
#define STORE_KEY_MAX 511u /* LMDB's own limit, fixed when it was compiled */

/* ---- lmdb_error.c ---- */
/* False when a test wants the next LMDB call to fail. */
bool store_may_call(void);
/* An LMDB call that the hook can make fail, the way a bad disk would when reading and a full one when writing. */
#define LMDB_READ(call) (store_may_call() ? (call) : EIO)
#define LMDB_WRITE(call) (store_may_call() ? (call) : ENOSPC)
/* The code of a read in txn, for what it means. */
int lmdb_read_code(const store_txn *txn, int code);
/* Status and message of an LMDB code or errno; what says what was being done, and to what. */
revue_status lmdb_error_set(revue_error *error, int code, const char *what);

/* ---- file_system.c ---- */
/* The name of a network file system by its statfs magic, or NULL. */
const char *network_file_system(unsigned long magic);
revue_status refuse_network_file_system(const char *path, revue_error *error);
revue_status sync_folder(const char *path, revue_error *error);
/* Is the open file the one of this path (still)? */
bool is_file_at(int file, const char *path);
/* folder/name into out (STORE_PATH_MAX bytes); REVUE_USAGE when it is too long. */
revue_status path_join(char *out, const char *folder, const char *name, revue_error *error);

/* ---- generation.c ---- */
/* CURRENT as a number. REVUE_NO_MATCH, without a message, when there is no CURRENT. */
revue_status generation_read_current(const char *index_path, uint32_t *generation, revue_error *error);
/* Replaces CURRENT and syncs the folder. */
revue_status generation_write_current(const char *index_path, uint32_t generation, revue_error *error);
revue_status generation_path(char *out, const char *index_path, uint32_t generation, revue_error *error);
/* REVUE_NO_INPUT, with the command that makes one. */
revue_status no_such_index(const char *index_path, revue_error *error);
/* Parses "store.<n>"; false for any other name. */
bool generation_parse_name(const char *name, uint32_t *generation);
/* Removes a generation's files and folder. */
revue_status generation_remove(const char *index_path, uint32_t generation, revue_error *error);
#define FIRST_GENERATION 1u
/* Calls visit with every name in the index folder but . and .., until it fails. */
revue_status generation_each_name(const char *index_path,
                                  revue_status (*visit)(void *context, const char *name, revue_error *error), void *context,
                                  revue_error *error);

/* ---- index_directory.c ---- */
/* The folder of a new index, made or found with nothing in the way: other things are REVUE_CANNOT_CREATE, generations that
 * no CURRENT names are REVUE_CORRUPT, unless it is the first and may be adopted. */
revue_status index_directory_make(const char *path, bool may_adopt, revue_error *error);

/* ---- share.c ---- */
/* Gives a file, or all of a generation, the group and the rights of the one that it is to replace. */
revue_status rights_like(const char *path, const char *before, revue_error *error);
revue_status generation_rights_like(const char *index_path, uint32_t generation, uint32_t before, revue_error *error);

/* ---- environment.c ---- */
struct environment {
    struct environment *next; /* in the registry */
    dev_t device;             /* of the generation's folder: what the registry finds it by */
    ino_t inode;
    unsigned references;
    char *path;       /* of the generation's folder */
    unsigned flags;   /* MDB_NORDAHEAD, MDB_NOSYNC */
    bool needs_write; /* opened first by someone who writes: no falling back to reading */
    bool is_read_only, has_locks;
    MDB_env *handle; /* NULL when opening it again failed */
    MDB_dbi tables[TABLE_COUNT];
    size_t map_bytes;
    pthread_mutex_t mutex; /* guards what follows, and handle */
    unsigned transactions; /* open now */
    bool is_writing;
    uintptr_t map_address; /* 0: not known (map_pages.c) */
    bool map_is_sought;
    bool is_map_split;  /* it is to be in pieces ... */
    uint64_t map_split; /* ... and is up to there */
};
enum environment_use {
    ENVIRONMENT_SEARCH, /* reading, without read-ahead */
    ENVIRONMENT_READ,
    ENVIRONMENT_WRITE,
    ENVIRONMENT_CREATE, /* makes data.mdb and the tables where they are missing */
    ENVIRONMENT_BULK    /* the same, without syncing: for a generation that is not live yet */
};
revue_status environment_acquire(struct environment **acquired, const char *path, enum environment_use use,
                                 revue_error *error);
void environment_release(struct environment *environment); /* NULL is fine */
/* True when this process holds the generation's environment open. */
bool environment_is_open(const char *path);
/* Closes and opens the environment's handle with a map of at least wanted bytes where that can be had. The mutex is held
 * and no transaction is open. */
revue_status environment_reopen(struct environment *environment, uint64_t wanted, revue_error *error);
/* Bytes of data.mdb that the newest commit counts on. */
uint64_t environment_committed_bytes(const struct environment *environment);

/* ---- tail.c ---- */
/* Compares data.mdb with what its meta page says, and lengthens it when all that is missing is free pages. REVUE_CORRUPT
 * when pages in use are missing. No transaction of this process may be writing. */
revue_status tail_check(struct environment *environment, revue_error *error);
/* Counts the pages of LMDB's free list numbered first or higher, in a read transaction. Gives an LMDB code. */
int free_pages_count(MDB_txn *txn, size_t first, uint64_t *count);

/* ---- measure.c ---- */
/* The transactions that read now, in any process, and the oldest snapshot among them (UINT64_MAX: none). */
struct reader_count {
    uint32_t readers;
    uint64_t oldest;
};
revue_status environment_count_readers(const struct environment *environment, struct reader_count *count,
                                       revue_error *error);

/* ---- handles ---- */
struct store {
    struct environment *environment;
    char *path; /* of the index */
    uint32_t generation;
    enum store_mode mode;
};
struct store_txn {
    struct environment *environment;
    MDB_txn *handle;
    bool is_write;
    uint64_t written;       /* bytes put */
    uint64_t deleted;       /* records, by store_delete_prefix */
    uint64_t last_checksum; /* of the record put last */
};

/* ---- map_pages.c ---- */
/* As store_release_pages. Takes the mutex. */
void environment_release_pages(struct environment *environment);

/* ---- records.c ---- */
extern const char *const store_table_names[TABLE_COUNT];
bool table_has_checksums(enum store_table table);
/* Takes the checksum off a stored value; REVUE_CORRUPT when there is no room for one. */
revue_status record_value(enum store_table table, struct view key, MDB_val stored, struct view *value, revue_error *error);

#endif
