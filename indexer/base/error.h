/* error.h - how failure travels: a status as return value, the details in a caller-owned revue_error. */
#ifndef REVUE_BASE_ERROR_H
#define REVUE_BASE_ERROR_H

#include "revue.h"

/* Fills *error (when not NULL) with status and a formatted message, and returns status, so that a failure is one line:
 *     return error_set(error, REVUE_CORRUPT, "block %u ends early", block);
 * An earlier message in *error is replaced; source and line are cleared. */
revue_status error_set(revue_error *error, revue_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with the place in a source. source may be NULL. */
revue_status error_set_at(revue_error *error, revue_status status, const char *source, uint64_t line, const char *format,
                          ...) __attribute__((format(printf, 5, 6)));

/* REVUE_NO_MEMORY with its message. */
revue_status error_no_memory(revue_error *error);

/* Status and message for an errno value: ENOMEM, EACCES, ENOENT ... ; what names the thing, such as a path. */
revue_status error_from_errno(revue_error *error, int number, const char *what);

void error_clear(revue_error *error);

/* Forwards a failing status to the caller. */
#define TRY(expression)                                                                                                    \
    do {                                                                                                                   \
        revue_status try_status = (expression);                                                                            \
        if (try_status != REVUE_OK) return try_status;                                                                     \
    } while (0)

/* The same where something must be released first: sets status and jumps to done. */
#define TRY_DONE(expression)                                                                                               \
    do {                                                                                                                   \
        status = (expression);                                                                                             \
        if (status != REVUE_OK) goto done;                                                                                 \
    } while (0)

#endif
