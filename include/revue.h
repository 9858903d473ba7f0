/* revue.h - full-text search for review archives: the only public header of librevue.
 *
 * Caveats, before anything else
 * -----------------------------
 * - One index, one writer. A run holds INDEX/lock; a second one is refused with REVUE_BUSY and told who holds it.
 * - Readers never wait for a writer and a writer never waits for readers. A searcher sees the index as it was when it was
 *   opened or last refreshed. One that stays open for hours keeps the pages of its snapshot alive, so the file grows:
 *   call revue_searcher_rest behind a request and revue_searcher_refresh before the next.
 * - An index lives on a local file system. Network file systems are refused: LMDB's locks do not hold there.
 * - Opening the same index twice in one process is safe (handles are shared inside). Using one after fork() is not.
 * - Every object belongs to one thread at a time. Different searchers of one index may run in different threads at once.
 * - What a result returns (strings, hits) is owned by the result and lives until revue_result_free.
 * - Text given to the library need not be valid UTF-8 or end in a zero byte where a length is taken; text it returns is
 *   valid UTF-8 and ends in one.
 * - The library never prints, never exits, and never changes the locale or a signal handler.
 */
#ifndef REVUE_H
#define REVUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REVUE_VERSION_MAJOR 0
#define REVUE_VERSION_MINOR 1
#define REVUE_VERSION_PATCH 0
#define REVUE_VERSION "0.1.0"

#if defined(__GNUC__)
#define REVUE_API __attribute__((visibility("default")))
#else
#define REVUE_API
#endif

/* What a call came to. The numbers are the exit codes of both programs (sysexits where they exist). */
typedef enum revue_status {
    REVUE_OK = 0,
    REVUE_NO_MATCH = 1,     /* search, get: nothing matched */
    REVUE_USAGE = 2,        /* the caller's mistake: a bad argument, option or query */
    REVUE_INVALID = 65,     /* bad data in an archive */
    REVUE_NO_INPUT = 66,    /* no such root, source or index */
    REVUE_UNAVAILABLE = 69, /* host or port not available */
    REVUE_BUG = 70,         /* a broken promise inside the library */
    REVUE_NO_MEMORY = 71,
    REVUE_CANNOT_CREATE = 73,
    REVUE_IO = 74,      /* I/O error, disk full, or a source that could not be read */
    REVUE_BUSY = 75,    /* another run holds the index */
    REVUE_CORRUPT = 76, /* index damaged, of another version, or not an index */
    REVUE_NO_RIGHTS = 77,
    REVUE_TIMED_OUT = 124,   /* a search took longer than its caller allowed; no program ends with it */
    REVUE_INTERRUPTED = 130, /* stopped by SIGINT after committing what was whole */
    REVUE_TERMINATED = 143   /* the same, by SIGTERM */
} revue_status;

/* A constant English sentence part for a status, never NULL. */
REVUE_API const char *revue_status_text(revue_status status);

/* Filled by a failing call when given; may be NULL everywhere. message says what was wrong and what to do about it,
 * without a line end. source and line are empty and 0 unless the trouble has such a place. */
typedef struct revue_error {
    revue_status status;
    uint64_t line;   /* 1-based line in source, 0 when it has none */
    uint64_t column; /* 1-based byte column: of a query's error, else 0 */
    char source[256];
    char message[512];
} revue_error;

/* The version of the library that is linked, "MAJOR.MINOR.PATCH". */
REVUE_API const char *revue_version(void);

/* ------------------------------------------------------------------------------------------------------------------
 * Indexing. Each call is a whole run: it takes INDEX/lock, works, commits, and lets the lock go.
 * ------------------------------------------------------------------------------------------------------------------ */

typedef enum revue_format {
    REVUE_FORMAT_AUTO,
    REVUE_FORMAT_TEXT,
    REVUE_FORMAT_HTML,
    REVUE_FORMAT_JSONL,
    REVUE_FORMAT_CSV,
    REVUE_FORMAT_TSV,
    REVUE_FORMAT_LINES
} revue_format;

