/* test_check_clean.c - what is whole is said to be: indexes of all kinds, after runs of all kinds; and what revue_check
 * promises of the process that does the work. */
#include "tests/unit/check/check_test.h"

#include <pthread.h>
#include <signal.h>

static void update_root(const char *index, const char *root) {
    const char *const roots[] = {root};
    update_index(index, (revue_update_options){.roots = roots, .root_count = 1});
}

static void test_sample_corpus(void **state) {
    (void)state;
    update_root("index", REVUE_SOURCE_DIR "/corpus/sample");
    assert_clean("index");
}

static void test_random_archives(void **state) {
    (void)state;
    for (unsigned round = 0; round < 6; round++) {
        char index[16];
        (void)snprintf(index, sizeof index, "index%u", round);
        put_reviews("a.jsonl", 100 + round, 0, 1 + round * 90);
        revue_update_options options = with_columns();
        options.no_positions = round == 2;
        options.no_text = round == 3;
        update_index(index, options);
        assert_clean(index);
    }
}

/* Additions, changes, patches, deletions, blocks, shadows, sources that go and come again, merges by the policy. */
static void test_many_runs(void **state) {
    (void)state;
    uint64_t random = 5;
    for (unsigned run = 0; run < 24; run++) {
        char name[32], id[16];
        (void)snprintf(name, sizeof name, "%u.jsonl", random_below(&random, 5));
        put_reviews(name, 1 + random_below(&random, 3), random_below(&random, 60), 1 + random_below(&random, 60));
        revue_update_options options = with_columns();
        options.allow_shrink = true;
        update_index("index", options);
        (void)snprintf(id, sizeof id, "r%u", random_below(&random, 100));
        const char *const ids[] = {id};
        revue_delete_options deletion = {
            .id_count = run % 3 == 0, .ids = ids, .unblock_count = run % 5 == 4, .unblock = ids};
        revue_status status = revue_delete(at("index"), &deletion, NULL, NULL);
        assert_true(status == REVUE_OK || status == REVUE_NO_MATCH);
        assert_clean("index");
    }
}

static void test_compacted_and_copied(void **state) {
    (void)state;
    revue_error error = {0};
    const revue_compact_options options = {0};
    make_index("index", 90);
    assert_clean("index");
    assert_done(revue_copy(at("index"), at("copy"), NULL, &error));
    assert_clean("copy");
    assert_done(revue_compact(at("index"), &options, &error));
    assert_clean("index");
}

/* ---- what is no index, or not yet ---- */

static void test_not_an_index(void **state) {
    (void)state;
    struct said said;
    revue_error error = {0};
    assert_int_equal(check_aside("missing", &said, &error), REVUE_NO_INPUT);
    assert_non_null(strstr(error.message, "there is no index"));
    assert_int_equal(said.faults, 0);
    /* What never was an index has no faults; one that lost its CURRENT has. */
    assert_int_equal(check_aside("archive", &said, &error), REVUE_CORRUPT);
    assert_non_null(strstr(error.message, "archive is not an index: the file CURRENT is missing"));
    assert_int_equal(said.faults, 0);
    (void)run_update("index");
    assert_int_equal(unlink(at("index/CURRENT")), 0);
    assert_int_equal(check_aside("index", &said, &error), REVUE_CORRUPT);
    assert_int_equal(said.faults, 1);
    assert_non_null(strstr(said.first, "CURRENT is missing"));
    assert_int_equal(revue_check(at("missing"), NULL, NULL, NULL), REVUE_NO_INPUT);
}

static void test_never_written(void **state) {
    (void)state;
    struct said said;
    revue_error error = {0};
    store *made;
    assert_done(store_open(&made, at("index"), STORE_CREATE, &error));
    store_close(made);
    assert_int_equal(check_aside("index", &said, &error), REVUE_OK);
    assert_int_equal(said.faults, 0);
    assert_non_null(strstr(said.first_note, "no run has ended yet"));
}

