/* test_counters.c - counting under whole numbers, and choosing the largest, against sorted arrays. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "query/collect/cells.h"
#include "query/collect/kth_largest.h"

#include <math.h>
#include <stdlib.h>

#define KEYS 3000u
#define NUMBERS 500u

static uint32_t random_below(uint32_t bound) {
    static uint64_t state = 20261123;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % bound;
}

/* limit 0: a hash table to the end; KEYS: until a place for each key takes no more room. */
static void counts_are_those_of_an_array(size_t limit) {
    static uint64_t counts[KEYS];
    struct cells cells = {.limit = limit};
    struct cell *cell;
    size_t place = 0, distinct = 0, met = 0;
    for (uint32_t i = 0; i < KEYS; i++)
        counts[i] = 0;
    for (uint32_t i = 0; i < 3 * KEYS; i++) {
        const uint32_t key = i < 40 ? random_below(10) : random_below(KEYS);
        cell = cells_at(&cells, key);
        assert_non_null(cell);
        assert_int_equal(cell->key, key);
        cell->count++;
        distinct += counts[key]++ == 0;
        assert_int_equal(cells.count, distinct);
    }
    while ((cell = cells_next(&cells, &place))) {
        assert_int_equal(cell->count, counts[cell->key]);
        met++;
    }
    assert_int_equal(met, distinct);
    assert_int_equal(cells.has_all, limit > 0);
    cells_free(&cells);
}

static void cells_count_by_key(void **state) {
    (void)state;
    counts_are_those_of_an_array(0);
    counts_are_those_of_an_array(KEYS);
}

static int compare_falling(const void *left, const void *right) {
    const double a = *(const double *)left, b = *(const double *)right;
    return a > b ? -1 : a < b;
}

static void the_kth_largest_is_that_of_the_sorted(void **state) {
    double numbers[NUMBERS], sorted[NUMBERS], kth;
    (void)state;
    for (unsigned round = 0; round < 50; round++) {
        const size_t count = random_below(NUMBERS) + 1;
        for (size_t i = 0; i < count; i++)
            sorted[i] = numbers[i] = (double)random_below(round % 2 ? 5 : 100000) - 2;
        qsort(sorted, count, sizeof *sorted, compare_falling);
        for (size_t k = 1; k < count; k += 1 + random_below(20)) {
            assert_int_equal(kth_largest(numbers, count, k, &kth, NULL), REVUE_OK);
            assert_true(kth == sorted[k - 1]);
        }
        assert_int_equal(kth_largest(numbers, count, count, &kth, NULL), REVUE_OK);
        assert_true(kth <= sorted[count - 1]);
        assert_int_equal(kth_largest(numbers, count, 0, &kth, NULL), REVUE_OK);
        assert_true(kth > sorted[0]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_count_by_key),
        cmocka_unit_test(the_kth_largest_is_that_of_the_sorted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
