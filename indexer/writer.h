/* writer.h - an index open for change: one lock, one store, one commit at the end.
 *
 * What was live when the writer opened stays readable through it (segments, deletes, columns); what is added collects in
 * the accumulator and is flushed into new segments, which nobody sees before writer_commit replaces the manifest. */
#ifndef REVUE_WRITER_H
#define REVUE_WRITER_H

#include "indexer/base/paged_array.h"
#include "indexer/format/manifest.h"
#include "indexer/format/segment.h"
#include "indexer/invert/flush.h"

#define WRITER_KEYWORD_COLUMNS 64u /* numbers of columns are below it */
#define WRITER_PAGES_PART 8u       /* of the memory (an eighth) for what is read of the index */

struct writer_options {
    double wait_seconds;             /* for the lock */
    bool (*may_wait)(void *context); /* polled meanwhile; false: REVUE_BUSY at once. NULL: waits to the end */
    void *wait_context;
    bool create;                      /* make the index when there is none */
    bool no_positions, no_text;       /* of a new index; an existing one remembers */
    size_t memory_bytes;              /* of the whole run */
    bool (*may_merge)(void *context); /* polled while merging (merge.h); NULL: merging goes on to its end */
    void *merge_context;
    unsigned threads; /* that invert, beside the caller's; 0: the caller's does it */
};

struct live_segment {
    struct manifest_segment row;
    struct segment *segment; /* open in writer->read */
    struct deletes deletes;
    bool deletes_changed;
    uint64_t *seen; /* bit = the review was met in this run */
    struct column_reader source, column_hash;
};
/* A review that only changes columns. */
struct column_patch {
    uint32_t segment, doc; /* index into live segments */
    struct pending_values values;
};
/* The ratings of a source, to recognise its scale: as known when this run began, and now. */
struct source_scale {
    struct rating_range before, now;
};

struct writer {
    const char *index_path;
    bool made_directory; /* by this run: without a commit it goes again */
    bool is_committed;
    index_lock *lock;
    store *store;
    store_txn *read; /* the index as it was */
    bool is_new;
    bool is_live;             /* not a generation that compact fills */
    struct manifest manifest; /* as it will be */
    struct schema schema;
    struct settings settings;
    uint32_t run;
    int64_t began; /* seconds; not before the last commit, whatever the clock says */
    struct writer_options options;
    bool has_positions, has_text;
    struct live_segment *live;
    uint32_t live_count;
    struct base_symbols base;
    bool base_is_read;
    struct accumulator accumulator;
    size_t held_by_caller; /* see writer_note_held */
    size_t page_bytes;     /* of files that may be in memory */
    uint32_t finds;
    keywords *keyword_tables[WRITER_KEYWORD_COLUMNS]; /* by column; opened at first use */
    keywords_builder *keyword_builders[WRITER_KEYWORD_COLUMNS];
    store_txn *keyword_read;        /* what the tables show once values were written ahead of the commit; NULL before */
    struct manifest_segment *added; /* flushed in this run */
    uint32_t added_count;
    size_t added_capacity;
    struct column_patch *patches;
    size_t patch_count, patch_capacity;
    struct arena patch_arena;
    struct paged_array scales; /* struct source_scale by source number */
    bool settings_changed, schema_changed, sources_changed;
    uint64_t text_bytes_removed; /* of live reviews deleted in this run */
};

/* index_path must outlive the writer. */
revue_status writer_open(struct writer *writer, const char *index_path, const struct writer_options *options,
                         revue_error *error);
/* Without commit nothing has happened: an index that was to be made is gone again. */
void writer_close(struct writer *writer);

struct review_location {
    uint32_t segment, doc; /* index into live segments */
};
/* The live review with this id, as it was when the writer opened and not deleted since; else REVUE_NO_MATCH. */
revue_status writer_find(struct writer *writer, struct view id, struct review_location *location, revue_error *error);
/* For whoever reads much of the index: what was read of it counts as this process's memory until it is given back, as every
 * so often is done here. Views stay good. */
void writer_limit_pages(struct writer *writer);
bool writer_mark_seen(struct writer *writer, struct review_location location); /* true when it was not seen before */
/* Takes a new review; flushes when the memory is full. language: of its text. */
revue_status writer_add(struct writer *writer, const struct review *review, struct view id, enum language language,
                        uint64_t text_hash, const struct pending_values *values, revue_error *error);
/* What the caller holds for its run, which leaves the less for reviews. From the input alone, so that segments do not vary.
 */
void writer_note_held(struct writer *writer, size_t bytes);
revue_status writer_delete(struct writer *writer, struct review_location location, revue_error *error);
/* New values beside the text, which stays. At most once a review and run. */
revue_status writer_patch(struct writer *writer, struct review_location location, const struct pending_values *values,
                          revue_error *error);
/* The number of a keyword value of a column (below WRITER_KEYWORD_COLUMNS), finding or adding it. */
revue_status writer_keyword(struct writer *writer, uint16_t column, struct view value, uint32_t *number,
                            revue_error *error);
/* Notes a rating of a source for the recognition of its scale. */
revue_status writer_note_rating(struct writer *writer, uint32_t source, double rating, revue_error *error);
/* What earlier runs saw of a source. keep: those ratings count on, since not all of the source is read in this run; else
 * only those noted now do. Reviews that stay are given new stars when the scale became another. */
revue_status writer_recall_ratings(struct writer *writer, uint32_t source, const struct rating_range *ratings, bool keep,
                                   revue_error *error);
struct rating_range writer_ratings(const struct writer *writer, uint32_t source); /* to be remembered in its row */
revue_status writer_flush(struct writer *writer, revue_error *error);
/* True when committing would change nothing in the store. */
bool writer_is_clean(const struct writer *writer);
/* A writer of a new generation of the index that from has open, with its schema, settings and identity and no review: what
 * compact fills. writer_commit makes nothing live there: writer_publish closes it and lets CURRENT name it (a failure
 * leaves the old one live); writer_discard closes and removes it. from stays open, and keeps the lock. */
revue_status writer_open_generation(struct writer *writer, const struct writer *from, revue_error *error);
revue_status writer_publish(struct writer *writer, revue_error *error);
void writer_discard(struct writer *writer);
/* Flushes and makes it live, then merges the segments that are due and rewrites the file when that is due: a failure of
 * either comes after the commit stands. A generation that compact fills gets neither.
 * in_commit (may be NULL) writes its own rows into the last transaction. Afterwards the writer can only be closed. */
revue_status writer_commit(struct writer *writer,
                           revue_status (*in_commit)(void *context, store_txn *txn, revue_error *error), void *context,
                           revue_error *error);

/* ---- between the writer's files ---- */
size_t writer_keyword_bytes(const struct writer *writer);                                      /* writer_keywords.c */
revue_status writer_spill_keywords(struct writer *writer, revue_error *error);                 /* when they are many */
revue_status writer_finish_keywords(struct writer *writer, revue_error *error);                /* right before the commit */
revue_status writer_write_keywords(struct writer *writer, store_txn *txn, revue_error *error); /* in it */
void writer_close_keywords(struct writer *writer);
revue_status writer_apply_patches(struct writer *writer, store_txn *txn, revue_error *error); /* writer_columns.c */
revue_status writer_derive_stars(struct writer *writer, revue_error *error);
revue_status writer_rescale_stars(struct writer *writer, store_txn *txn, revue_error *error);

#endif
