/* store.h - the index directory and its LMDB environment. The only room that calls LMDB and that knows its codes.
 *
 * One environment per generation and process: opening the same one again shares it (counted, under a mutex). The map is
 * sized so that it never has to be guessed (1 TiB of address space, less where that is refused, and grown between
 * transactions). Stale readers are cleared at open. Network file systems are refused.
 *
 * Every value gets 8 bytes of checksum behind it (FORMAT.md, 2); value views given out leave them away, but those 8 bytes
 * stay readable behind the view. Views live until the transaction ends, or until the next write in a write transaction. */
#ifndef REVUE_STORE_H
#define REVUE_STORE_H

#include "indexer/base/bytes.h"
#include "indexer/base/error.h"

enum store_table {
    TABLE_INDEX,
    TABLE_SEGMENTS,
    TABLE_COLUMNS,
    TABLE_DELETES,
    TABLE_KEYWORDS,
    TABLE_SOURCES,
    TABLE_BLOCKS,
    TABLE_SHADOWS,
    TABLE_COUNT
};
enum store_mode {
    STORE_READ,     /* for searching: no lock of the index taken, look-ups (MDB_NORDAHEAD) */
    STORE_READ_ALL, /* for check and copy: reads everything, with read-ahead */
    STORE_WRITE,    /* an existing index, or REVUE_NO_INPUT */
    STORE_CREATE    /* makes the directory and its first generation when there is none */
};
typedef struct store store;
typedef struct store_txn store_txn;
typedef struct store_cursor store_cursor;

/* Makes the directory of a new index when it is not there (its parent must be), so that the lock can be taken before
 * store_open creates the rest. REVUE_CANNOT_CREATE when it is there and holds other things. */
revue_status store_make_directory(const char *index_path, revue_error *error);

/* INDEX/lock, in a directory that exists (REVUE_NO_INPUT otherwise). REVUE_BUSY names the holder and since when ("held by
 * process 123 on HOST since 2026-01-02T03:04:05Z"); wait_seconds > 0 tries that long. A dead holder never blocks (flock):
 * what the file says outlives its holder and means nothing. */
typedef struct index_lock index_lock;
revue_status index_lock_take(index_lock **lock, const char *index_path, double wait_seconds, revue_error *error);
/* The same, but gives up waiting (REVUE_BUSY) when may_go_on, asked some fifty times a second, says no; NULL: goes on. */
revue_status index_lock_wait(index_lock **lock, const char *index_path, double wait_seconds,
                             bool (*may_go_on)(void *context), void *context, revue_error *error);
void index_lock_release(index_lock *lock); /* NULL is fine */

/* Opens the live generation; a store may be used by several threads. REVUE_NO_INPUT: no such directory. REVUE_CORRUPT: not
 * an index (says what is missing), or the file is shorter than its meta page says. REVUE_USAGE: on a network file system.
 * REVUE_NO_RIGHTS: even reading needs the right to write lock.mdb, except on a file system mounted read-only. STORE_CREATE
 * refuses a directory that holds other things with REVUE_CANNOT_CREATE. */
revue_status store_open(store **opened, const char *index_path, enum store_mode mode, revue_error *error);
void store_close(store *store); /* NULL is fine; all transactions must have ended */
/* For a child process of fork that is to open stores of its own: those that its parent has open are forgotten, not closed,
 * for LMDB's handles are of no use in a child. To be called before any other function of this room; one thread. */
void store_forget_after_fork(void);
uint32_t store_generation(const store *store);
const char *store_path(const store *store); /* of the index */
/* What CURRENT names now; no CURRENT is REVUE_CORRUPT, no folder REVUE_NO_INPUT. A server compares it with
 * store_generation. */
