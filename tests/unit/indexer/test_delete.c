/* test_delete.c - what is deleted by hand stays out of later runs; what is unblocked comes back with the next one, changed
 * or not. */
#include "tests/unit/indexer/index_test.h"

static revue_status delete_with(revue_delete_options options, uint64_t *deleted, revue_error *error) {
    *deleted = 0;
    return revue_delete(at("index"), &options, deleted, error);
}

static revue_status delete_id(const char *id, uint64_t *deleted) {
    return delete_with((revue_delete_options){.ids = &id, .id_count = 1}, deleted, NULL);
}

static revue_status delete_source(const char *pattern, uint64_t *deleted) {
    return delete_with((revue_delete_options){.sources = &pattern, .source_count = 1}, deleted, NULL);
}

static revue_status unblock(const char *name) {
    uint64_t deleted;
    return delete_with((revue_delete_options){.unblock = &name, .unblock_count = 1}, &deleted, NULL);
}

static uint64_t blocked_rows(void) {
    revue_stats *stats;
    revue_error error = {0};
    assert_done(revue_stats_read(at("index"), false, &stats, &error));
    uint64_t blocked = stats->blocked;
    revue_stats_free(stats);
    assert_int_equal(blocked, rows_in("index", TABLE_BLOCKS));
    return blocked;
}

static void make_index(void) {
    put_source("a.jsonl", "{\"id\":\"a1\",\"text\":\"first film\"}\n{\"id\":\"a2\",\"text\":\"second film\"}\n");
    assert_int_equal(mkdir(at("archive/spam"), 0777), 0);
    put_source("spam/x.jsonl", "{\"id\":\"x1\",\"text\":\"buy this film\"}\n{\"id\":\"x2\",\"text\":\"buy that film\"}\n");
    put_source("spam/y.txt", "Buy every film.\n");
    assert_int_equal(run_update("index").total, 5);
}

static void test_an_id_stays_out_and_comes_back(void **state) {
    (void)state;
    uint64_t deleted;
    make_index();
    assert_int_equal(delete_id("a1", &deleted), REVUE_OK);
    assert_int_equal(deleted, 1);
    assert_int_equal(blocked_rows(), 1);
    assert_string_equal(found_in("index", "first"), "");
    put_source("a.jsonl", "{\"id\":\"a1\",\"text\":\"first film\"}\n{\"id\":\"a2\",\"text\":\"second film, again\"}\n");
    assert_int_equal(run_update("index").total, 4);
    assert_int_equal(run_update("index").read, 0);
    assert_int_equal(unblock("a1"), REVUE_OK);
    assert_int_equal(blocked_rows(), 0);
    assert_string_equal(found_in("index", "first"), "");
    struct run_counts counts = run_update("index"); /* the source did not change */
    assert_int_equal(counts.read, 1);
    assert_int_equal(counts.added, 1);
    assert_int_equal(counts.total, 5);
    assert_string_equal(found_in("index", "first"), "a1");
    assert_int_equal(run_update("index").read, 0);
}

static void test_an_id_given_twice_is_not_missing(void **state) {
    (void)state;
    const char *const ids[] = {"a1", "a1"};
    uint64_t deleted;
    revue_error error = {0};
    make_index();
    assert_int_equal(delete_with((revue_delete_options){.ids = ids, .id_count = 2}, &deleted, &error), REVUE_OK);
    assert_int_equal(deleted, 1);
    assert_int_equal(blocked_rows(), 1);
    assert_int_equal(run_update("index").added, 0);
    assert_int_equal(unblock("a1"), REVUE_OK);
    assert_int_equal(run_update("index").added, 1);
}

/* Unblocked before any run met it as blocked. */
static void test_an_id_comes_back_at_once(void **state) {
    (void)state;
    uint64_t deleted;
    make_index();
    assert_int_equal(delete_id("archive/spam/y.txt", &deleted), REVUE_OK);
    assert_int_equal(unblock("archive/spam/y.txt"), REVUE_OK);
    assert_int_equal(run_update("index").added, 1);
    assert_string_equal(found_in("index", "every"), "archive/spam/y.txt");
}

