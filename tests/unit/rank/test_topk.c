/* test_topk.c - the best k of candidates in any order, against a sorted list; ties by id. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "indexer/base/memory.h"
#include "query/rank/topk.h"
#include "tests/support/random_list.h"
#include "tests/support/small_archive.h"

#include <stdio.h>
#include <stdlib.h>

#define REVIEWS 700u

struct fixture {
    struct small_archive archive;
    revue_searcher *searcher;
    uint32_t segments[REVIEWS], docs[REVIEWS]; /* of review number i, whose id sorts at place i */
};

/* Ids ascend otherwise than reviews do. */
static int make_index(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct bytes lines = {0};
    for (uint32_t i = 0; i < REVIEWS; i++)
        bytes_append_format(&lines, "{\"id\":\"r%04u\",\"text\":\"word\"}\n", (unsigned)(i * 269 % REVIEWS));
    small_archive_create(&fixture->archive);
    small_archive_write(&fixture->archive, "reviews.jsonl", bytes_view(&lines));
    small_archive_update(&fixture->archive, NULL);
    fixture->searcher = small_archive_open(&fixture->archive);
    bytes_free(&lines);
    assert_int_equal(fixture->searcher->reviews, REVIEWS);
    for (uint32_t segment = 0; segment < fixture->searcher->segment_count; segment++) {
        struct segment *open = fixture->searcher->segments[segment].segment;
        for (uint32_t doc = 0; doc < open->meta.doc_count; doc++) {
            struct bytes id = {0};
            assert_int_equal(ids_get(segment_ids(open), doc, &id, NULL), REVUE_OK);
            bytes_append_u8(&id, 0);
            uint32_t number = (uint32_t)strtoul((const char *)id.data + 1, NULL, 10);
            fixture->segments[number] = segment;
            fixture->docs[number] = doc;
            bytes_free(&id);
        }
    }
    *state = fixture;
    return 0;
}

static int drop_index(void **state) {
    struct fixture *fixture = *state;
    revue_searcher_close(fixture->searcher);
    small_archive_remove(&fixture->archive);
    free(fixture);
    return 0;
}

struct expected {
    int32_t score;
    uint32_t number;
};

static int compare_expected(const void *left, const void *right) {
    const struct expected *a = left, *b = right;
    if (a->score != b->score) return a->score > b->score ? -1 : 1;
    return a->number < b->number ? -1 : 1;
}

/* Adds all reviews in a random order with scores under score_limit; the list that must come out. */
static void check(struct fixture *fixture, size_t k, uint32_t score_limit, uint64_t seed) {
    struct expected expected[REVIEWS];
    struct topk topk;
    revue_error error = {0};
    for (uint32_t i = 0; i < REVIEWS; i++)
        expected[i] = (struct expected){(int32_t)random_below(&seed, score_limit), i};
    for (uint32_t i = REVIEWS - 1; i > 0; i--) {
        uint32_t j = random_below(&seed, i + 1);
        struct expected moved = expected[i];
        expected[i] = expected[j];
        expected[j] = moved;
    }
    assert_int_equal(topk_init(&topk, fixture->searcher, k, &error), REVUE_OK);
    for (uint32_t i = 0; i < REVIEWS; i++)
        topk_add(&topk, fixture->segments[expected[i].number], fixture->docs[expected[i].number], expected[i].score);
    assert_int_equal(topk_finish(&topk), REVUE_OK);
    qsort(expected, REVIEWS, sizeof *expected, compare_expected);
    assert_int_equal(topk.count, k < REVIEWS ? k : REVIEWS);
    for (size_t i = 0; i < topk.count; i++) {
        assert_int_equal(topk.items[i].score, expected[i].score);
        assert_int_equal(topk.items[i].doc, fixture->docs[expected[i].number]);
        assert_int_equal(topk.items[i].segment, fixture->segments[expected[i].number]);
        assert_int_equal(strtoul(topk.items[i].id + 1, NULL, 10), expected[i].number);
    }
    topk_free(&topk);
}

static void the_best_come_first(void **state) {
    static const size_t wanted[] = {0, 1, 2, 10, 100, 350, 699, 700, 701, 5000};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        check(*state, wanted[i], 1000000, 77 + i);
}

static void ties_break_by_id(void **state) {
    static const uint32_t limits[] = {1, 2, 7, 50};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        check(*state, 10, limits[i], 5 + i);
        check(*state, 33, limits[i], 13 + i);
        check(*state, 300, limits[i], 9 + i);
    }
}

static void scores_may_be_negative(void **state) {
    struct fixture *fixture = *state;
    struct topk topk;
    assert_int_equal(topk_init(&topk, fixture->searcher, 2, NULL), REVUE_OK);
    topk_add(&topk, 0, 3, -5);
    topk_add(&topk, 0, 4, INT32_MIN);
    topk_add(&topk, 0, 5, INT32_MAX);
    assert_int_equal(topk_finish(&topk), REVUE_OK);
    assert_int_equal(topk.items[0].doc, 5);
    assert_int_equal(topk.items[1].doc, 3);
    topk_free(&topk);
}

/* However many reviews tie, the ids of those that went are given back. */
static void ties_take_little_memory(void **state) {
    struct fixture *fixture = *state;
    struct topk topk;
    assert_int_equal(topk_init(&topk, fixture->searcher, 5, NULL), REVUE_OK);
    for (uint32_t round = 0; round < 40; round++)
        for (uint32_t i = 0; i < REVIEWS; i++)
            topk_add(&topk, fixture->segments[i], fixture->docs[i], 1);
    assert_int_equal(topk_finish(&topk), REVUE_OK);
    assert_true(topk.ids.total_bytes < 65536);
    topk_free(&topk);
}

static void absurd_counts_are_refused(void **state) {
    struct fixture *fixture = *state;
    struct topk topk;
    revue_error error = {0};
    assert_int_equal(topk_init(&topk, fixture->searcher, SIZE_MAX / 2, &error), REVUE_USAGE);
    topk_free(&topk);
    topk_free(&topk); /* twice does nothing */
}

static bool nth_succeeds(void *context) {
    return --*(int *)context != 0;
}

static void lack_of_memory_is_kept(void **state) {
    struct fixture *fixture = *state;
    for (int n = 1, has_failed = 1; has_failed; n++) {
        struct topk topk;
        revue_error error = {0};
        int left = n;
        memory_set_test_hook(nth_succeeds, &left);
        topk.status = topk_init(&topk, fixture->searcher, 40, &error);
        for (uint32_t i = 0; i < REVIEWS; i++)
            topk_add(&topk, fixture->segments[i], fixture->docs[i], 1);
        const revue_status status = topk_finish(&topk);
        memory_set_test_hook(NULL, NULL);
        has_failed = left <= 0;
        assert_int_equal(status, has_failed ? REVUE_NO_MEMORY : REVUE_OK);
        topk_free(&topk);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_come_first),       cmocka_unit_test(ties_break_by_id),
        cmocka_unit_test(scores_may_be_negative),    cmocka_unit_test(ties_take_little_memory),
        cmocka_unit_test(absurd_counts_are_refused), cmocka_unit_test(lack_of_memory_is_kept),
    };
    return cmocka_run_group_tests(tests, make_index, drop_index);
}
