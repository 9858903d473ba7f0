/* test_prior.c - priors: how they are asked for, that bounds bound, and that pruning under them loses nothing. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "query/rank/prior.h"
#include "tests/support/random_list.h"
#include "tests/support/small_archive.h"

#include <math.h>
#include <string.h>

#define REVIEWS 9000u /* three chunks */
#define MORE 700u     /* a segment of their own */
#define NOW 1700000000

static struct small_archive archive;

/* Words of different frequency; newer reviews have more votes, so that chunks differ; some lack a value. */
static void write_reviews(const char *name, uint32_t first, uint32_t count, uint64_t *random) {
    static const char *const words[] = {"every", "third", "seldom", "rarest"};
    static const uint32_t chances[] = {1, 3, 60, 900};
    struct bytes lines = {0};
    for (uint32_t i = first; i < first + count; i++) {
        bytes_append_format(&lines, "{\"id\":\"r%05u\",\"text\":\"", (unsigned)(i * 7919u % 100003u));
        for (unsigned word = 0; word < 4; word++)
            for (uint32_t n = random_below(random, chances[word]) ? 0 : 1 + random_below(random, 5); n > 0; n--)
                bytes_append_format(&lines, "%s ", words[word]);
        bytes_append_format(&lines, "filler\"");
        if (random_below(random, 4)) bytes_append_format(&lines, ",\"rating\":%u", 1 + (unsigned)random_below(random, 5));
        if (random_below(random, 3))
            bytes_append_format(&lines, ",\"votes\":%u", (unsigned)random_below(random, i / 100 + 2));
        if (i % 5000 >= 2000)
            bytes_append_format(&lines, ",\"date\":%u", 1400000000 + (unsigned)random_below(random, 400000000));
        bytes_append_string(&lines, "}\n");
    }
    assert_false(lines.failed);
    small_archive_write(&archive, name, bytes_view(&lines));
    bytes_free(&lines);
}

static int make_index(void **state) {
    uint64_t random = 7;
    (void)state;
    small_archive_create(&archive);
    write_reviews("first.jsonl", 0, REVIEWS, &random);
    small_archive_update(&archive, NULL);
    write_reviews("second.jsonl", REVIEWS, MORE, &random);
    small_archive_update(&archive, NULL);
    return 0;
}

static int drop_index(void **state) {
    (void)state;
    small_archive_remove(&archive);
    return 0;
}

/* ---- what is asked for ---- */

static void priors_are_read(void **state) {
    struct prior_options options = {.now = 3};
    (void)state;
    assert_int_equal(prior_options_read(view_of_string("stars:0.2,age:0.5:2w"), &options, NULL), REVUE_OK);
    assert_true(options.weights[PRIOR_STARS] == 0.2 && options.weights[PRIOR_VOTES] == 0 &&
                options.weights[PRIOR_AGE] == 0.5);
    assert_true(options.span == 14 * 86400.0 && options.now == 3 && prior_is_wanted(&options));
    assert_true(fabs(prior_factor_most(&options) - 1.8) < 1e-12);
    assert_int_equal(prior_options_read(view_of_string("votes:0"), &options, NULL), REVUE_OK);
    assert_false(prior_is_wanted(&options));
    static const char *const wrong[] = {"",
                                        "stars",
                                        "stars:",
                                        "stars:1",
                                        "stars:-0.1",
                                        "price:0.1",
                                        "votes:0.1:2d",
                                        "age:0.1:x",
                                        "age:0.1:0",
                                        "stars:0.1 ,votes:0.1",
                                        "stars:nan",
                                        "stars:0.1;votes:0.1"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        revue_error error = {0};
        assert_int_equal(prior_options_read(view_of_string(wrong[i]), &options, &error), REVUE_USAGE);
        assert_non_null(strstr(error.message, "--prior"));
    }
}

/* ---- integers ---- */

