/* test_store_open.c - folders that are an index, are none, or are half of one; what one process shares. */
#include "tests/unit/store/store_test.h"

#include <pthread.h>

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

static void assert_holds(store *opened, const char *key, const char *value) {
    revue_error error;
    store_txn *txn;
    struct view found;
    assert_ok(store_begin_read(opened, &txn, &error));
    if (value) {
        assert_ok(store_get(txn, TABLE_INDEX, text(key), &found, &error));
        assert_text(found, value);
    } else {
        assert_int_equal(store_get(txn, TABLE_INDEX, text(key), &found, &error), REVUE_NO_MATCH);
    }
    store_abort(txn);
}

static void create_index(void) {
    revue_error error;
    store *made;
    assert_ok(store_open(&made, path, STORE_CREATE, &error));
    put_one(made, TABLE_INDEX, "a", text("1"));
    store_close(made);
}

/* ---- what is no index ---- */

static void test_nothing_there(void **state) {
    (void)state;
    revue_error error;
    store *opened;
    uint32_t generation;
    const char *missing = inside(path, "missing");
    assert_fails(store_open(&opened, missing, STORE_READ, &error), REVUE_NO_INPUT, "there is no index");
    assert_fails(store_open(&opened, missing, STORE_WRITE, &error), REVUE_NO_INPUT, "revue-indexer update");
    assert_fails(store_live_generation(missing, &generation, &error), REVUE_NO_INPUT, "there is no index");
    assert_false(exists(missing));
    assert_fails(store_open(&opened, path, STORE_READ, &error), REVUE_CORRUPT, "CURRENT is missing");
    assert_fails(store_open(&opened, inside(path, "a/b"), STORE_CREATE, &error), REVUE_CANNOT_CREATE,
                 "the folder above it");
    store_close(NULL);
}

static void test_a_file_is_no_index(void **state) {
    (void)state;
    revue_error error;
    store *opened;
    const char *file = inside(path, "file");
    write_file(file, "text");
    assert_fails(store_open(&opened, file, STORE_READ, &error), REVUE_CORRUPT, "not an index but a file");
    assert_fails(store_open(&opened, file, STORE_CREATE, &error), REVUE_CANNOT_CREATE, "a file of that name exists");
    assert_fails(store_make_directory(file, &error), REVUE_CANNOT_CREATE, "a file of that name exists");
}

static void test_other_things_are_left_alone(void **state) {
    (void)state;
    revue_error error;
    store *opened;
    write_file(inside(path, "letter.txt"), "dear");
    assert_fails(store_open(&opened, path, STORE_CREATE, &error), REVUE_CANNOT_CREATE, "letter.txt");
    assert_fails(store_make_directory(path, &error), REVUE_CANNOT_CREATE, "letter.txt");
    assert_fails(store_create_generation(&opened, path, &error), REVUE_CANNOT_CREATE, "letter.txt");
    assert_fails(store_open(&opened, path, STORE_READ, &error), REVUE_CORRUPT, "not an index");
    assert_false(exists(inside(path, "store.1")));
    assert_false(exists(inside(path, "CURRENT")));
}

static void test_current_is_strict(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "",           "\n",          "store.1",     "store.01\n",   "store.0\n",
        "store.\n",   "store.1\r\n", "store.1\n\n", " store.1\n",   "store.4294967296\n",
        "store.1x\n", "Store.1\n",   "store.-1\n",  "../store.1\n", "store.99999999999999999999999\n"};
    revue_error error;
    store *opened;
    create_index();
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        write_file(inside(path, "CURRENT"), wrong[i]);
        assert_fails(store_open(&opened, path, STORE_READ, &error), REVUE_CORRUPT, "does not name a store");
        assert_fails(store_open(&opened, path, STORE_CREATE, &error), REVUE_CORRUPT, "does not name a store");
    }
    write_file(inside(path, "CURRENT"), "store.2\n");
    assert_fails(store_open(&opened, path, STORE_READ, &error), REVUE_CORRUPT, "store.2 is missing");
    assert_fails(store_open(&opened, path, STORE_WRITE, &error), REVUE_CORRUPT, "store.2 is missing");
    write_file(inside(path, "CURRENT"), "store.1\n");
    assert_ok(store_open(&opened, path, STORE_READ, &error));
    assert_holds(opened, "a", "1");
    store_close(opened);
}