/* Where a run is, a few times a second at most. done and total are bytes of sources; total 0: not known. */
typedef struct revue_progress {
    uint64_t reviews, bytes_done, bytes_total, text_bytes;
    double seconds;
    const char *doing; /* constant: "reading", "writing", "merging", "checking" */
} revue_progress;

typedef struct revue_update_options {
    const char *const *roots; /* none: the remembered ones; "-" reads standard input */
    size_t root_count;
    const char *source_name; /* of standard input; its reviews are added, unless replace */
    bool replace;
    revue_format format;
    const char *const *map; /* "FIELD=NAME" */
    size_t map_count;
    const char *const *columns; /* "NAME", "NAME:number" ... */
    size_t column_count;
    const char *lang;  /* BCP 47, NULL: the remembered one, else English */
    double rating_max; /* 0: recognised */
    const char *const *include, *const *exclude;
    size_t include_count, exclude_count;
    unsigned threads; /* that invert, beside the calling one; 0: as many as there are cores. 1 on one core: none beside */
    unsigned memory_mib; /* 0: 512; at least 16 */
    bool no_positions, no_text, dry_run, strict, full, allow_shrink, keep_gone;
    bool reanalyse;      /* the stored texts are analysed anew, by this version of the library; no archive is read */
    const char *group;   /* whose members may search the index: a name, or a number; NULL: rights stay as they are */
    double wait_seconds; /* for the lock */
    /* Both may be NULL. Called from the thread that called revue_update. */
    void (*on_progress)(void *context, const revue_progress *progress);
    void *context;
    /* Polled between reviews: a signal number to stop for (commits what is whole), or 0. */
    int (*should_stop)(void *context);
} revue_update_options;

typedef struct revue_problem {
    const char *source;
    uint64_t line; /* 0: none */
    const char *what, *done;
} revue_problem;

typedef struct revue_filled { /* how many reviews have the field, of a dry run */
    const char *field;
    uint64_t filled;
} revue_filled;

typedef struct revue_report {
    revue_status status; /* the exit code of the run */
    char failure[512];   /* why the run as a whole failed; empty when it did not, or when the problems tell */
    uint64_t run;        /* the number of the run; 0: it changed nothing, or committed nothing */
    bool has_totals;     /* reviews_total and index_bytes are known; not of a run that never got hold of the index */
    uint64_t sources_seen, sources_new, sources_changed, sources_unchanged, sources_gone, sources_skipped, sources_failed;
    uint64_t reviews_added, reviews_changed, reviews_unchanged, reviews_deleted, reviews_bad, reviews_total;
    uint64_t bytes_read, text_bytes, index_bytes;
    double seconds;
    revue_problem *problems; /* the first 20 */
    size_t problem_count;
    uint64_t problems_more;
    revue_filled *filled; /* dry run only */
    size_t filled_count;
} revue_report;

/* Creates INDEX or brings it up to date. *report (owned by the caller, freed with revue_report_free) is given with a
 * failing status too, also by a run that another one kept from beginning; NULL only when there was no memory for one. */
REVUE_API revue_status revue_update(const char *index_path, const revue_update_options *options, revue_report **report,
                                    revue_error *error);
REVUE_API void revue_report_free(revue_report *report); /* NULL is fine */

typedef struct revue_delete_options {
    const char *const *ids; /* delete and block */
    size_t id_count;
    const char *const *sources; /* globs over source names: delete and block; or the path of a root: delete and forget it */
    size_t source_count;
    const char *const *unblock; /* ids or source patterns that the next update may take again */
    size_t unblock_count;
    double wait_seconds;
    int (*should_stop)(void *context); /* as of an update; may be NULL */
    void *context;
} revue_delete_options;
/* *deleted: reviews that were live before. An id that is not there is REVUE_NO_MATCH after the others were deleted. Told to
 * stop it ends before the commit, with nothing deleted (*deleted is 0 then), or leaves the merging behind it to the next
 * run; REVUE_INTERRUPTED or REVUE_TERMINATED in both cases. */
