/* update.h - a run of `update`, between its files:
 *   update.c           the order of a run, the commit          update_options.c   options, given and remembered
 *   update_roots.c     named, opened, remembered               update_walk.c      which files are new or changed
 *   update_sources.c   reading them, rows                      update_proof.c     what of a changed file still holds
 *   update_marks.c     what is known of sources, by number     update_repeats.c   equal records of a source, counted
 *   update_review.c    one review: identity, comparison        update_shadows.c   ids that several sources give
 *   update_renames.c   files that were moved, names of sources
 *   update_analysis.c  stored texts analysed anew
 *   update_vanish.c    what is gone, and if it may be          update_report.c    counts and problems
 */
#ifndef REVUE_UPDATE_H
#define REVUE_UPDATE_H

#include "indexer/archive/archive.h"
#include "indexer/base/paged_array.h"
#include "indexer/blocks.h"
#include "indexer/id_set.h"
#include "indexer/pending_rows.h"
#include "indexer/writer.h"

/* What is known of a source of the index, by its number. */
enum source_mark {
    MARK_UNKNOWN, /* not met: gone, when its root was looked through */
    MARK_KEEP,    /* unchanged, unreadable this time, or of a root not named: its reviews stay */
    MARK_DUE,     /* the same, but a review of it may take over an id: to be read before the run ends */
    MARK_BLOCKED, /* stays out, whatever it holds */
    MARK_READ,    /* read in this run: its reviews that were not met again are gone */
    MARK_GONE
};
struct source_state {
    uint8_t mark;      /* enum source_mark */
    bool is_counted;   /* its reviews are among the unchanged ones of the report */
    bool may_miss;     /* it was read, or is gone, and may not have given all that the index holds of it */
    uint32_t lost;     /* reviews that an earlier source took from it though it stays */
    uint32_t vanished; /* reviews that are to be deleted */
    uint64_t place;    /* in the order of sources: root, then file */
};

struct update_root {
    char *path;        /* absolute; "-" for standard input */
    const char *given; /* as it was named in this run, NULL when it was not */
    char *name;        /* what ids begin with */
    uint16_t number;   /* its place among the remembered roots, and in the list */
    bool is_known;     /* remembered, and not forgotten */
    bool is_named;     /* of this run */
    bool is_open;      /* could be walked */
    bool is_file;
    struct archive_files files;
    uint8_t *is_unchanged; /* by file: not read, or not yet */
};
struct vanished_review {
    struct review_location location;
    uint32_t source;
};
struct repeat_counts { /* how often a record without id was met in its source */
    struct id_set met; /* records, by hash */
    struct repeat_slot {
        uint64_t hash;
        uint32_t count; /* 0: a free slot */
    } * slots;          /* of those met twice, and those that the part before holds */
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
    const char *changed_options[8]; /* names of those that are not what earlier runs were given */
    unsigned changed_option_count;
    struct update_root *roots;
    size_t root_count;
    size_t place_count;             /* of them, those that have a place among the settings */
    uint64_t reviews_before;        /* that the index held */
    struct paged_array sources;     /* struct source_state by source number */
    uint64_t place;                 /* where the run is in the order of sources */
    struct block_patterns patterns; /* names of sources that stay out */
    struct id_set taken_names;      /* of sources that have names which are not their paths */
    bool names_are_known;
    struct id_set moved_paths;   /* where sources were that are somewhere else */
    bool has_new_file;           /* in the root being walked */
    struct moved_sources *moved; /* while they are sought */
    const struct move *move;
    bool has_due_member;  /* met while the rows of a container were walked */
    bool has_shadows;     /* the index remembers some */
    struct view *shadows; /* keys to be remembered, in the arena */
    size_t shadow_count, shadow_capacity;
    struct id_set shadow_keys; /* the same, by hash */
    struct pending_rows rows;  /* to be written with the commit */
    uint32_t rows_ahead;       /* chunks of rows that were written ahead of it */
    struct view *gone_rows;    /* keys to be deleted */
    size_t gone_count, gone_capacity;
    struct vanished_review *vanished; /* to be deleted */
    size_t vanished_count, vanished_capacity;
    struct {
        uint64_t held, vanished;
    } shrink;              /* of the root being counted */
    struct id_set ids;     /* that a source read in this run holds */
    size_t held_by_reader; /* bytes of memory that unpacking the file at hand takes */
    struct repeat_counts repeats;
    struct arena arena; /* rows, names, problems */
    struct bytes id, name, scratch;
    uint32_t *tag_numbers;
    struct pending_extra *extras;
    size_t tag_capacity, extra_capacity;
    /* The source being read. */
    struct update_root *root;
    struct {
        uint16_t root;
        struct bytes path;
        struct source_row row;
    } source;
    bool has_source, source_failed, source_is_blocked;
    bool source_adds;                   /* to what it held before */
    bool source_is_resumed;             /* read on from where it ended: the first part was proven, not read */
    bool reads_whole;                   /* whatever could be proven: a review of the file is due */
    struct rating_range source_ratings; /* of earlier runs */
    uint32_t source_good, source_bad;
    uint32_t source_cut;            /* records that its end cuts off */
    uint32_t source_held;           /* reviews that the index held of it */
    uint32_t source_met;            /* of them, those that it gave again */
    uint32_t source_live;           /* reviews that the index holds of it */
    uint32_t left_out;              /* members of the file being read */
    struct archive_version version; /* of the file being read; hash 0: it is not known */
    bool any_may_miss;              /* of the sources met so far */
    uint64_t unmet;                 /* reviews of all sources that could not be read to their end, kept without being met */
    uint64_t filled[SLOT_COUNT];
    revue_report *report;
    int stop_signal;
    bool source_could_not_be_read, root_missing;
    uint64_t opened_at;    /* the store's transaction that the run began with */
    uint64_t bytes_before; /* of the index; 0: not looked at */
    double started, progress_at;
    uint64_t bytes_total, bytes_done;
};

