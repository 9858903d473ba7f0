/* test_reanalyse.c - the stored texts analysed anew: after another analysis made the index, without its archive. */
#include "tests/unit/indexer/index_test.h"

#include "indexer/format/manifest.h"

static bool analysis_differs(void) {
    revue_stats *stats;
    revue_error error = {0};
    assert_done(revue_stats_read(at("index"), false, &stats, &error));
    bool differs = stats->analysis_differs;
    revue_stats_free(stats);
    return differs;
}

/* As if an older build had made the index. */
static void set_another_analysis(void) {
    store *opened;
    store_txn *txn;
    struct manifest manifest;
    revue_error error = {0};
    assert_done(store_open(&opened, at("index"), STORE_WRITE, &error));
    assert_done(store_begin_write(opened, &txn, &error));
    assert_done(manifest_read(txn, &manifest, &error));
    manifest.fingerprint ^= 1;
    assert_done(manifest_write(txn, &manifest, &error));
    assert_done(store_commit(txn, &error));
    manifest_free(&manifest);
    store_close(opened);
}

static void make_index(revue_update_options options) {
    put_source(
        "a.jsonl",
        "{\"id\":\"a\",\"text\":\"the rooms of a calm house\",\"rating\":4}\n{\"id\":\"b\",\"text\":\"one room\"}\n");
    assert_int_equal(run_update_with("index", options).total, 2);
    assert_false(analysis_differs());
    set_another_analysis();
    assert_true(analysis_differs());
}

/* A root would be a part of every run of run_update_with. */
static revue_status reanalyse(uint64_t *total) {
    const revue_update_options options = {.reanalyse = true, .threads = 1};
    revue_report *report = NULL;
    revue_error error = {0};
    revue_status status = revue_update(at("index"), &options, &report, &error);
    *total = report ? report->reviews_total : 0;
    if (report) assert_int_equal(report->reviews_unchanged, *total);
    revue_report_free(report);
    return status;
}

static void test_the_archive_is_not_needed(void **state) {
    (void)state;
    uint64_t total;
    make_index((revue_update_options){0});
    take_source("a.jsonl");
    assert_int_equal(rmdir(at("archive")), 0);
    assert_int_equal(reanalyse(&total), REVUE_OK);
    assert_int_equal(total, 2);
    assert_false(analysis_differs());
    assert_string_equal(found_in("index", "rooms"), "a b");
    assert_string_equal(body_in("index", "a"), "the rooms of a calm house");
    revue_error error = {0};
    assert_done(revue_check(at("index"), NULL, NULL, &error));
    assert_int_equal(mkdir(at("archive"), 0777), 0);
}

/* Runs over the archive go on, and what is known of sources stays. */
static void test_other_runs_keep_saying_it(void **state) {
    (void)state;
    uint64_t total;
    make_index((revue_update_options){0});
    put_source("b.jsonl", "{\"id\":\"c\",\"text\":\"another room\"}\n");
    assert_int_equal(run_update("index").added, 1);
    assert_true(analysis_differs());
    assert_int_equal(reanalyse(&total), REVUE_OK);
    assert_int_equal(total, 3);
    struct run_counts counts = run_update("index");
    assert_int_equal(counts.read, 0);
    assert_int_equal(counts.unchanged, 3);
    /* What is replaced to the last review is no longer of the old analysis. */
    set_another_analysis();
    put_source("a.jsonl", "{\"id\":\"a\",\"text\":\"other rooms\"}\n{\"id\":\"b\",\"text\":\"no room\"}\n");
    put_source("b.jsonl", "{\"id\":\"c\",\"text\":\"a room of our own\"}\n");
    assert_int_equal(run_update("index").changed, 3);
    assert_false(analysis_differs());
}

static void test_refused(void **state) {
    (void)state;
    uint64_t total;
    make_index((revue_update_options){.no_text = true});
    assert_int_equal(reanalyse(&total), REVUE_USAGE);
    assert_true(analysis_differs());
    struct run_counts counts = run_update_with("index", (revue_update_options){.reanalyse = true}); /* names a root */
    assert_int_equal(counts.status, REVUE_USAGE);
    assert_non_null(strstr(counts.message, "--reanalyse is a run of its own"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_archive_is_not_needed, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_other_runs_keep_saying_it, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_refused, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
