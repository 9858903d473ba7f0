/* test_index_lock.c - the lock of a run: who holds it, how long another one waits, and that the dead hold nothing. */
#include "tests/unit/store/store_test.h"

#include <signal.h>
#include <time.h>

static char path[TEMPORARY_PATH_SIZE];

static int set_up(void **state) {
    (void)state;
    temporary_folder_create(path);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    temporary_folder_remove(path);
    return 0;
}

static void test_taken_and_released(void **state) {
    (void)state;
    revue_error error;
    index_lock *lock, *second;
    char expected[64], content[256] = "";
    assert_ok(index_lock_take(&lock, path, 0, &error));
    FILE *file = fopen(inside(path, "lock"), "r");
    assert_non_null(file);
    assert_non_null(fgets(content, sizeof content, file));
    (void)fclose(file);
    (void)snprintf(expected, sizeof expected, "%ld\t", (long)getpid());
    assert_memory_equal(content, expected, strlen(expected));
    assert_int_equal(strspn(strrchr(content, '\t') + 1, "0123456789"), strlen(strrchr(content, '\t') + 1) - 1);
    (void)snprintf(expected, sizeof expected, "held by process %ld on ", (long)getpid());
    assert_fails(index_lock_take(&second, path, 0, &error), REVUE_BUSY, expected);
    assert_non_null(strstr(error.message, " since 20"));
    index_lock_release(lock);
    assert_ok(index_lock_take(&lock, path, 0, &error));
    index_lock_release(lock);
    index_lock_release(NULL);
}

static void test_no_folder(void **state) {
    (void)state;
    revue_error error;
    index_lock *lock;
    assert_fails(index_lock_take(&lock, inside(path, "missing"), 0, &error), REVUE_NO_INPUT, "there is no index");
    write_file(inside(path, "file"), "");
    assert_int_equal(index_lock_take(&lock, inside(path, "file"), 0, &error), REVUE_NO_INPUT);
}

static void test_strange_content(void **state) {
    (void)state;
    revue_error error;
    index_lock *lock;
    write_file(inside(path, "lock"), "who\tknows\n");
    int file = open(inside(path, "lock"), O_RDWR | O_CLOEXEC);
    assert_int_equal(fcntl(file, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    index_lock *first;
    assert_ok(index_lock_take(&first, path, 0, &error));
    assert_int_equal(pwrite(file, "who\tknows\n\0\0\0\0", 14, 0), 14);
    assert_int_equal(ftruncate(file, 10), 0);
    assert_fails(index_lock_take(&lock, path, 0, &error), REVUE_BUSY, "held by another run");
    assert_int_equal(ftruncate(file, 0), 0);
    assert_fails(index_lock_take(&lock, path, 0, &error), REVUE_BUSY, "held by another run");
    (void)close(file);
    index_lock_release(first);
}

/* A child that takes the lock, says so, and holds it until it is told or killed. */
static pid_t hold_in_child(int *told) {
    int up[2], down[2];
    char byte;
    assert_int_equal(pipe(up), 0);
    assert_int_equal(pipe(down), 0);
    (void)fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        index_lock *lock;
        (void)close(down[1]);
        if (index_lock_take(&lock, path, 0, NULL) != REVUE_OK || write(up[1], "x", 1) != 1) _exit(1);
        (void)!read(down[0], &byte, 1);
        index_lock_release(lock);
        _exit(0);
    }
    assert_int_equal(read(up[0], &byte, 1), 1);
    (void)close(up[0]), (void)close(up[1]), (void)close(down[0]);
    *told = down[1];
    return child;
}

static void test_waits_for_another_process(void **state) {
    (void)state;
    revue_error error;
    index_lock *lock;
    char expected[64];
    int told, status;
    pid_t child = hold_in_child(&told);
    (void)snprintf(expected, sizeof expected, "held by process %ld on ", (long)child);
    assert_fails(index_lock_take(&lock, path, 0, &error), REVUE_BUSY, expected);
    assert_fails(index_lock_take(&lock, path, 0.05, &error), REVUE_BUSY, expected);
    assert_int_equal(close(told), 0);
    assert_ok(index_lock_take(&lock, path, 60, &error));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    index_lock_release(lock);
}

static void test_the_dead_hold_nothing(void **state) {
    (void)state;
    revue_error error;
    index_lock *lock;
    int told, status;
    pid_t child = hold_in_child(&told);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_ok(index_lock_take(&lock, path, 0, &error));
    index_lock_release(lock);
    (void)close(told);
}

/* The file was removed and made anew: the old one's lock is worth nothing, and the new one's is what counts. */
static void test_lock_file_replaced(void **state) {
    (void)state;
    revue_error error;
    index_lock *old, *lock, *second;
    assert_ok(index_lock_take(&old, path, 0, &error));
    assert_int_equal(unlink(inside(path, "lock")), 0);
    assert_ok(index_lock_take(&lock, path, 0, &error));
    index_lock_release(old);
    assert_fails(index_lock_take(&second, path, 0, &error), REVUE_BUSY, "held by process");
    index_lock_release(lock);
}

static bool never(void *context) {
    (void)context;
    return false;
}

static void test_no_memory(void **state) {
    (void)state;
    index_lock *lock;
    memory_set_test_hook(never, NULL);
    revue_status status = index_lock_take(&lock, path, 0, NULL);
    memory_set_test_hook(NULL, NULL);
    assert_int_equal(status, REVUE_NO_MEMORY);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_taken_and_released, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_folder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_strange_content, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_waits_for_another_process, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_dead_hold_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lock_file_replaced, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_memory, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