REVUE_API revue_status revue_delete(const char *index_path, const revue_delete_options *options, uint64_t *deleted,
                                    revue_error *error);

typedef struct revue_compact_options {
    bool reorder; /* changes nothing: every compaction puts reviews in the best order that was found */
    bool erase;
    double wait_seconds;
    void (*on_progress)(void *context, const revue_progress *progress);
    int (*should_stop)(void *context); /* as of an update; may be NULL */
    void *context;
} revue_compact_options;
/* Rewrites the index into a new generation without what was deleted. Readers go on with the old one until they refresh.
 * Told to stop it leaves the index as it was. */
REVUE_API revue_status revue_compact(const char *index_path, const revue_compact_options *options, revue_error *error);
typedef struct revue_copy_options {
    int (*should_stop)(void *context); /* as of an update; may be NULL */
    void *context;
} revue_copy_options;
/* A consistent copy of a living index at TO, which must not exist. options may be NULL. Told to stop it leaves no copy. */
REVUE_API revue_status revue_copy(const char *index_path, const char *to, const revue_copy_options *options,
                                  revue_error *error);

/* The synonyms that queries of an index apply (revue_search_options.no_synonyms): a text of at most 256 KiB, a group a
 * line. "film, movie, picture": who searches for one finds all of them. "tv, telly => television": only from left to right.
 * An entry may be several words; "#" begins a comment. What is set stands in place of what there was; nothing, or comments
 * alone, removes it. A line that is wrong is REVUE_USAGE with error->line. Later runs, compact and copy keep them. */
REVUE_API revue_status revue_synonyms_set(const char *index_path, const char *text, size_t size, double wait_seconds,
                                          revue_error *error);
/* The text as it was set, empty when there is none. *text is the caller's: revue_string_free. */
REVUE_API revue_status revue_synonyms_read(const char *index_path, char **text, revue_error *error);

typedef struct revue_field_stats {
    const char *name, *kind; /* kind: "text", "number", "keyword", "date" */
    uint64_t filled;         /* live reviews that have it */
} revue_field_stats;

/* A process that reads the index as it was some commits ago: until it ends or refreshes its searcher, the file grows by all
 * that changes. */
typedef struct revue_reader {
    long process;
    char name[64];     /* of the program, empty when it is not known */
    uint64_t lag;      /* commits of the store behind */
    bool of_old_store; /* it reads files that a compaction or rewrite replaced, and keeps them from being removed */
} revue_reader;

typedef struct revue_stats {
    unsigned format;
    uint64_t reviews, deleted, blocked, terms, tokens, segments, sources, text_bytes;
    uint64_t bytes_file, bytes_used, bytes_free, bytes_dead;
    uint64_t bytes_terms, bytes_postings, bytes_positions, bytes_lengths, bytes_columns, bytes_text, bytes_ids,
        bytes_sources, bytes_other;
    revue_field_stats *fields;
    size_t field_count;
    char analysis[17];     /* fingerprint in hex */
    bool analysis_differs; /* this build analyses text differently from the one that made the index */
    char digest[33];       /* of the segment records, in hex; only when asked */
    char uuid[37];
    uint64_t generation, commit, run; /* run: of the last that changed anything */
    int64_t committed_at;
    uint64_t oldest_reader_lag; /* commits of the store behind */
    revue_reader *readers;      /* those that are behind, the oldest first, at most 16 */
    size_t reader_count;
} revue_stats;
REVUE_API revue_status revue_stats_read(const char *index_path, bool with_digest, revue_stats **stats, revue_error *error);
REVUE_API void revue_stats_free(revue_stats *stats);
/* The last lines of INDEX/runs.jsonl, newest last, as one string (memory of the caller: revue_string_free); empty when it has
 * none. */
