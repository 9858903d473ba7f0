/* test_archive_containers.c - compressed files, tar and zip, one in another; damage, bombs, tricks. Containers are made
 * here, by libarchive's writer. */
#include "archive_reading.h"

#include <archive.h>
#include <archive_entry.h>

struct member {
    const char *name, *text;
    size_t size;   /* 0: strlen(text) */
    unsigned type; /* 0: a regular file */
};

static size_t member_size(const struct member *member) {
    return member->size ? member->size : strlen(member->text);
}

static void set_format(struct archive *archive, const char *format) {
    if (strcmp(format, "zip") == 0)
        assert_int_equal(archive_write_set_format_zip(archive), ARCHIVE_OK);
    else if (strcmp(format, "raw") == 0)
        assert_int_equal(archive_write_set_format_raw(archive), ARCHIVE_OK);
    else
        assert_int_equal(archive_write_set_format_pax_restricted(archive), ARCHIVE_OK);
}

/* A container in memory; the caller frees *data. */
static size_t make(char **data, const char *format, const char *filter, const char *password, const struct member *members,
                   size_t count) {
    size_t capacity = 1 << 16, used = 0;
    for (size_t i = 0; i < count; i++)
        capacity += member_size(&members[i]) + 4096;
    *data = malloc(capacity);
    assert_non_null(*data);
    struct archive *archive = archive_write_new();
    assert_non_null(archive);
    set_format(archive, format);
    if (filter) assert_int_equal(archive_write_add_filter_by_name(archive, filter), ARCHIVE_OK);
    if (password) {
        assert_int_equal(archive_write_set_options(archive, "zip:encryption=traditional"), ARCHIVE_OK);
        assert_int_equal(archive_write_set_passphrase(archive, password), ARCHIVE_OK);
    }
    assert_int_equal(archive_write_set_bytes_in_last_block(archive, 1), ARCHIVE_OK);
    assert_int_equal(archive_write_open_memory(archive, *data, capacity, &used), ARCHIVE_OK);
    for (size_t i = 0; i < count; i++) {
        struct archive_entry *entry = archive_entry_new();
        archive_entry_copy_pathname(entry, members[i].name);
        archive_entry_set_filetype(entry, members[i].type ? members[i].type : AE_IFREG);
        archive_entry_set_perm(entry, 0600);
        archive_entry_set_mtime(entry, 1234567890, 0);
        if (members[i].type == AE_IFLNK)
            archive_entry_copy_symlink(entry, members[i].text);
        else
            archive_entry_set_size(entry, (la_int64_t)member_size(&members[i]));
        assert_true(archive_write_header(archive, entry) >= ARCHIVE_WARN);
        if (!members[i].type)
            assert_int_equal(archive_write_data(archive, members[i].text, member_size(&members[i])),
                             member_size(&members[i]));
        archive_entry_free(entry);
    }
    assert_int_equal(archive_write_close(archive), ARCHIVE_OK);
    assert_int_equal(archive_write_free(archive), ARCHIVE_OK);
    return used;
}

static size_t write_container(struct reading *reading, const char *name, const char *format, const char *filter,
                              const struct member *members, size_t count) {
    char *data;
    size_t size = make(&data, format, filter, NULL, members, count);
    write_bytes(reading, name, data, size);
    free(data);
    return size;
}

static void test_compressed_single_files(void **state) {
    struct reading *reading = *state;
    static const struct member file = {.name = "x", .text = "{\"text\":\"a\"}\n{\"text\":\"b\"}\n"};
    static const char *const filters[][2] = {
        {"gzip", "x.jsonl.gz"}, {"bzip2", "x.jsonl.bz2"}, {"xz", "x.jsonl.xz"}, {"zstd", "x.jsonl.zst"}};
    for (size_t i = 0; i < 4; i++) {
        char expected[100];
        write_container(reading, filters[i][1], "raw", filters[i][0], &file, 1);
        (void)snprintf(expected, sizeof expected, "S %s jsonl\nR 1 body=a\nR 2 body=b\n", filters[i][1]);
        assert_string_equal(read_path(reading, path_in(reading, filters[i][1])), expected);
    }
}

static const struct member tree[] = {
    {.name = "./d", .text = "", .type = AE_IFDIR},
    {.name = "./d/1.txt", .text = "First."},
    {.name = "d/README", .text = "about"},
    {.name = "d/.hidden", .text = "x"},
    {.name = "d/link", .text = "1.txt", .type = AE_IFLNK},
    {.name = "../../evil.txt", .text = "Evil."},
    {.name = "/abs.txt", .text = "Absolute."},
    {.name = "t.csv", .text = "text,stars\nok,3\n"},
};

