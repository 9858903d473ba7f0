/* test_run_log.c - the diary of an index: bounded, never half gone, read from its end; lines that were cut short do no
 * harm. */
#include "indexer/run_log.h"
#include "tests/unit/indexer/index_test.h"

#include <time.h>

#define LINES 6000u
#define BYTES_MAX ((off_t)(1 << 20) + 4096)

/* As report_json writes the beginning of a line; padded to what a line usually has. */
static void append_run(unsigned number, int code) {
    char line[512];
    int size = snprintf(line, sizeof line,
                        "{\"revue\":1,\"command\":\"update\",\"exit\":%d,\"at\":\"%04u-02-03T04:05:06Z\",\"n\":%u,"
                        "\"rest\":\"%0350d\"}",
                        code, 2000 + number % 1000, number, 0);
    run_log_append(folder, view_of(line, (size_t)size));
}

static off_t log_bytes(void) {
    struct stat about;
    assert_int_equal(stat(at("runs.jsonl"), &about), 0);
    return about.st_size;
}

static void append_raw(const char *text) {
    FILE *file = fopen(at("runs.jsonl"), "ab");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* "n" of the newest count lines, blanks between. */
static const char *numbers_of_last(size_t count) {
    static char numbers[4096];
    char *lines = NULL;
    size_t used = 0;
    revue_error error = {0};
    assert_done(revue_runs_read(folder, count, &lines, &error));
    numbers[0] = '\0';
    for (const char *found = lines; (found = strstr(found, "\"n\":")) != NULL && used < sizeof numbers; found++)
        used += (size_t)snprintf(numbers + used, sizeof numbers - used, "%s%d", used ? " " : "", atoi(found + 4));
    revue_string_free(lines);
    return numbers;
}

static void test_growth_is_bounded(void **state) {
    (void)state;
    char expected[64];
    for (unsigned i = 0; i < LINES; i++) {
        append_run(i, 0);
        assert_in_range(log_bytes(), 1, BYTES_MAX);
        assert_false(path_exists(at("runs.jsonl.new")));
        if (i < 3 || i % 500 != 0) continue;
        (void)snprintf(expected, sizeof expected, "%u %u %u", i - 2, i - 1, i);
        assert_string_equal(numbers_of_last(3), expected);
    }
    char *lines;
    revue_error error = {0};
    assert_done(revue_runs_read(folder, 100000, &lines, &error));
    assert_memory_equal(lines, "{\"revue\"", 8); /* it begins with a whole line */
    assert_in_range(strlen(lines), 1 << 19, 1 << 20);
    revue_string_free(lines);
}

static void test_lines_cut_short(void **state) {
    (void)state;
    append_run(1, 0);
    append_raw("{\"revue\":1,\"command\":\"upda");
    append_run(2, 0);
    assert_string_equal(numbers_of_last(1), "2");
    assert_string_equal(numbers_of_last(3), "1 2");
}

static void assert_last_success(int year) {
    int64_t began = 0;
    revue_error error = {0};
    assert_done(revue_last_success(folder, &began, &error));
    struct tm parts;
    time_t when = (time_t)began;
    assert_non_null(gmtime_r(&when, &parts));
    assert_int_equal(parts.tm_year + 1900, year);
    assert_int_equal(parts.tm_mon, 1);
    assert_int_equal(parts.tm_sec, 6);
}

static void test_last_success(void **state) {
    (void)state;
    int64_t began;
    revue_error error = {0};
    assert_int_equal(revue_last_success(folder, &began, &error), REVUE_NO_MATCH); /* no file */
    append_run(5, 74);
    assert_int_equal(revue_last_success(folder, &began, &error), REVUE_NO_MATCH);
    append_run(7, 0);
    assert_last_success(2007);
    for (unsigned i = 0; i < 1000; i++)
        append_run(8, 75); /* far behind the part that is looked at first */
    assert_last_success(2007);
    append_raw("{\"revue\":1,\"command\":\"update\",\"exit\":0,\"at\":\"2099-0");
    assert_last_success(2007);
    append_run(9, 0);
    assert_last_success(2009);
}

/* A folder that cannot be written to: nothing happens. */
static void test_trouble(void **state) {
    (void)state;
    run_log_append("/nowhere/at/all", view_of_string("{}"));
    assert_int_equal(mkdir(at("runs.jsonl"), 0777), 0);
    run_log_append(folder, view_of_string("{}"));
    char *lines;
    revue_error error = {0};
    assert_int_equal(revue_runs_read(folder, 1, &lines, &error), REVUE_IO);
}

/* A slip of the path is not an index without runs. */
static void test_no_index(void **state) {
    (void)state;
    char *lines;
    revue_error error = {0};
    assert_int_equal(revue_runs_read(at("nowhere"), 5, &lines, &error), REVUE_NO_INPUT);
    assert_non_null(strstr(error.message, "there is no index"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void) {
    const struct CMUnitTest tests[] = {TEST(test_growth_is_bounded), TEST(test_lines_cut_short), TEST(test_last_success),
                                       TEST(test_trouble), TEST(test_no_index)};
    return cmocka_run_group_tests_name("run log", tests, NULL, NULL);
}