/* ---- creating ---- */

static void test_created_once(void **state) {
    (void)state;
    revue_error error;
    store *made;
    uint32_t generation;
    const char *index = inside(path, "index");
    assert_ok(store_make_directory(index, &error));
    assert_ok(store_make_directory(index, &error));
    assert_ok(store_open(&made, index, STORE_CREATE, &error));
    assert_int_equal(store_generation(made), 1);
    assert_string_equal(store_path(made), index);
    put_one(made, TABLE_INDEX, "a", text("1"));
    store_close(made);
    assert_ok(store_make_directory(index, &error));
    assert_ok(store_open(&made, index, STORE_CREATE, &error));
    assert_holds(made, "a", "1");
    store_close(made);
    assert_ok(store_live_generation(index, &generation, &error));
    assert_int_equal(generation, 1);
}

/* Whatever a stopped run left behind, the next one completes it. */
static void test_half_made_is_completed(void **state) {
    (void)state;
    revue_error error;
    store *made;
    write_file(inside(path, "lock"), "");
    write_file(inside(path, "CURRENT.new"), "sto");
    assert_int_equal(mkdir(inside(path, "store.1"), 0777), 0);
    write_file(inside(path, "store.1/data.mdb"), "");
    assert_ok(store_open(&made, path, STORE_CREATE, &error));
    put_one(made, TABLE_INDEX, "a", text("1"));
    store_close(made);
    assert_int_equal(unlink(inside(path, "CURRENT")), 0);
    assert_fails(store_open(&made, path, STORE_WRITE, &error), REVUE_CORRUPT, "CURRENT is missing");
    assert_ok(store_open(&made, path, STORE_CREATE, &error));
    assert_holds(made, "a", "1");
    store_close(made);
}

static void test_generation_without_current_is_kept(void **state) {
    (void)state;
    revue_error error;
    store *made;
    create_index();
    assert_int_equal(rename(inside(path, "store.1"), inside(path, "store.7")), 0);
    assert_int_equal(unlink(inside(path, "CURRENT")), 0);
    assert_fails(store_open(&made, path, STORE_CREATE, &error), REVUE_CORRUPT, "store.7");
    assert_fails(store_create_generation(&made, path, &error), REVUE_CORRUPT, "store.7");
    write_file(inside(path, "CURRENT"), "store.7\n");
    assert_ok(store_open(&made, path, STORE_READ, &error));
    assert_holds(made, "a", "1");
    store_close(made);
}

/* As a run does it: the folder, in which it would then take the lock, and the rest. */
static int make_and_create(const char *index) {
    store *made;
    revue_status status = store_make_directory(index, NULL);
    return status == REVUE_OK ? (int)store_open(&made, index, STORE_CREATE, NULL) : (int)status;
}

/* Processes that race to create one index all get it, and it is one. Some find it whole where they had just seen nothing.
 */
static void test_created_by_many_at_once(void **state) {
    (void)state;
    for (unsigned round = 0; round < 25; round++) {
        char index[TEMPORARY_PATH_SIZE + 16];
        pid_t children[4];
        store *made;
        (void)snprintf(index, sizeof index, "%s/index%u", path, round);
        (void)fflush(NULL);
        for (size_t i = 0; i < 4; i++) {
            children[i] = fork();
            if (children[i] == 0) _exit(i % 2 ? make_and_create(index) : (int)store_open(&made, index, STORE_CREATE, NULL));
        }
        for (size_t i = 0; i < 4; i++) {
            int status;
            assert_int_equal(waitpid(children[i], &status, 0), children[i]);
            assert_int_equal(status, 0);
        }
        assert_int_equal(store_open(&made, index, STORE_WRITE, NULL), REVUE_OK);
        assert_false(exists(inside(index, "store.2")));
        store_close(made);
    }
}

