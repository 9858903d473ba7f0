/* test_store_fault.c - every LMDB call and every allocation of a run fails once: nothing leaks, nothing crashes, the status
 * says what it was, and what was committed before is whole. */
#include "tests/unit/store/store_test.h"

static char path[TEMPORARY_PATH_SIZE];

struct fault {
    unsigned until, seen;
};

static bool may_pass(void *context) {
    struct fault *fault = context;
    return fault->seen++ != fault->until;
}

/* ---- what is tried ---- */

static revue_status read_all(store *opened, revue_error *error) {
    store_txn *txn;
    struct view key, value;
    store_cursor *cursor;
    TRY(store_begin_read(opened, &txn, error));
    revue_status status = store_get(txn, TABLE_INDEX, text("committed"), &value, error);
    if (status == REVUE_OK) status = store_cursor_open(txn, TABLE_INDEX, &cursor, error);
    if (status == REVUE_OK) {
        status = store_cursor_at_or_after(cursor, text("a"), &key, &value, error);
        while (status == REVUE_OK)
            status = store_cursor_next(cursor, &key, &value, error);
        if (status == REVUE_NO_MATCH) status = store_cursor_at_or_before(cursor, text("zz"), &key, &value, error);
        store_cursor_close(cursor);
    }
    store_abort(txn);
    return status;
}

static revue_status write_some(store *opened, revue_error *error) {
    store_txn *txn;
    TRY(store_begin_write(opened, &txn, error));
    revue_status status = store_put(txn, TABLE_INDEX, text("new"), text("value"), error);
    if (status == REVUE_OK) status = store_put(txn, TABLE_SEGMENTS, text("seg1"), text("value"), error);
    if (status == REVUE_OK) status = store_put(txn, TABLE_SEGMENTS, text("seg2"), text("value"), error);
    if (status == REVUE_OK) status = store_delete(txn, TABLE_INDEX, text("other"), error);
    if (status == REVUE_OK) status = store_delete_prefix(txn, TABLE_SEGMENTS, text("seg"), error);
    if (status == REVUE_OK) return store_commit(txn, error);
    store_abort(txn);
    return status;
}

static revue_status use_index(revue_error *error) {
    store *opened;
    struct store_sizes sizes;
    TRY(store_open(&opened, path, STORE_CREATE, error));
    revue_status status = read_all(opened, error);
    if (status == REVUE_OK) status = write_some(opened, error);
    if (status == REVUE_OK) status = store_measure(opened, &sizes, error);
    store_close(opened);
    return status;
}

static revue_status create_index(revue_error *error) {
    store *made;
    static unsigned number;
    char name[32];
    (void)snprintf(name, sizeof name, "made%u", number++);
    TRY(store_open(&made, inside(path, name), STORE_CREATE, error));
    store_close(made);
    return REVUE_OK;
}

static revue_status replace_generation(revue_error *error) {
    store *made;
    TRY(store_create_generation(&made, path, error));
    store_txn *txn;
    revue_status status = store_begin_write(made, &txn, error);
    if (status == REVUE_OK) {
        status = store_put(txn, TABLE_INDEX, text("committed"), text("whole"), error);
        if (status == REVUE_OK)
            status = store_commit(txn, error);
        else
            store_abort(txn);
    }
    if (status != REVUE_OK) {
        store_discard(made);
        return status;
    }
    TRY(store_publish(made, error));
    return store_remove_dead(path, error);
}

/* ---- making it fail ---- */

static void assert_whole(void) {
    revue_error error;
    store *opened;
    store_txn *txn;
    struct view found;
    assert_ok(store_open(&opened, path, STORE_READ, &error));
    assert_ok(store_begin_read(opened, &txn, &error));
    assert_ok(store_get(txn, TABLE_INDEX, text("committed"), &found, &error));
    assert_text(found, "whole");
    store_abort(txn);
    store_close(opened);
}

/* The status of the try whose call until failed; *ended when there was no such call any more. */
static revue_status try_once(revue_status (*act)(revue_error *error), unsigned until, bool is_memory, bool *ended) {
    struct fault fault = {until, 0};
    revue_error error = {0};
    if (is_memory)
        memory_set_test_hook(may_pass, &fault);
    else
        store_set_test_hook(may_pass, &fault);
    revue_status status = act(&error);
    memory_set_test_hook(NULL, NULL);
    store_set_test_hook(NULL, NULL);
    *ended = fault.seen <= until;
    if (!*ended && status != REVUE_OK) assert_in_range(strlen(error.message), 10, 511);
    return status;
}

static unsigned fail_each(revue_status (*act)(revue_error *error), bool is_memory, unsigned *passed) {
    for (unsigned until = 0;; until++) {
        bool ended;
        revue_status status = try_once(act, until, is_memory, &ended);
        assert_whole();
        if (ended) {
            assert_int_equal(status, REVUE_OK);
            return until;
        }
        if (status == REVUE_OK)
            (*passed)++;
        else
            assert_int_equal(status, is_memory ? REVUE_NO_MEMORY : REVUE_IO);
    }
}

