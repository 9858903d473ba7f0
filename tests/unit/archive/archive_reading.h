/* archive_reading.h - helpers of the archive tests: a temporary folder to write files into, and a reading of it whose
 * events are kept as lines of text, so that a test compares what it sees with what it expects:
 *
 *     S reviews.csv csv                          a source (and "one" when it is one review)
 *     R 2 body=Great product=Lamp rating=4       a review, its line and what is filled
 *     K README.md: a README                      skipped
 *     P reviews.csv:7: what: done                a problem (F when fatal) */
#ifndef REVUE_TESTS_ARCHIVE_READING_H
#define REVUE_TESTS_ARCHIVE_READING_H

#include "indexer/archive/archive.h"
#include "indexer/base/memory.h"
#include "indexer/review/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct reading {
    char folder[64]; /* the temporary folder */
    struct archive_options options;
    struct bytes log; /* of the last reading, zero-terminated */
    uint64_t reviews, problems, fatal, skips, sources;
};

static inline int reading_setup(void **state) {
    struct reading *reading = calloc(1, sizeof *reading);
    if (!reading) return -1;
    (void)snprintf(reading->folder, sizeof reading->folder, "/tmp/revue-test-XXXXXX");
    *state = reading;
    return mkdtemp(reading->folder) ? 0 : -1;
}

static inline int remove_one(const char *path, const struct stat *about, int type, struct FTW *place) {
    (void)about;
    (void)type;
    (void)place;
    return remove(path);
}

static inline int reading_teardown(void **state) {
    struct reading *reading = *state;
    (void)nftw(reading->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    bytes_free(&reading->log);
    free(reading);
    return 0;
}

static inline const char *path_in(struct reading *reading, const char *name) {
    static char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", reading->folder, name);
    return path;
}

/* Folders of the name are made. */
static inline void write_bytes(struct reading *reading, const char *name, const void *data, size_t size) {
    char path[512];
    (void)snprintf(path, sizeof path, "%s", path_in(reading, name));
    for (char *slash = strchr(path + strlen(reading->folder) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(path, 0700);
        *slash = '/';
    }
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static inline void write_file(struct reading *reading, const char *name, const char *text) {
    write_bytes(reading, name, text, strlen(text));
}

static inline void log_text(struct reading *reading, const char *name, struct view text) {
    if (text.size == 0) return;
    bytes_append_format(&reading->log, " %s=", name);
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '\n')
            bytes_append_string(&reading->log, "\\n");
        else if (text.data[i] == '\r')
            bytes_append_string(&reading->log, "\\r");
        else
            bytes_append_u8(&reading->log, (uint8_t)text.data[i]);
    }
}

static inline void log_review(struct reading *reading, const struct review *review) {
    struct bytes *log = &reading->log;
    char date[32];
    bytes_append_format(log, "R %llu", (unsigned long long)review->line);
    log_text(reading, "id", review->id);
    for (unsigned i = 0; i < FIELD_COUNT; i++)
        log_text(reading, schema_slot_name((enum schema_slot)i), review->text[i]);
    if (review->has_rating) bytes_append_format(log, " rating=%g", review->rating);
    if (review->rating_max > 0) bytes_append_format(log, "/%g", review->rating_max);
    if (date_format(review->date, date)) bytes_append_format(log, " date=%s", date);
    if (review->has_votes) bytes_append_format(log, " votes=%g", review->votes);
    log_text(reading, "lang", review->lang);
    log_text(reading, "url", review->url);
    for (uint32_t i = 0; i < review->tag_count; i++)
        log_text(reading, "tag", review->tags[i]);
    for (uint32_t i = 0; i < review->extra_count; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "x%u", review->extras[i].column);
        log_text(reading, name, review->extras[i].value);
    }
    bytes_append_u8(log, '\n');
}

static inline void log_event(struct reading *reading, const struct archive_event *event) {
    static const char *const formats[] = {"auto", "text", "html", "jsonl", "csv", "tsv", "lines"};
    struct bytes *log = &reading->log;
    struct view name = event->source.name;
    switch (event->kind) {
    case ARCHIVE_SOURCE:
        reading->sources++;
        bytes_append_format(log, "S %.*s %s%s\n", (int)name.size, name.data, formats[event->source.format],
                            event->source.one_review ? " one" : "");
        break;
    case ARCHIVE_REVIEW:
        reading->reviews++;
        log_review(reading, &event->review);
        break;
    case ARCHIVE_SKIP:
        reading->skips++;
        bytes_append_format(log, "K %.*s: %s\n", (int)name.size, name.data, event->what);
        break;
    case ARCHIVE_PROBLEM:
        reading->problems++;
        reading->fatal += event->fatal;
        bytes_append_format(log, "%c %.*s:%llu: %s: %s\n", event->fatal ? 'F' : 'P', (int)name.size, name.data,
                            (unsigned long long)event->line, event->what, event->done);
        break;
    case ARCHIVE_END: break;
    }
}

/* Pulls everything out of reader, which is closed. */
static inline revue_status drain_reader(struct reading *reading, archive_reader *reader, revue_error *error) {
    struct archive_event event;
    revue_status status;
    do {
        status = archive_next(reader, &event, error);
        if (status == REVUE_OK) log_event(reading, &event);
    } while (status == REVUE_OK && event.kind != ARCHIVE_END);
    archive_close(reader);
    return status;
}

static inline void reading_clear(struct reading *reading) {
    bytes_clear(&reading->log);
    reading->reviews = reading->problems = reading->fatal = reading->skips = reading->sources = 0;
}

/* Reads all files under root; a file that cannot be opened is logged as "E name: message". */
static inline revue_status read_status(struct reading *reading, const char *root, revue_error *error) {
    struct archive_files files;
    reading_clear(reading);
    revue_status status = archive_walk(root, &reading->options, &files, error);
    if (status != REVUE_OK) return status;
    for (size_t i = 0; i < files.count && status == REVUE_OK; i++) {
        archive_reader *reader;
        status = archive_open(&reader, root, &files.items[i], &reading->options, error);
        if (status == REVUE_OK)
            status = drain_reader(reading, reader, error);
        else if (status != REVUE_NO_MEMORY) {
            bytes_append_format(&reading->log, "E %.*s: %s\n", (int)files.items[i].path.size, files.items[i].path.data,
                                error->message);
            status = REVUE_OK;
        }
    }
    archive_files_free(&files);
    bytes_append_u8(&reading->log, 0);
    return status;
}

static inline const char *read_path(struct reading *reading, const char *root) {
    revue_error error = {0};
    assert_int_equal(read_status(reading, root, &error), REVUE_OK);
    assert_false(reading->log.failed);
    return (const char *)reading->log.data;
}

static inline const char *read_folder(struct reading *reading) {
    return read_path(reading, reading->folder);
}

/* One file, read as the root itself. */
static inline const char *read_text(struct reading *reading, const char *name, const char *text) {
    write_file(reading, name, text);
    return read_path(reading, path_in(reading, name));
}

#endif