/* ---- tables ---- */

static void test_missing_table(void **state) {
    (void)state;
    revue_error error;
    store *opened;
    MDB_env *handle;
    assert_int_equal(mkdir(inside(path, "store.1"), 0777), 0);
    assert_int_equal(mdb_env_create(&handle), 0);
    assert_int_equal(mdb_env_open(handle, inside(path, "store.1"), 0, 0666), 0);
    mdb_env_close(handle);
    write_file(inside(path, "CURRENT"), "store.1\n");
    assert_fails(store_open(&opened, path, STORE_READ, &error), REVUE_CORRUPT, "the table index is missing");
    assert_fails(store_open(&opened, path, STORE_WRITE, &error), REVUE_CORRUPT, "the table index is missing");
}

static void test_not_a_data_file(void **state) {
    (void)state;
    revue_error error;
    store *opened;
    static char junk[20000];
    create_index();
    memset(junk, 'x', sizeof junk - 1);
    write_file(inside(path, "store.1/data.mdb"), junk);
    assert_fails(store_open(&opened, path, STORE_READ, &error), REVUE_CORRUPT, "damaged");
    write_file(inside(path, "store.1/data.mdb"), "");
    assert_fails(store_open(&opened, path, STORE_READ, &error), REVUE_CORRUPT, "too short");
    assert_int_equal(size_of_file(inside(path, "store.1/data.mdb")), 0);
    assert_int_equal(unlink(inside(path, "store.1/data.mdb")), 0);
    assert_fails(store_open(&opened, path, STORE_READ, &error), REVUE_CORRUPT, "data.mdb is missing");
    assert_false(exists(inside(path, "store.1/data.mdb")));
}

/* ---- sharing ---- */

static void test_environments_are_shared(void **state) {
    (void)state;
    revue_error error;
    store *reader, *writer, *other;
    char same[TEMPORARY_PATH_SIZE * 2 + 8];
    create_index();
    (void)snprintf(same, sizeof same, "%s/../%s", path, path + strlen("/tmp/"));
    assert_ok(store_open(&reader, path, STORE_READ, &error));
    assert_ok(store_open(&writer, same, STORE_WRITE, &error));
    assert_ok(store_open(&other, path, STORE_READ_ALL, &error));
    assert_ptr_equal(reader->environment, writer->environment);
    assert_ptr_equal(reader->environment, other->environment);
    put_one(writer, TABLE_INDEX, "b", text("2"));
    store_close(writer);
    assert_holds(reader, "b", "2");
    store_close(other);
    assert_holds(reader, "b", "2");
    store_close(reader);
    assert_false(environment_is_open(inside(path, "store.1")));
}

static void test_reading_is_not_writing(void **state) {
    (void)state;
    revue_error error;
    store *reader;
    store_txn *txn;
    create_index();
    assert_ok(store_open(&reader, path, STORE_READ, &error));
    assert_fails(store_begin_write(reader, &txn, &error), REVUE_BUG, "opened for reading");
    store_close(reader);
}

static void *read_often(void *context) {
    bool *is_done = context;
    for (int i = 0; i < 500; i++) {
        store *opened;
        store_txn *txn;
        struct view found;
        if (store_open(&opened, path, i % 2 ? STORE_READ : STORE_READ_ALL, NULL) != REVUE_OK) return NULL;
        if (store_begin_read(opened, &txn, NULL) != REVUE_OK) return NULL;
        if (store_get(txn, TABLE_INDEX, text("a"), &found, NULL) != REVUE_OK) return NULL;
        store_abort(txn);
        store_close(opened);
    }
    *is_done = true;
    return NULL;
}