static int set_up(void **state) {
    (void)state;
    store *made = temporary_index_create(path);
    put_one(made, TABLE_INDEX, "committed", text("whole"));
    put_one(made, TABLE_INDEX, "other", text("thing"));
    store_close(made);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    temporary_index_remove(path);
    return 0;
}

/* One call may fail without harm: looking at the file's size after a commit, which then stands. */
static void test_calls_of_use(void **state) {
    (void)state;
    unsigned passed = 0;
    assert_in_range(fail_each(use_index, false, &passed), 50, 120);
    assert_int_equal(passed, 1);
}

static void test_calls_of_creation(void **state) {
    (void)state;
    unsigned passed = 0;
    assert_in_range(fail_each(create_index, false, &passed), 15, 60);
    assert_int_equal(passed, 0);
}

static void test_calls_of_replacing(void **state) {
    (void)state;
    unsigned passed = 0;
    assert_in_range(fail_each(replace_generation, false, &passed), 50, 120);
    assert_int_equal(passed, 1);
}

static void test_allocations(void **state) {
    (void)state;
    unsigned passed = 0;
    assert_in_range(fail_each(use_index, true, &passed), 7, 20);
    assert_in_range(fail_each(create_index, true, &passed), 4, 20);
    assert_in_range(fail_each(replace_generation, true, &passed), 5, 20);
    assert_int_equal(passed, 0);
}

/* After a failed write the transaction is lost, the next one works. */
static void test_goes_on_after_a_full_disk(void **state) {
    (void)state;
    revue_error error;
    store *opened;
    store_txn *txn;
    struct fault fault = {1, 0};
    assert_ok(store_open(&opened, path, STORE_WRITE, &error));
    store_set_test_hook(may_pass, &fault);
    assert_ok(store_begin_write(opened, &txn, &error));
    assert_fails(store_put(txn, TABLE_INDEX, text("x"), text("y"), &error), REVUE_IO,
                 "disk full: what was committed before is whole");
    store_set_test_hook(NULL, NULL);
    store_abort(txn);
    put_one(opened, TABLE_INDEX, "x", text("y"));
    assert_ok(store_begin_write(opened, &txn, &error));
    assert_ok(store_put(txn, TABLE_INDEX, text("x"), text("z"), &error));
    fault = (struct fault){0, 0};
    store_set_test_hook(may_pass, &fault);
    assert_fails(store_commit(txn, &error), REVUE_IO, "disk full");
    store_set_test_hook(NULL, NULL);
    struct view found;
    assert_ok(store_begin_read(opened, &txn, &error));
    assert_ok(store_get(txn, TABLE_INDEX, text("x"), &found, &error));
    assert_text(found, "y");
    store_abort(txn);
    store_close(opened);
}

static void test_codes(void **state) {
    (void)state;
    static const struct {
        int code;
        revue_status status;
    } cases[] = {{ENOSPC, REVUE_IO},
                 {EDQUOT, REVUE_IO},
                 {EIO, REVUE_IO},
                 {ENOMEM, REVUE_NO_MEMORY},
                 {EACCES, REVUE_NO_RIGHTS},
                 {EPERM, REVUE_NO_RIGHTS},
                 {EROFS, REVUE_NO_RIGHTS},
                 {ENOENT, REVUE_NO_INPUT},
                 {MDB_CORRUPTED, REVUE_CORRUPT},
                 {MDB_INVALID, REVUE_CORRUPT},
                 {MDB_PAGE_NOTFOUND, REVUE_CORRUPT},
                 {MDB_VERSION_MISMATCH, REVUE_CORRUPT},
                 {MDB_PANIC, REVUE_IO},
                 {MDB_MAP_FULL, REVUE_NO_MEMORY},
                 {MDB_MAP_RESIZED, REVUE_NO_MEMORY},
                 {MDB_READERS_FULL, REVUE_BUSY},
                 {MDB_TXN_FULL, REVUE_NO_MEMORY},
                 {MDB_BAD_TXN, REVUE_IO},
                 {MDB_BAD_DBI, REVUE_BUG}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        revue_error error;
        assert_int_equal(lmdb_error_set(&error, cases[i].code, "doing this"), cases[i].status);
        assert_int_equal(error.status, cases[i].status);
        if (cases[i].status != REVUE_NO_MEMORY || cases[i].code < 0)
            assert_ptr_equal(strstr(error.message, "doing this"), error.message);
        assert_int_equal(lmdb_error_set(NULL, cases[i].code, "doing this"), cases[i].status);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_calls_of_use, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_calls_of_creation, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_calls_of_replacing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_allocations, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_goes_on_after_a_full_disk, set_up, tear_down),
        cmocka_unit_test(test_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
