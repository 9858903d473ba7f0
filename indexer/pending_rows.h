/* pending_rows.h - source rows that wait for the commit of a run, in the order in which they were added.
 *
 * A run may read as many members as it likes; so but for the last MiB rows lie in files without names (file_memory.h), or
 * in memory where there can be none. */
#ifndef REVUE_PENDING_ROWS_H
#define REVUE_PENDING_ROWS_H

#include "indexer/format/manifest.h"

struct pending_rows { /* zero bytes are ready for use */
    struct bytes recent;
    struct pending_chunk {
        void *map;
        size_t size;
    } * chunks; /* the older ones */
    size_t chunk_count, chunk_capacity, count;
};

/* Copies path and row. */
revue_status pending_rows_add(struct pending_rows *rows, uint16_t root, struct view path, const struct source_row *row,
                              revue_error *error);
/* What is shown lives until visit returns. */
typedef revue_status pending_row_visit(void *context, uint16_t root, struct view path, struct source_row *row,
                                       revue_error *error);
revue_status pending_rows_each(const struct pending_rows *rows, pending_row_visit *visit, void *context,
                               revue_error *error);
size_t pending_rows_memory(const struct pending_rows *rows);
void pending_rows_free(struct pending_rows *rows);

#endif
