/* test_paged_array.c - elements by far numbers: zeros at first, where they were later, and memory for those that were met.
 */
#include "indexer/base/memory.h"
#include "indexer/base/paged_array.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <cmocka.h>

static const uint32_t numbers[] = {0, 1, PAGED_ARRAY_PAGE - 1, PAGED_ARRAY_PAGE, 70000, 1u << 30};
enum { NUMBERS = sizeof numbers / sizeof *numbers };

static void test_elements(void **state) {
    struct paged_array array = {0};
    uint64_t *made[NUMBERS];
    (void)state;
    assert_null(paged_array_find(&array, 0));
    for (size_t i = 0; i < NUMBERS; i++) {
        made[i] = paged_array_make(&array, numbers[i], sizeof *made[i]);
        assert_non_null(made[i]);
        assert_int_equal(*made[i], 0);
        *made[i] = i + 1;
    }
    for (size_t i = 0; i < NUMBERS; i++) {
        assert_ptr_equal(paged_array_find(&array, numbers[i]), made[i]);
        assert_ptr_equal(paged_array_make(&array, numbers[i], sizeof *made[i]), made[i]);
        assert_int_equal(*made[i], i + 1);
    }
    assert_null(paged_array_find(&array, 5 * PAGED_ARRAY_PAGE));
    assert_null(paged_array_find(&array, UINT32_MAX));
    assert_int_equal(array.page_count, 4);
    assert_true(paged_array_memory(&array) < (size_t)64 << 20);
    paged_array_free(&array);
    assert_int_equal(paged_array_memory(&array), 0);
}

static unsigned allowed;
static bool may_allocate(void *context) {
    (void)context;
    return allowed > 0 && allowed-- > 0;
}

static void test_no_memory(void **state) {
    struct paged_array array = {0};
    (void)state;
    memory_set_test_hook(may_allocate, NULL);
    for (unsigned i = 0; i < 2; i++) {
        allowed = i;
        assert_null(paged_array_make(&array, 5000, 4));
        assert_null(paged_array_find(&array, 5000));
    }
    memory_set_test_hook(NULL, NULL);
    assert_non_null(paged_array_make(&array, 5000, 4));
    paged_array_free(&array);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_elements), cmocka_unit_test(test_no_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