REVUE_API revue_status revue_runs_read(const char *index_path, size_t count, char **lines, revue_error *error);
REVUE_API void revue_string_free(char *string);
/* When the last run of update began that ended well: its reading of the archive is no older. REVUE_NO_MATCH when runs.jsonl
 * knows of none. Costs a look at the end of that file. */
REVUE_API revue_status revue_last_success(const char *index_path, int64_t *began, revue_error *error);

/* Verifies every structure. on_fault (may be NULL) is called for each fault, the first hundred, with a line that names the
 * place; a line that begins with "note: " tells of something that is no fault. REVUE_CORRUPT when there was a fault.
 *
 * The work is done in a child process, since damage in LMDB's own pages can end it: that is reported as a fault too. The
 * caller may have threads and searchers of the same index open: the child uses none of them, and leaves without running
 * the caller's exit functions. An allocator put in place of the system's must be usable in a child of fork. */
REVUE_API revue_status revue_check(const char *index_path, void (*on_fault)(void *context, const char *fault),
                                   void *context, revue_error *error);

/* ------------------------------------------------------------------------------------------------------------------
 * Searching.
 * ------------------------------------------------------------------------------------------------------------------ */

typedef struct revue_searcher revue_searcher;
typedef struct revue_result revue_result;

/* Opens nothing but the manifest: costs well under a millisecond. */
REVUE_API revue_status revue_searcher_open(revue_searcher **opened, const char *index_path, revue_error *error);
REVUE_API void revue_searcher_close(revue_searcher *searcher); /* NULL is fine; results must be freed before */
/* Moves to the newest commit (or generation). Results got before stay valid. *moved may be NULL. Costs some microseconds
 * where nothing was committed. A failure leaves the searcher on its old snapshot; one that rested goes on resting, unless
 * that is still the newest. */
REVUE_API revue_status revue_searcher_refresh(revue_searcher *searcher, bool *moved, revue_error *error);
/* Lets go of the snapshot until the next refresh, which has to come before anything is searched or read: what rests keeps
 * no old pages alive, however long. For servers, between requests. */
REVUE_API void revue_searcher_rest(revue_searcher *searcher);
REVUE_API bool revue_searcher_rests(const revue_searcher *searcher);
REVUE_API uint64_t revue_searcher_reviews(const revue_searcher *searcher);
/* The identity of the index, 36 characters: copies have others. It lives until the searcher is refreshed or closed. */
REVUE_API const char *revue_searcher_uuid(const revue_searcher *searcher);
/* With the identity they name the snapshot: the same three, the same answers. */
REVUE_API uint64_t revue_searcher_generation(const revue_searcher *searcher);
REVUE_API uint64_t revue_searcher_commit(const revue_searcher *searcher);
/* The last run that changed the index. */
REVUE_API uint64_t revue_searcher_last_run(const revue_searcher *searcher);
/* What "--since-run N|DATE" means: digits are the number of a run; a date (with '-' in it, such as 2026-11-23, or with a
 * time) is the first run that began then or later, one more than the last run when there is none. REVUE_USAGE for anything
 * else. */
REVUE_API revue_status revue_searcher_find_run(revue_searcher *searcher, const char *text, uint64_t *run,
                                               revue_error *error);

typedef enum revue_operator { REVUE_OP_AUTO, REVUE_OP_ANY, REVUE_OP_ALL } revue_operator;

typedef struct revue_weight {
    const char *field; /* "title", "body", "product", "author" */
    double weight;     /* 0 or more; 0: not searched */
} revue_weight;

