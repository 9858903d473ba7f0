/* test_sort_keys.c - words in the order that comparing them one by one gives. */
#include "indexer/invert/sort_keys.h"
#include "tests/unit/invert/invert_test.h"

static int compare_words(const void *left, const void *right, void *context) {
    const struct view *words = context;
    const struct sort_key *a = left, *b = right;
    int order = view_compare(words[a->index], words[b->index]);
    return order ? order : a->index < b->index ? -1 : 1;
}

/* The judge: the whole comparison only. */
static void assert_sorted(struct view *words, size_t count) {
    revue_error error;
    struct sort_key *keys = calloc(count + 1, sizeof *keys), *judge = calloc(count + 1, sizeof *judge);
    assert_true(keys && judge);
    for (size_t i = 0; i < count; i++)
        keys[i] = judge[i] = (struct sort_key){sort_prefix(words[i]), (uint32_t)(i % 3), (uint32_t)i};
    assert_ok(sort_keys(keys, count, compare_words, words, &error));
    if (count) qsort_r(judge, count, sizeof *judge, compare_words, words);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(keys[i].index, judge[i].index);
        assert_int_equal(keys[i].owner, judge[i].owner);
    }
    free(keys);
    free(judge);
}

static void as_one_by_one(void **state) {
    (void)state;
    uint64_t seed = 11;
    static char bytes[3000][40];
    struct view words[3000];
    for (unsigned round = 0; round < 40; round++) {
        size_t count = random_below(&seed, round < 20 ? 100 : 3000);
        uint32_t letters = 1 + random_below(&seed, 255), longest = 1 + random_below(&seed, 39);
        for (size_t i = 0; i < count; i++) {
            size_t size = random_below(&seed, longest + 1);
            for (size_t j = 0; j < size; j++)
                bytes[i][j] = (char)random_below(&seed, letters + 1);
            words[i] = view_of(bytes[i], size);
        }
        assert_sorted(words, count);
    }
}

/* Nothing tells them apart but what comes behind the prefix. */
static void one_prefix_for_all(void **state) {
    (void)state;
    uint64_t seed = 12;
    static char bytes[500][16];
    struct view words[500];
    for (size_t i = 0; i < 500; i++) {
        (void)snprintf(bytes[i], sizeof bytes[i], "internat%u", random_below(&seed, 300));
        words[i] = view_of_string(bytes[i]);
    }
    assert_sorted(words, 500);
}

static bool never(void *context) {
    (void)context;
    return false;
}

static void no_memory_is_said(void **state) {
    (void)state;
    struct sort_key keys[100];
    revue_error error;
    for (uint32_t i = 0; i < 100; i++)
        keys[i] = (struct sort_key){100 - i, 0, i};
    memory_set_test_hook(never, NULL);
    revue_status status = sort_keys(keys, 100, compare_words, NULL, &error);
    memory_set_test_hook(NULL, NULL);
    assert_int_equal(status, REVUE_NO_MEMORY);
    assert_ok(sort_keys(keys, 100, compare_words, NULL, &error));
    assert_int_equal(keys[0].index, 99);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_one_by_one),
        cmocka_unit_test(one_prefix_for_all),
        cmocka_unit_test(no_memory_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
