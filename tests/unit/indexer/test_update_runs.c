/* test_update_runs.c - runs over an archive that changes: ids that several sources give, and rating scales. Whatever
 * happens to an archive, the index holds what a build at once of the archive would. */
#include "tests/unit/indexer/index_test.h"

#include <math.h>

/* ---- shadows ---- */

#define SHARED(text) "{\"id\":\"shared\",\"text\":\"" text "\"}\n"
#define OWN(id) "{\"id\":\"" id "\",\"text\":\"something else\"}\n"

/* Three sources give one id: the first has it. */
static void make_three(void) {
    put_source("a.jsonl", SHARED("from a") OWN("a1"));
    put_source("b.jsonl", SHARED("from b") OWN("b1"));
    put_source("c.jsonl", SHARED("from c") OWN("c1"));
    struct run_counts counts = run_update("index");
    assert_int_equal(counts.total, 4);
    assert_int_equal(counts.bad, 2);
    assert_string_equal(counts.first_problem, "b.jsonl: id shared was given by an earlier review");
    assert_int_equal(rows_in("index", TABLE_SHADOWS), 2);
}

static void test_the_first_wins_and_it_is_said_once(void **state) {
    (void)state;
    make_three();
    assert_string_equal(body_in("index", "shared"), "from a");
    put_source("b.jsonl", SHARED("from b, changed") OWN("b1"));
    struct run_counts counts = run_update("index");
    assert_int_equal(counts.bad, 0);
    assert_int_equal(counts.total, 4);
    assert_string_equal(body_in("index", "shared"), "from a");
    put_source("d.jsonl", SHARED("from d"));
    assert_int_equal(run_update("index").bad, 1);
}

static void test_the_winner_is_gone(void **state) {
    (void)state;
    make_three();
    take_source("a.jsonl");
    struct run_counts counts = run_update("index");
    assert_string_equal(body_in("index", "shared"), "from b");
    assert_int_equal(counts.total, 3);
    assert_int_equal(counts.gone, 1);
    assert_int_equal(counts.deleted, 1); /* a1 */
    assert_int_equal(counts.changed, 1);
    assert_int_equal(counts.unchanged, 2);
    assert_int_equal(counts.bad, 0);
    take_source("b.jsonl");
    assert_int_equal(run_update("index").total, 2);
    assert_string_equal(body_in("index", "shared"), "from c");
    assert_int_equal(rows_in("index", TABLE_SHADOWS), 0);
    assert_int_equal(run_update("index").read, 0);
}

static void test_the_winner_lost_the_record(void **state) {
    (void)state;
    make_three();
    put_source("a.jsonl", OWN("a1"));
    struct run_counts counts = run_update("index");
    assert_string_equal(body_in("index", "shared"), "from b");
    assert_int_equal(counts.total, 4);
    assert_int_equal(counts.unchanged, 3);
    /* And has it again: it is the first. */
    put_source("a.jsonl", OWN("a1") SHARED("from a again"));
    counts = run_update("index");
    assert_string_equal(body_in("index", "shared"), "from a again");
    assert_int_equal(counts.total, 4);
    assert_int_equal(counts.unchanged + counts.changed + counts.added, 4);
    assert_int_equal(rows_in("index", TABLE_SHADOWS), 2);
}

static void test_the_winner_was_deleted_as_source(void **state) {
    (void)state;
    const char *const pattern[] = {"a.jsonl"};
    const revue_delete_options deletion = {.sources = pattern, .source_count = 1};
    const revue_delete_options unblocking = {.unblock = pattern, .unblock_count = 1};
    revue_error error = {0};
    uint64_t deleted;
    make_three();
    assert_done(revue_delete(at("index"), &deletion, &deleted, &error));
    assert_int_equal(deleted, 2);
    assert_string_equal(body_in("index", "shared"), "");
    struct run_counts counts = run_update("index");
    assert_string_equal(body_in("index", "shared"), "from b");
    assert_int_equal(counts.total, 3);
    assert_int_equal(run_update("index").read, 0);
    assert_done(revue_delete(at("index"), &unblocking, &deleted, &error));
    assert_int_equal(run_update("index").total, 4);
    assert_string_equal(body_in("index", "shared"), "from a");
}

/* A blocked id has no heirs. */
static void test_the_winner_was_deleted_by_id(void **state) {
    (void)state;
    const char *const id[] = {"shared"};
    const revue_delete_options deletion = {.ids = id, .id_count = 1}, unblocking = {.unblock = id, .unblock_count = 1};
    revue_error error = {0};
    uint64_t deleted;
    make_three();
    assert_done(revue_delete(at("index"), &deletion, &deleted, &error));
    take_source("a.jsonl");
    assert_int_equal(run_update("index").total, 2);
    assert_string_equal(body_in("index", "shared"), "");
    assert_done(revue_delete(at("index"), &unblocking, &deleted, &error));
    assert_int_equal(run_update("index").total, 3);
    assert_string_equal(body_in("index", "shared"), "from b");
}

