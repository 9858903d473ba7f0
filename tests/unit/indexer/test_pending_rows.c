/* test_pending_rows.c - rows come back as they were and in their order, however many; memory for them is bounded; adding
 * fails without a trace when memory is out. */
#include "indexer/base/memory.h"
#include "indexer/pending_rows.h"
#include "tests/unit/indexer/index_test.h"

#define ROWS 30000u

static struct source_row row_of(uint32_t i) {
    return (struct source_row){.number = i,
                               .size = (uint64_t)i * i,
                               .modified_ns = -(int64_t)i,
                               .inode = i * 3u,
                               .hash = i * UINT64_C(0x9E3779B97F4A7C15),
                               .state = (uint8_t)(i % 17),
                               .reviews = i / 2,
                               .ratings = {0, i, i % 2 == 1, false},
                               .name = view_of("a name", i % 7)};
}

static struct view path_of(uint32_t i, char path[600]) {
    int size = snprintf(path, 600, "folder/archive.tar!member %u%*s", i, (int)(i % 400), "");
    return view_of(path, (size_t)size);
}

struct walk {
    uint32_t next;
    revue_status end; /* of the visit of row 100 */
};

static revue_status check_row(void *context, uint16_t root, struct view path, struct source_row *row, revue_error *error) {
    struct walk *walk = context;
    struct bytes expected = {0}, found = {0};
    char buffer[600];
    (void)error;
    const struct source_row original = row_of(walk->next);
    assert_int_equal(root, walk->next % 5);
    assert_true(view_equal(path, path_of(walk->next, buffer)));
    source_row_encode(&original, &expected);
    source_row_encode(row, &found);
    assert_true(view_equal(bytes_view(&expected), bytes_view(&found)));
    bytes_free(&expected);
    bytes_free(&found);
    return ++walk->next == 101 ? walk->end : REVUE_OK;
}

static void add_rows(struct pending_rows *rows) {
    revue_error error = {0};
    char path[600];
    for (uint32_t i = 0; i < ROWS; i++) {
        const struct source_row row = row_of(i);
        assert_done(pending_rows_add(rows, (uint16_t)(i % 5), path_of(i, path), &row, &error));
    }
}

static void test_order_and_memory(void **state) {
    (void)state;
    revue_error error = {0};
    struct pending_rows rows = {0};
    struct walk walk = {0};
    assert_done(pending_rows_each(&rows, check_row, &walk, &error));
    add_rows(&rows);
    assert_int_equal(rows.count, ROWS);
    assert_true(rows.chunk_count > 2);
    assert_in_range(pending_rows_memory(&rows), 1, (size_t)3 << 20);
    for (unsigned round = 0; round < 2; round++) {
        walk.next = 0;
        assert_done(pending_rows_each(&rows, check_row, &walk, &error));
        assert_int_equal(walk.next, ROWS);
    }
    walk = (struct walk){.end = REVUE_INTERRUPTED};
    assert_int_equal(pending_rows_each(&rows, check_row, &walk, &error), REVUE_INTERRUPTED);
    pending_rows_free(&rows);
    pending_rows_free(&rows);
}

static void test_without_files(void **state) {
    (void)state;
    revue_error error = {0};
    struct pending_rows rows = {0};
    struct walk walk = {0};
    char *temporary = memory_copy_string(getenv("TMPDIR"));
    (void)setenv("TMPDIR", "/nowhere at all", 1);
    add_rows(&rows);
    if (temporary)
        (void)setenv("TMPDIR", temporary, 1);
    else
        (void)unsetenv("TMPDIR");
    memory_free(temporary);
    assert_int_equal(rows.chunk_count, 0);
    assert_done(pending_rows_each(&rows, check_row, &walk, &error));
    assert_int_equal(walk.next, ROWS);
    pending_rows_free(&rows);
}

static bool never(void *context) {
    (void)context;
    return false;
}

static void test_no_memory(void **state) {
    (void)state;
    revue_error error = {0};
    struct pending_rows rows = {0};
    const struct source_row row = row_of(1);
    memory_set_test_hook(never, NULL);
    revue_status status = pending_rows_add(&rows, 0, view_of_string("a"), &row, &error);
    memory_set_test_hook(NULL, NULL);
    assert_int_equal(status, REVUE_NO_MEMORY);
    assert_int_equal(rows.count, 0);
    pending_rows_free(&rows);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_and_memory),
        cmocka_unit_test(test_without_files),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
