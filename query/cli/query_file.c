/* query_file.c - see query_file.h. */
#include "query/cli/query_file.h"

#include "indexer/base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define READ_STEP 65536u
#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

static revue_status read_whole(struct query_file *file, int descriptor, revue_error *error) {
    for (;;) {
        uint8_t *room = bytes_extend(&file->text, READ_STEP);
        if (!room) return error_no_memory(error);
        ssize_t got = read(descriptor, room, READ_STEP);
        file->text.size -= got > 0 ? READ_STEP - (size_t)got : READ_STEP;
        if (got < 0 && errno != EINTR) {
            return error_set(error, REVUE_IO, "%s: %s", file->name, strerror(errno));
        }
        if (got == 0) return REVUE_OK;
    }
}

revue_status query_file_read(struct query_file *file, const char *path, revue_error *error) {
    bool is_input = strcmp(path, "-") == 0;
    memset(file, 0, sizeof *file);
    file->name = is_input ? "standard input" : path;
    int descriptor = is_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return error_from_errno(error, errno, path);
    revue_status status = read_whole(file, descriptor, error);
    if (!is_input) (void)close(descriptor);
    if (status != REVUE_OK) {
        query_file_free(file);
        return status;
    }
    bool has_mark = file->text.size >= 3 && memcmp(file->text.data, BYTE_ORDER_MARK, 3) == 0;
    file->at = has_mark ? 3 : 0;
    return REVUE_OK;
}

/* The next line without its end, moving *at behind it. */
static struct view take_line(struct query_file *file) {
    const char *start = (const char *)file->text.data + file->at;
    size_t left = file->text.size - file->at;
    const char *end = memchr(start, '\n', left);
    size_t size = end ? (size_t)(end - start) : left;
    file->at += size + (end != NULL);
    file->line++;
    if (size > 0 && start[size - 1] == '\r') size--;
    return view_of(start, size);
}

bool query_file_next(struct query_file *file, struct query_line *line, bool *has_tab) {
    struct view text = {NULL, 0};
    while (file->at < file->text.size && text.size == 0)
        text = take_line(file);
    if (text.size == 0) return false;
    const char *tab = memchr(text.data, '\t', text.size);
    size_t first = tab ? (size_t)(tab - text.data) : text.size;
    *has_tab = tab != NULL;
    line->first = view_of(text.data, first);
    line->rest = tab ? view_of(tab + 1, text.size - first - 1) : view_of(text.data + text.size, 0);
    return true;
}

void query_file_free(struct query_file *file) {
    bytes_free(&file->text);
}
