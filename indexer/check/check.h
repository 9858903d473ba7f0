/* check.h - what the files of this room share: an index proved to be what FORMAT.md says, structure by structure.
 *
 * check.c              revue_check: the work in a process of its own
 * check_index.c        the order of the work
 * check_report.c       lines: faults, notes, what is being checked
 * check_records.c      every record: checksum and key
 * check_kinds.c        what META counts
 * check_rows.c         sources, blocks and shadows
 * check_keywords.c     keyword tables
 * check_symbols.c      symbol tables
 * check_segment.c      one segment: lengths, deletes, totals; its other parts are
 * check_dictionary.c   blocks of TERMS and FORMS
 * check_terms.c        stems, where their pieces lie
 * check_lists.c        posting lists
 * check_champions.c    champions
 * check_forms.c        forms against stems
 * check_ids.c          ids and their hashes; ids given twice
 * check_columns.c      column chunks
 * check_text.c         stored text
 * check_analysis.c     stored text against posting lists, with check_known_forms.c
 *
 * Damage never ends the work: it is said, and what follows goes on as far as it can be trusted. A status that a function
 * returns is other trouble (memory, the disk). */
#ifndef REVUE_CHECK_H
#define REVUE_CHECK_H

#include "indexer/format/manifest.h"
#include "indexer/format/segment.h"
#include "indexer/text/language.h"

/* ---- the whole of it, in this process (check_index.c) ---- */

enum check_line {
    CHECK_FAULT = 'F',
    CHECK_NOTE = 'N', /* worth knowing, no damage */
    CHECK_PART = 'P'  /* what is checked from now on: "postings of segment 3" */
};
struct check_sink {
    void (*say)(void *context, enum check_line line, const char *text); /* text has no line end */
    void *context;
};
/* REVUE_CORRUPT: faults were said. fingerprint: text_fingerprint() of this build. Damage in LMDB's own pages may end the
 * process: revue_check is what callers want. */
revue_status check_index(const char *index_path, uint64_t fingerprint, const struct check_sink *sink, revue_error *error);

/* ---- between its files ---- */

#define CHECK_LINES_MAX 100u /* faults that are said; the rest is counted */
#define CHECK_COLUMNS 64u    /* columns have smaller numbers */

struct check_segment {
    const struct manifest_segment *row;
    struct segment *segment; /* NULL: it cannot be opened */
    struct deletes deletes;
    bool has_records;
    bool is_damaged; /* a record of it is: what it means is not looked at */
    /* While the segment is checked, by review: */
    uint32_t *lengths[FIELD_COUNT];
    uint32_t *counted[FIELD_COUNT]; /* tokens that posting lists have of it */
    uint64_t *sums[FIELD_COUNT];    /* of check_token_hash over all tokens, in any order */
    bool has_sums;                  /* all posting lists were read */
};
struct check_source {
    uint32_t number, reviews;
    uint32_t shadows; /* ids it holds that others have, or that are blocked */
    uint8_t state;
    uint64_t live; /* live reviews that name it */
};
struct check {
    const struct check_sink *sink;
    uint64_t fingerprint;
    store *store;
    store_txn *txn;
    struct manifest manifest;
    struct schema schema;
    struct settings settings;
    struct segment_meta base;
    bool has_manifest, lacks_manifest, has_base, has_schema; /* has: it could be read */
    struct check_segment *segments;                          /* as the rows of the manifest */
    bool has_bad_records[TABLE_COUNT];
    bool is_store_damaged;        /* LMDB itself met a damaged page: it reads no further in this transaction */
    struct check_source *sources; /* ascending by number */
    size_t source_count, source_capacity;
    int64_t run_began;   /* the newest time of a run met so far */
    uint32_t run_chunks; /* records of such times */
    uint32_t rests;      /* calls of check_rest */
    uint32_t row_chunks; /* records of rows written ahead of a commit */
    uint32_t row_chunks_decided;
    bool rows_wait; /* these are decided: the table sources is not as it will be */
    uint64_t rows[TABLE_COUNT];
    uint32_t keyword_records[CHECK_COLUMNS], keyword_values[CHECK_COLUMNS];
    uint64_t text_bytes;   /* live title and body */
    bool counts_are_whole; /* no review was left out of what is counted over all segments */
    uint64_t fault_count;
    uint64_t said[CHECK_LINES_MAX]; /* hashes of the faults said */
    uint32_t *leftovers;
    size_t leftover_count, leftover_capacity;
};

struct check_lists;