static void check_tree(struct reading *reading, const char *name, const char *format, const char *filter) {
    struct bytes expected = {0};
    write_container(reading, name, format, filter, tree, sizeof tree / sizeof *tree);
    bytes_append_format(&expected,
                        "S %s!d/1.txt text one\nR 0 body=First.\nK %s!d/README: a README\nK %s!d/.hidden: hidden\n"
                        "K %s!d/link: not a regular file\nS %s!../../evil.txt text one\nR 0 body=Evil.\n"
                        "S %s!/abs.txt text one\nR 0 body=Absolute.\nS %s!t.csv csv\nR 2 body=ok rating=3\n",
                        name, name, name, name, name, name, name);
    bytes_append_u8(&expected, 0);
    assert_string_equal(read_path(reading, path_in(reading, name)), (const char *)expected.data);
    bytes_free(&expected);
}

static void test_trees(void **state) {
    struct reading *reading = *state;
    check_tree(reading, "a.tar", "tar", NULL);
    check_tree(reading, "a.tar.gz", "tar", "gzip");
    check_tree(reading, "a.tar.zst", "tar", "zstd");
    check_tree(reading, "a.zip", "zip", NULL);
}

static void test_members_have_their_own_size_and_time(void **state) {
    struct reading *reading = *state;
    struct archive_files files;
    archive_reader *reader;
    struct archive_event event;
    write_container(reading, "a.tar", "tar", NULL, &tree[1], 1);
    assert_int_equal(archive_walk(path_in(reading, "a.tar"), &reading->options, &files, NULL), REVUE_OK);
    assert_int_equal(archive_open(&reader, path_in(reading, "a.tar"), &files.items[0], &reading->options, NULL), REVUE_OK);
    assert_int_equal(archive_next(reader, &event, NULL), REVUE_OK);
    assert_int_equal(event.kind, ARCHIVE_SOURCE);
    assert_int_equal(event.source.size, 6);
    assert_true(event.source.modified_ns == (int64_t)1234567890 * 1000000000);
    archive_close(reader);
    archive_files_free(&files);
}

static void test_exclude_looks_into_containers(void **state) {
    struct reading *reading = *state;
    struct view exclude = view_of_string("*.csv"), include = view_of_string("*.txt");
    write_container(reading, "a.zip", "zip", NULL, tree, sizeof tree / sizeof *tree);
    reading->options.exclude = &exclude;
    reading->options.exclude_count = 1;
    assert_non_null(strstr(read_folder(reading), "K a.zip!t.csv: excluded\n"));
    assert_int_equal(reading->reviews, 3);
    reading->options.exclude_count = 0;
    reading->options.include = &include;
    reading->options.include_count = 1;
    (void)read_folder(reading);
    assert_int_equal(reading->reviews, 3);
}

/* reviews.tar holding x.jsonl.gz is depth 2; one more is too deep. */
static void test_depth(void **state) {
    struct reading *reading = *state;
    char *gz, *tar;
    struct member file = {.name = "x", .text = "{\"text\":\"a\"}\n"}, inner = {.name = "x.jsonl.gz"},
                  middle = {.name = "in.tar"};
    inner.size = make(&gz, "raw", "gzip", NULL, &file, 1);
    inner.text = gz;
    middle.size = make(&tar, "tar", NULL, NULL, &inner, 1);
    middle.text = tar;
    write_bytes(reading, "r.tar", tar, middle.size);
    assert_string_equal(read_path(reading, path_in(reading, "r.tar")), "S r.tar!x.jsonl.gz jsonl\nR 1 body=a\n");
    write_container(reading, "out.zip", "zip", NULL, &middle, 1);
    assert_string_equal(read_path(reading, path_in(reading, "out.zip")),
                        "K out.zip!in.tar!x.jsonl.gz: containers nested deeper than the limit\n");
    reading->options.limits.depth = 3;
    assert_string_equal(read_path(reading, path_in(reading, "out.zip")), "S out.zip!in.tar!x.jsonl.gz jsonl\nR 1 body=a\n");
    free(gz);
    free(tar);
}

/* Records before the cut are given; the one that was cut is not. */
static void test_truncated_gzip(void **state) {
    struct reading *reading = *state;
    struct bytes text = {0};
    unsigned seed = 1;
    for (unsigned i = 0; i < 30000; i++) {
        seed = seed * 1103515245u + 12345u;
        bytes_append_format(&text, "{\"text\":\"review %u is number %u\"}\n", seed, i);
    }
    struct member file = {.name = "x", .text = (const char *)text.data, .size = text.size};
    char *data;
    size_t size = make(&data, "raw", "gzip", NULL, &file, 1);
    write_bytes(reading, "x.jsonl.gz", data, size / 2);
    const char *log = read_path(reading, path_in(reading, "x.jsonl.gz"));
    assert_true(reading->reviews > 100 && reading->reviews < 30000);
    assert_int_equal(reading->problems, 1);
    assert_non_null(strstr(log, "F x.jsonl.gz:0: truncated gzip input: rest of the source skipped\n"));
    assert_null(strstr(log, "P "));
    free(data);
    bytes_free(&text);
}

