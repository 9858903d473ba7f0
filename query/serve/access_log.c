/* access_log.c - see access_log.h. */
#include "query/serve/access_log.h"

#include "indexer/base/clock.h"
#include "indexer/base/error.h"
#include "indexer/base/memory.h"
#include "indexer/base/printer.h"
#include "query/serve/complain.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#define TARGET_MOST 1024u /* bytes of an address that are logged */

struct access_log {
    const char *path;
    enum log_format format;
    pthread_rwlock_t lock; /* the file is replaced under it */
    int file;
};

static int open_file(const char *path) {
    return strcmp(path, "-") == 0 ? STDOUT_FILENO : open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
}

revue_status access_log_open(struct access_log **opened, const char *path, enum log_format format, revue_error *error) {
    struct access_log *log = memory_alloc_zeroed(1, sizeof *log);
    if (!log) return error_no_memory(error);
    log->path = path;
    log->format = format;
    log->file = open_file(path);
    if (log->file < 0) {
        revue_status status = error_from_errno(error, errno, path);
        memory_free(log);
        return status;
    }
    (void)pthread_rwlock_init(&log->lock, NULL);
    *opened = log;
    return REVUE_OK;
}

void access_log_close(struct access_log *log) {
    if (!log) return;
    if (log->file != STDOUT_FILENO) (void)close(log->file);
    (void)pthread_rwlock_destroy(&log->lock);
    memory_free(log);
}

void access_log_reopen(struct access_log *log) {
    int file = open_file(log->path);
    if (file < 0) complain("%s: %s: lines go on to the file as it was", log->path, strerror(errno));
    if (file < 0 || file == log->file) return;
    (void)pthread_rwlock_wrlock(&log->lock);
    int old = log->file;
    log->file = file;
    (void)pthread_rwlock_unlock(&log->lock);
    (void)close(old);
}

static struct view target_of(const struct exchange *exchange) {
    struct view target = view_of_string(exchange->target ? exchange->target : "");
    if (target.size > TARGET_MOST) target.size = TARGET_MOST;
    return target;
}

static void append_json(const struct exchange *exchange, double seconds, struct bytes *out) {
    struct printer printer;
    char when[32], address[ADDRESS_TEXT];
    clock_format(clock_seconds(), when);
    address_text(exchange->address, address);
    printer_start(&printer, out);
    printer_begin_map(&printer);
    printer_key_string(&printer, "at", when);
    printer_key_string(&printer, "address", address);
    printer_key_string(&printer, "method", exchange->method ? exchange->method : "");
    printer_key(&printer, "target");
    printer_string(&printer, target_of(exchange));
    printer_key_unsigned(&printer, "status", exchange->reply.status);
    printer_key_unsigned(&printer, "bytes", exchange->sent);
    printer_key(&printer, "seconds");
    printer_decimals(&printer, seconds, 6);
    printer_key_string(&printer, "referer", exchange_header(exchange, "Referer"));
    printer_key_string(&printer, "agent", exchange_header(exchange, "User-Agent"));
    printer_end_map(&printer);
    bytes_append_u8(out, '\n');
}

/* In quotes: what would end them, or the line, as Apache writes it. */
static void append_quoted(struct view text, struct bytes *out) {
    bytes_append_u8(out, '"');
    for (size_t i = 0; i < text.size; i++) {
        const uint8_t byte = (uint8_t)text.data[i];
        if (byte < 0x20 || byte >= 0x7F || byte == '"' || byte == '\\')
            bytes_append_format(out, "\\x%02x", byte);
        else
            bytes_append_u8(out, byte);
    }
    bytes_append_u8(out, '"');
}

static void append_header(const struct exchange *exchange, const char *name, struct bytes *out) {
    const char *value = exchange_header(exchange, name);
    bytes_append_u8(out, ' ');
    append_quoted(view_of_string(value ? value : "-"), out);
}

static void append_common(const struct exchange *exchange, struct bytes *out) {
    char when[64], address[ADDRESS_TEXT];
    const time_t now = (time_t)clock_seconds();
    struct tm parts;
    struct bytes line = {0};
    (void)gmtime_r(&now, &parts);
    (void)strftime(when, sizeof when, "%d/%b/%Y:%H:%M:%S +0000", &parts);
    address_text(exchange->address, address);
    bytes_append_format(out, "%s - - [%s] ", address, when);
    bytes_append_string(&line, exchange->method ? exchange->method : "-");
    bytes_append_u8(&line, ' ');
    struct view target = target_of(exchange);
    bytes_append(&line, target.data, target.size);
    bytes_append_string(&line, " HTTP/1.1");
    append_quoted(bytes_view(&line), out);
    bytes_free(&line);
    bytes_append_format(out, " %u %" PRIu64, exchange->reply.status, exchange->sent);
    append_header(exchange, "Referer", out);
    append_header(exchange, "User-Agent", out);
    bytes_append_u8(out, '\n');
}

void access_log_write(struct access_log *log, const struct exchange *exchange, double seconds) {
    struct bytes line = {0};
    if (log->format == LOG_JSON)
        append_json(exchange, seconds, &line);
    else
        append_common(exchange, &line);
    (void)pthread_rwlock_rdlock(&log->lock);
    /* A full disk is no reason to keep people from searching. */
    if (!line.failed) (void)!write(log->file, line.data, line.size);
    (void)pthread_rwlock_unlock(&log->lock);
    bytes_free(&line);
}