typedef struct revue_search_options {
    size_t n, offset;
    revue_operator op;
    double k1, b;                /* 1.2 and 0.75 */
    const revue_weight *weights; /* defaults: title 2, body 1, product 1.5, author only by author: */
    size_t weight_count;
    bool plain;       /* the text is words, nothing in it is syntax (batch, bench) */
    bool no_synonyms; /* those of the index are not applied */
    bool lenient;     /* answer anything, with warnings */
    bool exhaustive;  /* score every match: the judge of the faster ways */
    bool count;       /* total is exact */
    bool explain, snippets;
    size_t snippet_count; /* passages of a hit that are shown: at most 10; 0 is 1 */
    bool no_suggest;      /* nothing found: look for no other spelling either */
    bool ids_only;        /* hits carry rank, score and id and nothing else */
    bool phrase;          /* plain only: the words are one phrase, by stem */
    /* Further texts of the query, NULL for none; a wrong one is REVUE_USAGE.
     * filter: a query that hits must match too and that adds nothing to their scores, "rating:>=4 lang:en"; all of it.
     * sort: columns, score or id, "date:desc,stars"; NULL: by score, or newest first where nothing scores.
     * group: a column of keywords; the result then has groups of hits instead of hits, and n and offset count groups. */
    const char *filter, *sort, *group;
    /* Where any of the words will do: so many of those side by side at the top of the query must match, "2", or such a share
     * of them, rounded down, "75%"; NULL: one. */
    const char *min_match;
    const char *group_sort; /* "score" (of a group's best hit), "count", "mean" or "bayes"; NULL: by score */
    size_t group_hits;      /* of each group, at most 100 */
    /* Each FIELD, FIELD:N (that many values, 10), FIELD:name (by value instead of by count), DATE:year, DATE:month,
     * DATE:day, or NUMBER:3..5,6.. (ranges): matches counted by the values of a column. */
    const char *const *facets; /* of a column only one */
    size_t facet_count;
    bool multi_select; /* facets count as if no filter asked about their own column: what else could be chosen */
    /* What revue_result_next gave for the page before, to the same query with the same options but n, facets, snippets and
     * explain: the hits go on behind it, also when the index has moved on, without repeating or skipping a review that did
     * not change. NULL: from the first hit. Anything else is REVUE_USAGE, as are offset and group beside it. */
    const char *after;
    /* What lifts and lowers scores beside the words, "stars:0.2,votes:0.1,age:0.3:180d": each column multiplies them by
     * 1 + weight * x, x being (stars - 3) / 2, votes / (votes + 10), or (span - age) / (span + age) with a span of a year
     * unless told; a missing value by 1. Weights are at most 0.9. NULL: nothing does. */
    const char *prior;
    const char *now;    /* the date that ages count to; NULL: when the last run began */
    uint64_t since_run; /* only reviews that this run or a later one brought; 0: all */
    double stale_after; /* seconds: warn when the last successful run began longer ago; 0: do not look */
    double timeout;     /* seconds that the search may take: then it ends with REVUE_TIMED_OUT; 0: any time */
} revue_search_options;
/* Fills in the defaults: n 10, k1 1.2, b 0.75, snippets, one of each hit, 3 hits of each group. */
REVUE_API void revue_search_options_init(revue_search_options *options);

typedef struct revue_mark {
    uint32_t from, to; /* bytes of the snippet's text */
} revue_mark;
typedef struct revue_snippet {
    const char *field;
    uint64_t start; /* byte of the stored field where text begins */
    const char *text;
    size_t text_size;
    const revue_mark *marks; /* ascending, not overlapping */
    size_t mark_count;
    bool cut_before, cut_after; /* the field goes on there */
} revue_snippet;
typedef struct revue_explain_field {
    const char *field;
    uint32_t frequency, length;
    double average, weight, value; /* value = weight * frequency / (1 - b + b * length / average) */
} revue_explain_field;
typedef struct revue_explain_term {
    const char *term;             /* the stem, "=form", or the phrase */
    double boost, idf, frequency; /* frequency = sum of the fields' values */
    uint64_t df;
    double score; /* boost * idf * frequency / (k1 + frequency), rounded to the unit */
    const revue_explain_field *fields;
    size_t field_count;
} revue_explain_term;
typedef struct revue_explain_prior {
    const char *column; /* "stars", "votes", "age" */
    double weight;
    double number;    /* stars, votes, or days */
    double x, factor; /* factor = 1 + weight * x */
} revue_explain_prior;
typedef struct revue_explain {
    double score, unit, k1, b;
    uint64_t reviews;
    const revue_explain_term *terms;
    size_t term_count;
    double relevance;                  /* what the scores of terms sum to, exactly */
    double factor;                     /* score = relevance * factor, rounded to the unit; 1 without a prior */
    const revue_explain_prior *priors; /* columns that have a value; their factors multiply to factor, in 65,536ths */
    size_t prior_count;
} revue_explain;
typedef struct revue_hit {
    uint64_t rank; /* from 1 */
    double score;
    const char *id;
    const char *title, *product, *author, *date, *lang, *url; /* NULL: absent */
    bool has_rating, has_stars, has_votes;
    double rating, stars, votes;
    const revue_snippet *snippets; /* in the order of the text, not overlapping */
    size_t snippet_count;
    const revue_explain *explain; /* NULL unless asked */
} revue_hit;

