/* lmdb_error.c - LMDB's codes and errno become statuses here and nowhere else; and the hook that makes its calls fail. */
#include "indexer/store/internal.h"

#include <errno.h>

static bool (*test_hook)(void *context);
static void *test_context;

void store_set_test_hook(bool (*may_call)(void *context), void *context) {
    test_hook = may_call;
    test_context = context;
}

bool store_may_call(void) {
    return !test_hook || test_hook(test_context);
}

static revue_status from_errno(revue_error *error, int code, const char *what) {
    switch (code) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return error_set(error, REVUE_IO, "%s: disk full: what was committed before is whole; make room and run again",
                         what);
    case EIO: /* LMDB's word for a write that was cut short, too */
        return error_set(error, REVUE_IO,
                         "%s: I/O error or disk full: what was committed before is whole; look at the disk and run again",
                         what);
    case EACCES:
    case EPERM:
        return error_set(error, REVUE_NO_RIGHTS,
                         "%s: not permitted: searching needs the right to read data.mdb and to write lock.mdb, "
                         "updating to write both; give them to a group with chgrp and chmod g+rwX",
                         what);
    case EROFS:
        return error_set(error, REVUE_NO_RIGHTS, "%s: the file system is mounted read-only: only searching is possible",
                         what);
    default: return error_from_errno(error, code, what);
    }
}

/* Opening a cursor looks at the root of its table and drops what goes wrong there, but for a mark on the transaction; and
 * nothing but a damaged page can break one that only reads. */
int lmdb_read_code(const store_txn *txn, int code) {
    return code == MDB_BAD_TXN && !txn->is_write ? MDB_CORRUPTED : code;
}

revue_status lmdb_error_set(revue_error *error, int code, const char *what) {
    switch (code) {
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
        return error_set(error, REVUE_CORRUPT,
                         "%s: the store is damaged (%s): restore it, or rebuild the index from its archive", what,
                         mdb_strerror(code));
    case MDB_VERSION_MISMATCH:
        return error_set(error, REVUE_CORRUPT,
                         "%s: written by another version of LMDB (%s): rebuild the index from its archive", what,
                         mdb_strerror(code));
    case MDB_PANIC:
        return error_set(error, REVUE_IO, "%s: an earlier write failed (%s): what was committed before is whole; run again",
                         what, mdb_strerror(code));
    case MDB_MAP_FULL:
    case MDB_MAP_RESIZED:
        return error_set(error, REVUE_NO_MEMORY,
                         "%s: the index outgrew the address space that this process may map: raise ulimit -v, or "
                         "close its other searchers and open it again",
                         what);
    case MDB_READERS_FULL:
        return error_set(error, REVUE_BUSY, "%s: %u readers are at work already: try again later", what, STORE_READERS_MAX);
    case MDB_TXN_FULL:
        return error_set(error, REVUE_NO_MEMORY, "%s: too many changes for one transaction: index with a smaller --memory",
                         what);
    case MDB_BAD_TXN:
        return error_set(error, REVUE_IO, "%s: an earlier call of this transaction failed: begin it again", what);
    default: break;
    }
    if (code > 0) return from_errno(error, code, what);
    return error_set(error, REVUE_BUG, "%s: unexpected answer of LMDB: %s", what, mdb_strerror(code));
}