revue_status store_live_generation(const char *index_path, uint32_t *generation, revue_error *error);
/* Is there a part of an index in the folder: CURRENT, or a store? Else what lacks in it is no damage. */
bool store_may_be_index(const char *index_path);
struct store_stamp {
    uint64_t words[6];
};
/* Marks which CURRENT an index has: two stamps are equal as long as it was not replaced. Costs one look at the file's name;
 * all zeros when there is none. Take it before store_open. */
void store_stamp_of(const char *index_path, struct store_stamp *stamp);

/* A new, empty generation (the number after the live one) beside the live one, for compact and copy: written like any
 * other, not live before store_publish, which syncs it and replaces CURRENT. store_discard removes it instead. Both
 * close it. store_remove_dead removes generations that CURRENT does not name and no process reads. All four want the caller
 * to hold the index lock. Until it is published a generation is written without syncing. */
revue_status store_create_generation(store **created, const char *index_path, revue_error *error);
/* One more behind a generation that is not published: for what was written there to be copied into without its holes. */
revue_status store_create_next_generation(store **created, const store *unpublished, revue_error *error);
revue_status store_publish(store *generation, revue_error *error);
void store_discard(store *generation);
revue_status store_remove_dead(const char *index_path, revue_error *error);
/* How many generations there are that CURRENT does not name: after store_remove_dead, those that are read still. */
revue_status store_count_dead(const char *index_path, uint32_t *count, revue_error *error);
/* Removes what an index consists of, and the directory when nothing else is in it: for one that was to be made and failed.
 * No store of it is open. */
void store_remove_directory(const char *index_path);

/* Lets the members of a group search the index (share.c says which rights that takes). The group is a name or a number;
 * REVUE_USAGE: there is none such. REVUE_NO_RIGHTS: the process may not give it those rights. */
revue_status store_find_group(const char *group, uint32_t *number, revue_error *error);
revue_status store_share(const char *index_path, uint32_t group, revue_error *error);

struct store_sizes {
    uint64_t file_bytes;        /* allocated size of the whole INDEX directory */
    uint64_t used_bytes;        /* pages in use * page size */
    uint64_t free_bytes;        /* pages LMDB may use again * page size */
    uint32_t readers;           /* registered now */
    uint64_t oldest_reader_lag; /* commits between the oldest snapshot held and now */
};
revue_status store_measure(store *store, struct store_sizes *sizes, revue_error *error);

/* Who reads an older snapshot than the newest, or a generation that is not live any more. */
struct store_reader {
    long process;
    uint64_t snapshot; /* id of its transaction */
    uint64_t lag;      /* commits behind; 0 of an old store */
    bool of_old_store;
};
#define STORE_READERS_TOLD 16u
/* Those of them, the oldest first (of old stores before all), at most STORE_READERS_TOLD. Readers of the dead are no more.
 */
revue_status store_lagging_readers(store *store, struct store_reader readers[STORE_READERS_TOLD], size_t *count,
                                   revue_error *error);
/* The name of its program, empty where it cannot be known. */
void store_reader_name(const struct store_reader *reader, char *out, size_t size);

/* Several may read at once, in any thread. One writes; it must be ended by the thread that began it. REVUE_BUSY: another
 * thread of this process is writing. REVUE_NO_MEMORY: the map is too small and cannot grow while others are open. */
revue_status store_begin_read(store *store, store_txn **begun, revue_error *error);
revue_status store_begin_write(store *store, store_txn **begun, revue_error *error);
revue_status store_commit(store_txn *txn, revue_error *error); /* the transaction is gone, whatever the outcome */
void store_abort(store_txn *txn);                              /* NULL is fine */
uint64_t store_txn_id(const store_txn *txn);                   /* of the snapshot, or of the commit to be */
/* The id of the newest commit: a read transaction of another id is behind. */
uint64_t store_newest_id(const store *store);
/* A read transaction lets go of its snapshot, whose pages may be used again, but keeps what makes beginning costly. Nothing
 * but store_renew and store_abort may follow. */
