/* test_update_roots.c - which roots are remembered, how one is forgotten, and when a run is refused since a root shrinks.
 */
#include "tests/unit/indexer/index_test.h"

static struct run_counts update_roots(const char *const *roots, size_t count, revue_update_options options) {
    options.roots = roots;
    options.root_count = count;
    return run_update_with("index", options);
}

/* The run of a timer: whatever is remembered. */
static struct run_counts update_remembered(revue_update_options options) {
    revue_report *report = NULL;
    revue_error error = {0};
    struct run_counts counts = {0};
    options.threads = 1;
    counts.status = revue_update(at("index"), &options, &report, &error);
    if (!report) return counts;
    counts.total = report->reviews_total;
    counts.deleted = report->reviews_deleted;
    counts.added = report->reviews_added;
    counts.unchanged = report->reviews_unchanged;
    revue_report_free(report);
    return counts;
}

/* A second root beside the archive, of one review that the archive gives, too, and one of its own. */
static void make_two_roots(void) {
    char other[512];
    (void)snprintf(other, sizeof other, "%s", at("other"));
    put_source("z.jsonl", "{\"id\":\"shared\",\"text\":\"from the archive\"}\n{\"id\":\"z1\",\"text\":\"zebra\"}\n");
    assert_int_equal(rename(at("archive"), at("kept")), 0);
    assert_int_equal(mkdir(at("archive"), 0777), 0);
    put_source("o.jsonl", "{\"id\":\"shared\",\"text\":\"from the other\"}\n{\"id\":\"o1\",\"text\":\"zebra\"}\n");
    assert_int_equal(rename(at("archive"), other), 0);
    assert_int_equal(rename(at("kept"), at("archive")), 0);
    const char *const roots[] = {other, at("archive")};
    struct run_counts counts = update_roots(roots, 2, (revue_update_options){0});
    assert_int_equal(counts.status, REVUE_OK);
    assert_int_equal(counts.total, 3);
    assert_string_equal(body_in("index", "shared"), "from the other");
}

static revue_status forget_other(void) {
    char other[512];
    (void)snprintf(other, sizeof other, "%s/", at("other"));
    const char *const pattern[] = {other};
    const revue_delete_options options = {.sources = pattern, .source_count = 1};
    uint64_t deleted;
    return revue_delete(at("index"), &options, &deleted, NULL);
}

static void test_a_missing_root_is_not_remembered(void **state) {
    (void)state;
    const char *const both[] = {at("nowhere"), at("archive")};
    put_source("a.txt", "A zebra.\n");
    struct run_counts counts = update_roots(both, 2, (revue_update_options){0});
    assert_int_equal(counts.status, REVUE_NO_INPUT);
    assert_int_equal(counts.total, 1);
    assert_int_equal(update_remembered((revue_update_options){0}).status, REVUE_OK);
    /* It was not given a number either: what comes next has the second. */
    assert_int_equal(mkdir(at("nowhere"), 0777), 0);
    assert_int_equal(update_roots(both, 1, (revue_update_options){0}).status, REVUE_OK);
    assert_int_equal(update_remembered((revue_update_options){0}).unchanged, 1);
    assert_string_equal(found_in("index", "zebra"), "archive/a.txt");
}

static void test_a_first_run_that_fails_leaves_nothing(void **state) {
    (void)state;
    char path[512];
    const char *const nowhere[] = {path};
    (void)snprintf(path, sizeof path, "%s", at("nowhere"));
    assert_int_equal(update_roots(nowhere, 1, (revue_update_options){0}).status, REVUE_NO_INPUT);
    assert_false(path_exists(at("index")));
    put_source("a.jsonl", "no record\n");
    assert_int_equal(run_update_with("index", (revue_update_options){0}).status, REVUE_INVALID);
    assert_false(path_exists(at("index")));
    assert_int_equal(run_update_with("index", (revue_update_options){.lang = "--"}).status, REVUE_USAGE);
    assert_false(path_exists(at("index")));
    /* A folder that was there stays. */
    assert_int_equal(mkdir(at("index"), 0777), 0);
    assert_int_equal(update_roots(nowhere, 1, (revue_update_options){0}).status, REVUE_NO_INPUT);
    assert_true(path_exists(at("index")));
    put_source("a.jsonl", "{\"text\":\"A zebra\"}\n");
    assert_int_equal(run_update("index").total, 1);
}

