/* test_watch_state.c - what watch remembers: written and read back, replaced as a whole, refused when it is something else.
 */
#include "indexer/base/memory.h"
#include "query/cli/watch_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define UUID "99ffbd59-11d7-48b1-be35-a95675b49e74"

static char folder[] = "/tmp/revue-watch-XXXXXX";
static char path[64], made[80];

static int make_folder(void **state) {
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/revue-watch-XXXXXX");
    if (!mkdtemp(folder)) return -1;
    (void)snprintf(path, sizeof path, "%s/seen", folder);
    (void)snprintf(made, sizeof made, "%s.new", path);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    memory_set_test_hook(NULL, NULL);
    (void)unlink(path);
    (void)unlink(made);
    return rmdir(folder);
}

static void put(const char *text) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

static struct watch_row row(const char *name, uint64_t run, uint64_t hash) {
    return (struct watch_row){view_of_string(UUID), view_of_string(name), run, hash};
}

static revue_status write_rows(uint64_t run, revue_error *error) {
    struct watch_state state = {0};
    revue_status status = watch_state_add(&state, row("calm rooms", run, 1), error);
    if (status == REVUE_OK) status = watch_state_add(&state, row("\xC3\xBC", UINT32_MAX, UINT64_MAX), error);
    if (status == REVUE_OK) status = watch_state_write(&state, path, error);
    watch_state_free(&state);
    return status;
}

static void assert_rows(uint64_t run) {
    struct watch_state state;
    revue_error error = {0};
    assert_int_equal(watch_state_read(&state, path, &error), REVUE_OK);
    assert_int_equal(state.count, 2);
    const struct watch_row *found = watch_state_find(&state, view_of_string("calm rooms"));
    assert_non_null(found);
    assert_int_equal(found->run, run);
    assert_true(view_equal(found->uuid, view_of_string(UUID)));
    found = watch_state_find(&state, view_of_string("\xC3\xBC"));
    assert_non_null(found);
    assert_int_equal(found->run, UINT32_MAX);
    assert_true(found->hash == UINT64_MAX);
    assert_null(watch_state_find(&state, view_of_string("calm")));
    watch_state_free(&state);
}

static void test_there_and_back(void **state) {
    (void)state;
    revue_error error = {0};
    assert_int_equal(write_rows(7, &error), REVUE_OK);
    assert_rows(7);
    assert_int_equal(write_rows(8, &error), REVUE_OK);
    assert_rows(8);
    assert_int_not_equal(access(made, F_OK), 0);
}

static void test_no_file(void **state) {
    (void)state;
    struct watch_state read;
    revue_error error = {0};
    assert_int_equal(watch_state_read(&read, path, &error), REVUE_OK);
    assert_int_equal(read.count, 0);
    watch_state_free(&read);
    put("");
    assert_int_equal(watch_state_read(&read, path, &error), REVUE_OK);
    watch_state_free(&read);
}

static void test_something_else(void **state) {
    (void)state;
    static const char *const others[] = {
        "hello",
        "revue-query watch 2\n",
        "revue-query watch 1",
        "revue-query watch 1\nno tabs\n",
        "revue-query watch 1\n" UUID "\t7\t0000000000000001\tcut",
        "revue-query watch 1\n" UUID "\t7\t0000000000000001\t\n",
        "revue-query watch 1\n" UUID "\t-7\t0000000000000001\tname\n",
        "revue-query watch 1\n" UUID "\t7\t000000000000000g\tname\n",
        "revue-query watch 1\n" UUID "\t99999999999999999999\t0000000000000001\tname\n",
        "revue-query watch 1\n\n",
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct watch_state read;
        revue_error error = {0};
        put(others[i]);
        if (watch_state_read(&read, path, &error) != REVUE_INVALID) fail_msg("%s", others[i]);
        assert_non_null(strstr(error.message, "--state"));
    }
}

static unsigned allowed;

static bool pass_some(void *context) {
    (void)context;
    return allowed-- > 0;
}

/* Whatever fails, the file is the old one or the new one. */
static void test_no_memory(void **state) {
    (void)state;
    revue_error error = {0};
    assert_int_equal(write_rows(1, &error), REVUE_OK);
    for (unsigned allocations = 0;; allocations++) {
        allowed = allocations;
        memory_set_test_hook(pass_some, NULL);
        revue_status status = write_rows(2, &error);
        memory_set_test_hook(NULL, NULL);
        assert_rows(status == REVUE_OK ? 2 : 1);
        if (status == REVUE_OK) break;
        assert_int_equal(status, REVUE_NO_MEMORY);
        assert_true(allocations < 100);
    }
    for (unsigned allocations = 0;; allocations++) {
        struct watch_state read;
        allowed = allocations;
        memory_set_test_hook(pass_some, NULL);
        revue_status status = watch_state_read(&read, path, &error);
        memory_set_test_hook(NULL, NULL);
        if (status == REVUE_OK) {
            watch_state_free(&read);
            break;
        }
        assert_int_equal(status, REVUE_NO_MEMORY);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void) {
    const struct CMUnitTest tests[] = {TEST(test_there_and_back), TEST(test_no_file), TEST(test_something_else),
                                       TEST(test_no_memory)};
    return cmocka_run_group_tests_name("watch state", tests, NULL, NULL);
}
