/* test_rows_ahead.c - rows of sources written ahead of a commit: no transaction changes many of them, what is decided comes
 * to be wherever it was stopped, what is not leaves no trace. */
#include "indexer/format/rows_ahead.h"
#include "tests/unit/indexer/index_test.h"

#define MEMORY ((size_t)2 << 20)
#define ROWS 3000u
#define SOURCES 560u /* of an archive: more than a step of 16 MiB */

static struct key key_of(uint32_t i) {
    char path[64];
    int size = snprintf(path, sizeof path, "folder %u/of many %u.txt", i * 7919u % 101, i);
    return key_source((uint16_t)(i % 3), view_of(path, (size_t)size));
}

static void put(struct row_writer *writer, uint32_t i, uint32_t version) {
    const struct source_row row = {.number = i, .run = version, .name = view_of("a name of its own", i % 17)};
    struct key key = key_of(i);
    revue_error error = {0};
    assert_done(row_writer_put(writer, key_view(&key), version ? &row : NULL, &error));
}

/* All rows; every seventh is taken away again, every fifth then gets another version. */
static void put_all(struct row_writer *writer, uint32_t count) {
    revue_error error = {0};
    for (uint32_t i = 0; i < count; i++)
        put(writer, i, 1);
    for (uint32_t i = 0; i < count; i += 7)
        put(writer, i, 0);
    for (uint32_t i = 0; i < count; i += 5)
        put(writer, i, 2);
    assert_done(row_writer_finish(writer, &error));
}

static store *open_store(const char *name) {
    store *opened;
    revue_error error = {0};
    assert_done(store_make_directory(at(name), &error));
    assert_done(store_open(&opened, at(name), STORE_CREATE, &error));
    return opened;
}

static store_txn *begin(store *in) {
    store_txn *txn;
    revue_error error = {0};
    assert_done(store_begin_write(in, &txn, &error));
    return txn;
}

static void commit(store_txn *txn) {
    revue_error error = {0};
    assert_done(store_commit(txn, &error));
}

static void put_directly(const char *name, uint32_t count) {
    struct row_writer writer;
    store *in = open_store(name);
    store_txn *txn = begin(in);
    row_writer_into(&writer, txn);
    put_all(&writer, count);
    row_writer_free(&writer);
    commit(txn);
    store_close(in);
}

/* Returns how many chunks. */
static uint32_t put_ahead(store *in, uint32_t count) {
    struct row_writer writer;
    row_writer_ahead(&writer, in, MEMORY);
    put_all(&writer, count);
    uint32_t chunks = writer.chunk_count;
    row_writer_free(&writer);
    return chunks;
}

static void decide(store *in, uint32_t chunks) {
    store_txn *txn = begin(in);
    revue_error error = {0};
    assert_done(rows_ahead_decide(txn, chunks, &error));
    commit(txn);
}

static void test_no_transaction_is_large(void **state) {
    (void)state;
    revue_error error = {0};
    const uint32_t puts = ROWS + (ROWS + 6) / 7 + (ROWS + 4) / 5;
    put_directly("direct", ROWS);
    store *in = open_store("index");
    uint64_t before = store_newest_id(in);
    uint32_t chunks = put_ahead(in, ROWS);
    assert_in_range(store_newest_id(in) - before, chunks / 3, chunks); /* 128 KiB a step, 65,000 bytes a chunk */
    assert_int_equal(rows_in("index", TABLE_SOURCES), 0);
    decide(in, chunks);
    before = store_newest_id(in);
    assert_done(rows_ahead_settle(in, MEMORY, &error));
    assert_in_range(store_newest_id(in) - before, puts / rows_in_a_step(MEMORY), puts);
    assert_same_table("index", "direct", TABLE_SOURCES);
    assert_int_equal(rows_in("index", TABLE_INDEX), 0);
    before = store_newest_id(in);
    assert_done(rows_ahead_settle(in, MEMORY, &error));
    assert_int_equal(store_newest_id(in), before);
    store_close(in);
}

static void test_what_is_not_decided_goes(void **state) {
    (void)state;
    revue_error error = {0};
    put_directly("index", 100);
    put_directly("direct", 100);
    store *in = open_store("index");
    (void)put_ahead(in, ROWS);
    assert_true(rows_in("index", TABLE_INDEX) > 1);
    assert_done(rows_ahead_settle(in, MEMORY, &error));
    assert_int_equal(rows_in("index", TABLE_INDEX), 0);
    assert_same_table("index", "direct", TABLE_SOURCES);
    store_close(in);
}

static bool count_down(void *context) {
    unsigned *left = context;
    return *left > 0 && (*left)-- > 0;
}