static void test_a_forgotten_root(void **state) {
    (void)state;
    make_two_roots();
    assert_int_equal(forget_other(), REVUE_OK);
    assert_string_equal(found_in("index", "zebra"), "z1");
    assert_int_equal(rows_in("index", TABLE_SOURCES), 1);
    assert_int_equal(rows_in("index", TABLE_SHADOWS), 0 + 1); /* of the archive, until it takes over */
    struct run_counts counts = update_remembered((revue_update_options){0});
    assert_int_equal(counts.status, REVUE_OK);
    assert_int_equal(counts.total, 2);
    assert_string_equal(body_in("index", "shared"), "from the archive");
    assert_int_equal(rows_in("index", TABLE_SHADOWS), 0);
    /* Named again, it has its place before the archive again. */
    const char *const other[] = {at("other")};
    assert_int_equal(update_roots(other, 1, (revue_update_options){0}).status, REVUE_OK);
    assert_int_equal(update_remembered((revue_update_options){0}).total, 3);
    assert_string_equal(found_in("index", "zebra"), "o1 z1");
}

/* A failure after the commit, of merging, leaves the root forgotten. */
static void check_forgotten(revue_status status) {
    struct run_counts counts = update_remembered((revue_update_options){0});
    assert_int_equal(counts.status, REVUE_OK);
    assert_true(counts.total == 2 || (counts.total == 3 && status != REVUE_OK));
    const char *const roots[] = {at("other"), at("archive")};
    assert_int_equal(update_roots(roots, 2, (revue_update_options){0}).total, 3);
}

static void test_faults(void **state) {
    (void)state;
    make_two_roots();
    fail_each_call(forget_other, check_forgotten, 40);
}

/* ---- shrinking ---- */

static void put_reviews(const char *name, unsigned count) {
    struct bytes text = {0};
    for (unsigned i = 0; i < count; i++)
        bytes_append_format(&text, "{\"id\":\"%c%u\",\"text\":\"zebra\"}\n", name[0], i);
    bytes_append_u8(&text, '\0');
    assert_false(text.failed);
    put_source(name, (const char *)text.data);
    bytes_free(&text);
}

static void test_what_may_go(void **state) {
    (void)state;
    put_reviews("a.jsonl", 200);
    put_reviews("b.jsonl", 200);
    assert_int_equal(run_update("index").total, 400);
    put_reviews("a.jsonl", 80); /* 120 are 30 % of 400 */
    assert_int_equal(run_update("index").deleted, 120);
    put_reviews("b.jsonl", 99); /* 101 of 280 are more */
    struct run_counts counts = run_update_with("index", (revue_update_options){0});
    assert_int_equal(counts.status, REVUE_INVALID);
    assert_int_equal(counts.deleted, 0);
    assert_int_equal(counts.total, 280);
    assert_non_null(strstr(counts.first_problem, "101 of its 280 reviews would be deleted"));
    put_reviews("b.jsonl", 100); /* 100 may always go */
    assert_int_equal(run_update("index").total, 180);
    take_source("a.jsonl");
    take_source("b.jsonl");
    assert_int_equal(run_update_with("index", (revue_update_options){0}).status, REVUE_INVALID);
    assert_int_equal(run_update_with("index", (revue_update_options){.keep_gone = true}).total, 180);
    counts = run_update_with("index", (revue_update_options){.allow_shrink = true});
    assert_int_equal(counts.status, REVUE_OK);
    assert_int_equal(counts.deleted, 180);
}

/* Reviews that came under another source did not vanish. */
static void test_a_rename_is_no_shrinking(void **state) {
    (void)state;
    put_reviews("a.jsonl", 300);
    assert_int_equal(run_update("index").total, 300);
    take_source("a.jsonl");
    put_reviews("again.jsonl", 300);
    struct run_counts counts = run_update("index");
    assert_int_equal(counts.unchanged, 300);
    assert_int_equal(counts.deleted, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_folder, remove_folder)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_a_missing_root_is_not_remembered),
        TEST(test_a_first_run_that_fails_leaves_nothing),
        TEST(test_a_forgotten_root),
        TEST(test_faults),
        TEST(test_what_may_go),
        TEST(test_a_rename_is_no_shrinking),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