/* Numbers that matches have in a column; those without one do not count. */
typedef struct revue_summary {
    uint64_t count; /* 0: there are none, and the rest is 0 */
    double mean, minimum, maximum;
} revue_summary;
typedef struct revue_facet_value {
    const char *text; /* a keyword; a date's "2019", "2019-05" or "2019-05-25"; a range as asked for; a number in digits */
    double number;    /* of a column of numbers without ranges */
    uint64_t count;   /* matches that have it */
    revue_summary stars;
} revue_facet_value;
typedef struct revue_facet {
    const char *name, *kind; /* of the column; kind: "keyword", "number", "date" */
    uint64_t with, without;  /* matches that have a value, and that have none */
    uint64_t distinct;       /* different values among them, or ranges */
    revue_summary numbers;   /* of a column of numbers */
    const revue_facet_value *values;
    size_t value_count;
} revue_facet;
#define REVUE_STARS 5
typedef struct revue_group {
    const char *value; /* of the column */
    uint64_t count;    /* matches that have it */
    revue_summary stars;
    uint64_t histogram[REVUE_STARS]; /* of stars rounded to whole ones, from 1 */
    double sort_value;               /* what groups were sorted by */
    const revue_hit *hits;           /* the best, ranked from 1 within the group */
    size_t hit_count;
} revue_group;

/* Searches. A query that is wrong is REVUE_USAGE with error->column set (strict mode). Nothing found is REVUE_OK with no
 * hits. The result is the caller's: revue_result_free. */
REVUE_API revue_status revue_search(revue_searcher *searcher, const char *query, size_t query_size,
                                    const revue_search_options *options, revue_result **result, revue_error *error);
REVUE_API void revue_result_free(revue_result *result);
/* How a query is read and what it means for this index, without searching for it: the tree and the plan as lines of text
 * (query/parse/GRAMMAR.md says how). Fails as revue_search does. *text is the caller's: revue_string_free. */
REVUE_API revue_status revue_query_describe(revue_searcher *searcher, const char *query, size_t query_size,
                                            const revue_search_options *options, char **text, revue_error *error);
REVUE_API size_t revue_result_count(const revue_result *result);
REVUE_API const revue_hit *revue_result_hit(const revue_result *result, size_t index); /* NULL past the end */
REVUE_API uint64_t revue_result_total(const revue_result *result, bool *exact);
REVUE_API size_t revue_result_facet_count(const revue_result *result); /* as many as were asked for, in that order */
REVUE_API const revue_facet *revue_result_facet(const revue_result *result, size_t index);
REVUE_API size_t revue_result_group_count(const revue_result *result);
REVUE_API const revue_group *revue_result_group(const revue_result *result, size_t index);
/* How many groups there are, shown or not, and how many matches are in none since they lack the column (may be NULL). */
REVUE_API uint64_t revue_result_groups(const revue_result *result, uint64_t *ungrouped);
/* What to ask for the next page with, as options.after; NULL when there is none, of groups, and of ids_only. */
REVUE_API const char *revue_result_next(const revue_result *result);
REVUE_API revue_operator revue_result_op(const revue_result *result); /* any or all: as it was answered */
REVUE_API double revue_result_took_us(const revue_result *result);
REVUE_API size_t revue_result_warning_count(const revue_result *result);
REVUE_API const char *revue_result_warning(const revue_result *result, size_t index);
/* The query with words spelled otherwise, as revue_suggest has it, of a search that found no review with all of its words;
 * NULL: none was looked for (plain, ids_only, no_suggest), or none is known. */
