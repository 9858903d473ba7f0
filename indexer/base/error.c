/* error.c - see error.h. Messages are cut to the fixed buffer, on a whole UTF-8 character. */
#include "indexer/base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Drops a UTF-8 character that snprintf cut in two at the end of a full buffer. */
static void trim_partial_character(char *text, size_t capacity) {
    size_t length = strlen(text);
    if (length + 1 < capacity) return;
    size_t start = length;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
        start--;
    if (start > 0 && (unsigned char)text[start - 1] >= 0xC0) text[start - 1] = '\0';
}

static void error_format(revue_error *error, revue_status status, const char *source, uint64_t line, const char *format,
                         va_list arguments) {
    error->status = status;
    error->line = line;
    error->column = 0;
    (void)snprintf(error->source, sizeof error->source, "%s", source ? source : "");
    (void)vsnprintf(error->message, sizeof error->message, format, arguments);
    trim_partial_character(error->source, sizeof error->source);
    trim_partial_character(error->message, sizeof error->message);
}

revue_status error_set(revue_error *error, revue_status status, const char *format, ...) {
    if (!error) return status;
    va_list arguments;
    va_start(arguments, format);
    error_format(error, status, NULL, 0, format, arguments);
    va_end(arguments);
    return status;
}

revue_status error_set_at(revue_error *error, revue_status status, const char *source, uint64_t line, const char *format,
                          ...) {
    if (!error) return status;
    va_list arguments;
    va_start(arguments, format);
    error_format(error, status, source, line, format, arguments);
    va_end(arguments);
    return status;
}

revue_status error_no_memory(revue_error *error) {
    return error_set(error, REVUE_NO_MEMORY, "out of memory: give the program more, or index with a smaller --memory");
}

revue_status error_from_errno(revue_error *error, int number, const char *what) {
    revue_status status = REVUE_IO;
    if (number == ENOMEM) return error_no_memory(error);
    if (number == EACCES || number == EPERM || number == EROFS) status = REVUE_NO_RIGHTS;
    if (number == ENOENT || number == ENOTDIR) status = REVUE_NO_INPUT;
    return error_set(error, status, "%s: %s", what, strerror(number));
}

void error_clear(revue_error *error) {
    if (error) memset(error, 0, sizeof *error);
}

const char *revue_status_text(revue_status status) {
    switch (status) {
    case REVUE_OK: return "done";
    case REVUE_NO_MATCH: return "nothing matched";
    case REVUE_USAGE: return "usage";
    case REVUE_INVALID: return "bad data";
    case REVUE_NO_INPUT: return "no such input";
    case REVUE_UNAVAILABLE: return "host or port not available";
    case REVUE_BUG: return "a bug in revue";
    case REVUE_NO_MEMORY: return "out of memory";
    case REVUE_CANNOT_CREATE: return "cannot create";
    case REVUE_IO: return "I/O error";
    case REVUE_BUSY: return "another run holds the index";
    case REVUE_CORRUPT: return "index damaged, of another version, or not an index";
    case REVUE_NO_RIGHTS: return "not permitted";
    case REVUE_TIMED_OUT: return "took longer than allowed";
    case REVUE_INTERRUPTED: return "interrupted";
    case REVUE_TERMINATED: return "terminated";
    }
    return "unknown status";
}

const char *revue_version(void) {
    return REVUE_VERSION;
}