static void test_an_id_blocked_before_it_came(void **state) {
    (void)state;
    uint64_t deleted;
    make_index();
    assert_int_equal(delete_id("n1", &deleted), REVUE_NO_MATCH);
    assert_int_equal(deleted, 0);
    put_source("n.jsonl", "{\"id\":\"n1\",\"text\":\"a new walrus\"}\n{\"id\":\"n2\",\"text\":\"a new film\"}\n");
    assert_int_equal(run_update("index").total, 6);
    assert_string_equal(found_in("index", "walrus"), "");
    assert_int_equal(unblock("n1"), REVUE_OK);
    assert_int_equal(run_update("index").added, 1);
    assert_string_equal(found_in("index", "walrus"), "n1");
}

static void test_sources_stay_out_and_come_back(void **state) {
    (void)state;
    uint64_t deleted;
    make_index();
    assert_int_equal(delete_source("spam/*", &deleted), REVUE_OK);
    assert_int_equal(deleted, 3);
    assert_int_equal(blocked_rows(), 1);
    assert_string_equal(found_in("index", "film"), "a1 a2");
    assert_int_equal(rows_in("index", TABLE_SOURCES), 3);
    struct run_counts counts = run_update("index");
    assert_int_equal(counts.total, 2);
    assert_int_equal(counts.skipped, 2);
    assert_int_equal(counts.seen, 1);
    /* Changed and new ones, too, and a full run. */
    put_source("spam/x.jsonl", "{\"id\":\"x1\",\"text\":\"buy this film now\"}\n");
    put_source("spam/z.txt", "Buy a film.\n");
    assert_int_equal(run_update("index").total, 2);
    assert_int_equal(run_update_with("index", (revue_update_options){.full = true}).total, 2);
    assert_int_equal(unblock("spam/*"), REVUE_OK);
    assert_int_equal(blocked_rows(), 0);
    counts = run_update("index");
    assert_int_equal(counts.added, 3);
    assert_int_equal(counts.total, 5);
    assert_string_equal(found_in("index", "buy"), "archive/spam/y.txt archive/spam/z.txt x1");
    assert_int_equal(run_update("index").read, 0);
}

static void test_the_last_part_of_a_name_will_do(void **state) {
    (void)state;
    uint64_t deleted;
    make_index();
    assert_int_equal(delete_source("x.jsonl", &deleted), REVUE_OK);
    assert_int_equal(deleted, 2);
    assert_int_equal(delete_source("nothing*", &deleted), REVUE_NO_MATCH);
    assert_int_equal(deleted, 0);
    assert_int_equal(unblock("spam/x.jsonl"), REVUE_NO_MATCH); /* that was not the pattern */
    assert_int_equal(unblock("x.jsonl"), REVUE_OK);
    assert_int_equal(unblock("x.jsonl"), REVUE_NO_MATCH);
    assert_int_equal(run_update("index").total, 5);
}

/* One pattern goes, another one still matches. */
static void test_two_patterns(void **state) {
    (void)state;
    uint64_t deleted;
    make_index();
    assert_int_equal(delete_source("spam/*", &deleted), REVUE_OK);
    assert_int_equal(delete_source("*.txt", &deleted), REVUE_OK);
    assert_int_equal(deleted, 0);
    assert_int_equal(unblock("spam/*"), REVUE_OK);
    assert_int_equal(run_update("index").total, 4);
    assert_string_equal(found_in("index", "buy"), "x1 x2");
}

static void make_container(const char *name, const char *members) {
    char line[1024];
    (void)snprintf(line, sizeof line,
                   "cd %s && printf 'A member film.\\n' > m.txt && printf 'Another member film.\\n' > n.txt && "
                   "tar cf archive/%s %s && rm m.txt n.txt && touch -d 2018-01-02 archive/%s",
                   folder, name, members, name);
    assert_int_equal(system(line), 0);
}