static void test_threads(void **state) {
    (void)state;
    revue_error error;
    pthread_t threads[4];
    bool is_done[4] = {false};
    store *writer;
    create_index();
    assert_ok(store_open(&writer, path, STORE_WRITE, &error));
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_often, &is_done[i]), 0);
    for (int i = 0; i < 50; i++)
        put_one(writer, TABLE_INDEX, "b", view_of(&i, sizeof i));
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(is_done[i]);
    }
    store_close(writer);
}

/* ---- generations ---- */

static void test_published(void **state) {
    (void)state;
    revue_error error;
    store *old, *made, *now;
    uint32_t generation;
    create_index();
    assert_ok(store_open(&old, path, STORE_READ, &error));
    assert_ok(store_create_generation(&made, path, &error));
    assert_int_equal(store_generation(made), 2);
    put_one(made, TABLE_INDEX, "a", text("new"));
    assert_ok(store_live_generation(path, &generation, &error));
    assert_int_equal(generation, 1);
    assert_ok(store_publish(made, &error));
    assert_ok(store_live_generation(path, &generation, &error));
    assert_int_equal(generation, 2);
    assert_ok(store_remove_dead(path, &error)); /* the old one is open here: it stays */
    assert_true(exists(inside(path, "store.1")));
    assert_holds(old, "a", "1");
    assert_ok(store_open(&now, path, STORE_WRITE, &error));
    assert_holds(now, "a", "new");
    put_one(now, TABLE_INDEX, "b", text("2"));
    store_close(now);
    store_close(old);
    assert_ok(store_remove_dead(path, &error));
    assert_false(exists(inside(path, "store.1")));
    assert_true(exists(inside(path, "store.2")));
}

static void test_discarded(void **state) {
    (void)state;
    revue_error error;
    store *made;
    uint32_t generation;
    create_index();
    assert_ok(store_create_generation(&made, path, &error));
    assert_true(exists(inside(path, "store.2")));
    store_discard(made);
    store_discard(NULL);
    assert_false(exists(inside(path, "store.2")));
    assert_ok(store_live_generation(path, &generation, &error));
    assert_int_equal(generation, 1);
}

static void test_leftover_generation_is_replaced(void **state) {
    (void)state;
    revue_error error;
    store *made, *second;
    create_index();
    assert_ok(store_create_generation(&made, path, &error));
    put_one(made, TABLE_INDEX, "left", text("over"));
    assert_fails(store_create_generation(&second, path, &error), REVUE_BUSY, "store.2");
    store_close(made); /* as a run that was stopped */
    assert_ok(store_create_generation(&made, path, &error));
    assert_holds(made, "left", NULL);
    store_close(made);
    assert_ok(store_remove_dead(path, &error));
    assert_false(exists(inside(path, "store.2")));
}

static void test_copied_into_a_new_folder(void **state) {
    (void)state;
    revue_error error;
    store *made, *opened;
    const char *copy = inside(path, "copy");
    assert_ok(store_create_generation(&made, copy, &error));
    assert_int_equal(store_generation(made), 1);
    put_one(made, TABLE_INDEX, "a", text("1"));
    assert_fails(store_open(&opened, copy, STORE_READ, &error), REVUE_CORRUPT, "CURRENT is missing");
    assert_ok(store_publish(made, &error));
    assert_ok(store_open(&opened, copy, STORE_READ, &error));
    assert_holds(opened, "a", "1");
    store_close(opened);
}

