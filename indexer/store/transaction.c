/* transaction.c - begin, commit, abort. The environment's mutex keeps its handle from being opened again with a larger map
 * while a transaction is open, and counts them. */
#include "indexer/store/internal.h"

#include "indexer/base/memory.h"

#include <errno.h>

#define HEADROOM ((uint64_t)1 << 30)
/* A commit of so much leaves pages mapped that the next one will not look at: those of the tree that it has replaced. */
#define BULK_BYTES ((uint64_t)1 << 20)

/* ---- with the environment's mutex held ---- */

/* Room for as much again as there is and 1 GiB, as far as the address space goes. */
static revue_status ensure_headroom(struct environment *environment, revue_error *error) {
    uint64_t wanted = environment_committed_bytes(environment) * 2 + HEADROOM;
    if (environment->map_bytes >= wanted || environment->transactions > 0) return REVUE_OK;
    return environment_reopen(environment, wanted, error);
}

static int begin_handle(struct environment *environment, bool is_write, MDB_txn **begun) {
    if (is_write) return LMDB_WRITE(mdb_txn_begin(environment->handle, NULL, 0, begun));
    int code = LMDB_READ(mdb_txn_begin(environment->handle, NULL, MDB_RDONLY, begun));
    if (code != MDB_READERS_FULL) return code;
    int dead;
    code = LMDB_READ(mdb_reader_check(environment->handle, &dead));
    return code != 0 ? code : LMDB_READ(mdb_txn_begin(environment->handle, NULL, MDB_RDONLY, begun));
}

static revue_status begin_locked(struct environment *environment, bool is_write, MDB_txn **begun, revue_error *error) {
    if (is_write && environment->is_writing) {
        return error_set(error, REVUE_BUSY, "%s: another thread of this process is writing: end its transaction first",
                         environment->path);
    }
    if (!environment->handle) TRY(environment_reopen(environment, 0, error));
    if (is_write) TRY(ensure_headroom(environment, error));
    /* What was cut off since the environment was opened must not be read through its map. */
    if (!is_write && !environment->is_writing) TRY(tail_check(environment, error));
    int code = begin_handle(environment, is_write, begun);
    /* Another process, with a larger map, wrote past the end of ours. */
    if (code == MDB_MAP_RESIZED && environment->transactions == 0) {
        TRY(environment_reopen(environment, environment_committed_bytes(environment), error));
        code = begin_handle(environment, is_write, begun);
    }
    return code == 0 ? REVUE_OK : lmdb_error_set(error, code, environment->path);
}

/* ---- beginning ---- */

static revue_status begin(store *opened, bool is_write, store_txn **begun, revue_error *error) {
    struct environment *environment = opened->environment;
    if (is_write && (opened->mode == STORE_READ || opened->mode == STORE_READ_ALL)) {
        return error_set(error, REVUE_BUG, "%s was opened for reading", opened->path);
    }
    store_txn *txn = memory_alloc_zeroed(1, sizeof *txn);
    if (!txn) return error_no_memory(error);
    txn->environment = environment;
    txn->is_write = is_write;
    (void)pthread_mutex_lock(&environment->mutex);
    revue_status status = begin_locked(environment, is_write, &txn->handle, error);
    if (status == REVUE_OK) {
        environment->transactions++;
        environment->is_writing |= is_write;
    }
    (void)pthread_mutex_unlock(&environment->mutex);
    if (status != REVUE_OK) {
        memory_free(txn);
        return status;
    }
    *begun = txn;
    return REVUE_OK;
}

revue_status store_begin_read(store *opened, store_txn **begun, revue_error *error) {
    return begin(opened, false, begun, error);
}

revue_status store_begin_write(store *opened, store_txn **begun, revue_error *error) {
    return begin(opened, true, begun, error);
}

/* ---- ending ---- */

static void end(store_txn *txn) {
    struct environment *environment = txn->environment;
    (void)pthread_mutex_lock(&environment->mutex);
    environment->transactions--;
    if (txn->is_write) environment->is_writing = false;
    (void)pthread_mutex_unlock(&environment->mutex);
    memory_free(txn);
}

revue_status store_commit(store_txn *txn, revue_error *error) {
    revue_status status = REVUE_OK;
    if (!store_may_call()) {
        mdb_txn_abort(txn->handle);
        status = lmdb_error_set(error, ENOSPC, txn->environment->path);
    } else {
        int code = mdb_txn_commit(txn->handle);
        if (code != 0) status = lmdb_error_set(error, code, txn->environment->path);
    }
    /* The commit stands whatever becomes of the file's tail: whoever opens it next looks again. */
    if (status == REVUE_OK && txn->is_write) (void)tail_check(txn->environment, NULL);
    if (txn->written >= BULK_BYTES) environment_release_pages(txn->environment);
    end(txn);
    return status;
}

void store_abort(store_txn *txn) {
    if (!txn) return;
    mdb_txn_abort(txn->handle);
    end(txn);
}

uint64_t store_txn_id(const store_txn *txn) {
    return mdb_txn_id(txn->handle);
}

uint64_t store_newest_id(const store *opened) {
    MDB_envinfo info;
    (void)mdb_env_info(opened->environment->handle, &info);
    return info.me_last_txnid;
}

void store_rest(store_txn *txn) {
    mdb_txn_reset(txn->handle);
}

revue_status store_renew(store_txn *txn, revue_error *error) {
    TRY(tail_check(txn->environment, error));
    int code = LMDB_READ(mdb_txn_renew(txn->handle));
    return code == 0 ? REVUE_OK : lmdb_error_set(error, code, txn->environment->path);
}

uint64_t store_txn_written(const store_txn *txn) {
    return txn->written;
}

uint64_t store_txn_last_checksum(const store_txn *txn) {
    return txn->last_checksum;
}
