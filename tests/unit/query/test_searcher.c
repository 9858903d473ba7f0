/* test_searcher.c - opening, refreshing, and what stays valid. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/support/small_archive.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

static void a_searcher_sees_its_snapshot(void **state) {
    (void)state;
    struct small_archive archive;
    revue_searcher *searcher = small_archive_of(&archive, "{\"id\":\"1\",\"text\":\"A good film.\"}\n");
    revue_result *before = small_archive_search(searcher, "film", NULL), *old, *new;
    bool moved = true;
    assert_int_equal(revue_searcher_refresh(searcher, &moved, NULL), REVUE_OK);
    assert_false(moved);

    small_archive_write(&archive, "more.jsonl", view_of_string("{\"id\":\"2\",\"text\":\"Another film.\"}\n"));
    small_archive_update(&archive, NULL);
    old = small_archive_search(searcher, "film", NULL);
    assert_int_equal(revue_result_count(old), 1);
    assert_int_equal(revue_searcher_reviews(searcher), 1);

    assert_int_equal(revue_searcher_refresh(searcher, &moved, NULL), REVUE_OK);
    assert_true(moved);
    new = small_archive_search(searcher, "film", NULL);
    assert_int_equal(revue_result_count(new), 2);
    assert_int_equal(revue_searcher_reviews(searcher), 2);
    assert_int_equal(revue_searcher_refresh(searcher, NULL, NULL), REVUE_OK);

    /* what was got before is still there, also without the searcher */
    revue_searcher_close(searcher);
    assert_string_equal(revue_result_hit(before, 0)->snippets[0].text, "A good film.");
    assert_string_equal(revue_result_hit(old, 0)->id, "1");
    assert_null(revue_result_hit(old, 1));
    revue_result_free(before);
    revue_result_free(old);
    revue_result_free(new);
    small_archive_remove(&archive);
}

static void deleted_reviews_are_not_found(void **state) {
    (void)state;
    struct small_archive archive;
    revue_searcher *searcher = small_archive_of(
        &archive,
        "{\"id\":\"1\",\"text\":\"A good film.\"}\n{\"id\":\"2\",\"text\":\"A film.\"}\n{\"id\":\"3\",\"text\":\"x\"}\n");
    const char *const ids[] = {"1"};
    const revue_delete_options options = {.ids = ids, .id_count = 1};
    uint64_t deleted = 0;
    revue_review *review = NULL;
    revue_error error = {0};
    assert_int_equal(revue_delete(archive.index, &options, &deleted, NULL), REVUE_OK);
    assert_int_equal(deleted, 1);
    assert_int_equal(revue_get(searcher, "1", 1, &review, NULL), REVUE_OK);
    revue_review_free(review);
    assert_int_equal(revue_searcher_refresh(searcher, NULL, NULL), REVUE_OK);
    assert_int_equal(revue_searcher_reviews(searcher), 2);
    assert_int_equal(revue_get(searcher, "1", 1, &review, &error), REVUE_NO_MATCH);
    assert_string_equal(error.message, "no review has the id 1");
    for (int i = 0; i < 2; i++) { /* twice: the deletes are read once */
        revue_result *result = small_archive_search(searcher, "film OR -film", NULL);
        assert_int_equal(revue_result_count(result), 2);
        assert_int_equal(revue_result_total(result, NULL), 2);
        assert_string_equal(revue_result_hit(result, 0)->id, "2");
        revue_result_free(result);
    }
    revue_searcher_close(searcher);
    small_archive_remove(&archive);
}

static void what_is_no_index_is_refused(void **state) {
    (void)state;
    struct small_archive archive;
    revue_searcher *searcher = NULL;
    revue_error error = {0};
    small_archive_create(&archive);
    assert_int_equal(revue_searcher_open(&searcher, archive.index, &error), REVUE_NO_INPUT);
    assert_non_null(strstr(error.message, archive.index));
    assert_int_equal(revue_searcher_open(&searcher, archive.root, &error), REVUE_CORRUPT);
    assert_int_equal(revue_searcher_open(&searcher, archive.root, NULL), REVUE_CORRUPT);
    assert_null(searcher);
    revue_searcher_close(NULL);
    small_archive_remove(&archive);
}

