/* test_store_limits.c - little address space, few rights, a medium that nobody can write to. Each in a process of its own,
 * whose exit code is the line that failed, as far as it fits; 0 is success, SKIPPED where the machine does not let us try.
 */
#include "tests/unit/store/store_test.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>

#define SKIPPED 77
#define MEGABYTE ((uint64_t)1 << 20)
/* In a child: leaves it when the condition does not hold. stderr says where. */
#define child_assert(condition)                                                                                            \
    do {                                                                                                                   \
        if (!(condition)) {                                                                                                \
            (void)fprintf(stderr, "%s:%d: %s (%s)\n", __FILE__, __LINE__, #condition, error.message);                      \
            _exit(1);                                                                                                      \
        }                                                                                                                  \
    } while (0)

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_SHADOW_MEMORY 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_SHADOW_MEMORY 1
#endif
#endif

static char path[TEMPORARY_PATH_SIZE];

static int set_up(void **state) {
    (void)state;
    store *made = temporary_index_create(path);
    put_one(made, TABLE_INDEX, "a", text("1"));
    store_close(made);
    assert_int_equal(chmod(path, 0755), 0);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    temporary_index_remove(path);
    return 0;
}

static void run_child(int (*act)(void *context), void *context) {
    int status = in_child(act, context);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == SKIPPED) skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

static bool reads_a(store *opened) {
    store_txn *txn;
    struct view found;
    if (store_begin_read(opened, &txn, NULL) != REVUE_OK) return false;
    bool is_there =
        store_get(txn, TABLE_INDEX, text("a"), &found, NULL) == REVUE_OK && found.size == 1 && found.data[0] == '1';
    store_abort(txn);
    return is_there;
}

/* ---- address space ---- */

/* Leaves this process so much address space on top of what it has. */
static bool limit_address_space(uint64_t more) {
#ifdef HAS_SHADOW_MEMORY
    (void)more;
    return false;
#else
    unsigned long pages;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%lu", &pages) != 1) return false;
    (void)fclose(file);
    rlim_t limit = (rlim_t)(pages * (unsigned long)sysconf(_SC_PAGESIZE) + more);
    return setrlimit(RLIMIT_AS, &(struct rlimit){limit, limit}) == 0;
#endif
}

static revue_status write_megabytes(store *opened, unsigned count, revue_error *error) {
    static char megabyte[MEGABYTE];
    static unsigned number;
    for (unsigned i = 0; i < count; i++) {
        char key[16];
        store_txn *txn;
        (void)snprintf(key, sizeof key, "m%06u", number++);
        TRY(store_begin_write(opened, &txn, error));
        revue_status status = store_put(txn, TABLE_SEGMENTS, text(key), view_of(megabyte, sizeof megabyte), error);
        if (status != REVUE_OK) {
            store_abort(txn);
            return status;
        }
        TRY(store_commit(txn, error));
    }
    return REVUE_OK;
}

static int write_in_little_space(void *context) {
    (void)context;
    revue_error error = {0};
    store *opened;
    if (!limit_address_space(100 * MEGABYTE)) return SKIPPED;
    child_assert(store_open(&opened, path, STORE_WRITE, &error) == REVUE_OK);
    child_assert(opened->environment->map_bytes == 32 * MEGABYTE); /* half of the 64 that were to be had */
    child_assert(write_megabytes(opened, 45, &error) == REVUE_OK); /* grows between transactions */
    child_assert(opened->environment->map_bytes == 64 * MEGABYTE);
    child_assert(write_megabytes(opened, 100, &error) == REVUE_NO_MEMORY);
    child_assert(strstr(error.message, "ulimit -v"));
    child_assert(reads_a(opened));
    store_close(opened);
    child_assert(store_open(&opened, path, STORE_READ, &error) == REVUE_OK);
    child_assert(reads_a(opened));
    store_close(opened);
    return 0;
}

static void test_little_address_space(void **state) {
    (void)state;
    run_child(write_in_little_space, NULL);
}

static int open_in_no_space(void *context) {
    (void)context;
    revue_error error = {0};
    store *opened;
    if (!limit_address_space(8 * MEGABYTE)) return SKIPPED;
    child_assert(store_open(&opened, path, STORE_READ, &error) == REVUE_NO_MEMORY);
    return 0;
}

static void test_more_than_the_address_space(void **state) {
    (void)state;
    revue_error error;
    store *opened;
    assert_ok(store_open(&opened, path, STORE_WRITE, &error));
    assert_ok(write_megabytes(opened, 20, &error));
    store_close(opened);
    run_child(open_in_no_space, NULL);
}

struct pipes {
    int up[2], down[2];
};

/* Another process, with all the address space it wants, writes past the end of this one's map. */
static int read_while_it_grows(void *context) {
    struct pipes *pipes = context;
    revue_error error = {0};
    store *opened;
    store_txn *old, *txn;
    char byte;
    if (!limit_address_space(100 * MEGABYTE)) return SKIPPED;
    child_assert(store_open(&opened, path, STORE_READ, &error) == REVUE_OK);
    child_assert(store_begin_read(opened, &old, &error) == REVUE_OK);
    child_assert(write(pipes->up[1], "x", 1) == 1 && read(pipes->down[0], &byte, 1) == 1);
    child_assert(store_begin_read(opened, &txn, &error) == REVUE_NO_MEMORY); /* the old snapshot is in use */
    child_assert(strstr(error.message, "outgrew"));
    store_abort(old);
    child_assert(store_begin_read(opened, &txn, &error) == REVUE_OK);
    store_abort(txn);
    child_assert(reads_a(opened));
    store_close(opened);
    return 0;
}

static void test_grown_by_another_process(void **state) {
    (void)state;
    revue_error error;
    struct pipes pipes;
    char byte;
    int status;
    store *opened;
    assert_int_equal(pipe(pipes.up), 0);
    assert_int_equal(pipe(pipes.down), 0);
    (void)fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        (void)close(pipes.down[1]);
        _exit(read_while_it_grows(&pipes));
    }
    (void)close(pipes.up[1]);
    if (read(pipes.up[0], &byte, 1) == 1) {
        assert_ok(store_open(&opened, path, STORE_WRITE, &error));
        assert_ok(write_megabytes(opened, 40, &error));
        store_close(opened);
        assert_int_equal(write(pipes.down[1], "x", 1), 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    (void)close(pipes.up[0]), (void)close(pipes.down[0]), (void)close(pipes.down[1]);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == SKIPPED) skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- rights ---- */

/* Root may do everything: become nobody. */
static bool drop_rights(void) {
    return geteuid() != 0 || setuid(65534) == 0;
}

static int read_with_lock_only(void *context) {
    (void)context;
    revue_error error = {0};
    store *opened, *writer;
    store_txn *txn;
    if (!drop_rights()) return SKIPPED;
    child_assert(store_open(&opened, path, STORE_READ, &error) == REVUE_OK);
    child_assert(opened->environment->is_read_only && opened->environment->has_locks);
    child_assert(reads_a(opened));
    child_assert(store_open(&writer, path, STORE_WRITE, &error) == REVUE_NO_RIGHTS);
    child_assert(strstr(error.message, "reading only"));
    child_assert(store_begin_write(opened, &txn, &error) == REVUE_BUG);
    store_close(opened);
    child_assert(store_open(&writer, path, STORE_WRITE, &error) == REVUE_NO_RIGHTS);
    child_assert(strstr(error.message, "chmod g+rwX"));
    index_lock *lock;
    child_assert(index_lock_take(&lock, path, 0, &error) == REVUE_NO_RIGHTS);
    return 0;
}

static void test_right_to_read_and_lock(void **state) {
    (void)state;
    assert_int_equal(chmod(inside(path, "store.1/data.mdb"), 0444), 0);
    assert_int_equal(chmod(inside(path, "store.1/lock.mdb"), 0666), 0);
    write_file(inside(path, "lock"), "");
    assert_int_equal(chmod(inside(path, "lock"), 0444), 0);
    run_child(read_with_lock_only, NULL);
}

static int read_without_lock(void *context) {
    (void)context;
    revue_error error = {0};
    store *opened;
    if (!drop_rights()) return SKIPPED;
    child_assert(store_open(&opened, path, STORE_READ, &error) == REVUE_NO_RIGHTS);
    child_assert(strstr(error.message, "lock.mdb") && strstr(error.message, "chmod g+rwX"));
    child_assert(store_open(&opened, path, STORE_CREATE, &error) == REVUE_NO_RIGHTS);
    child_assert(store_open(&opened, inside(path, "new"), STORE_CREATE, &error) == REVUE_NO_RIGHTS);
    child_assert(strstr(error.message, "no right to write to the folder above"));
    return 0;
}

static void test_no_right_to_lock(void **state) {
    (void)state;
    assert_int_equal(chmod(inside(path, "store.1/lock.mdb"), 0444), 0);
    assert_int_equal(chmod(path, 0555), 0);
    run_child(read_without_lock, NULL);
    assert_int_equal(chmod(path, 0755), 0);
}

static int read_on_read_only_medium(void *context) {
    (void)context;
    revue_error error = {0};
    store *opened, *writer;
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return SKIPPED;
    if (mount(path, path, NULL, MS_BIND, NULL) != 0) return SKIPPED;
    if (mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) != 0) return SKIPPED;
    child_assert(store_open(&opened, path, STORE_READ, &error) == REVUE_OK);
    child_assert(opened->environment->is_read_only && !opened->environment->has_locks);
    child_assert(reads_a(opened));
    struct store_sizes sizes;
    child_assert(store_measure(opened, &sizes, &error) == REVUE_OK && sizes.readers == 0);
    store_close(opened);
    child_assert(store_open(&writer, path, STORE_WRITE, &error) == REVUE_NO_RIGHTS);
    child_assert(strstr(error.message, "mounted read-only"));
    index_lock *lock;
    child_assert(index_lock_take(&lock, path, 0, &error) == REVUE_NO_RIGHTS);
    return 0;
}

static void test_read_only_medium(void **state) {
    (void)state;
    run_child(read_on_read_only_medium, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_little_address_space, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_more_than_the_address_space, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_grown_by_another_process, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_right_to_read_and_lock, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_right_to_lock, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_read_only_medium, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
