/* test_records.c - values, keys, cursors and transactions of the store. */
#include "tests/unit/store/store_test.h"

struct fixture {
    char path[TEMPORARY_PATH_SIZE];
    store *store;
    store_txn *txn;
};

static int set_up(void **state) {
    static struct fixture fixture;
    revue_error error;
    fixture.store = temporary_index_create(fixture.path);
    assert_ok(store_begin_write(fixture.store, &fixture.txn, &error));
    *state = &fixture;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    store_abort(fixture->txn);
    store_close(fixture->store);
    temporary_index_remove(fixture->path);
    return 0;
}

static void commit_and(struct fixture *fixture, revue_status (*begin)(store *, store_txn **, revue_error *)) {
    revue_error error;
    assert_ok(store_commit(fixture->txn, &error));
    fixture->txn = NULL;
    assert_ok(begin(fixture->store, &fixture->txn, &error));
}

static void test_every_size_comes_back(void **state) {
    static const size_t sizes[] = {0, 1, 7, 8, 100, 2011, 2012, 2013, 2040, 4072, 4080, 65512, 300000};
    static char value[300000];
    struct fixture *fixture = *state;
    revue_error error;
    for (size_t i = 0; i < sizeof value; i++)
        value[i] = (char)(i * 31 + i / 251);
    uint64_t written = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "%zu", sizes[i]);
        assert_ok(store_put(fixture->txn, TABLE_INDEX, text(key), view_of(value, sizes[i]), &error));
        assert_int_equal(store_txn_last_checksum(fixture->txn), store_checksum(text(key), view_of(value, sizes[i])));
        written += strlen(key) + sizes[i] + CHECKSUM_BYTES;
        assert_int_equal(store_txn_written(fixture->txn), written);
    }
    commit_and(fixture, store_begin_read);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char key[16];
        struct view found;
        (void)snprintf(key, sizeof key, "%zu", sizes[i]);
        assert_ok(store_get(fixture->txn, TABLE_INDEX, text(key), &found, &error));
        assert_int_equal(found.size, sizes[i]);
        assert_memory_equal(found.data, value, sizes[i]);
        assert_int_equal(load_le64(found.data + found.size), store_checksum(text(key), found));
    }
}

static void test_absent_and_replaced(void **state) {
    struct fixture *fixture = *state;
    revue_error error;
    struct view found;
    assert_int_equal(store_get(fixture->txn, TABLE_INDEX, text("a"), &found, &error), REVUE_NO_MATCH);
    assert_ok(store_put(fixture->txn, TABLE_INDEX, text("a"), text("first"), &error));
    assert_ok(store_put(fixture->txn, TABLE_INDEX, text("a"), text("the second"), &error));
    assert_ok(store_get(fixture->txn, TABLE_INDEX, text("a"), &found, &error));
    assert_text(found, "the second");
    assert_int_equal(store_get(fixture->txn, TABLE_SEGMENTS, text("a"), &found, &error), REVUE_NO_MATCH);
    assert_ok(store_delete(fixture->txn, TABLE_INDEX, text("a"), &error));
    assert_ok(store_delete(fixture->txn, TABLE_INDEX, text("a"), &error));
    assert_int_equal(store_get(fixture->txn, TABLE_INDEX, text("a"), &found, &error), REVUE_NO_MATCH);
}

static void test_keys_have_limits(void **state) {
    struct fixture *fixture = *state;
    static char key[512];
    revue_error error;
    struct view found;
    memset(key, 'k', sizeof key);
    assert_fails(store_put(fixture->txn, TABLE_INDEX, view_of(key, 512), text("x"), &error), REVUE_BUG, "512 bytes");
    assert_fails(store_put(fixture->txn, TABLE_INDEX, view_of(key, 0), text("x"), &error), REVUE_BUG, "0 bytes");
    assert_fails(store_get(fixture->txn, TABLE_INDEX, view_of(key, 512), &found, &error), REVUE_BUG, "512 bytes");
    assert_fails(store_delete(fixture->txn, TABLE_INDEX, view_of(key, 0), &error), REVUE_BUG, "0 bytes");
    assert_fails(store_delete_prefix(fixture->txn, TABLE_INDEX, view_of(key, 0), &error), REVUE_BUG, "prefix");
    assert_ok(store_put(fixture->txn, TABLE_INDEX, view_of(key, 511), text("x"), &error));
    assert_ok(store_get(fixture->txn, TABLE_INDEX, view_of(key, 511), &found, &error));
    assert_text(found, "x");
}

static void test_tables_of_names_only(void **state) {
    struct fixture *fixture = *state;
    revue_error error;
    struct view found;
    assert_ok(store_put(fixture->txn, TABLE_BLOCKS, text("i1"), text(""), &error));
    assert_ok(store_get(fixture->txn, TABLE_BLOCKS, text("i1"), &found, &error));
    assert_int_equal(found.size, 0);
    assert_int_equal(load_le64(found.data), 0); /* the bytes behind a view can be read here too */
    assert_fails(store_put(fixture->txn, TABLE_SHADOWS, text("a"), text("x"), &error), REVUE_BUG, "shadows");
}