/* update_analysis.c */
revue_status update_reanalyse(struct update_run *run, const char *index_path, revue_error *error);

/* update_options.c */
/* What only a program that calls the library can get wrong: the command line knows names and numbers. REVUE_USAGE. */
revue_status update_check_reading(const revue_update_options *options, revue_error *error);
revue_status update_remember_options(struct update_run *run, revue_error *error); /* those given, in the settings */
revue_status update_parse_settings(struct update_run *run, revue_error *error);   /* into what readers take */

/* update_roots.c */
revue_status roots_collect(struct update_run *run, revue_error *error);
/* Opens what is to be read, and names and numbers all. A root that cannot be opened is reported; a new one is dropped. */
revue_status roots_open(struct update_run *run, revue_error *error);
bool roots_any_is_read(const struct update_run *run);
revue_status roots_remember(struct update_run *run, revue_error *error); /* the new ones, for the commit */
void roots_free(struct update_run *run);
bool root_is_input(const struct update_root *root); /* standard input */

/* update_report.c */
revue_report *report_create(void); /* NULL when out of memory */
void report_problem(struct update_run *run, struct view source, uint64_t line, const char *what, const char *done);
/* Counts what is left out. A dry run names all of it, another one only what might have been meant to be reviews. */
void report_skip(struct update_run *run, struct view source, const char *why, bool is_expected);
void report_progress(struct update_run *run, const char *doing, bool force);
/* Once the index is open: what its clock and its readers are like. */
void report_begin(struct update_run *run);
/* What it is to be told to stop while waiting for the index; says so. */
revue_status report_stopped(const struct update_run *run, revue_error *error);
/* Of a run that did not get hold of its index. */
void report_refused(struct update_run *run, revue_status status, const revue_error *error);
void report_note(const char *index_path, const revue_report *report); /* appends it to runs.jsonl */
revue_status report_finish(struct update_run *run, revue_status status, revue_error *error);

/* update_walk.c */
revue_status sources_walk(struct update_run *run, revue_error *error); /* decides which files to read */
/* The row of a source, or REVUE_NO_MATCH. */
revue_status source_find_row(struct update_run *run, uint16_t root, struct view path, struct source_row *row,
                             revue_error *error);
/* Calls visit for every row of a root whose path begins with prefix. */
typedef revue_status source_visit(struct update_run *run, struct view key, const struct source_row *row,
                                  revue_error *error);
revue_status source_each_row(struct update_run *run, uint16_t root, struct view prefix, source_visit *visit,
                             revue_error *error);
/* Those of a container, by their keys: none of one whose members are not known so. */
revue_status source_each_member(struct update_run *run, uint16_t root, struct view path, source_visit *visit,
                                revue_error *error);
/* The keys of a container's members begin with its path; of one too long for a key they hold a part only. Such a container
 * is read by every run. */
bool source_members_are_known(struct view path);
/* Of a container that could not be read to its end the members that this run has not met stay. */
revue_status source_keep_members(struct update_run *run, uint16_t root, struct view path, revue_error *error);
/* Keeps a file and its members as they are, and counts them so. *is_due: that will not do, one of them is to be read. */
revue_status source_keep_file(struct update_run *run, const struct update_root *root, const struct archive_file *file,
                              const struct source_row *row, bool *is_due, revue_error *error);
/* Times too close to tell: the file may have changed since it was read without showing it. */
bool source_is_racy(const struct source_row *row, int64_t modified_ns);
/* The row tells all about what was read, in the way it would be read now. */
bool source_row_is_sound(const struct update_run *run, const struct source_row *row);
source_visit source_keep;       /* its reviews stay, and count as unchanged */
source_visit source_forget;     /* takes that back: it is read after all */
source_visit source_keep_unmet; /* source_keep, of those that this run has not met */
source_visit source_keep_if_unknown;