static void a_refresh_that_fails_leaves_the_old_snapshot(void **state) {
    (void)state;
    struct small_archive archive;
    revue_searcher *searcher = small_archive_of(&archive, "{\"id\":\"1\",\"text\":\"A good film.\"}\n");
    revue_error error = {0};
    temporary_folder_remove(archive.index);
    assert_int_equal(revue_searcher_refresh(searcher, NULL, &error), REVUE_NO_INPUT);
    revue_result *result = small_archive_search(searcher, "film", NULL);
    assert_int_equal(revue_result_count(result), 1);
    revue_result_free(result);
    revue_searcher_close(searcher);
    small_archive_remove(&archive);
}

static revue_status search_with(revue_searcher *searcher, const char *query, const revue_search_options *options,
                                revue_error *error) {
    revue_result *result = NULL;
    revue_status status = revue_search(searcher, query, strlen(query), options, &result, error);
    revue_result_free(result);
    return status;
}

static size_t readers_behind(const struct small_archive *archive) {
    revue_stats *stats = NULL;
    assert_int_equal(revue_stats_read(archive->index, false, &stats, NULL), REVUE_OK);
    size_t count = stats->reader_count;
    revue_stats_free(stats);
    return count;
}

/* Twice without a commit between, then with one. */
static void a_searcher_that_rests_holds_no_pages(void **state) {
    (void)state;
    struct small_archive archive;
    revue_searcher *searcher = small_archive_of(&archive, "{\"id\":\"1\",\"text\":\"A good film.\"}\n");
    revue_search_options options;
    revue_error error = {0};
    bool moved = true;
    revue_search_options_init(&options);
    for (int i = 0; i < 2; i++) {
        uint64_t run = 0;
        revue_review *review = NULL;
        revue_searcher_rest(searcher);
        revue_searcher_rest(searcher);
        assert_int_equal(search_with(searcher, "film", &options, &error), REVUE_USAGE);
        assert_non_null(strstr(error.message, "refresh"));
        assert_int_equal(revue_get(searcher, "1", 1, &review, NULL), REVUE_USAGE);
        assert_int_equal(revue_searcher_find_run(searcher, "2026-01-01", &run, NULL), REVUE_USAGE);
        assert_int_equal(revue_searcher_refresh(searcher, &moved, NULL), REVUE_OK);
        assert_false(moved);
        revue_result *result = small_archive_search(searcher, "fil* OR \"good film\"", NULL); /* walks a dictionary */
        assert_int_equal(revue_result_count(result), 1);
        revue_result_free(result);
    }
    small_archive_write(&archive, "more.jsonl", view_of_string("{\"id\":\"2\",\"text\":\"Another film.\"}\n"));
    uint64_t commit = revue_searcher_commit(searcher);
    small_archive_update(&archive, NULL);
    assert_int_equal(readers_behind(&archive), 1); /* awake */
    revue_searcher_rest(searcher);
    assert_int_equal(readers_behind(&archive), 0);
    assert_int_equal(revue_searcher_refresh(searcher, &moved, NULL), REVUE_OK);
    assert_true(moved);
    assert_true(revue_searcher_commit(searcher) > commit);
    assert_int_equal(revue_searcher_reviews(searcher), 2);
    revue_searcher_close(searcher);
    small_archive_remove(&archive);
}

/* Compacted, put aside, put back, put another in its place. */
static void a_searcher_that_rests_meets_whatever_is_there(void **state) {
    (void)state;
    struct small_archive archive;
    revue_searcher *searcher = small_archive_of(&archive, "{\"id\":\"1\",\"text\":\"A good film.\"}\n");
    const revue_compact_options options = {0};
    char aside[SMALL_ARCHIVE_PATH_SIZE + 8], uuid[37];
    bool moved = false;
    uint64_t generation = revue_searcher_generation(searcher);
    (void)snprintf(aside, sizeof aside, "%s.aside", archive.index);
    (void)snprintf(uuid, sizeof uuid, "%s", revue_searcher_uuid(searcher));

    revue_searcher_rest(searcher);
    assert_int_equal(revue_compact(archive.index, &options, NULL), REVUE_OK);
    assert_int_equal(revue_searcher_refresh(searcher, &moved, NULL), REVUE_OK);
    assert_true(moved);
    assert_true(revue_searcher_generation(searcher) > generation);

    revue_searcher_rest(searcher);
    assert_int_equal(rename(archive.index, aside), 0);
    assert_int_equal(revue_searcher_refresh(searcher, &moved, NULL), REVUE_NO_INPUT);
    assert_false(moved);
    revue_result *result = small_archive_search(searcher, "film", NULL); /* the old one is as it was */
    assert_int_equal(revue_result_count(result), 1);
    revue_result_free(result);
    revue_searcher_rest(searcher);
    assert_int_equal(rename(aside, archive.index), 0);
    assert_int_equal(revue_searcher_refresh(searcher, &moved, NULL), REVUE_OK);
    assert_false(moved);

    revue_searcher_rest(searcher);
    assert_int_equal(rename(archive.index, aside), 0);
    small_archive_update(&archive, NULL);
    assert_int_equal(revue_searcher_refresh(searcher, &moved, NULL), REVUE_OK);
    assert_true(moved);
    assert_string_not_equal(revue_searcher_uuid(searcher), uuid);
    revue_searcher_close(searcher);
    temporary_folder_remove(aside);
    small_archive_remove(&archive);
}