/* A source that comes before the one that has the id takes it from there, although that one did not change. */
static void test_a_new_source_comes_first(void **state) {
    (void)state;
    make_three();
    put_source("0.jsonl", SHARED("from 0"));
    struct run_counts counts = run_update("index");
    assert_string_equal(body_in("index", "shared"), "from 0");
    assert_int_equal(counts.total, 4);
    assert_int_equal(counts.unchanged + counts.changed + counts.added, 4);
    take_source("0.jsonl");
    assert_int_equal(run_update("index").total, 4);
    assert_string_equal(body_in("index", "shared"), "from a");
}

/* The source of the shadow comes before a changed one that gives the id, too. */
static void test_a_shadow_comes_before_what_is_read(void **state) {
    (void)state;
    make_three();
    take_source("a.jsonl");
    put_source("c.jsonl", SHARED("from c, changed") OWN("c1"));
    put_source("d.jsonl", SHARED("from d"));
    assert_int_equal(run_update("index").total, 3);
    assert_string_equal(body_in("index", "shared"), "from b");
}

/* ---- any history ---- */

static uint64_t random_state;

static unsigned random_below(unsigned limit) {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(random_state >> 33) % limit;
}

#define SOURCES 5u
#define IDS 6u

static void put_random_source(unsigned source) {
    char name[32], content[2048] = "";
    (void)snprintf(name, sizeof name, "%c.jsonl", 'a' + (char)source);
    for (unsigned i = random_below(4) + 1; i > 0; i--) {
        size_t used = strlen(content);
        (void)snprintf(content + used, sizeof content - used, "{\"id\":\"i%u\",\"text\":\"%s word%u\",\"rating\":%u}\n",
                       random_below(IDS), name, random_below(3), random_below(2) ? 5 : 10);
    }
    put_source(name, content);
}

static void change_archive(void) {
    char name[64];
    for (unsigned source = 0; source < SOURCES; source++) {
        (void)snprintf(name, sizeof name, "archive/%c.jsonl", 'a' + (char)source);
        unsigned what = random_below(4);
        if (what == 0) put_random_source(source);
        if (what == 1 && path_exists(at(name))) take_source(name + strlen("archive/"));
    }
    put_source("keep.jsonl", OWN("k"));
}

static void assert_as_built_at_once(void) {
    char id[8];
    revue_error error = {0};
    assert_int_equal(run_update("fresh").status, REVUE_OK);
    revue_searcher *ours = open_searcher("index"), *theirs = open_searcher("fresh");
    assert_int_equal(revue_searcher_reviews(ours), revue_searcher_reviews(theirs));
    for (unsigned i = 0; i < IDS; i++) {
        revue_review *a = NULL, *b = NULL;
        (void)snprintf(id, sizeof id, "i%u", i);
        revue_status status = revue_get(theirs, id, strlen(id), &b, &error);
        assert_int_equal(revue_get(ours, id, strlen(id), &a, &error), status);
        if (status == REVUE_OK) {
            assert_string_equal(a->body, b->body);
            assert_true(a->rating == b->rating);
            assert_true(a->stars == b->stars);
        }
        revue_review_free(a);
        revue_review_free(b);
    }
    revue_searcher_close(ours);
    revue_searcher_close(theirs);
    temporary_folder_remove(at("fresh"));
}

static void test_any_history_ends_as_if_built_at_once(void **state) {
    (void)state;
    const revue_compact_options compact = {0};
    revue_error error = {0};
    for (unsigned seed = 1; seed <= 6; seed++) {
        random_state = seed;
        for (unsigned run = 0; run < 12; run++) {
            change_archive();
            struct run_counts counts = run_update("index");
            assert_int_equal(counts.added + counts.changed + counts.unchanged, counts.total);
            assert_as_built_at_once();
            if (random_below(6) == 0) assert_done(revue_compact(at("index"), &compact, &error));
        }
        temporary_folder_remove(at("index"));
        temporary_folder_remove(at("archive"));
        assert_int_equal(mkdir(at("archive"), 0777), 0);
    }
}

/* ---- stopping ---- */

static int stop_at_once(void *context) {
    (void)context;
    return 15;
}

