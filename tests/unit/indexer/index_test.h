/* index_test.h - whole runs over a small archive in a temporary folder: what the tests of the indexer's runs share. */
#ifndef REVUE_TESTS_INDEX_TEST_H
#define REVUE_TESTS_INDEX_TEST_H

#include "indexer/base/bytes.h"
#include "indexer/base/memory.h"
#include "indexer/format/keys.h"
#include "indexer/store/store.h"
#include "tests/support/temporary_index.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static char folder[TEMPORARY_PATH_SIZE];

/* A path in the folder, in one of a few static buffers. */
static inline const char *at(const char *name) {
    static char paths[8][512];
    static unsigned next;
    char *path = paths[next++ % 8];
    (void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static inline int make_folder(void **state) {
    (void)state;
    temporary_folder_create(folder);
    return mkdir(at("archive"), 0777);
}

static inline int remove_folder(void **state) {
    (void)state;
    memory_set_test_hook(NULL, NULL);
    store_set_test_hook(NULL, NULL);
    temporary_folder_remove(folder);
    return 0;
}

/* Every version of a source gets a time of its own, long ago: a source touched just now is not trusted. */
static inline void put_source(const char *name, const char *content) {
    static time_t moment = 1500000000;
    char path[256];
    (void)snprintf(path, sizeof path, "archive/%s", name);
    FILE *file = fopen(at(path), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, strlen(content), file), strlen(content));
    assert_int_equal(fclose(file), 0);
    moment++;
    const struct timespec times[2] = {{moment, 0}, {moment, 0}};
    assert_int_equal(utimensat(AT_FDCWD, at(path), times, 0), 0);
}

static inline void take_source(const char *name) {
    char path[256];
    (void)snprintf(path, sizeof path, "archive/%s", name);
    assert_int_equal(unlink(at(path)), 0);
}

static inline bool path_exists(const char *path) {
    struct stat about;
    return lstat(path, &about) == 0;
}

/* What a run came to, kept without memory of its own. */
struct run_counts {
    revue_status status;
    uint64_t added, changed, unchanged, deleted, bad, total, seen, read, skipped, gone, bytes_read;
    char first_problem[256];
    char message[512];
};

static inline struct run_counts run_update_with(const char *index, revue_update_options options) {
    const char *const roots[] = {at("archive")};
    revue_report *report = NULL;
    revue_error error = {0};
    struct run_counts counts = {0};
    if (options.root_count == 0) {
        options.roots = roots;
        options.root_count = 1;
    }
    options.threads = 1;
    counts.status = revue_update(at(index), &options, &report, &error);
    (void)snprintf(counts.message, sizeof counts.message, "%s", error.message);
    if (!report) return counts;
    counts.added = report->reviews_added;
    counts.changed = report->reviews_changed;
    counts.unchanged = report->reviews_unchanged;
    counts.deleted = report->reviews_deleted;
    counts.bad = report->reviews_bad;
    counts.total = report->reviews_total;
    counts.seen = report->sources_seen;
    counts.read = report->sources_new + report->sources_changed;
    counts.skipped = report->sources_skipped;
    counts.gone = report->sources_gone;
    counts.bytes_read = report->bytes_read;
    if (report->problem_count > 0)
        (void)snprintf(counts.first_problem, sizeof counts.first_problem, "%s: %s", report->problems[0].source,
                       report->problems[0].what);
    revue_report_free(report);
    return counts;
}

static inline struct run_counts run_update(const char *index) {
    struct run_counts counts = run_update_with(index, (revue_update_options){0});
    if (counts.status != REVUE_OK) fail_msg("update: status %d: %s", (int)counts.status, counts.message);
    return counts;
}

/* A call that must do. */
#define assert_done(expression)                                                                                            \
    do {                                                                                                                   \
        revue_status assert_status = (expression);                                                                         \
        if (assert_status != REVUE_OK) fail_msg("%s: status %d: %s", #expression, (int)assert_status, error.message);      \
    } while (0)

static inline revue_searcher *open_searcher(const char *index) {
    revue_searcher *searcher;
    revue_error error = {0};
    assert_done(revue_searcher_open(&searcher, at(index), &error));
    return searcher;
}

static inline int compare_ids(const void *left, const void *right) {
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* The ids of the reviews that hold a word, sorted, blanks between. */
static inline const char *found_by(revue_searcher *searcher, const char *word) {
    static char ids[4096];
    const char *sorted[256];
    revue_search_options options;
    revue_result *result;
    revue_error error = {0};
    revue_search_options_init(&options);
    options.n = sizeof sorted / sizeof *sorted;
    options.ids_only = true;
    assert_done(revue_search(searcher, word, strlen(word), &options, &result, &error));
    size_t count = revue_result_count(result), used = 0;
    for (size_t i = 0; i < count; i++)
        sorted[i] = revue_result_hit(result, i)->id;
    qsort(sorted, count, sizeof *sorted, compare_ids);
    ids[0] = '\0';
    for (size_t i = 0; i < count && used < sizeof ids; i++)
        used += (size_t)snprintf(ids + used, sizeof ids - used, "%s%s", used ? " " : "", sorted[i]);
    revue_result_free(result);
    return ids;
}

static inline const char *found_in(const char *index, const char *word) {
    revue_searcher *searcher = open_searcher(index);
    const char *ids = found_by(searcher, word);
    revue_searcher_close(searcher);
    return ids;
}

/* The body of a live review, "" when there is none. */
static inline const char *body_in(const char *index, const char *id) {
    static char bodies[4][4096];
    static unsigned next;
    char *body = bodies[next++ % 4];
    revue_searcher *searcher = open_searcher(index);
    revue_review *review = NULL;
    body[0] = '\0';
    if (revue_get(searcher, id, strlen(id), &review, NULL) == REVUE_OK)
        (void)snprintf(body, sizeof bodies[0], "%s", review->body ? review->body : "");
    revue_review_free(review);
    revue_searcher_close(searcher);
    return body;
}

/* All records of a table, as bytes to compare. */
static inline void dump_table(const char *index, enum store_table table, struct bytes *out) {
    store *opened;
    store_txn *txn;
    store_cursor *cursor;
    struct view key, value;
    revue_error error = {0};
    assert_done(store_open(&opened, at(index), STORE_READ_ALL, &error));
    assert_done(store_begin_read(opened, &txn, &error));
    assert_done(store_cursor_open(txn, table, &cursor, &error));
    revue_status status = store_cursor_at_or_after(cursor, view_of(NULL, 0), &key, &value, &error);
    for (; status == REVUE_OK; status = store_cursor_next(cursor, &key, &value, &error)) {
        bytes_append_view(out, key);
        bytes_append_view(out, value);
    }
    assert_int_equal(status, REVUE_NO_MATCH);
    store_cursor_close(cursor);
    store_abort(txn);
    store_close(opened);
    assert_false(out->failed);
}

static inline void assert_same_table(const char *index, const char *other, enum store_table table) {
    struct bytes a = {0}, b = {0};
    dump_table(index, table, &a);
    dump_table(other, table, &b);
    assert_int_equal(a.size, b.size);
    if (a.size) assert_memory_equal(a.data, b.data, a.size);
    bytes_free(&a);
    bytes_free(&b);
}

static inline size_t rows_in(const char *index, enum store_table table) {
    struct bytes rows = {0};
    size_t count = 0;
    dump_table(index, table, &rows);
    struct byte_reader reader = byte_reader_of(rows.data, rows.size);
    for (; byte_reader_left(&reader) > 0; count++) {
        (void)byte_reader_view(&reader);
        (void)byte_reader_view(&reader);
    }
    bytes_free(&rows);
    return count;
}

/* ---- faults ---- */

struct fault {
    unsigned until;
    atomic_uint seen; /* workers allocate, too */
};
static inline bool pass_until(void *context) {
    struct fault *fault = context;
    return atomic_fetch_add(&fault->seen, 1) != fault->until;
}

/* Lets every allocation, then every LMDB call of act fail once; act checks what is left and returns the status. steps: how
 * many of the calls are tried at most, spread evenly. */
static inline void fail_each_call(revue_status (*act)(void), void (*check)(revue_status status), unsigned steps) {
    for (int kind = 0; kind < 2; kind++) {
        struct fault fault = {.until = UINT32_MAX};
        atomic_init(&fault.seen, 0);
        void (*set_hook)(bool (*)(void *), void *) = kind == 0 ? memory_set_test_hook : store_set_test_hook;
        set_hook(pass_until, &fault);
        revue_status status = act();
        set_hook(NULL, NULL);
        assert_int_equal(status, REVUE_OK);
        check(status);
        unsigned calls = atomic_load(&fault.seen), step = calls / steps + 1;
        assert_true(calls > 10);
        for (unsigned until = 0; until < calls; until += until < steps / 2 ? 1 : step) {
            fault.until = until;
            atomic_store(&fault.seen, 0);
            set_hook(pass_until, &fault);
            status = act();
            set_hook(NULL, NULL);
            check(status);
        }
    }
}

#endif