/* A process that reads a dead generation keeps it. */
static void test_read_generation_stays(void **state) {
    (void)state;
    revue_error error;
    store *made;
    int up[2], down[2];
    char byte;
    create_index();
    assert_int_equal(pipe(up), 0);
    assert_int_equal(pipe(down), 0);
    (void)fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        store *old;
        store_txn *txn;
        (void)close(down[1]);
        bool is_reading =
            store_open(&old, path, STORE_READ, NULL) == REVUE_OK && store_begin_read(old, &txn, NULL) == REVUE_OK;
        if (!is_reading || write(up[1], "x", 1) != 1) _exit(1);
        (void)!read(down[0], &byte, 1);
        _exit(0); /* without ending the transaction: a dead reader holds nothing */
    }
    assert_int_equal(read(up[0], &byte, 1), 1);
    assert_ok(store_create_generation(&made, path, &error));
    assert_ok(store_publish(made, &error));
    assert_ok(store_remove_dead(path, &error));
    assert_true(exists(inside(path, "store.1")));
    assert_int_equal(close(down[1]), 0);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_ok(store_remove_dead(path, &error));
    assert_false(exists(inside(path, "store.1")));
    (void)close(up[0]), (void)close(up[1]), (void)close(down[0]);
}

static void test_garbage_generation_is_removed(void **state) {
    (void)state;
    revue_error error;
    create_index();
    assert_int_equal(mkdir(inside(path, "store.9"), 0777), 0);
    write_file(inside(path, "store.9/data.mdb"), "garbage");
    write_file(inside(path, "store.9x"), "somebody's");
    assert_ok(store_remove_dead(path, &error));
    assert_false(exists(inside(path, "store.9")));
    assert_true(exists(inside(path, "store.9x")));
    assert_true(exists(inside(path, "store.1")));
}

/* ---- the rest ---- */

static void test_measure(void **state) {
    (void)state;
    revue_error error;
    store *opened;
    store_txn *reader;
    struct store_sizes before, after;
    static char value[400000];
    create_index();
    assert_ok(store_open(&opened, path, STORE_WRITE, &error));
    assert_ok(store_measure(opened, &before, &error));
    assert_int_equal(before.readers, 0);
    assert_int_equal(before.oldest_reader_lag, 0);
    assert_ok(store_begin_read(opened, &reader, &error));
    put_one(opened, TABLE_INDEX, "big", view_of(value, sizeof value));
    put_one(opened, TABLE_INDEX, "big", text("small"));
    assert_ok(store_measure(opened, &after, &error));
    assert_int_equal(after.readers, 1);
    assert_int_equal(after.oldest_reader_lag, 2);
    assert_in_range(after.free_bytes, sizeof value, sizeof value + 65536);
    assert_in_range(after.used_bytes, before.used_bytes, before.used_bytes + 32768);
    assert_in_range(after.file_bytes, after.used_bytes + after.free_bytes, after.used_bytes + after.free_bytes + 65536);
    store_abort(reader);
    store_close(opened);
}

static void test_network_file_systems(void **state) {
    (void)state;
    revue_error error;
    assert_string_equal(network_file_system(0x6969), "NFS");
    assert_string_equal(network_file_system(0xFF534D42), "CIFS");
    assert_null(network_file_system(0xEF53));     /* ext4 */
    assert_null(network_file_system(0x01021994)); /* tmpfs */
    assert_ok(refuse_network_file_system(path, &error));
    assert_int_equal(refuse_network_file_system(inside(path, "missing"), &error), REVUE_NO_INPUT);
}

static void test_long_paths(void **state) {
    (void)state;
    revue_error error;
    store *opened;
    static char longest[5000];
    memset(longest, 'x', sizeof longest - 1);
    assert_fails(store_open(&opened, longest, STORE_READ, &error), REVUE_USAGE, "longer than");
    assert_fails(store_open(&opened, longest, STORE_CREATE, &error), REVUE_USAGE, "longer than");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nothing_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_file_is_no_index, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_other_things_are_left_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_current_is_strict, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_created_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_half_made_is_completed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_generation_without_current_is_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_created_by_many_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_missing_table, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_not_a_data_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_environments_are_shared, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_reading_is_not_writing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_threads, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_published, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_discarded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_leftover_generation_is_replaced, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_copied_into_a_new_folder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_read_generation_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_garbage_generation_is_removed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_measure, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_network_file_systems, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_long_paths, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