/* update_sources.c */
revue_status sources_read(struct update_run *run, revue_error *error);
revue_status sources_read_due(struct update_run *run, bool *has_read, revue_error *error); /* files of MARK_DUE sources */

/* update_rows.c */
/* A row to be written with the commit. */
revue_status source_add_row(struct update_run *run, uint16_t root, struct view path, const struct source_row *row,
                            revue_error *error);
/* When all rows are known: writes them ahead of the commit if a transaction had better not hold so many. */
revue_status sources_write_ahead(struct update_run *run, revue_error *error);
revue_status sources_write_rows(void *context, store_txn *txn, revue_error *error); /* in the commit */

/* update_renames.c */
/* Finds files of the root that are sources which were elsewhere, once the walk has told which files are unchanged. */
revue_status sources_find_renamed(struct update_run *run, struct update_root *root, revue_error *error);
bool source_has_moved(const struct update_run *run, uint16_t root, struct view path); /* away from there */
/* What a new source is called: empty, that is its path, unless another source has that name. Lives as long as the run. */
revue_status source_name_new(struct update_run *run, uint16_t root, struct view path, struct view *name,
                             revue_error *error);

/* update_proof.c */
/* Is the file, which looks changed, what it was? Then it is kept, and its row refreshed. */
revue_status source_prove_same(struct update_run *run, const struct update_root *root, const struct archive_file *file,
                               bool *is_same, revue_error *error);
/* Right after a source began: reads on where it ended when its row was written, if what it held then is unchanged. */
revue_status source_resume(struct update_run *run, archive_reader *reader, const struct source_row *old, bool *resumed,
                           revue_error *error);
/* At the end of a file: what it was like, into run->version. *was_changed: while it was read. */
revue_status source_take_version(struct update_run *run, archive_reader *reader, const struct archive_file *file,
                                 bool *was_changed, revue_error *error);

/* update_vanish.c, in this order */
revue_status sources_find_gone(struct update_run *run, revue_error *error);
revue_status reviews_find_vanished(struct update_run *run, revue_error *error);
/* REVUE_INVALID when a root would lose so much of its reviews that it looks like an accident. */
revue_status roots_check_shrinking(struct update_run *run, revue_error *error);
revue_status reviews_sweep(struct update_run *run, revue_error *error); /* deletes what vanished */

/* update_marks.c: what is known of sources, by number */
enum source_mark source_mark(const struct update_run *run, uint32_t number);
bool source_is_kept(const struct update_run *run, uint32_t number); /* its reviews stay */
bool source_is_read(const struct update_run *run, uint32_t number); /* only what was met of it stays: read, or gone */
/* Sets the mark, and the place to where the run is. */
revue_status source_set_mark(struct update_run *run, uint32_t number, enum source_mark mark, revue_error *error);
/* It was read, or is gone, and reviews of it may have vanished. */
void source_note_missing(struct update_run *run, uint32_t number);
bool source_may_miss(const struct update_run *run, uint32_t number);
struct source_state *source_state(struct update_run *run, uint32_t number); /* NULL: never marked */
size_t source_count_waiting(const struct update_run *run); /* lost reviews, or are due: their rows change */

/* update_shadows.c: reviews whose id another one has */
/* Is it remembered that the source holds the id too? */
revue_status shadow_is_known(struct update_run *run, struct view id, uint32_t source, bool *is_known, revue_error *error);
/* Remembers that the source holds the id too. *is_new: that was not known. */
revue_status shadow_remember(struct update_run *run, struct view id, uint32_t source, bool *is_new, revue_error *error);
/* Whether an unchanged source before the one being read holds the id, so that it takes it over; it is due then. */
revue_status shadow_comes_first(struct update_run *run, struct view id, bool *comes_first, revue_error *error);
/* Lets shadows take over the ids of reviews that vanished, reading their sources. */
revue_status shadows_take_over(struct update_run *run, revue_error *error);
revue_status shadows_write(struct update_run *run, store_txn *txn, revue_error *error);

/* update_review.c */
revue_status update_take_review(struct update_run *run, const struct archive_event *event, revue_error *error);
revue_status update_is_blocked(struct update_run *run, struct view id, bool *is_blocked, revue_error *error);

/* update_repeats.c */
void repeat_counts_clear(struct repeat_counts *repeats);
void repeat_counts_free(struct repeat_counts *repeats);
size_t repeat_counts_memory(const struct repeat_counts *repeats);
/* The how manieth record like this one of the source it is. run->name is the name of the source; run->id is replaced. */
revue_status repeat_count(struct update_run *run, const struct review *review, uint32_t *count, revue_error *error);

#endif
