/* blocks.h - the block list: ids and patterns of source names that were deleted by hand, and stay out until they are
 * unblocked (FORMAT.md, 2). Patterns are those of --include: over the whole name of a source, and over its last part. */
#ifndef REVUE_BLOCKS_H
#define REVUE_BLOCKS_H

#include "indexer/base/arena.h"
#include "indexer/format/rows_ahead.h"

#define BLOCK_PATTERN_MAX 480u /* bytes */

struct block_patterns {
    struct view *items;
    size_t count, capacity;
    struct arena arena;
};
/* Zero bytes are an empty list. */
revue_status block_patterns_read(struct block_patterns *patterns, store_txn *txn, revue_error *error);
revue_status block_patterns_add(struct block_patterns *patterns, struct view pattern, revue_error *error);
void block_patterns_free(struct block_patterns *patterns);
/* Does a pattern match the source, or the container it is a member of ("path!member")? */
revue_status block_patterns_match(const struct block_patterns *patterns, struct view name, bool *matches,
                                  revue_error *error);

/* Puts (adds) or takes a row of the list; *changed: it was not there, or was. */
revue_status block_put(store_txn *txn, struct view key, bool *changed, revue_error *error);
revue_status block_take(store_txn *txn, struct view key, bool *changed, revue_error *error);

/* ---- shadows: sources that hold an id too ---- */
/* The source of a shadow's key; the id in *id. REVUE_CORRUPT when it is none. */
revue_status shadow_split(struct view key, struct view *id, uint32_t *source, revue_error *error);
/* Calls visit with every source that holds the id as a shadow, until it fails. */
revue_status shadow_each_source(store_txn *txn, struct view id,
                                revue_status (*visit)(void *context, uint32_t source, revue_error *error), void *context,
                                revue_error *error);

/* ---- rows of sources, by number ---- */
/* Reads all rows in read and writes those that change says. */
revue_status source_rows_change(store_txn *read, struct row_writer *writer,
                                bool (*change)(void *context, struct view name, struct source_row *row), void *context,
                                revue_error *error);

#endif