REVUE_API const char *revue_result_suggestion(const revue_result *result);

/* Reviews that are most like the one with this id: a search for any of its most significant words, whose options it takes
 * but for the operator and what is about the text of a query. The review itself, and those of the very same text, are not
 * found. REVUE_NO_MATCH when there is no live review with this id; nothing like it is REVUE_OK without hits. */
REVUE_API revue_status revue_similar(revue_searcher *searcher, const char *id, size_t id_size,
                                     const revue_search_options *options, revue_result **result, revue_error *error);

/* ------------------------------------------------------------------------------------------------------------------
 * Helping to type. What is offered comes from the reviews themselves. Texts may be anything: what cannot be completed or
 * spelled otherwise has no completions, which is REVUE_OK. Both take their time from what they offer, not from what is
 * typed: a text over 8,192 bytes is not looked at.
 * ------------------------------------------------------------------------------------------------------------------ */

#define REVUE_COMPLETIONS_MAX 100 /* n at most; more is REVUE_USAGE */

typedef struct revue_completion {
    const char *text; /* a whole query: valid UTF-8 */
    uint64_t count;
} revue_completion;
/* The caller's: revue_completions_free. Owes nothing to the searcher. */
typedef struct revue_completions revue_completions;
REVUE_API size_t revue_completions_count(const revue_completions *completions);
REVUE_API const revue_completion *revue_completions_item(const revue_completions *completions,
                                                         size_t index); /* NULL past the end */
REVUE_API void revue_completions_free(revue_completions *completions);  /* NULL is fine */

/* The text with its last word completed, written as reviews mostly write it: those in the most reviews first, at most n.
 * count: reviews that have the word in this form; with words before it, reviews that a search for all of the words finds
 * (or, when no completion stands in a review with them, of the word alone). Deleted reviews count until they are merged
 * away. A text that does not end in a letter or digit has no completions. */
REVUE_API revue_status revue_complete(revue_searcher *searcher, const char *text, size_t size, size_t n,
                                      revue_completions **completions, revue_error *error);

/* Did you mean: other spellings of the whole text that find more, the best first, at most n; count: reviews with all of its
 * words. Only plain words are spelled otherwise, joined or parted; what is quoted, exact, excluded or a pattern stays. */
REVUE_API revue_status revue_suggest(revue_searcher *searcher, const char *text, size_t size, size_t n,
                                     revue_completions **completions, revue_error *error);

/* A whole stored review. */
typedef struct revue_value {
    const char *name;
    const char *text; /* keywords and dates as text; NULL for a number */
    double number;
} revue_value;
typedef struct revue_review {
    const char *id;
    const char *title, *body, *product, *author, *date, *lang, *url;   /* NULL: absent */
    size_t title_size, body_size, product_size, author_size, url_size; /* texts may hold zero bytes */
    bool has_rating, has_stars, has_votes;
    double rating, stars, votes;
    const char *const *tags;
    size_t tag_count;
    const revue_value *values; /* declared columns that have one */
    size_t value_count;
} revue_review;
/* REVUE_NO_MATCH when there is no live review with this id. */
REVUE_API revue_status revue_get(revue_searcher *searcher, const char *id, size_t id_size, revue_review **review,
                                 revue_error *error);
REVUE_API void revue_review_free(revue_review *review);

#ifdef __cplusplus
}
#endif
#endif