/* Changed sources that a stopped run did not reach keep their reviews. */
static void test_a_stopped_run_deletes_nothing(void **state) {
    (void)state;
    make_three();
    put_source("b.jsonl", OWN("b2"));
    take_source("c.jsonl");
    struct run_counts counts = run_update_with("index", (revue_update_options){.should_stop = stop_at_once});
    assert_int_equal(counts.status, REVUE_TERMINATED);
    assert_int_equal(counts.total, 4);
    assert_int_equal(run_update("index").total, 3);
    assert_string_equal(found_in("index", "something"), "a1 b2");
}

/* ---- rating scales ---- */

static double stars_of(const char *id) {
    revue_searcher *searcher = open_searcher("index");
    revue_review *review = NULL;
    revue_error error = {0};
    assert_done(revue_get(searcher, id, strlen(id), &review, &error));
    double stars = review->has_stars ? review->stars : -1;
    revue_review_free(review);
    revue_searcher_close(searcher);
    return stars;
}

#define RATED(id, rating) "{\"id\":\"" id "\",\"text\":\"rated\",\"rating\":" rating "}\n"

/* What is added in a later run is rated on the scale of the whole source, and what was there follows it. */
static void test_a_source_grows_out_of_its_scale(void **state) {
    (void)state;
    put_source("a.jsonl", RATED("r1", "4") RATED("r2", "5"));
    (void)run_update("index");
    assert_true(stars_of("r1") == 4);
    put_source("a.jsonl", RATED("r1", "4") RATED("r2", "5") RATED("r3", "8"));
    struct run_counts counts = run_update("index");
    assert_int_equal(counts.unchanged, 2);
    assert_true(stars_of("r3") == 4);
    assert_true(stars_of("r1") == 2);
    assert_true(stars_of("r2") == 2.5);
    put_source("a.jsonl", RATED("r1", "4"));
    (void)run_update("index");
    assert_true(stars_of("r1") == 4);
}

/* Standard input adds to what it gave before: the new part alone would be taken for one of five stars. */
static void test_what_is_added_knows_the_scale(void **state) {
    (void)state;
    const char *const roots[] = {"-"};
    const revue_update_options options = {.roots = roots, .root_count = 1, .source_name = "crawl"};
    const char *const parts[] = {RATED("r1", "9"), RATED("r2", "4")};
    int saved = dup(STDIN_FILENO);
    for (size_t i = 0; i < 2; i++) {
        put_source("part", parts[i]);
        int file = open(at("archive/part"), O_RDONLY);
        assert_true(file >= 0 && dup2(file, STDIN_FILENO) == STDIN_FILENO);
        (void)close(file);
        assert_int_equal(run_update_with("index", options).total, i + 1);
    }
    assert_int_equal(dup2(saved, STDIN_FILENO), STDIN_FILENO);
    (void)close(saved);
    assert_true(stars_of("r1") == 4.5);
    assert_true(stars_of("r2") == 2);
}

/* Only one record of the archive names its scale: it keeps it. */
static void test_an_own_scale_stays(void **state) {
    (void)state;
    put_source("a.jsonl", RATED("r1", "\"4 of 4\"") RATED("r2", "\"8/10\"") RATED("r3", "3"));
    (void)run_update("index");
    assert_true(stars_of("r2") == 4);
    put_source("a.jsonl", RATED("r1", "\"4 of 4\"") RATED("r2", "\"8/10\"") RATED("r3", "3") RATED("r4", "10"));
    (void)run_update("index");
    assert_true(stars_of("r2") == 4);
    assert_true(stars_of("r3") == 1.5);
    assert_true(stars_of("r4") == 5);
}

/* What no command line can say, but a program. */
static void test_options_out_of_range(void **state) {
    (void)state;
    const revue_update_options wrong[] = {
        {.format = (revue_format)77}, {.rating_max = -1}, {.rating_max = NAN}, {.rating_max = INFINITY}};
    put_source("a.jsonl", RATED("r1", "4"));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct run_counts counts = run_update_with("index", wrong[i]);
        assert_int_equal(counts.status, REVUE_USAGE);
        assert_true(counts.message[0] != '\0');
        assert_false(path_exists(at("index")));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_first_wins_and_it_is_said_once, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_the_winner_is_gone, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_the_winner_lost_the_record, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_the_winner_was_deleted_as_source, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_the_winner_was_deleted_by_id, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_a_new_source_comes_first, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_a_shadow_comes_before_what_is_read, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_any_history_ends_as_if_built_at_once, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_a_stopped_run_deletes_nothing, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_a_source_grows_out_of_its_scale, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_what_is_added_knows_the_scale, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_an_own_scale_stays, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_options_out_of_range, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
