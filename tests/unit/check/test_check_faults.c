/* test_check_faults.c - every allocation and every call of LMDB fails once while a whole index is checked: that is an
 * error, never a clean bill and never a fault of the index; and nothing is lost on the way. */
#include "tests/unit/check/check_test.h"

static struct said said;

static revue_status act(void) {
    revue_error error = {0};
    return check_here("index", &said, &error);
}

static bool was_hit;

static bool pass_and_note(void *context) {
    bool passes = pass_until(context);
    was_hit |= !passes;
    return passes;
}

/* Some calls may fail without harm: a cache that is not made, a look at what is told in another way. */
static void fail_each(void (*set_hook)(bool (*may)(void *context), void *context), revue_status expected) {
    struct fault fault = {UINT32_MAX, 0};
    assert_int_equal(act(), REVUE_OK); /* what is worked out once, is */
    set_hook(pass_and_note, &fault);
    assert_int_equal(act(), REVUE_OK);
    set_hook(NULL, NULL);
    unsigned calls = fault.seen, step = calls / 700 + 1, harmless = 0;
    assert_true(calls > 100);
    for (unsigned until = 0; until < calls; until += until < 300 ? 1 : step) {
        fault = (struct fault){until, 0};
        was_hit = false;
        set_hook(pass_and_note, &fault);
        revue_status status = act();
        set_hook(NULL, NULL);
        assert_true(was_hit);
        if (said.faults > 0) fail_msg("call %u: %s", until, said.all);
        if (status != REVUE_OK && status != expected) fail_msg("call %u: status %d", until, (int)status);
        harmless += status == REVUE_OK;
    }
    assert_true(harmless * 20 < calls);
    assert_int_equal(act(), REVUE_OK);
}

static void test_allocations(void **state) {
    (void)state;
    make_index("index", 24);
    fail_each(memory_set_test_hook, REVUE_NO_MEMORY);
}

static void test_lmdb_calls(void **state) {
    (void)state;
    make_index("index", 24);
    fail_each(store_set_test_hook, REVUE_IO);
}

/* In the child the hook is the parent's, its count goes on by itself. */
static void test_in_the_child(void **state) {
    (void)state;
    make_index("index", 24);
    for (unsigned until = 20; until < 120; until += 10) {
        struct fault fault = {until, 0};
        revue_error error = {0};
        memory_set_test_hook(pass_until, &fault);
        revue_status status = check_aside("index", &said, &error);
        memory_set_test_hook(NULL, NULL);
        if (status != REVUE_NO_MEMORY) fail_msg("allocation %u: status %d", until, (int)status);
        assert_int_equal(said.faults, 0);
        assert_non_null(strstr(error.message, "out of memory"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_allocations, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_lmdb_calls, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_in_the_child, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
