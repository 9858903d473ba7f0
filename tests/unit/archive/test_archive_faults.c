/* test_archive_faults.c - every allocation of the readers fails once: each time the answer is "out of memory", and nothing
 * leaks, crashes or is silently lost. (What json-c, libxml2 and libarchive allocate inside is theirs.) */
#include "archive_reading.h"

#include <archive.h>
#include <archive_entry.h>

static uint64_t allowed;

static bool countdown(void *context) {
    (void)context;
    if (allowed == 0) return false;
    allowed--;
    return true;
}

/* Runs the whole reading again and again, with one more allocation allowed each time, until it succeeds. The logging of the
 * test itself allocates too; a log that failed counts as a failure. */
static void fail_every_allocation(struct reading *reading) {
    uint64_t failures = 0;
    revue_status status = REVUE_NO_MEMORY;
    uint64_t reviews = (read_folder(reading), reading->reviews), skips = reading->skips, problems = reading->problems;
    for (uint64_t n = 0; status != REVUE_OK || reading->log.failed; n++) {
        revue_error error = {0};
        bytes_free(&reading->log);
        allowed = n;
        memory_set_test_hook(countdown, NULL);
        status = read_status(reading, reading->folder, &error);
        memory_set_test_hook(NULL, NULL);
        if (status != REVUE_OK) assert_int_equal(status, REVUE_NO_MEMORY);
        if (status != REVUE_OK) assert_int_equal(error.status, REVUE_NO_MEMORY);
        failures++;
        assert_true(failures < 5000);
    }
    assert_true(failures > 5);
    assert_int_equal(reading->reviews, reviews);
    assert_int_equal(reading->skips, skips);
    assert_int_equal(reading->problems, problems);
}

static void test_walk_and_text(void **state) {
    struct reading *reading = *state;
    struct view exclude = view_of_string("*.no");
    write_file(reading, "a/1.txt", "caf\xE9");
    write_file(reading, "a/.hidden", "x");
    write_file(reading, "b/2.no", "x");
    write_file(reading, "README", "x");
    assert_int_equal(symlink("a", path_in(reading, "link")), 0);
    reading->options.exclude = &exclude;
    reading->options.exclude_count = 1;
    fail_every_allocation(reading);
}

static void test_json(void **state) {
    struct reading *reading = *state;
    struct archive_column columns[] = {{view_of_string("price"), COLUMN_NUMBER}};
    reading->options.columns = columns;
    reading->options.column_count = 1;
    write_file(reading, "x.jsonl",
               "{\"pros\":\"caf\xE9\",\"cons\":\"b\",\"tags\":[\"a\",\"b\"],\"price\":3}\n{bad\n{\"hotel\":\"h\","
               "\"reviews\":[{\"text\":\"t\"}]}\n");
    write_file(reading, "y.json", "{\"price\":3}");
    fail_every_allocation(reading);
}

static void test_tables(void **state) {
    struct reading *reading = *state;
    write_file(reading, "x.tsv", "\tproduct\tpros\tcons\n7\tpill\tworks\t\nwell \xE9 enough\t\t\t\n8\tpill\tyes\tno\n");
    write_file(reading, "y.csv", "id,price\n1,2\n");
    write_file(reading, "ritz", "Nov 6 2009\tTitle\tA text that is not so short\t\n");
    fail_every_allocation(reading);
}

static void test_html(void **state) {
    struct reading *reading = *state;
    write_file(reading, "a.html",
               "<html><head><script "
               "type=\"application/ld+json\">{\"@type\":\"Review\",\"reviewBody\":\"b\"}</script></head></html>");
    write_file(reading, "b.html",
               "<div itemscope itemtype=\"http://schema.org/Review\"><p itemprop=\"reviewBody\">S</p><b itemprop=author "
               "itemscope><i itemprop=name>n</i></b></div>");
    write_file(reading, "c.html", "<html lang=en><head><title>t</title></head><body><p>caf\xE9</p></body></html>");
    fail_every_allocation(reading);
}

static void test_containers(void **state) {
    struct reading *reading = *state;
    struct archive *archive = archive_write_new();
    assert_int_equal(archive_write_set_format_pax_restricted(archive), ARCHIVE_OK);
    assert_int_equal(archive_write_add_filter_gzip(archive), ARCHIVE_OK);
    assert_int_equal(archive_write_open_filename(archive, path_in(reading, "a.tar.gz")), ARCHIVE_OK);
    static const char *const names[] = {"1.txt", "README", "x.jsonl"};
    for (unsigned i = 0; i < 3; i++) {
        struct archive_entry *entry = archive_entry_new();
        archive_entry_copy_pathname(entry, names[i]);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_size(entry, 13);
        assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
        assert_int_equal(archive_write_data(archive, "{\"text\":\"a\"}\n", 13), 13);
        archive_entry_free(entry);
    }
    assert_int_equal(archive_write_free(archive), ARCHIVE_OK);
    fail_every_allocation(reading);
}

static void test_utf16(void **state) {
    struct reading *reading = *state;
    write_bytes(reading, "x.txt",
                "\xFF\xFE"
                "a\0b\0c\0\n\0",
                10);
    fail_every_allocation(reading);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, reading_setup, reading_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_walk_and_text), TEST(test_json),       TEST(test_tables),
        TEST(test_html),          TEST(test_containers), TEST(test_utf16),
    };
    return cmocka_run_group_tests_name("archive faults", tests, NULL, NULL);
}