static void test_value_in_the_wrong_place_is_damaged(void **state) {
    (void)state;
    revue_error error;
    char value[] = "value and then checksum.";
    struct view view = view_of(value, sizeof value - 1 - CHECKSUM_BYTES);
    store_le64(value + view.size, store_checksum(text("key"), view));
    assert_ok(store_verify(TABLE_INDEX, text("key"), view, &error));
    assert_fails(store_verify(TABLE_INDEX, text("kez"), view, &error), REVUE_CORRUPT, "index kez is damaged");
    value[3] ^= 4;
    assert_fails(store_verify(TABLE_INDEX, text("key"), view, &error), REVUE_CORRUPT, "index key is damaged");
}

static void test_prefixes_are_deleted_whole(void **state) {
    struct fixture *fixture = *state;
    revue_error error;
    char key[16];
    struct view found;
    static char value[3000];
    for (unsigned i = 0; i < 3000; i++) {
        (void)snprintf(key, sizeof key, "%c%05u", "abc"[i % 3], i);
        assert_ok(store_put(fixture->txn, TABLE_SEGMENTS, text(key), view_of(value, i), &error));
    }
    commit_and(fixture, store_begin_write);
    assert_ok(store_delete_prefix(fixture->txn, TABLE_SEGMENTS, text("b"), &error));
    assert_ok(store_delete_prefix(fixture->txn, TABLE_SEGMENTS, text("b"), &error));
    assert_ok(store_delete_prefix(fixture->txn, TABLE_SEGMENTS, text("c029"), &error)); /* the last ones of the table */
    for (unsigned i = 0; i < 3000; i++) {
        (void)snprintf(key, sizeof key, "%c%05u", "abc"[i % 3], i);
        bool is_kept = i % 3 == 0 || (i % 3 == 2 && i < 2900);
        assert_int_equal(store_get(fixture->txn, TABLE_SEGMENTS, text(key), &found, &error),
                         is_kept ? REVUE_OK : REVUE_NO_MATCH);
    }
}

static void test_cursor_walks_in_order(void **state) {
    struct fixture *fixture = *state;
    revue_error error;
    store_cursor *cursor;
    struct view key, value;
    assert_ok(store_cursor_open(fixture->txn, TABLE_SOURCES, &cursor, &error));
    assert_int_equal(store_cursor_next(cursor, &key, &value, &error), REVUE_NO_MATCH);
    assert_int_equal(store_cursor_at_or_after(cursor, text(""), &key, &value, &error), REVUE_NO_MATCH);
    assert_int_equal(store_cursor_at_or_before(cursor, text("z"), &key, &value, &error), REVUE_NO_MATCH);
    store_cursor_close(cursor);
    assert_ok(store_put(fixture->txn, TABLE_SOURCES, text("bb"), text("2"), &error));
    assert_ok(store_put(fixture->txn, TABLE_SOURCES, text("dd"), text("4"), &error));
    assert_ok(store_put(fixture->txn, TABLE_SOURCES, text("ff"), text("6"), &error));
    assert_ok(store_cursor_open(fixture->txn, TABLE_SOURCES, &cursor, &error));
    assert_ok(store_cursor_next(cursor, &key, &value, &error));
    assert_text(key, "bb");
    assert_text(value, "2");
    assert_ok(store_cursor_next(cursor, &key, &value, &error));
    assert_ok(store_cursor_next(cursor, &key, &value, &error));
    assert_text(key, "ff");
    assert_int_equal(store_cursor_next(cursor, &key, &value, &error), REVUE_NO_MATCH);
    assert_int_equal(store_cursor_next(cursor, &key, &value, &error), REVUE_NO_MATCH); /* the end stays the end */
    assert_text(key, "ff");
    store_cursor_close(cursor);
    store_cursor_close(NULL);
}