/* Wherever a call fails for good: whoever comes next does the rest. */
static void test_stopped_anywhere(void **state) {
    (void)state;
    revue_error error = {0};
    const uint32_t count = 400;
    put_directly("direct", count);
    store *in = open_store("index");
    bool is_done = false;
    for (unsigned calls = 0; !is_done; calls += 1 + calls / 8) {
        decide(in, put_ahead(in, count));
        unsigned left = calls;
        store_set_test_hook(count_down, &left);
        is_done = rows_ahead_settle(in, MEMORY, &error) == REVUE_OK;
        store_set_test_hook(NULL, NULL);
        assert_done(rows_ahead_settle(in, MEMORY, &error));
        assert_same_table("index", "direct", TABLE_SOURCES);
        assert_int_equal(rows_in("index", TABLE_INDEX), 0);
    }
    store_close(in);
}

static void test_damage_is_told(void **state) {
    (void)state;
    revue_error error = {0};
    store *in = open_store("index");
    uint32_t chunks = put_ahead(in, ROWS);
    struct key last = key_rows(chunks - 1), rows = key_name("rows");
    decide(in, chunks + 1);
    assert_int_equal(rows_ahead_settle(in, MEMORY, &error), REVUE_CORRUPT);
    store_txn *txn = begin(in);
    assert_done(store_put(txn, TABLE_INDEX, key_view(&last), view_of("\3abc", 4), &error));
    assert_done(rows_ahead_decide(txn, chunks, &error));
    commit(txn);
    assert_int_equal(rows_ahead_settle(in, MEMORY, &error), REVUE_CORRUPT);
    txn = begin(in);
    assert_done(store_put(txn, TABLE_INDEX, key_view(&rows), view_of("abc", 3), &error));
    commit(txn);
    assert_int_equal(rows_ahead_settle(in, MEMORY, &error), REVUE_CORRUPT);
    store_close(in);
    assert_null(rows_ahead_check(view_of("", 0)));
    assert_null(rows_ahead_check(view_of("\3abc\0", 5)));
    assert_non_null(rows_ahead_check(view_of("\3abc", 4)));
    assert_non_null(rows_ahead_check(view_of("\3abc\1x", 6)));
    assert_non_null(rows_ahead_check(view_of("\1a\0", 3)));
}

/* ---- whole runs ---- */

static void put_sources(unsigned first, unsigned end) {
    char name[32], content[96];
    for (unsigned i = first; i < end; i++) {
        (void)snprintf(name, sizeof name, "s%u.txt", i);
        (void)snprintf(content, sizeof content, "anchor review %u", i);
        put_source(name, content);
    }
}

static void on_fault(void *context, const char *fault) {
    (void)context;
    fail_msg("%s", fault);
}

static void assert_clean(void) {
    revue_error error = {0};
    assert_done(revue_check(at("index"), on_fault, NULL, &error));
}

static const revue_update_options small_memory = {.memory_mib = 16, .allow_shrink = true};

/* Counts the runs that left rows which were not in their places; what else they leave is no fault either. */
static void on_line(void *context, const char *line) {
    unsigned *seen = context;
    if (!strstr(line, "a run is at work, or was stopped")) fail_msg("%s", line);
    *seen += strstr(line, "rows of sources") != NULL;
}

/* Sources come and go, and however a run fails the next one has them right. */
static void test_runs_that_fail(void **state) {
    (void)state;
    revue_error error = {0};
    struct run_counts counts;
    put_sources(0, 1);
    assert_int_equal(run_update("index").added, 1);
    put_sources(1, SOURCES);
    unsigned failures = 0, seen = 0;
    for (unsigned calls = 40;; calls += calls / 4) {
        unsigned left = calls;
        store_set_test_hook(count_down, &left);
        counts = run_update_with("index", small_memory);
        store_set_test_hook(NULL, NULL);
        if (counts.status == REVUE_OK) break;
        failures++;
        assert_done(revue_check(at("index"), on_line, &seen, &error));
    }
    assert_true(failures > 5);
    assert_true(seen > 0);
    assert_int_equal(counts.total, SOURCES);
    assert_clean();
    counts = run_update_with("index", small_memory);
    assert_int_equal(counts.read, 0);
    assert_int_equal(counts.unchanged, SOURCES);
    for (unsigned i = 10; i < SOURCES; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "s%u.txt", i);
        take_source(name);
    }
    counts = run_update_with("index", small_memory);
    assert_int_equal(counts.total, 10);
    assert_int_equal(rows_in("index", TABLE_SOURCES), 10);
    assert_clean();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_no_transaction_is_large, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_what_is_not_decided_goes, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_stopped_anywhere, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_damage_is_told, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_runs_that_fail, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
