/* progress_line.c - see progress_line.h. Blanks and a carriage return are all it needs of a terminal. */
#include "indexer/cli/progress_line.h"

#include "indexer/base/terminal.h"
#include "indexer/cli/figures.h"

#include <stdio.h>
#include <unistd.h>

void progress_append(struct bytes *out, const revue_progress *progress) {
    bool is_known = progress->bytes_total > 0 && progress->bytes_done <= progress->bytes_total;
    double done = (double)progress->bytes_done, total = (double)progress->bytes_total;
    bytes_append_format(out, "%s: ", progress->doing ? progress->doing : "working");
    append_counted(out, progress->reviews, "review", "reviews");
    if (progress->seconds > 0 && done > 0) bytes_append_format(out, ", %.1f MB/s", done / progress->seconds / 1e6);
    if (!is_known) return;
    bytes_append_format(out, ", %u %%", (unsigned)(100 * done / total));
    if (done > 0 && progress->seconds > 1) {
        bytes_append_string(out, ", ");
        append_clock(out, progress->seconds * (total - done) / done);
        bytes_append_string(out, " left");
    }
}

static void write_line(const struct bytes *text) {
    if (text->failed || text->size == 0) return;
    (void)!write(STDERR_FILENO, text->data, text->size);
}

void progress_line_start(struct progress_line *line, bool quiet) {
    line->shown = !quiet && terminal_is(STDERR_FILENO);
    line->width = 0;
}

void progress_line_show(void *context, const revue_progress *progress) {
    struct progress_line *line = context;
    struct bytes text = {0};
    if (!line->shown) return;
    bytes_append_u8(&text, '\r');
    progress_append(&text, progress);
    size_t columns = terminal_width(STDERR_FILENO) - 1, width = text.size - 1;
    if (width > columns) {
        width = columns;
        text.size = columns + 1;
    }
    if (width < line->width) bytes_append_format(&text, "%*s", (int)(line->width - width), "");
    write_line(&text);
    line->width = width;
    bytes_free(&text);
}

void progress_line_end(struct progress_line *line) {
    struct bytes text = {0};
    if (line->width == 0) return;
    bytes_append_format(&text, "\r%*s\r", (int)line->width, "");
    write_line(&text);
    line->width = 0;
    bytes_free(&text);
}
