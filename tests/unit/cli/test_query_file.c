/* test_query_file.c - files of queries with every kind of line end and line. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "indexer/base/memory.h"
#include "query/cli/query_file.h"

#include <stdlib.h>
#include <unistd.h>

static char path[] = "/tmp/revue-query-file-XXXXXX";

static void write_file(const char *data, size_t size) {
    strcpy(path + sizeof path - 7, "XXXXXX");
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, data, size), (ssize_t)size);
    (void)close(descriptor);
}

static void assert_line(struct query_file *file, uint64_t number, bool has_tab, const char *first, const char *rest) {
    struct query_line line;
    bool found_tab;
    assert_true(query_file_next(file, &line, &found_tab));
    assert_int_equal(file->line, number);
    assert_int_equal(found_tab, has_tab);
    assert_true(view_equal(line.first, view_of_string(first)));
    assert_true(view_equal(line.rest, view_of_string(rest)));
}

static void lines_are_split_at_the_first_tab(void **state) {
    (void)state;
    static const char data[] = "\xEF\xBB\xBFq1\tone two\r\n\n\r\nq2\ta\tb\nno tab\n\tempty id\nlast\t";
    struct query_file file;
    struct query_line line;
    bool has_tab;
    write_file(data, sizeof data - 1);
    assert_int_equal(query_file_read(&file, path, NULL), REVUE_OK);
    assert_line(&file, 1, true, "q1", "one two");
    assert_line(&file, 4, true, "q2", "a\tb");
    assert_line(&file, 5, false, "no tab", "");
    assert_line(&file, 6, true, "", "empty id");
    assert_line(&file, 7, true, "last", "");
    assert_false(query_file_next(&file, &line, &has_tab));
    query_file_free(&file);
    (void)unlink(path);
}

static void an_empty_file_has_no_lines(void **state) {
    (void)state;
    struct query_file file;
    struct query_line line;
    bool has_tab;
    write_file("", 0);
    assert_int_equal(query_file_read(&file, path, NULL), REVUE_OK);
    assert_false(query_file_next(&file, &line, &has_tab));
    query_file_free(&file);
    (void)unlink(path);
}

static void what_cannot_be_read_is_said(void **state) {
    (void)state;
    struct query_file file;
    revue_error error = {0};
    assert_int_equal(query_file_read(&file, "/nonexistent/topics.tsv", &error), REVUE_NO_INPUT);
    assert_string_equal(error.message, "/nonexistent/topics.tsv: No such file or directory");
    assert_int_equal(query_file_read(&file, "/", &error), REVUE_IO);
}

static bool never(void *context) {
    (void)context;
    return false;
}

static void out_of_memory_is_said(void **state) {
    (void)state;
    struct query_file file;
    write_file("q\tx\n", 4);
    memory_set_test_hook(never, NULL);
    revue_status status = query_file_read(&file, path, NULL);
    memory_set_test_hook(NULL, NULL);
    assert_int_equal(status, REVUE_NO_MEMORY);
    (void)unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_split_at_the_first_tab),
        cmocka_unit_test(an_empty_file_has_no_lines),
        cmocka_unit_test(what_cannot_be_read_is_said),
        cmocka_unit_test(out_of_memory_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