static void test_damaged_containers(void **state) {
    struct reading *reading = *state;
    char *data;
    size_t size = make(&data, "zip", NULL, NULL, tree, sizeof tree / sizeof *tree);
    for (size_t cut = 1; cut < size; cut += 37) { /* whatever is missing: an end, and no crash */
        write_bytes(reading, "a.zip", data, cut);
        (void)read_path(reading, path_in(reading, "a.zip"));
        assert_true(reading->problems + reading->skips + reading->sources > 0);
    }
    free(data);
    size = make(&data, "tar", NULL, NULL, tree, sizeof tree / sizeof *tree);
    write_bytes(reading, "a.tar", data, 1024 + 512 + 100);
    write_file(reading, "b.txt", "Still read.");
    const char *log = read_folder(reading);
    assert_true(reading->fatal > 0);
    assert_non_null(strstr(log, "R 0 body=Still read.\n"));
    free(data);
}

static void test_encrypted_zip(void **state) {
    struct reading *reading = *state;
    char *data;
    size_t size = make(&data, "zip", NULL, "secret", &tree[1], 1);
    write_bytes(reading, "a.zip", data, size);
    free(data);
    assert_string_equal(read_path(reading, path_in(reading, "a.zip")), "F a.zip!d/1.txt:0: encrypted: member skipped\n");
}

static void test_bomb(void **state) {
    struct reading *reading = *state;
    size_t size = (size_t)40 << 20;
    char *zeros = malloc(size);
    assert_non_null(zeros);
    memset(zeros, 'a', size);
    for (size_t i = 1000; i < size; i += 1000)
        zeros[i] = '\n';
    struct member file = {.name = "x", .text = zeros, .size = size};
    write_container(reading, "x.pos.zst", "raw", "zstd", &file, 1);
    free(zeros);
    reading->options.format = ARCHIVE_LINES;
    const char *log = read_path(reading, path_in(reading, "x.pos.zst"));
    assert_non_null(
        strstr(log, ": unpacks to far more bytes than it has: a decompression bomb: rest of the source skipped\n"));
    assert_true(reading->reviews < 30000);
    reading->options.limits.expansion = 1000000;
    (void)read_path(reading, path_in(reading, "x.pos.zst"));
    assert_int_equal(reading->fatal, 0);
}

static void test_member_limit(void **state) {
    struct reading *reading = *state;
    reading->options.limits.member_count = 2;
    write_container(reading, "a.tar", "tar", NULL, tree, sizeof tree / sizeof *tree);
    const char *log = read_path(reading, path_in(reading, "a.tar"));
    assert_non_null(strstr(log, "F a.tar:0: more members than the limit allows: rest of the container skipped\n"));
    assert_int_equal(reading->reviews, 1);
}

static void test_odd_member_names(void **state) {
    struct reading *reading = *state;
    static const struct member odd[] = {{.name = "caf\xE9.txt", .text = "One."},
                                        {.name = "a\nb.txt", .text = "Two."},
                                        {.name = "d\xC3\xA9j\xC3\xA0.txt", .text = "Three."}};
    write_container(reading, "a.tar", "tar", NULL, odd, 3);
    assert_string_equal(read_path(reading, path_in(reading, "a.tar")),
                        "S a.tar!caf%E9.txt text one\nR 0 body=One.\nS a.tar!a%0Ab.txt text one\nR 0 body=Two.\n"
                        "S a.tar!d\xC3\xA9j\xC3\xA0.txt text one\nR 0 body=Three.\n");
}

static void test_from_a_pipe(void **state) {
    struct reading *reading = *state;
    char *data;
    int ends[2];
    archive_reader *reader;
    revue_error error = {0};
    size_t size = make(&data, "zip", NULL, NULL, tree + 5, 3);
    assert_true(size < 60000);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], data, size), size);
    (void)close(ends[1]);
    free(data);
    reading_clear(reading);
    assert_int_equal(archive_open_fd(&reader, ends[0], "in.zip", &reading->options, &error), REVUE_OK);
    assert_int_equal(drain_reader(reading, reader, &error), REVUE_OK);
    assert_int_equal(reading->reviews, 3);
    (void)close(ends[0]);
}

static void test_empty_containers(void **state) {
    struct reading *reading = *state;
    struct member file = {.name = "x", .text = ""};
    write_container(reading, "a.tar", "tar", NULL, &file, 0);
    write_container(reading, "b.zip", "zip", NULL, &file, 0);
    write_container(reading, "c.txt.gz", "raw", "gzip", &file, 1);
    (void)read_folder(reading);
    assert_int_equal(reading->reviews, 0);
    assert_int_equal(reading->fatal, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, reading_setup, reading_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_compressed_single_files),
        TEST(test_trees),
        TEST(test_members_have_their_own_size_and_time),
        TEST(test_exclude_looks_into_containers),
        TEST(test_depth),
        TEST(test_truncated_gzip),
        TEST(test_damaged_containers),
        TEST(test_encrypted_zip),
        TEST(test_bomb),
        TEST(test_member_limit),
        TEST(test_odd_member_names),
        TEST(test_from_a_pipe),
        TEST(test_empty_containers),
    };
    return cmocka_run_group_tests_name("archive containers", tests, NULL, NULL);
}