void store_rest(store_txn *txn);
/* Begins it again, on the newest commit. Views got before are good again when store_txn_id is what it was: nothing was
 * committed meanwhile, and what a commit holds is not written to as long as it is the newest. A failure leaves it at rest.
 */
revue_status store_renew(store_txn *txn, revue_error *error);
uint64_t store_txn_written(const store_txn *txn);       /* bytes put so far: commit about every 10 MB */
uint64_t store_txn_last_checksum(const store_txn *txn); /* of the record put last, as written behind it */
/* For whoever reads much of a file: lets the kernel take back the memory of all pages of it that this process touched,
 * which otherwise counts as the process's until the store is closed. Views stay good, those of other transactions too; what
 * is touched again is mapped again. A commit of megabytes does the same. */
void store_release_pages(store_txn *txn);
/* The same, but only when more than so many bytes of files are in this process's memory, those of programs and libraries
 * among them. Where the system does not tell they always are. */
void store_limit_pages(store_txn *txn, size_t most_bytes);
/* For whoever has little memory: from now on (the next release of pages) a place that is touched brings no more than 64 KiB
 * around it into memory, in a file of up to 1 GiB. */
void store_split_map(store *opened);
/* Bytes of files in this process's memory now, SIZE_MAX where the system does not tell. */
size_t store_resident_bytes(void);

/* REVUE_NO_MATCH when there is no such key. The value is verified: REVUE_CORRUPT names table and key. */
revue_status store_get(store_txn *txn, enum store_table table, struct view key, struct view *value, revue_error *error);
/* How many records the table has by LMDB's own count, which pages that are lost do not change. */
revue_status store_count(store_txn *txn, enum store_table table, uint64_t *count, revue_error *error);
/* The same without verifying, for those who remember what they verified; store_verify does that part. */
revue_status store_get_unverified(store_txn *txn, enum store_table table, struct view key, struct view *value,
                                  revue_error *error);
revue_status store_verify(enum store_table table, struct view key, struct view value, revue_error *error);
uint64_t store_checksum(struct view key, struct view value); /* as written behind the value */

revue_status store_put(store_txn *txn, enum store_table table, struct view key, struct view value, revue_error *error);
/* A key that is not there is fine. */
revue_status store_delete(store_txn *txn, enum store_table table, struct view key, revue_error *error);
revue_status store_delete_prefix(store_txn *txn, enum store_table table, struct view prefix, revue_error *error);

/* Walking a table in key order. Positioning calls give REVUE_NO_MATCH when there is no such entry; *key and *value are
 * set otherwise (verified). An entry with a wrong checksum is REVUE_CORRUPT with both set (value.data NULL when there is no
 * room for a checksum), and the walk may go on behind it; REVUE_CORRUPT that leaves *key as it was is the table's. A cursor
 * must be closed before its transaction ends. */
revue_status store_cursor_open(store_txn *txn, enum store_table table, store_cursor **opened, revue_error *error);
void store_cursor_close(store_cursor *cursor);
/* For whoever comes to the same entries again and again: each is verified only when the cursor first comes to it, or has
 * met many others since. Changes nothing in a writing transaction. */
revue_status store_cursor_remember(store_cursor *cursor, revue_error *error);
revue_status store_cursor_at_or_after(store_cursor *cursor, struct view sought, struct view *key, struct view *value,
                                      revue_error *error);
revue_status store_cursor_at_or_before(store_cursor *cursor, struct view sought, struct view *key, struct view *value,
                                       revue_error *error);
revue_status store_cursor_next(store_cursor *cursor, struct view *key, struct view *value, revue_error *error);

/* For tests: asked before every LMDB call; false makes that call fail as a full disk or an I/O error would. */
void store_set_test_hook(bool (*may_call)(void *context), void *context);

/* "segments 5/3/00000002": how messages name a place. */
void store_describe_key(enum store_table table, struct view key, char out[128]);

#endif