static void test_cursor_seeks(void **state) {
    static const struct {
        const char *sought, *after, *before;
    } cases[] = {{"", "bb", NULL},  {"a", "bb", NULL},  {"b", "bb", NULL}, {"bb", "bb", "bb"}, {"bba", "dd", "bb"},
                 {"c", "dd", "bb"}, {"dd", "dd", "dd"}, {"e", "ff", "dd"}, {"ff", "ff", "ff"}, {"g", NULL, "ff"}};
    struct fixture *fixture = *state;
    revue_error error;
    store_cursor *cursor;
    struct view key, value;
    assert_ok(store_put(fixture->txn, TABLE_SOURCES, text("dd"), text("4"), &error));
    assert_ok(store_put(fixture->txn, TABLE_SOURCES, text("ff"), text("6"), &error));
    assert_ok(store_put(fixture->txn, TABLE_SOURCES, text("bb"), text("2"), &error));
    assert_ok(store_cursor_open(fixture->txn, TABLE_SOURCES, &cursor, &error));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        revue_status status = store_cursor_at_or_after(cursor, text(cases[i].sought), &key, &value, &error);
        assert_int_equal(status, cases[i].after ? REVUE_OK : REVUE_NO_MATCH);
        if (cases[i].after) assert_text(key, cases[i].after);
        status = store_cursor_at_or_before(cursor, text(cases[i].sought), &key, &value, &error);
        assert_int_equal(status, cases[i].before ? REVUE_OK : REVUE_NO_MATCH);
        if (cases[i].before) assert_text(key, cases[i].before);
        /* Whatever was found, the next one is the one after it; before the first that is the first. */
        status = store_cursor_next(cursor, &key, &value, &error);
        const char *next = !cases[i].before            ? "bb"
                           : cases[i].before[0] == 'b' ? "dd"
                           : cases[i].before[0] == 'd' ? "ff"
                                                       : NULL;
        assert_int_equal(status, next ? REVUE_OK : REVUE_NO_MATCH);
        if (next) assert_text(key, next);
    }
    store_cursor_close(cursor);
}

static void test_abort_and_snapshots(void **state) {
    struct fixture *fixture = *state;
    revue_error error;
    struct view found;
    store_txn *before;
    assert_ok(store_begin_read(fixture->store, &before, &error));
    uint64_t snapshot = store_txn_id(before);
    assert_ok(store_put(fixture->txn, TABLE_INDEX, text("a"), text("1"), &error));
    assert_int_equal(store_txn_id(fixture->txn), snapshot + 1);
    commit_and(fixture, store_begin_write);
    assert_int_equal(store_get(before, TABLE_INDEX, text("a"), &found, &error), REVUE_NO_MATCH);
    store_abort(before);
    assert_ok(store_put(fixture->txn, TABLE_INDEX, text("a"), text("2"), &error));
    store_abort(fixture->txn);
    assert_ok(store_begin_read(fixture->store, &fixture->txn, &error));
    assert_ok(store_get(fixture->txn, TABLE_INDEX, text("a"), &found, &error));
    assert_text(found, "1");
    store_abort(NULL);
}

static void test_one_writer_in_a_process(void **state) {
    struct fixture *fixture = *state;
    revue_error error;
    store_txn *second;
    assert_fails(store_begin_write(fixture->store, &second, &error), REVUE_BUSY,
                 "another thread of this process is writing");
    assert_ok(store_commit(fixture->txn, &error));
    assert_ok(store_begin_write(fixture->store, &fixture->txn, &error));
}

static void test_keys_are_described(void **state) {
    (void)state;
    static const struct {
        enum store_table table;
        const char *key;
        size_t size;
        const char *description;
    } cases[] = {{TABLE_SEGMENTS, "\0\0\0\5\3\0\0\0\2", 9, "segments 5/3/00000002"},
                 {TABLE_SEGMENTS, "\0\0\0\5\0", 5, "segments 5/0/"},
                 {TABLE_SEGMENTS, "\0\0\0\5\1balle\xC3\xA9", 12, "segments 5/1/balle\\xc3\\xa9"},
                 {TABLE_SEGMENTS, "\0", 1, "segments \\x00"},
                 {TABLE_COLUMNS, "\0\0\0\5\1\2\0\0\0\7", 10, "columns 5/258/7"},
                 {TABLE_DELETES, "\0\0\0\5\0\0\0\7", 8, "deletes 5/7"},
                 {TABLE_KEYWORDS, "\0\5\0\0\0\7\2\0\0\0\1", 11, "keywords 5/7/2/1"},
                 {TABLE_SOURCES, "\0\1a/b", 5, "sources 1/a/b"},
                 {TABLE_INDEX, "manifest", 8, "index manifest"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char description[128];
        store_describe_key(cases[i].table, view_of(cases[i].key, cases[i].size), description);
        assert_string_equal(description, cases[i].description);
    }
    char description[128], key[511];
    memset(key, 1, sizeof key);
    store_describe_key(TABLE_SEGMENTS, view_of(key, sizeof key), description);
    assert_in_range(strlen(description), 100, 127);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_size_comes_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_absent_and_replaced, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_keys_have_limits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_tables_of_names_only, set_up, tear_down),
        cmocka_unit_test(test_value_in_the_wrong_place_is_damaged),
        cmocka_unit_test_setup_teardown(test_prefixes_are_deleted_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_cursor_walks_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_cursor_seeks, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_abort_and_snapshots, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_one_writer_in_a_process, set_up, tear_down),
        cmocka_unit_test(test_keys_are_described),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