static void what_is_needed_is_the_least(void **state) {
    uint64_t random = 11;
    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        const uint32_t most = 656 + random_below(&random, 450000);
        const int32_t wanted = (int32_t)random_below(&random, 1u << (1 + random_below(&random, 28)));
        const int32_t least = prior_needed(wanted, most);
        if (least > 0 && (int64_t)least * most / PRIOR_ONE < INT32_MAX) {
            assert_true(prior_apply(least, most) >= wanted);
            assert_true(wanted <= 0 || prior_apply(least - 1, most) < wanted);
        }
    }
    assert_int_equal(prior_needed(INT32_MIN, PRIOR_ONE), INT32_MIN);
}

/* ---- bounds ---- */

static void no_factor_is_over_its_bounds(void **state) {
    struct prior_options options = {.now = NOW};
    struct prior prior;
    (void)state;
    assert_int_equal(prior_options_read(view_of_string("stars:0.3,votes:0.6,age:0.8:100d"), &options, NULL), REVUE_OK);
    revue_searcher *searcher = small_archive_open(&archive);
    prior_open(&prior, searcher, &options);
    for (uint32_t segment = 0; segment < searcher->segment_count; segment++) {
        const uint32_t count = searcher->segments[segment].segment->meta.doc_count;
        for (uint32_t from = 0; from < count; from += 2000) {
            const uint32_t to = count - from < 2000 ? count : from + 2000;
            uint32_t most, factor, largest = 0;
            assert_int_equal(prior_most(&prior, segment, from, to, &most, NULL), REVUE_OK);
            for (uint32_t doc = from; doc < to; doc++) {
                assert_int_equal(prior_factor(&prior, segment, doc, &factor, NULL), REVUE_OK);
                assert_in_range(factor, prior.least, most);
                if (factor > largest) largest = factor;
            }
            assert_in_range(most, largest, prior.most);
            assert_true(largest > most / 2);
        }
    }
    revue_searcher_close(searcher);
}

/* ---- searches ---- */

static void expect_same_hits(const revue_result *a, const revue_result *b) {
    assert_int_equal(revue_result_count(a), revue_result_count(b));
    for (size_t i = 0; i < revue_result_count(a); i++) {
        assert_string_equal(revue_result_hit(a, i)->id, revue_result_hit(b, i)->id);
        assert_true(revue_result_hit(a, i)->score == revue_result_hit(b, i)->score);
    }
}

static void pruning_loses_nothing(void **state) {
    static const char *const queries[] = {"every",
                                          "third",
                                          "seldom",
                                          "rarest",
                                          "every third",
                                          "third seldom",
                                          "every third seldom rarest",
                                          "+every third",
                                          "third -seldom",
                                          "\"every third\"",
                                          "(third OR rarest) every"};
    static const char *const priors[] = {"stars:0.3", "votes:0.9", "age:0.5:60d", "stars:0.9,votes:0.9,age:0.9:1000d"};
    static const char *const filters[] = {NULL, "rating:>=4", "third -rating:2"};
    static const size_t counts[] = {1, 10, 50};
    revue_searcher *searcher = small_archive_open(&archive);
    revue_search_options options;
    (void)state;
    revue_search_options_init(&options);
    options.ids_only = true;
    options.now = "2023-11-14";
    for (size_t i = 0; i < sizeof queries / sizeof *queries * 36; i++) {
        options.prior = priors[i % 4];
        options.filter = filters[i / 4 % 3];
        options.n = counts[i / 12 % 3];
        for (options.op = REVUE_OP_ANY; options.op <= REVUE_OP_ALL; options.op++) {
            options.exhaustive = false;
            revue_result *pruned = small_archive_search(searcher, queries[i / 36], &options);
            options.exhaustive = true;
            revue_result *whole = small_archive_search(searcher, queries[i / 36], &options);
            expect_same_hits(pruned, whole);
            revue_result_free(pruned);
            revue_result_free(whole);
        }
    }
    revue_searcher_close(searcher);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(priors_are_read),
        cmocka_unit_test(what_is_needed_is_the_least),
        cmocka_unit_test(no_factor_is_over_its_bounds),
        cmocka_unit_test(pruning_loses_nothing),
    };
    return cmocka_run_group_tests(tests, make_index, drop_index);
}
