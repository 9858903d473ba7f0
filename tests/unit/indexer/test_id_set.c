/* test_id_set.c - a set of ids by hash: nothing is forgotten, nothing is found that was not added. */
#include "indexer/base/memory.h"
#include "indexer/id_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static struct view numbered(char id[32], unsigned number) {
    return view_of(id, (size_t)snprintf(id, 32, "id-%u", number));
}

static void test_adds_and_finds(void **state) {
    (void)state;
    struct id_set set = {.seed = 7};
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
    id_set_clear(&set);
    assert_int_equal(set.used, 0);
    assert_false(id_set_has(&set, numbered(id, 1)));
    assert_true(id_set_add(&set, numbered(id, 1), &was_there));
    assert_false(was_there);
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
        cmocka_unit_test(test_hash_zero),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
