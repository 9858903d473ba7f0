/* test_archive_walk.c - which files a root has: order, hidden ones, globs, links, loops, what cannot be looked at. */
#include "archive_reading.h"

static struct archive_files walked(struct reading *reading) {
    struct archive_files files;
    revue_error error = {0};
    assert_int_equal(archive_walk(reading->folder, &reading->options, &files, &error), REVUE_OK);
    return files;
}

static void append_path(struct bytes *out, struct view path, const char *end) {
    bytes_append(out, path.data, path.size);
    bytes_append_string(out, end);
}

/* "a b/c" of the files, then "| path: why" of what was left out or failed. */
static void check_walk(struct reading *reading, const char *expected) {
    struct archive_files files = walked(reading);
    struct bytes out = {0};
    for (size_t i = 0; i < files.count; i++)
        append_path(&out, files.items[i].path, " ");
    for (size_t i = 0; i < files.skipped_count; i++) {
        bytes_append_string(&out, "| ");
        append_path(&out, files.skipped[i].path, ": ");
        bytes_append_string(&out, files.skipped[i].why);
    }
    for (size_t i = 0; i < files.failed_count; i++) {
        bytes_append_string(&out, "! ");
        append_path(&out, files.failed[i].path, ": ");
        bytes_append_string(&out, files.failed[i].why);
    }
    bytes_append_u8(&out, 0);
    assert_string_equal((const char *)out.data, expected);
    bytes_free(&out);
    archive_files_free(&files);
}

static void link_in(struct reading *reading, const char *to, const char *name) {
    assert_int_equal(symlink(to, path_in(reading, name)), 0);
}

static void test_order_is_bytewise(void **state) {
    struct reading *reading = *state;
    static const char *const names[] = {"b.txt", "a/z.txt", "a-b.txt", "a/b/c.txt", "B.txt"};
    for (size_t i = 0; i < 5; i++)
        write_file(reading, names[i], "x");
    check_walk(reading, "B.txt a-b.txt a/b/c.txt a/z.txt b.txt ");
}

static void test_hidden_is_left_out(void **state) {
    struct reading *reading = *state;
    write_file(reading, ".git/config", "x");
    write_file(reading, "a/.b.txt", "x");
    write_file(reading, "c.txt", "x");
    check_walk(reading, "c.txt | .git: hidden| a/.b.txt: hidden");
}

static void test_globs(void **state) {
    struct reading *reading = *state;
    struct view include[] = {view_of_string("*.txt"), view_of_string("a/*")}, exclude[] = {view_of_string("drafts")};
    static const char *const names[] = {"a/x.csv", "b/x.txt", "c.csv", "drafts/y.txt", "d.zip"};
    for (size_t i = 0; i < 5; i++)
        write_file(reading, names[i], "x");
    reading->options.include = include;
    reading->options.include_count = 2;
    reading->options.exclude = exclude;
    reading->options.exclude_count = 1;
    /* A container passes --include: its members are asked. */
    check_walk(reading, "a/x.csv b/x.txt d.zip | c.csv: excluded| drafts: excluded");
}

static void test_root_that_is_a_file(void **state) {
    struct reading *reading = *state;
    struct archive_files files;
    write_file(reading, "a/README.md", "12345");
    assert_int_equal(archive_walk(path_in(reading, "a/README.md"), &reading->options, &files, NULL), REVUE_OK);
    assert_int_equal(files.count, 1);
    assert_true(view_equal(files.items[0].path, view_of_string("README.md")));
    assert_int_equal(files.items[0].size, 5);
    assert_true(files.items[0].modified_ns > (int64_t)1500000000 * 1000000000);
    archive_files_free(&files);
}

static void test_missing_root(void **state) {
    struct reading *reading = *state;
    struct archive_files files;
    revue_error error = {0};
    assert_int_equal(archive_walk(path_in(reading, "nothing"), &reading->options, &files, &error), REVUE_NO_INPUT);
    assert_non_null(strstr(error.message, "nothing"));
}

static void test_loops_end(void **state) {
    struct reading *reading = *state;
    write_file(reading, "a/x.txt", "x");
    link_in(reading, ".", "self");
    link_in(reading, "..", "a/up");
    link_in(reading, "loop", "loop");
    check_walk(reading, "a/x.txt | a/up: link to what is listed already| loop: link that leads nowhere"
                        "| self: link to what is listed already");
}

static void test_links_lead_only_inside(void **state) {
    struct reading *reading = *state;
    write_file(reading, "a/x.txt", "x");
    write_file(reading, "a/.hidden/y.txt", "x");
    link_in(reading, "/etc/passwd", "out");
    link_in(reading, "/etc", "outside");
    link_in(reading, "a/x.txt", "again");
    link_in(reading, "gone", "dangling");
    link_in(reading, "a/.hidden", "shown"); /* not listed under its own name: followed */
    check_walk(reading, "a/x.txt shown/y.txt | a/.hidden: hidden| again: link to what is listed already"
                        "| dangling: link that leads nowhere| out: link out of the root| outside: link out of the root");
}