static void test_members_and_containers(void **state) {
    (void)state;
    uint64_t deleted;
    make_container("box.tar", "m.txt n.txt");
    put_source("a.txt", "A film.\n");
    assert_int_equal(run_update("index").total, 3);
    assert_int_equal(delete_source("box.tar!n.txt", &deleted), REVUE_OK);
    assert_int_equal(deleted, 1);
    assert_int_equal(run_update("index").total, 2);
    assert_int_equal(run_update("index").read, 0);
    assert_int_equal(unblock("box.tar!n.txt"), REVUE_OK);
    assert_int_equal(run_update("index").total, 3);
    assert_int_equal(run_update("index").read, 0);
    assert_int_equal(delete_source("box.tar", &deleted), REVUE_OK);
    assert_int_equal(deleted, 2);
    assert_int_equal(run_update("index").total, 1);
    assert_int_equal(run_update_with("index", (revue_update_options){.full = true}).total, 1);
    assert_int_equal(unblock("box.tar"), REVUE_OK);
    assert_int_equal(run_update("index").total, 3);
}

static void test_together(void **state) {
    (void)state;
    const char *const ids[] = {"a1", "missing", "a1"}, *const sources[] = {"spam/y.txt"}, *const back[] = {"missing"};
    const revue_delete_options options = {
        .ids = ids, .id_count = 3, .sources = sources, .source_count = 1, .unblock = back, .unblock_count = 1};
    uint64_t deleted;
    revue_error error = {0};
    make_index();
    assert_int_equal(delete_with(options, &deleted, &error), REVUE_NO_MATCH);
    assert_int_equal(deleted, 2);
    assert_int_equal(blocked_rows(), 3); /* unblocking comes first */
    assert_int_equal(run_update("index").total, 3);
}

static void test_refusals(void **state) {
    (void)state;
    char longer[600];
    uint64_t deleted;
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    assert_int_equal(delete_id("a1", &deleted), REVUE_NO_INPUT);
    make_index();
    assert_int_equal(delete_id("", &deleted), REVUE_USAGE);
    assert_int_equal(delete_id(longer, &deleted), REVUE_USAGE);
    assert_int_equal(delete_source("", &deleted), REVUE_USAGE);
    assert_int_equal(delete_source(longer, &deleted), REVUE_USAGE);
    assert_int_equal(unblock(longer), REVUE_USAGE);
    assert_int_equal(blocked_rows(), 0);
}

/* ---- faults ---- */

static revue_status act(void) {
    const char *const ids[] = {"a1"}, *const sources[] = {"spam/*"};
    const revue_delete_options options = {.ids = ids, .id_count = 1, .sources = sources, .source_count = 1};
    uint64_t deleted;
    return delete_with(options, &deleted, NULL);
}

/* Deleted all, or nothing; then as before for the next try. */
static void check(revue_status status) {
    const char *found = found_in("index", "film");
    bool is_done = strcmp(found, "a2") == 0;
    assert_true(is_done || (status != REVUE_OK && strcmp(found, "a1 a2 archive/spam/y.txt x1 x2") == 0));
    if (!is_done) return;
    assert_int_equal(unblock("a1"), REVUE_OK);
    assert_int_equal(unblock("spam/*"), REVUE_OK);
    assert_int_equal(run_update("index").total, 5);
    assert_int_equal(blocked_rows(), 0);
}

static void test_faults(void **state) {
    (void)state;
    make_index();
    fail_each_call(act, check, 150);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_an_id_stays_out_and_comes_back, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_an_id_given_twice_is_not_missing, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_an_id_comes_back_at_once, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_an_id_blocked_before_it_came, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_sources_stay_out_and_come_back, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_the_last_part_of_a_name_will_do, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_two_patterns, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_members_and_containers, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_together, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_refusals, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_faults, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
