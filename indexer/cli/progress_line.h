/* progress_line.h - one line on a terminal's standard error, rewritten in place while a run works; nothing elsewhere. */
#ifndef REVUE_INDEXER_PROGRESS_LINE_H
#define REVUE_INDEXER_PROGRESS_LINE_H

#include "indexer/base/bytes.h"
#include "revue.h"

struct progress_line {
    bool shown;   /* standard error is a terminal and nobody asked for quiet */
    size_t width; /* columns of the line that stands there, to be blanked */
};
void progress_line_start(struct progress_line *line, bool quiet);
/* Fits on_progress; context is the struct progress_line. */
void progress_line_show(void *context, const revue_progress *progress);
/* Takes the line away. Before anything else is said. */
void progress_line_end(struct progress_line *line);

/* "reading: 1,234 reviews, 45.6 MB/s, 37 %, 0:42 left", without what is not known. */
void progress_append(struct bytes *out, const revue_progress *progress);

#endif
