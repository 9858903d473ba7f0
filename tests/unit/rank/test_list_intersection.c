/* test_list_intersection.c - what two to four lists of many shapes have in common, counted from their blocks and by plain
 * arrays. */
#include "query/rank/list_intersection.h"
#include "tests/support/random_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define MOST_LISTS 4u
#define ROUNDS 300u

static uint64_t random_state = 20261123;

/* Single postings, blocks that are not whole, bitsets, rows, and gaps that leave most blocks of the others alone. */
static const struct list_shape shapes[] = {
    {.count = 1, .gap = 50, .frequency = 1, .length = 9},
    {.count = 100, .gap = 40, .frequency = 3, .length = 200},
    {.count = 129, .gap = 300, .frequency = 2, .length = 30},
    {.count = 3000, .gap = 1, .frequency = 2, .length = 30},
    {.count = 3000, .gap = 3, .frequency = 2, .length = 30},
    {.count = 3000, .gap = 9, .frequency = 2, .length = 30},
    {.count = 2000, .gap = 40, .frequency = 9, .rare_frequency = 80, .length = 300},
    {.count = 700, .gap = 900, .cluster = 20, .frequency = 2, .length = 30},
    {.count = 2000, .gap = 250, .frequency = 2, .length = 30},
};
#define SHAPES (sizeof shapes / sizeof *shapes)

static int by_count(const void *left, const void *right) {
    const struct random_list *a = left, *b = right;
    return (a->count > b->count) - (a->count < b->count);
}

static bool has(const struct random_list *list, uint32_t doc) {
    const uint32_t at = random_list_find(list, doc);
    return at < list->count && list->postings[at].doc == doc;
}

static uint64_t count_plainly(const struct random_list *lists, uint32_t count) {
    uint64_t total = 0;
    for (uint32_t i = 0; i < lists[0].count; i++) {
        uint32_t holders = 1;
        while (holders < count && has(&lists[holders], lists[0].postings[i].doc))
            holders++;
        total += holders == count;
    }
    return total;
}

static uint64_t count_blocks(struct written_lists *written, uint32_t count) {
    struct postings_reader readers[MOST_LISTS], *opened[MOST_LISTS] = {NULL};
    uint64_t total = 5;
    for (uint32_t i = 0; i < count; i++) {
        opened[i] = &readers[i];
        assert_int_equal(
            postings_reader_open(opened[i], written_lists_streams(written), INT32_MAX, &written->lists[i], NULL), REVUE_OK);
    }
    assert_int_equal(list_intersection_count(opened, count, &total, NULL), REVUE_OK);
    for (uint32_t i = 0; i < count; i++)
        postings_reader_close(opened[i]);
    return total - 5;
}

/* Lists of one shape are now and then the same one: all is in common. */
static void test_counts(void **state) {
    (void)state;
    uint64_t in_common = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct random_list lists[MOST_LISTS];
        struct written_lists written;
        const uint32_t count = 1 + random_below(&random_state, MOST_LISTS);
        const uint64_t first_state = random_state;
        const size_t shape = random_below(&random_state, SHAPES);
        for (uint32_t i = 0; i < count; i++) {
            uint64_t same_state = first_state;
            const bool is_same = random_below(&random_state, 4) == 0;
            random_list_make(&lists[i], &shapes[is_same ? shape : random_below(&random_state, SHAPES)],
                             is_same ? &same_state : &random_state);
        }
        qsort(lists, count, sizeof *lists, by_count);
        written_lists_make(&written, lists, count, 60000);
        const uint64_t expected = count_plainly(lists, count);
        assert_int_equal(count_blocks(&written, count), expected);
        in_common += count > 1 ? expected : 0;
        written_lists_free(&written);
        for (uint32_t i = 0; i < count; i++)
            random_list_free(&lists[i]);
    }
    assert_true(in_common > 10 * ROUNDS);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_counts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