/* Cut off while nobody looks: told, not killed by the map. */
static void a_file_cut_off_is_told_at_the_refresh(void **state) {
    (void)state;
    struct small_archive archive;
    char path[SMALL_ARCHIVE_PATH_SIZE + 32];
    revue_searcher *searcher = small_archive_of(&archive, "{\"id\":\"1\",\"text\":\"A good film.\"}\n");
    revue_search_options options;
    revue_search_options_init(&options);
    (void)snprintf(path, sizeof path, "%s/store.%u/data.mdb", archive.index, (unsigned)revue_searcher_generation(searcher));
    revue_searcher_rest(searcher);
    assert_int_equal(truncate(path, 12288), 0);
    assert_int_equal(revue_searcher_refresh(searcher, NULL, NULL), REVUE_CORRUPT);
    assert_int_equal(search_with(searcher, "film", &options, NULL), REVUE_USAGE);
    assert_int_equal(truncate(path, 0), 0);
    assert_int_equal(revue_searcher_refresh(searcher, NULL, NULL), REVUE_CORRUPT);
    revue_searcher_close(searcher);
    small_archive_remove(&archive);
}

static void bad_options_are_refused(void **state) {
    (void)state;
    struct small_archive archive;
    revue_searcher *searcher = small_archive_of(&archive, "{\"id\":\"1\",\"text\":\"A good film.\"}\n");
    const revue_weight unknown = {"stars", 1}, nameless = {NULL, 1}, negative = {"title", -1}, nan = {"title", NAN};
    revue_search_options defaults, bad[14];
    revue_search_options_init(&defaults);
    for (size_t i = 0; i < 14; i++)
        bad[i] = defaults;
    bad[13].timeout = -1;
    bad[0].k1 = -1;
    bad[1].k1 = NAN;
    bad[2].b = 1.5;
    bad[3].b = NAN;
    bad[4].n = SIZE_MAX;
    bad[5].offset = SIZE_MAX;
    bad[6].filter = "rating:good";
    bad[7].sort = "nothing";
    bad[8].group = "rating";
    bad[9].weights = &unknown;
    bad[10].weights = &nameless;
    bad[11].weights = &negative;
    bad[12].weights = &nan;
    for (size_t i = 0; i < 14; i++) {
        revue_error error = {0};
        bad[i].weight_count = bad[i].weights != NULL;
        assert_int_equal(search_with(searcher, "film", &bad[i], &error), REVUE_USAGE);
        assert_true(error.message[0] != '\0' && error.column == 0);
        assert_int_equal(search_with(searcher, "film", &bad[i], NULL), REVUE_USAGE);
    }
    assert_int_equal(search_with(searcher, "film", &defaults, NULL), REVUE_OK);
    const char *const twice[] = {"date", "date:month"};
    revue_search_options two_facets = defaults;
    two_facets.facets = twice;
    two_facets.facet_count = 2;
    assert_int_equal(search_with(searcher, "film", &two_facets, NULL), REVUE_USAGE);
    two_facets.facet_count = 1;
    assert_int_equal(search_with(searcher, "film", &two_facets, NULL), REVUE_OK);
    defaults.n = defaults.offset = 1000000;
    assert_int_equal(search_with(searcher, "film", &defaults, NULL), REVUE_OK);
    revue_searcher_close(searcher);
    small_archive_remove(&archive);
}

