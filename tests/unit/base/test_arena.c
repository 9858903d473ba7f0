/* test_arena.c - what is given back of the newest allocation is given out again; all of it stays apart. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "indexer/base/arena.h"

#include <string.h>

static void test_shrink(void **state) {
    (void)state;
    struct arena arena = {0};
    char *kept[100];
    for (size_t i = 0; i < 100; i++) {
        kept[i] = arena_alloc(&arena, 3000);
        assert_non_null(kept[i]);
        memset(kept[i], (int)i, 3000);
        arena_shrink(&arena, kept[i], i);
    }
    assert_true(arena.total_bytes < 100 * 3000 / 4);
    for (size_t i = 0; i < 100; i++)
        for (size_t at = 0; at < i; at++)
            assert_int_equal(kept[i][at], (int)i);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_shrink)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
