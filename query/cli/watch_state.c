/* watch_state.c - see watch_state.h. */
#include "query/cli/watch_state.h"

#include "indexer/base/error.h"
#include "indexer/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define FIRST_LINE "revue-query watch 1"
#define READ_STEP 65536u
#define DIGITS_MAX 19u /* of a run: no overflow */

/* ---- reading ---- */

static revue_status read_whole(int file, struct bytes *text, const char *path, revue_error *error) {
    for (;;) {
        uint8_t *room = bytes_extend(text, READ_STEP);
        if (!room) return error_no_memory(error);
        ssize_t got = read(file, room, READ_STEP);
        text->size -= READ_STEP - (got > 0 ? (size_t)got : 0);
        if (got == 0) return REVUE_OK;
        if (got < 0 && errno != EINTR) return error_from_errno(error, errno, path);
    }
}

/* What stands before the next end character, which is taken too. False at the end of text. */
static bool take_until(struct view *text, char end, struct view *part) {
    const char *found = text->size ? memchr(text->data, end, text->size) : NULL;
    if (!found) return false;
    size_t size = (size_t)(found - text->data);
    *part = view_of(text->data, size);
    *text = view_of(found + 1, text->size - size - 1);
    return true;
}

static bool parse_digits(struct view text, unsigned base, uint64_t *number) {
    uint64_t value = 0;
    if (text.size == 0 || text.size > DIGITS_MAX) return false;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                         : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                                                : base;
        if (digit >= base) return false;
        value = value * base + digit;
    }
    *number = value;
    return true;
}

static bool parse_row(struct view line, struct watch_row *row) {
    struct view run, hash;
    if (!take_until(&line, '\t', &row->uuid) || !take_until(&line, '\t', &run) || !take_until(&line, '\t', &hash))
        return false;
    row->name = line;
    return parse_digits(run, 10, &row->run) && parse_digits(hash, 16, &row->hash) && line.size > 0;
}

static revue_status not_a_state(const char *path, revue_error *error) {
    return error_set(error, REVUE_INVALID,
                     "%s is not what watch remembered: name another file with --state, or remove this one", path);
}

static revue_status parse_state(struct watch_state *state, revue_error *error) {
    struct view rest = bytes_view(&state->text), line;
    struct watch_row row;
    if (rest.size == 0) return REVUE_OK;
    if (!take_until(&rest, '\n', &line) || !view_equal(line, view_of_string(FIRST_LINE)))
        return not_a_state(state->path, error);
    while (rest.size > 0) {
        if (!take_until(&rest, '\n', &line) || !parse_row(line, &row)) return not_a_state(state->path, error);
        TRY(watch_state_add(state, row, error));
    }
    return REVUE_OK;
}

revue_status watch_state_read(struct watch_state *state, const char *path, revue_error *error) {
    memset(state, 0, sizeof *state);
    state->path = path;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return errno == ENOENT ? REVUE_OK : error_from_errno(error, errno, path);
    revue_status status = read_whole(file, &state->text, path, error);
    (void)close(file);
    if (status == REVUE_OK) status = parse_state(state, error);
    if (status != REVUE_OK) watch_state_free(state);
    return status;
}

const struct watch_row *watch_state_find(const struct watch_state *state, struct view name) {
    for (size_t i = 0; i < state->count; i++)
        if (view_equal(state->rows[i].name, name)) return &state->rows[i];
    return NULL;
}

revue_status watch_state_add(struct watch_state *state, struct watch_row row, revue_error *error) {
    if (!MEMORY_RESERVE(state->rows, state->capacity, state->count + 1)) return error_no_memory(error);
    state->rows[state->count++] = row;
    return REVUE_OK;
}

void watch_state_free(struct watch_state *state) {
    bytes_free(&state->text);
    memory_free(state->rows);
    memset(state, 0, sizeof *state);
}

/* ---- writing ---- */

static void print_state(const struct watch_state *state, struct bytes *out) {
    bytes_append_string(out, FIRST_LINE "\n");
    for (size_t i = 0; i < state->count; i++) {
        const struct watch_row *row = &state->rows[i];
        bytes_append(out, row->uuid.data, row->uuid.size);
        bytes_append_format(out, "\t%" PRIu64 "\t%016" PRIx64 "\t", row->run, row->hash);
        bytes_append(out, row->name.data, row->name.size);
        bytes_append_u8(out, '\n');
    }
}

static revue_status write_file(const char *path, struct view content, revue_error *error) {
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0) return error_from_errno(error, errno, path);
    ssize_t written = write(file, content.data, content.size);
    int failure = written == (ssize_t)content.size ? 0 : written < 0 ? errno : ENOSPC;
    if (failure == 0 && fsync(file) != 0) failure = errno;
    if (close(file) != 0 && failure == 0) failure = errno;
    return failure == 0 ? REVUE_OK : error_from_errno(error, failure, path);
}

/* The name is on the disk only with its folder. */
static void sync_folder_of(const char *path) {
    struct bytes folder = {0};
    const char *slash = strrchr(path, '/');
    bytes_append(&folder, slash ? path : ".", slash ? (size_t)(slash - path) + 1 : 1);
    bytes_append_u8(&folder, 0);
    int file = folder.failed ? -1 : open((const char *)folder.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file >= 0) {
        (void)fsync(file);
        (void)close(file);
    }
    bytes_free(&folder);
}

revue_status watch_state_write(const struct watch_state *state, const char *path, revue_error *error) {
    struct bytes text = {0}, made = {0};
    print_state(state, &text);
    bytes_append_string(&made, path);
    bytes_append_string(&made, ".new");
    bytes_append_u8(&made, 0);
    revue_status status = text.failed || made.failed ? error_no_memory(error) : REVUE_OK;
    if (status == REVUE_OK) status = write_file((const char *)made.data, bytes_view(&text), error);
    if (status == REVUE_OK && rename((const char *)made.data, path) != 0) status = error_from_errno(error, errno, path);
    if (status == REVUE_OK) sync_folder_of(path);
    bytes_free(&text);
    bytes_free(&made);
    return status;
}