/* A record of a segment that no manifest names. */
static void test_leftovers(void **state) {
    (void)state;
    struct said said;
    revue_error error = {0};
    make_index("index", 20);
    struct edit edit = edit_begin("index");
    struct key key = key_extent(77, KIND_POSTINGS, 0), chunk = key_column_chunk(77, COLUMN_OF_RATING, 0);
    assert_done(store_put(edit.txn, TABLE_SEGMENTS, key_view(&key), view_of_string("left"), &error));
    assert_done(store_put(edit.txn, TABLE_COLUMNS, key_view(&chunk), view_of_string("over"), &error));
    edit_end(&edit);
    assert_int_equal(check_aside("index", &said, &error), REVUE_OK);
    assert_int_equal(said.faults, 0);
    assert_int_equal(said.notes, 1);
    assert_non_null(strstr(said.first_note, "segment 77 is not in the manifest"));
    put_reviews("c.jsonl", 3, 500, 3);
    update_index("index", with_columns());
    assert_clean("index");
}

/* Another build's analysis: nothing is compared with it, and that is no fault. */
static void test_another_analysis(void **state) {
    (void)state;
    struct said said;
    revue_error error = {0};
    make_index("index", 20);
    struct edit edit = edit_begin("index");
    struct manifest manifest = edit_read_manifest(&edit);
    manifest.fingerprint ^= 1;
    edit_manifest(&edit, &manifest);
    edit_end(&edit);
    assert_int_equal(check_aside("index", &said, &error), REVUE_OK);
    assert_non_null(strstr(said.first_note, "another analysis"));
}

/* ---- the process ---- */

static void leave_a_trace(void) {
    int file = open(at("left"), O_CREAT | O_WRONLY, 0666);
    if (file >= 0) (void)close(file);
}

/* What the caller has buffered is written once, its exit functions are not run, its searchers go on, its signals are as
 * they were. */
static void test_caller_is_left_alone(void **state) {
    (void)state;
    struct said said;
    revue_error error = {0};
    struct stat about;
    make_index("index", 30);
    revue_searcher *searcher = open_searcher("index");
    assert_true(strlen(found_by(searcher, "film")) > 0);
    FILE *file = fopen(at("buffered"), "w");
    assert_non_null(file);
    (void)fputs("once\n", file);
    assert_int_equal(atexit(leave_a_trace), 0);
    assert_int_equal(check_aside("index", &said, &error), REVUE_OK);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(stat(at("buffered"), &about), 0);
    assert_int_equal(about.st_size, 5);
    assert_false(path_exists(at("left")));
    assert_true(strlen(found_by(searcher, "film")) > 0);
    revue_searcher_close(searcher);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
}

/* Nobody is told of the child's end: its own word is enough. */
static void test_children_are_ignored(void **state) {
    (void)state;
    struct said said;
    revue_error error = {0};
    make_index("index", 10);
    void (*before)(int) = signal(SIGCHLD, SIG_IGN);
    assert_int_equal(check_aside("index", &said, &error), REVUE_OK);
    (void)signal(SIGCHLD, before);
}

static void *check_often(void *context) {
    bool *is_done = context;
    for (int i = 0; i < 5; i++)
        if (revue_check(at("index"), NULL, NULL, NULL) != REVUE_OK) return NULL;
    *is_done = true;
    return NULL;
}

#if !defined(__has_feature) /* gcc says it by a macro, clang by this */
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define ALLOCATOR_SURVIVES_FORK 0
#else
#define ALLOCATOR_SURVIVES_FORK 1
#endif

/* Threads that check while others search and open and close the same environment. AddressSanitizer's allocator is one of
 * those that revue.h excepts: a lock of it that another thread holds at the fork stays locked in the child. */
static void test_threads(void **state) {
    (void)state;
    if (!ALLOCATOR_SURVIVES_FORK) skip();
    pthread_t threads[3];
    bool is_done[3] = {false};
    make_index("index", 30);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, check_often, &is_done[i]), 0);
    for (int i = 0; i < 40; i++)
        revue_searcher_close(open_searcher("index"));
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(is_done[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sample_corpus, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_random_archives, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_many_runs, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_compacted_and_copied, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_not_an_index, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_never_written, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_leftovers, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_another_analysis, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_caller_is_left_alone, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_children_are_ignored, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_threads, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
