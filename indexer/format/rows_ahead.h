/* rows_ahead.h - writing rows of sources, those of a run with very many of them ahead of its commit (FORMAT.md, 11).
 *
 * LMDB holds what a transaction changes in memory, a page for each row where they come in no order. So a run with many
 * rows writes what is to become of them into records of the table index, in steps; its commit adds the record `rows`, which
 * decides that it shall be so; then all is put in its place, in steps again, and the records go. What has not been decided
 * is what a stopped run left: whoever opens the index for change next removes it. What has been decided and is not in its
 * place yet is put there by him, before anything else is read. */
#ifndef REVUE_FORMAT_ROWS_AHEAD_H
#define REVUE_FORMAT_ROWS_AHEAD_H

#include "indexer/format/manifest.h"

/* Where rows go: into the transaction of a commit, or ahead of one. Zero bytes may be freed. */
struct row_writer {
    store_txn *into;    /* the caller's; NULL: ahead */
    store *store;       /* ahead of a commit of it ... */
    store_txn *step;    /* ... in this transaction; NULL between two */
    size_t step_bytes;  /* of one such transaction */
    struct bytes row;   /* encoded */
    struct bytes chunk; /* the record being filled */
    uint32_t chunk_count;
};

/* As many rows (pages of LMDB, that is) as a transaction may change within that memory. */
size_t rows_in_a_step(size_t memory_bytes);

void row_writer_into(struct row_writer *writer, store_txn *txn);
void row_writer_ahead(struct row_writer *writer, store *to, size_t memory_bytes);
/* key: as key_source makes it. row NULL: there shall be none. What comes later prevails. */
revue_status row_writer_put(struct row_writer *writer, struct view key, const struct source_row *row, revue_error *error);
revue_status row_writer_finish(struct row_writer *writer, revue_error *error);
void row_writer_free(struct row_writer *writer);

/* In the commit: what was written ahead, in so many chunks, shall be. */
revue_status rows_ahead_decide(store_txn *txn, uint32_t chunk_count, revue_error *error);
/* Puts in its place what was decided, removes what was not. Nobody else writes. */
revue_status rows_ahead_settle(store *in, size_t memory_bytes, revue_error *error);

/* Is it the key of such a record? *chunk is its number. */
bool rows_ahead_key_parse(struct view key, uint32_t *chunk);
/* The record `rows`: how many chunks there are. False when it is damaged. */
bool rows_ahead_count_parse(struct view record, uint32_t *chunk_count);
/* What is wrong with a chunk: constant text, NULL for nothing. */
const char *rows_ahead_check(struct view record);

#endif
