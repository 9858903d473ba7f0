/* merge_internal.h - what the files of this room share; nobody outside includes it, but its tests.
 *
 * merge_policy.c   what to merge                      merge_forms.c      FORMS, and the numbers of forms
 * merge.c          transactions and manifest          merge_columns.c    ids, lengths, columns
 * merge_docs.c     the order of the reviews           merge_text.c       symbols and stored text
 * merge_terms.c    stems and their forms              merge_heap.c       the input whose turn it is
 * merge_postings.c posting lists */
#ifndef REVUE_MERGE_INTERNAL_H
#define REVUE_MERGE_INTERNAL_H

#include "indexer/invert/encoded_lists.h"
#include "indexer/invert/parts.h"
#include "indexer/merge/merge.h"

struct merge_input {
    struct manifest_segment row;
    struct segment *segment;
    struct deletes deletes;
    uint32_t *map;          /* review -> merged review, ascending; DOC_END: deleted */
    terms_reader *terms;    /* the segment's own */
    struct term_entry term; /* the next */
};
/* One merge. The inputs stand in order of age: (run, number).
 *
 * Stems and texts are merged in parts (parts.h), each with a view of the merge: a copy with a read transaction, and
 * segments opened in it, of its own. All else is shared, and does not change meanwhile. Where the caller works alone its
 * one view is the merge itself, and then nothing is made aside: what is used is merged at once. */
struct merge {
    store *store;
    store_txn *read;
    const struct merge_options *options;
    struct segment_meta base;
    bool has_base, has_deletes; /* has_deletes: in some input */
    struct schema schema;
    struct merge_input *inputs;
    uint32_t input_count;
    uint32_t doc_count; /* merged reviews */
    uint16_t *origin;   /* merged review -> its input */
    struct segment_meta meta;
    segment_writer *writer;
    const struct segment_sink *sink;
    struct stem_records *stems; /* made by merge_terms, used by merge_forms */
    uint32_t polls, sharers;    /* of the pages in memory: views that read at the same time */
    size_t page_bytes;          /* of files that may be in memory */
    workers *pool;
    struct merge **views; /* by slot; made by merge_views_open */
    unsigned view_count;
    size_t part_bytes; /* what a part may take in memory, about; 0: no part is made aside */
    bool is_aside;     /* a view that a worker may be using: may_go_on is not asked */
};

/* Asked once for some work of microseconds, as a block of postings; REVUE_INTERRUPTED when the merge is to be given up. */
revue_status merge_poll(struct merge *merge, revue_error *error);

/* Asks may_go_on at once; in the caller's thread. */
revue_status merge_ask(struct merge *merge, revue_error *error);

/* The merged reviews in order, each with where it comes from. */
struct merge_walk {
    const struct merge *merge;
    uint32_t next;                 /* merged review */
    uint32_t at[MERGE_INPUTS_MAX]; /* next review of each input */
};
void merge_walk_start(struct merge_walk *walk, const struct merge *merge);
/* False at the end. */
bool merge_walk_next(struct merge_walk *walk, struct merge_input **input, uint32_t *doc);

/* Each part writes its kinds and fills in its part of meta. In this order: merge_docs makes maps, origin and totals. */
revue_status merge_docs(struct merge *merge, revue_error *error);
revue_status merge_terms(struct merge *merge, revue_error *error);
revue_status merge_forms(struct merge *merge, revue_error *error);
revue_status merge_columns(struct merge *merge, revue_error *error);
revue_status merge_text(struct merge *merge, revue_error *error);

/* ---- merge_postings.c ---- */

/* In how many live reviews of one input a stem occurs. */
struct posting_counts {
    uint32_t reviews;                 /* in any field */
    uint32_t df;                      /* in body, title or product */
    uint32_t forms[FORMS_LISTED + 1]; /* with form number n of the input, in any field */
    bool has_deleted;                 /* some posting was of a deleted review */
};
/* Merges lists of one view of the merge. */
typedef struct postings_merger postings_merger;
revue_status postings_merger_create(postings_merger **created, struct merge *view, revue_error *error);
void postings_merger_free(postings_merger *merger);
/* Where lists go from now on: a writer into these streams. */
void postings_merger_aim(postings_merger *merger, postings_writer *writer, struct stream_writer *skips);
revue_status postings_merger_count(postings_merger *merger, const struct merge_input *input, const struct term_entry *entry,
                                   struct posting_counts *counts, revue_error *error);
/* The lists of one stem: inputs[0 .. count) hold it, as their term says; masks[i][mask] is the merged mask of a mask of
 * inputs[i], 0 where there can be none. Fills in fields, lists and champions of entry, given its df. */
revue_status postings_merger_write(postings_merger *merger, const uint32_t *inputs, uint32_t count,
                                   const uint8_t (*masks)[16], struct term_entry *entry, revue_error *error);
uint64_t postings_merger_written(const postings_merger *merger); /* postings of all lists so far */

/* ---- merge_forms.c: what merge_terms settled about stems, for merge_forms ---- */

struct stem_record {
    uint8_t form_count; /* 0: every review of the stem is deleted, or no form could be listed */
    bool has_more_forms;
    struct view forms[FORMS_LISTED];
    uint32_t form_reviews[FORMS_LISTED]; /* in which each occurs */
    uint32_t reviews;                    /* in which the stem occurs, any field */
};
/* Keeps a copy. A stem without a record has one form, number 0, and lost no review. */
revue_status stem_records_add(struct merge *merge, struct view stem, const struct stem_record *record, revue_error *error);
void stem_records_free(struct stem_records *records);

#endif
