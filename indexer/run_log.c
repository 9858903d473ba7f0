/* run_log.c - see run_log.h; and revue_runs_read and revue_last_success.
 *
 * A line is appended with one write and not synced: what a loss of power takes is a report, not a review. A line that was
 * cut short is closed by the next one, and skipped by who reads. The file is halved by writing runs.jsonl.new and renaming
 * it, so that there is always one whole file. */
#include "indexer/run_log.h"

#include "indexer/base/error.h"
#include "indexer/base/memory.h"
#include "indexer/review/date.h"
#include "indexer/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_BYTES_MAX ((off_t)1 << 20)
#define TAIL_FIRST ((off_t)1 << 14) /* what is looked at first for the last success */
#define PATH_BYTES 4096u
/* What report_json writes of a run that ended well, up to the time. */
#define SUCCESS "{\"revue\":1,\"command\":\"update\",\"exit\":0,\"at\":\""
#define TIME_BYTES 20u /* "2026-01-02T03:04:05Z" */

static bool log_path(char out[PATH_BYTES], const char *index_path, const char *suffix) {
    return snprintf(out, PATH_BYTES, "%s/runs.jsonl%s", index_path, suffix) < (int)PATH_BYTES;
}

/* The last bytes of a file of that size, at most wanted. False when they could not be read. */
static bool read_tail(int file, off_t size, off_t wanted, struct bytes *tail) {
    if (wanted > size) wanted = size;
    bytes_clear(tail);
    if (wanted == 0) return true;
    uint8_t *room = bytes_extend(tail, (size_t)wanted);
    return room && pread(file, room, (size_t)wanted, size - wanted) == (ssize_t)wanted;
}

static off_t size_of(int file) {
    struct stat about;
    return file >= 0 && fstat(file, &about) == 0 ? about.st_size : 0;
}

/* ---- writing ---- */

/* As readable as the file that it is to replace. */
static bool write_whole(const char *path, int before, struct view content) {
    struct stat about;
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0) return false;
    if (fstat(before, &about) == 0 && fchown(file, (uid_t)-1, about.st_gid) == 0) (void)fchmod(file, about.st_mode & 0777);
    bool is_written = write(file, content.data, content.size) == (ssize_t)content.size && fsync(file) == 0;
    return close(file) == 0 && is_written;
}

/* Leaves the last whole lines of half of what is allowed. */
static void halve(const char *index_path, int file, off_t size) {
    char path[PATH_BYTES], made[PATH_BYTES];
    struct bytes tail = {0};
    bool is_made = false;
    if (!log_path(path, index_path, "") || !log_path(made, index_path, ".new")) return;
    if (read_tail(file, size, LOG_BYTES_MAX / 2, &tail)) {
        const uint8_t *end = memchr(tail.data, '\n', tail.size);
        size_t cut = end ? (size_t)(end - tail.data) + 1 : tail.size;
        is_made = write_whole(made, file, view_of(tail.data + cut, tail.size - cut)) && rename(made, path) == 0;
    }
    if (!is_made) (void)unlink(made);
    bytes_free(&tail);
}

/* Behind a line that was cut short a new one begins. */
static bool ends_in_a_line(int file, off_t size) {
    char last = '\n';
    return size == 0 || (pread(file, &last, 1, size - 1) == 1 && last == '\n');
}

static void append(const char *path, struct view line) {
    struct bytes text = {0};
    int file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (file < 0) return;
    if (!ends_in_a_line(file, size_of(file))) bytes_append_u8(&text, '\n');
    bytes_append(&text, line.data, line.size);
    bytes_append_u8(&text, '\n');
    if (!text.failed) (void)!write(file, text.data, text.size);
    (void)close(file);
    bytes_free(&text);
}

void run_log_append(const char *index_path, struct view line) {
    char path[PATH_BYTES];
    if (!log_path(path, index_path, "")) return;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    off_t size = size_of(file);
    if (size > LOG_BYTES_MAX) halve(index_path, file, size);
    if (file >= 0) (void)close(file);
    append(path, line);
}

/* ---- reading ---- */

/* The newest count lines, or as many as there are. */
static struct view last_lines(struct view text, size_t count) {
    size_t start = text.size;
    for (size_t seen = 0; start > 0; start--)
        if (text.data[start - 1] == '\n' && seen++ == count) break;
    return view_of(text.data + start, text.size - start);
}

/* *file is -1 when there is none. */
static revue_status open_log(const char *index_path, int *file, revue_error *error) {
    char path[PATH_BYTES];
    if (!log_path(path, index_path, "")) return error_set(error, REVUE_USAGE, "the path of the index is too long");
    *file = open(path, O_RDONLY | O_CLOEXEC);
    if (*file >= 0 || errno == ENOENT) return REVUE_OK;
    return error_from_errno(error, errno, path);
}

revue_status revue_runs_read(const char *index_path, size_t count, char **lines, revue_error *error) {
    struct bytes text = {0};
    uint32_t generation;
    int file;
    TRY(open_log(index_path, &file, error));
    if (file < 0) TRY(store_live_generation(index_path, &generation, error));
    bool is_read = read_tail(file, size_of(file), 4 * LOG_BYTES_MAX, &text);
    if (file >= 0) (void)close(file);
    struct view wanted = last_lines(view_of(text.data ? (const char *)text.data : "", text.size), count);
    char *copy = is_read ? memory_copy_bytes(wanted.data, wanted.size) : NULL;
    bool failed = text.failed || (is_read && !copy);
    bytes_free(&text);
    if (failed) return error_no_memory(error);
    if (!copy) return error_set(error, REVUE_IO, "%s/runs.jsonl could not be read", index_path);
    *lines = copy;
    return REVUE_OK;
}

/* The beginning of the run that a line tells of, when it ended well. */
static bool parse_success(struct view line, int64_t *began) {
    size_t prefix = sizeof SUCCESS - 1;
    struct review_date date;
    if (line.size < prefix + TIME_BYTES || memcmp(line.data, SUCCESS, prefix) != 0) return false;
    if (!date_parse(view_of(line.data + prefix, TIME_BYTES), &date)) return false;
    *began = date.seconds;
    return true;
}

/* From the last line back; the first one may be half of a line, which does no harm. */
static bool find_success(struct view text, int64_t *began) {
    size_t end = text.size;
    while (end > 0) {
        size_t start = end - 1;
        while (start > 0 && text.data[start - 1] != '\n')
            start--;
        if (parse_success(view_of(text.data + start, end - start), began)) return true;
        end = start;
    }
    return false;
}

revue_status revue_last_success(const char *index_path, int64_t *began, revue_error *error) {
    struct bytes tail = {0};
    int file;
    bool is_found = false;
    TRY(open_log(index_path, &file, error));
    off_t size = size_of(file), wanted = TAIL_FIRST;
    for (bool is_all = false; !is_found && !is_all; wanted *= 8) {
        is_all = wanted >= size;
        if (!read_tail(file, size, wanted, &tail)) break;
        is_found = find_success(view_of(tail.data ? (const char *)tail.data : "", tail.size), began);
    }
    if (file >= 0) (void)close(file);
    bool failed = tail.failed;
    bytes_free(&tail);
    if (failed) return error_no_memory(error);
    return is_found ? REVUE_OK
                    : error_set(error, REVUE_NO_MATCH, "%s/runs.jsonl knows of no run that ended well", index_path);
}