/* check_report.c */
void check_part(struct check *check, const char *format, ...) __attribute__((format(printf, 2, 3)));
void check_note(struct check *check, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Says it unless it was said before. */
void check_fault(struct check *check, const char *format, ...) __attribute__((format(printf, 2, 3)));
void check_say_rest(struct check *check); /* "and N more" */
/* A status that tells of damage. */
static inline bool check_is_damage(revue_status status) {
    return status == REVUE_CORRUPT || status == REVUE_BUG;
}
/* Damage is said, with the place it was found at, and forgotten; any other status is returned. */
revue_status check_outcome(struct check *check, revue_status status, const revue_error *error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
const char *check_field_name(unsigned field);
const char *check_kind_name(unsigned kind);
const char *check_table_name(enum store_table table);

/* check_records.c */
/* For loops over terms and reviews: now and then, gives back the pages that were read. */
void check_rest(struct check *check);
typedef revue_status check_record(struct check *check, void *context, struct view key, struct view value, bool is_sound,
                                  revue_error *error);
/* Every record of a table in key order, those with a wrong checksum too (is_sound false; value.data NULL when it is too
 * short to have one). */
revue_status check_walk(struct check *check, enum store_table table, check_record *visit, void *context,
                        revue_error *error);
revue_status check_records(struct check *check, revue_error *error);
struct check_segment *check_find_segment(struct check *check, uint32_t number); /* NULL: not in the manifest */
const struct schema_column *check_find_column(const struct check *check, unsigned number);
/* Records of a segment that the manifest does not list. */
revue_status check_leftover(struct check *check, uint32_t segment, revue_error *error);

/* check_kinds.c */
revue_status check_segment_records(struct check *check, revue_error *error);

/* check_rows.c */
revue_status check_source_record(struct check *check, void *context, struct view key, struct view value, bool is_sound,
                                 revue_error *error);
revue_status check_block_record(struct check *check, void *context, struct view key, struct view value, bool is_sound,
                                revue_error *error);
revue_status check_shadow_record(struct check *check, void *context, struct view key, struct view value, bool is_sound,
                                 revue_error *error);
void check_sort_sources(struct check *check);
struct check_source *check_find_source(struct check *check, int64_t number); /* NULL: no row */
void check_source_counts(struct check *check);

/* check_segment.c and the parts it calls. Each takes an open segment. */
revue_status check_segment_open(struct check *check, struct check_segment *segment, revue_error *error);
revue_status check_segment_contents(struct check *check, struct check_segment *segment, revue_error *error);
revue_status check_dictionary(struct check *check, struct check_segment *segment, enum segment_kind kind,
                              uint32_t term_count, revue_error *error);
revue_status check_terms(struct check *check, struct check_segment *segment, revue_error *error);
revue_status check_forms(struct check *check, struct check_segment *segment, revue_error *error);
revue_status check_ids(struct check *check, struct check_segment *segment, revue_error *error);
revue_status check_columns(struct check *check, struct check_segment *segment, revue_error *error);
revue_status check_text(struct check *check, struct check_segment *segment, revue_error *error);
/* Over all of them. */
revue_status check_ids_once(struct check *check, revue_error *error);
revue_status check_keywords(struct check *check, revue_error *error);
revue_status check_symbols(struct check *check, revue_error *error);

/* check_champions.c; df: reviews in which body, title or product holds the stem. */
revue_status check_champions(struct check *check, struct check_segment *segment, const struct check_lists *lists,
                             const struct term_entry *entry, uint32_t df, revue_error *error);

/* check_lists.c */
revue_status check_lists_create(struct check_lists **created, struct check *check, struct check_segment *segment,
                                revue_error *error);
void check_lists_free(struct check_lists *lists);
/* All lists of a stem. *unioned: reviews in which body, title or product holds it. */
revue_status check_lists_of(struct check_lists *lists, const struct term_entry *entry, uint32_t *unioned,
                            revue_error *error);
/* Of the stem that was checked last: whether body, title or product of doc holds it; the i-th review in which one does (in
 * no order), and what the review is worth to it under the defaults. */
bool check_lists_hold(const struct check_lists *lists, uint32_t doc);
uint32_t check_lists_holder(const struct check_lists *lists, uint32_t index);
double check_lists_worth(const struct check_lists *lists, uint32_t doc);
/* What one field adds to that: in doubles, and in the order of the fields, as the writer adds them up. */
double check_worth(const struct check_segment *segment, unsigned field, uint32_t frequency, uint32_t length);
/* Totals over all stems; is_whole: none was damaged. */
struct check_list_totals {
    uint64_t postings, tokens[FIELD_COUNT];
    bool is_whole;
};
struct check_list_totals check_lists_totals(const struct check_lists *lists);

/* What one token, and one form in a field, adds to a review's sum. */
#define CHECK_TOKEN_WITHOUT_POSITION 4u
#define CHECK_TOKEN_AT 8u /* plus the position; smaller numbers are form numbers */
static inline uint64_t check_token_hash(uint64_t stem_hash, uint64_t what) {
    uint64_t mixed = (stem_hash ^ what * 0x9E3779B97F4A7C15u) * 0xBF58476D1CE4E5B9u;
    return (mixed ^ mixed >> 29) * 0x94D049BB133111EBu;
}

/* check_analysis.c: the texts of a segment's reviews, analysed again. NULL where the index cannot be compared. */
struct check_analysis;
revue_status check_analysis_create(struct check_analysis **created, struct check *check, struct check_segment *segment,
                                   revue_error *error);
void check_analysis_free(struct check_analysis *analysis);
revue_status check_analysis_review(struct check_analysis *analysis, uint32_t doc, struct view title, struct view body,
                                   struct view url, revue_error *error);
revue_status check_analysis_finish(struct check_analysis *analysis, revue_error *error);

#endif