/* A name that only begins like the root's is not inside it. */
static void test_sibling_with_the_same_beginning_is_outside(void **state) {
    struct reading *reading = *state;
    char root[128], sibling[160];
    write_file(reading, "root/x.txt", "x");
    write_file(reading, "root2/y.txt", "x");
    (void)snprintf(root, sizeof root, "%s/root", reading->folder);
    (void)snprintf(sibling, sizeof sibling, "%s/root2/y.txt", reading->folder);
    link_in(reading, sibling, "root/link");
    struct archive_files files;
    assert_int_equal(archive_walk(root, &reading->options, &files, NULL), REVUE_OK);
    assert_int_equal(files.count, 1);
    assert_int_equal(files.skipped_count, 1);
    assert_string_equal(files.skipped[0].why, "link out of the root");
    archive_files_free(&files);
}

static void test_other_kinds(void **state) {
    struct reading *reading = *state;
    assert_int_equal(mkfifo(path_in(reading, "pipe"), 0600), 0);
    check_walk(reading, "| pipe: not a regular file");
}

static void test_folder_that_may_not_be_read(void **state) {
    struct reading *reading = *state;
    if (geteuid() == 0) {
        print_message("skipped: the superuser may read every folder\n");
        skip();
    }
    write_file(reading, "a/x.txt", "x");
    write_file(reading, "b.txt", "x");
    assert_int_equal(chmod(path_in(reading, "a"), 0), 0);
    check_walk(reading, "b.txt ! a: Permission denied");
    assert_int_equal(chmod(path_in(reading, "a"), 0700), 0);
}

static void test_many_files(void **state) {
    struct reading *reading = *state;
    for (unsigned i = 0; i < 300; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "d%u/f%03u.txt", i % 7, i);
        write_file(reading, name, "x");
    }
    struct archive_files files = walked(reading);
    assert_int_equal(files.count, 300);
    for (size_t i = 1; i < files.count; i++)
        assert_true(view_compare(files.items[i - 1].path, files.items[i].path) < 0);
    archive_files_free(&files);
}

/* A list that may not be held in memory is the same one; and so are the links followed beside it. */
static void test_a_list_in_a_file(void **state) {
    struct reading *reading = *state;
    for (unsigned i = 0; i < 500; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "d%u/%.*sf%03u.txt", i * 7919u % 13, (int)(i % 30),
                       "a-longer-name-for-some-of-them", i);
        write_file(reading, name, i % 2 ? "x" : "yz");
    }
    write_file(reading, ".hidden/seen.txt", "x");
    link_in(reading, "d3/f003.txt", "again");
    link_in(reading, ".hidden", "shown");
    struct archive_files whole = walked(reading);
    reading->options.limits.list_bytes = 4000;
    struct archive_files files = walked(reading);
    assert_true(files.is_in_file);
    assert_false(whole.is_in_file);
    assert_true(archive_files_memory(&whole) > 500 * sizeof *whole.items);
    assert_in_range(archive_files_memory(&files), 0, 16384); /* folders and links */
    assert_int_equal(files.count, 501);
    assert_int_equal(files.count, whole.count);
    assert_int_equal(files.skipped_count, whole.skipped_count);
    for (size_t i = 0; i < files.count; i++) {
        const struct archive_file *a = archive_file_at(&files, i), *b = archive_file_at(&whole, i);
        assert_true(view_equal(a->path, b->path));
        assert_int_equal(a->size, b->size);
        assert_int_equal(a->modified_ns, b->modified_ns);
        assert_int_equal(a->inode, b->inode);
        assert_int_equal(a->device, b->device);
    }
    archive_files_free(&files);
    archive_files_free(&whole);
}

/* Lets so many allocations pass. */
static bool count_down(void *context) {
    unsigned *left = context;
    return *left > 0 && (*left)-- > 0;
}

static void test_allocations(void **state) {
    struct reading *reading = *state;
    unsigned failures = 0;
    for (unsigned i = 0; i < 40; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "d%u/f%03u.txt", i % 3, i);
        write_file(reading, name, "x");
    }
    link_in(reading, "d1/f001.txt", "again");
    reading->options.limits.list_bytes = 500;
    for (revue_status status = REVUE_NO_MEMORY; status != REVUE_OK; failures++) {
        struct archive_files files;
        unsigned left = failures;
        memory_set_test_hook(count_down, &left);
        status = archive_walk(reading->folder, &reading->options, &files, NULL);
        memory_set_test_hook(NULL, NULL);
        if (status == REVUE_OK)
            archive_files_free(&files);
        else
            assert_int_equal(status, REVUE_NO_MEMORY);
    }
    assert_true(failures > 20);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, reading_setup, reading_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_order_is_bytewise),
        TEST(test_hidden_is_left_out),
        TEST(test_globs),
        TEST(test_root_that_is_a_file),
        TEST(test_missing_root),
        TEST(test_loops_end),
        TEST(test_links_lead_only_inside),
        TEST(test_sibling_with_the_same_beginning_is_outside),
        TEST(test_other_kinds),
        TEST(test_folder_that_may_not_be_read),
        TEST(test_many_files),
        TEST(test_a_list_in_a_file),
        TEST(test_allocations),
    };
    return cmocka_run_group_tests_name("archive walk", tests, NULL, NULL);
}
