/* revue.h - full-text search for review archives: the only public header of librevue.
 *
 * Caveats, before anything else
 * -----------------------------
 * - One index, one writer. A run holds INDEX/lock; a second one is refused with REVUE_BUSY and told who holds it.
 * - Readers never wait for a writer and a writer never waits for readers. A searcher sees the index as it was when it was
 *   opened or last refreshed. One that stays open for hours keeps the pages of its snapshot alive, so the file grows:
 *   call revue_searcher_refresh between requests.
 * - An index lives on a local file system. Network file systems are refused: LMDB's locks do not hold there.
 * - Opening the same index twice in one process is safe (handles are shared inside). Using one after fork() is not.
 * - Every object belongs to one thread at a time. Different searchers of one index may run in different threads at once.
 * - What a result returns (strings, hits) is owned by the result and lives until revue_result_free.
 * - Text given to the library need not be valid UTF-8 or end in a zero byte where a length is taken; text it returns is
 *   valid UTF-8 and ends in one.
 * - The library never prints, never exits, and never changes the locale or a signal handler.
 */
#ifndef REVUE_H
#define REVUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REVUE_VERSION_MAJOR 0
#define REVUE_VERSION_MINOR 1
#define REVUE_VERSION_PATCH 0
#define REVUE_VERSION "0.1.0"

#if defined(__GNUC__)
#define REVUE_API __attribute__((visibility("default")))
#else
#define REVUE_API
#endif

/* What a call came to. The numbers are the exit codes of both programs (sysexits where they exist). */
typedef enum revue_status {
    REVUE_OK = 0,
    REVUE_NO_MATCH = 1,          /* search, get: nothing matched */
    REVUE_USAGE = 2,             /* the caller's mistake: a bad argument, option or query */
    REVUE_INVALID = 65,          /* bad data in an archive */
    REVUE_NO_INPUT = 66,         /* no such root, source or index */
    REVUE_UNAVAILABLE = 69,      /* host or port not available */
    REVUE_BUG = 70,              /* a broken promise inside the library */
    REVUE_NO_MEMORY = 71,
    REVUE_CANNOT_CREATE = 73,
    REVUE_IO = 74,               /* I/O error, disk full, or a source that could not be read */
    REVUE_BUSY = 75,             /* another run holds the index */
    REVUE_CORRUPT = 76,          /* index damaged, of another version, or not an index */
    REVUE_NO_RIGHTS = 77,
    REVUE_INTERRUPTED = 130,     /* stopped by SIGINT after committing what was whole */
    REVUE_TERMINATED = 143       /* the same, by SIGTERM */
} revue_status;

/* A constant English sentence part for a status, never NULL. */
REVUE_API const char *revue_status_text(revue_status status);

/* Filled by a failing call when given; may be NULL everywhere. message says what was wrong and what to do about it,
 * without a line end. source and line are empty and 0 unless the trouble has such a place. */
typedef struct revue_error {
    revue_status status;
    uint64_t line;               /* 1-based line in source, 0 when it has none */
    uint64_t column;             /* 1-based byte column: of a query's error, else 0 */
    char source[256];
    char message[512];
} revue_error;

/* The version of the library that is linked, "MAJOR.MINOR.PATCH". */
REVUE_API const char *revue_version(void);

#ifdef __cplusplus
}
#endif
#endif
