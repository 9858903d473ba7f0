/* test_id_set.c - a set of ids by hash: nothing is forgotten, nothing is found that was not added. */
#include "indexer/base/memory.h"
#include "indexer/id_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static struct view numbered(char id[32], unsigned number) {
    return view_of(id, (size_t)snprintf(id, 32, "id-%u", number));
}

static void check_adds_and_finds(size_t most_bytes) {
    struct id_set set = {.seed = 7, .most_bytes = most_bytes};
    char id[32];
    bool was_there;
    assert_false(id_set_has(&set, numbered(id, 0)));
    for (unsigned i = 0; i < 20000; i++) {
        assert_true(id_set_add(&set, numbered(id, i), &was_there));
        assert_false(was_there);
    }
    for (unsigned i = 0; i < 20000; i++) {
        assert_true(id_set_has(&set, numbered(id, i)));
        assert_true(id_set_add(&set, numbered(id, i), &was_there));
        assert_true(was_there);
        assert_false(id_set_has(&set, numbered(id, i + 20000)));
    }
    assert_int_equal(set.used, 20000);
    assert_int_equal(set.is_in_file, most_bytes > 0);
    id_set_clear(&set);
    assert_int_equal(set.used, 0);
    assert_false(id_set_has(&set, numbered(id, 1)));
    assert_true(id_set_add(&set, numbered(id, 1), &was_there));
    assert_false(was_there);
    id_set_free(&set);
}

/* In memory; in a file from the beginning, or when it grows. */
static void test_adds_and_finds(void **state) {
    (void)state;
    check_adds_and_finds(0);
    check_adds_and_finds(1);
    check_adds_and_finds((size_t)40 << 10);
}

/* A set is as large as it was, in memory, where no file can be made. */
static void test_no_file(void **state) {
    (void)state;
    char before[256] = "";
    struct id_set set = {.most_bytes = 1};
    bool was_there;
    if (getenv("TMPDIR")) (void)snprintf(before, sizeof before, "%s", getenv("TMPDIR"));
    assert_int_equal(setenv("TMPDIR", "/there/is/no/such/folder", 1), 0);
    for (uint64_t i = 0; i < 5000; i++)
        assert_true(id_set_add_hash(&set, i + 1, &was_there) && !was_there);
    assert_false(set.is_in_file);
    assert_true(id_set_has_hash(&set, 4711));
    assert_int_equal(before[0] ? setenv("TMPDIR", before, 1) : unsetenv("TMPDIR"), 0);
    id_set_free(&set);
}

static void test_hash_zero(void **state) {
    (void)state;
    struct id_set set = {0};
    bool was_there;
    assert_false(id_set_has_hash(&set, 0));
    assert_true(id_set_add_hash(&set, 0, &was_there));
    assert_false(was_there);
    assert_true(id_set_has_hash(&set, 0));
    assert_true(id_set_add_hash(&set, 0, &was_there));
    assert_true(was_there);
    assert_false(id_set_has_hash(&set, 2));
    id_set_free(&set);
}

static bool refuse(void *context) {
    (void)context;
    return false;
}

/* Out of memory the set stays what it was. */
static void test_no_memory(void **state) {
    (void)state;
    struct id_set set = {0};
    bool was_there;
    memory_set_test_hook(refuse, NULL);
    assert_false(id_set_add_hash(&set, 5, &was_there));
    memory_set_test_hook(NULL, NULL);
    uint64_t added = 0;
    for (; added < 512; added++)
        assert_true(id_set_add_hash(&set, added + 10, &was_there));
    memory_set_test_hook(refuse, NULL);
    while (id_set_add_hash(&set, added + 10, &was_there))
        added++;
    memory_set_test_hook(NULL, NULL);
    assert_true(added >= 512);
    for (uint64_t i = 0; i < added; i++)
        assert_true(id_set_has_hash(&set, i + 10));
    assert_false(id_set_has_hash(&set, added + 10));
    id_set_free(&set);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_adds_and_finds),
        cmocka_unit_test(test_no_file),
        cmocka_unit_test(test_hash_zero),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