/* A billionth of a second is over before any loop ends; afterwards the same searcher answers as before. */
static void a_search_ends_when_its_time_is_over(void **state) {
    (void)state;
    static const char *const queries[] = {
        "film",  "good film", "good OR film", "\"good film\"", "\"film good\"~3",       "fil*",
        "flim~", "-good",     "good -slow",   "=film",         "film good^2 OR nothing"};
    struct small_archive archive;
    revue_searcher *searcher =
        small_archive_of(&archive, "{\"id\":\"1\",\"text\":\"A good film.\",\"rating\":4,\"product\":\"p\"}\n");
    const char *const facet = "product";
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        revue_search_options options;
        for (int kind = 0; kind < 6; kind++) {
            revue_error error = {0};
            revue_search_options_init(&options);
            options.exhaustive = kind == 1;
            options.count = kind == 2;
            options.sort = kind == 3 ? "date" : NULL;
            options.group = kind == 4 ? "product" : NULL;
            options.facets = kind == 5 ? &facet : NULL;
            options.facet_count = kind == 5;
            options.timeout = 1e-9;
            assert_int_equal(search_with(searcher, queries[i], &options, &error), REVUE_TIMED_OUT);
            assert_non_null(strstr(error.message, "longer than"));
            options.timeout = 3600;
            assert_int_equal(search_with(searcher, queries[i], &options, &error), REVUE_OK);
            options.timeout = 0;
            assert_int_equal(search_with(searcher, queries[i], &options, &error), REVUE_OK);
        }
    }
    revue_searcher_close(searcher);
    small_archive_remove(&archive);
}

static void bad_queries_show_their_column(void **state) {
    (void)state;
    struct small_archive archive;
    revue_searcher *searcher = small_archive_of(&archive, "{\"id\":\"1\",\"text\":\"A good film.\"}\n");
    revue_search_options options;
    revue_error error = {0};
    revue_search_options_init(&options);
    assert_int_equal(search_with(searcher, "good (film", &options, &error), REVUE_USAGE);
    assert_int_equal(error.column, 6);
    assert_int_equal(search_with(searcher, "film titel:good", &options, &error), REVUE_USAGE);
    assert_int_equal(error.column, 6);
    assert_non_null(strstr(error.message, "title"));
    options.lenient = true;
    revue_result *result = small_archive_search(searcher, "good (film", &options);
    assert_int_equal(revue_result_count(result), 1);
    assert_int_equal(revue_result_warning_count(result), 1);
    assert_null(revue_result_warning(result, 1));
    revue_result_free(result);
    revue_searcher_close(searcher);
    small_archive_remove(&archive);
}

static void auto_says_when_it_takes_any(void **state) {
    (void)state;
    struct small_archive archive;
    revue_searcher *searcher =
        small_archive_of(&archive, "{\"id\":\"1\",\"text\":\"A good film.\"}\n{\"id\":\"2\",\"text\":\"A slow one.\"}\n");
    static const struct {
        const char *query;
        revue_operator op;
        size_t hits, warnings;
    } cases[] = {{"good film", REVUE_OP_ALL, 1, 0},
                 {"good slow", REVUE_OP_ANY, 2, 1},
                 {"nothing", REVUE_OP_ALL, 0, 0},
                 {"nothing nowhere", REVUE_OP_ANY, 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        revue_result *result = small_archive_search(searcher, cases[i].query, NULL);
        assert_int_equal(revue_result_op(result), cases[i].op);
        assert_int_equal(revue_result_count(result), cases[i].hits);
        assert_int_equal(revue_result_warning_count(result), cases[i].warnings);
        revue_result_free(result);
    }
    revue_searcher_close(searcher);
    small_archive_remove(&archive);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_searcher_sees_its_snapshot),
        cmocka_unit_test(deleted_reviews_are_not_found),
        cmocka_unit_test(what_is_no_index_is_refused),
        cmocka_unit_test(a_refresh_that_fails_leaves_the_old_snapshot),
        cmocka_unit_test(a_searcher_that_rests_holds_no_pages),
        cmocka_unit_test(a_searcher_that_rests_meets_whatever_is_there),
        cmocka_unit_test(a_file_cut_off_is_told_at_the_refresh),
        cmocka_unit_test(bad_options_are_refused),
        cmocka_unit_test(a_search_ends_when_its_time_is_over),
        cmocka_unit_test(bad_queries_show_their_column),
        cmocka_unit_test(auto_says_when_it_takes_any),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
