/* test_kth_score.c - the floor under the k best scores: never over the k-th best, exact for few, near it for many. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "indexer/base/memory.h"
#include "query/rank/kth_score.h"
#include "tests/support/random_list.h"

#include <stdlib.h>

#define SCORES 3000u

static int fall(const void *left, const void *right) {
    const int32_t *a = left, *b = right;
    return (*a < *b) - (*a > *b);
}

/* Scores below limit, the larger the later when they grow. */
static void check(size_t k, uint32_t limit, bool grow, uint64_t seed) {
    static int32_t scores[SCORES], sorted[SCORES];
    struct kth_score kth;
    assert_int_equal(kth_score_init(&kth, k, NULL), REVUE_OK);
    for (uint32_t i = 0; i < SCORES; i++) {
        const uint32_t most = grow ? (uint32_t)((uint64_t)limit * (i + 1) / SCORES) : limit;
        sorted[i] = scores[i] = (int32_t)random_below(&seed, most + 1);
        kth_score_add(&kth, scores[i]);
        assert_true(i + 1 < k ? kth.floor == INT32_MIN : kth.floor >= 0);
        if (i + 1 < k || (i % 97 != 0 && i + 1 < SCORES)) continue;
        qsort(sorted, i + 1, sizeof *sorted, fall);
        assert_true(kth.floor <= sorted[k - 1]);
        if (k <= KTH_HEAP_MAX) assert_int_equal(kth.floor, sorted[k - 1]);
        if (k > KTH_HEAP_MAX) assert_true(sorted[k - 1] - kth.floor <= sorted[0] / 500);
    }
    kth_score_free(&kth);
}

static void the_floor_is_near(void **state) {
    (void)state;
    static const size_t ks[] = {1, 2, 10, KTH_HEAP_MAX, KTH_HEAP_MAX + 1, 100, 1000, SCORES, SCORES + 1};
    static const uint32_t limits[] = {0, 1, 1000, 1u << 20, INT32_MAX - 1};
    for (size_t i = 0; i < sizeof ks / sizeof *ks; i++)
        for (size_t j = 0; j < sizeof limits / sizeof *limits; j++) {
            check(ks[i], limits[j], false, 1 + i * 10 + j);
            check(ks[i], limits[j], true, 99 + i * 10 + j);
        }
}

/* A floor that is known does not fall when the ranges grow wide, and negative scores count for nothing. */
static void the_floor_does_not_fall(void **state) {
    (void)state;
    struct kth_score kth;
    assert_int_equal(kth_score_init(&kth, 100, NULL), REVUE_OK);
    for (int i = 0; i < 200; i++)
        kth_score_add(&kth, -5);
    assert_int_equal(kth.floor, INT32_MIN);
    for (int i = 0; i < 100; i++)
        kth_score_add(&kth, 7);
    assert_int_equal(kth.floor, 7);
    kth_score_add(&kth, INT32_MAX);
    assert_int_equal(kth.floor, 7);
    for (int i = 0; i < 98; i++)
        kth_score_add(&kth, INT32_MAX);
    assert_int_equal(kth.floor, 7);
    kth_score_add(&kth, INT32_MAX - 9);
    assert_in_range(kth.floor, INT32_MAX - (INT32_MAX >> 10), INT32_MAX - 9);
    kth_score_free(&kth);
}

static bool no_memory(void *context) {
    (void)context;
    return false;
}

static void lack_of_memory_is_told(void **state) {
    (void)state;
    struct kth_score kth;
    memory_set_test_hook(no_memory, NULL);
    assert_int_equal(kth_score_init(&kth, KTH_HEAP_MAX, NULL), REVUE_OK);
    assert_int_equal(kth_score_init(&kth, KTH_HEAP_MAX + 1, NULL), REVUE_NO_MEMORY);
    memory_set_test_hook(NULL, NULL);
    kth_score_free(&kth);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_floor_is_near),
        cmocka_unit_test(the_floor_does_not_fall),
        cmocka_unit_test(lack_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
