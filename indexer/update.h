/* update.h - a run of `update`, between its files:
 *   update.c            options, the order of a run, the commit         update_sources.c   files and rows: what is new,
 * changed, gone update_review.c     one review: identity, comparison, columns       update_report.c    counts and problems
 */
#ifndef REVUE_UPDATE_H
#define REVUE_UPDATE_H

#include "indexer/archive/archive.h"
#include "indexer/id_set.h"
#include "indexer/writer.h"

/* What is known of a source of the index, by its number. */
enum source_mark {
    MARK_UNKNOWN, /* not met: gone, when its root was looked through */
    MARK_KEEP,    /* unchanged, unreadable this time, or of a root not named: its reviews stay */
    MARK_READ,    /* read in this run: its reviews that were not met again are gone */
    MARK_GONE
};
#define SOURCE_PARTLY_FAILED 1u /* states of a source row */
#define SOURCE_CONTAINER 2u     /* holds members with rows of their own, no reviews itself */
#define SOURCE_BESIDE 4u        /* not reviews */

struct update_root {
    char *path;      /* absolute; "-" for standard input */
    char *name;      /* what ids begin with */
    uint16_t number; /* its place among the remembered roots */
    bool is_named;   /* of this run */
    bool is_open;    /* could be walked */
    bool is_file;
    struct archive_files files;
    uint8_t *is_unchanged; /* by file */
};
struct pending_row {
    uint16_t root;
    struct view path;
    struct source_row row;
};
struct repeat_counts { /* how often a record without id was met in its source */
    struct repeat_slot {
        uint64_t hash;
        uint32_t count;
    } * slots;
    size_t mask, used;
};
struct update_run {
    const revue_update_options *options;
    struct writer writer;
    bool has_writer; /* not in a dry run */
    struct archive_options archive;
    struct archive_map *map;
    struct archive_column *columns;
    struct view *include, *exclude;
    uint16_t *column_numbers; /* of the declared columns, in the schema */
    enum language language;
    const char *lang_tag; /* of --lang, NULL when none was ever given */
    double rating_max;
    struct update_root *roots;
    size_t root_count;
    uint8_t *marks; /* enum source_mark by source number */
    size_t mark_capacity;
    struct pending_row *rows; /* to be written with the commit */
    size_t row_count, row_capacity;
    struct view *gone_rows; /* keys to be deleted */
    size_t gone_count, gone_capacity;
    struct id_set ids;
    struct repeat_counts repeats;
    struct arena arena; /* rows, names, problems */
    struct bytes id, name, scratch;
    uint32_t *tag_numbers;
    struct pending_extra *extras;
    size_t tag_capacity, extra_capacity;
    /* The source being read. */
    struct update_root *root;
    struct pending_row source;
    bool has_source, source_failed;
    uint32_t source_good, source_bad;
    uint64_t text_bytes_total;
    uint64_t filled[SLOT_COUNT];
    revue_report *report;
    int stop_signal;
    bool source_could_not_be_read, root_missing;
    double started, progress_at;
    uint64_t bytes_total, bytes_done;
};

/* update_report.c */
revue_report *report_create(void); /* NULL when out of memory */
void report_problem(struct update_run *run, struct view source, uint64_t line, const char *what, const char *done);
void report_progress(struct update_run *run, const char *doing, bool force);
revue_status report_finish(struct update_run *run, revue_status status, revue_error *error);

/* update_sources.c */
revue_status sources_walk(struct update_run *run, revue_error *error); /* all roots; decides which files to read */
revue_status sources_read(struct update_run *run, revue_error *error);
revue_status sources_sweep(struct update_run *run, revue_error *error); /* deletes what is gone */
revue_status sources_write_rows(void *context, store_txn *txn, revue_error *error);
enum source_mark source_mark(const struct update_run *run, uint32_t number);
revue_status source_set_mark(struct update_run *run, uint32_t number, enum source_mark mark, revue_error *error);

/* update_review.c */
revue_status update_take_review(struct update_run *run, const struct archive_event *event, revue_error *error);
void repeat_counts_clear(struct repeat_counts *repeats);

#endif
