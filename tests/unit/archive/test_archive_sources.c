/* test_archive_sources.c - the rule of README.md: which files are sources, of what format, and what lies beside them. */
#include "archive_reading.h"

#include "indexer/archive/names.h"

static void test_text_is_one_review(void **state) {
    struct reading *reading = *state;
    assert_string_equal(read_text(reading, "a.txt", "First line.\n\nSecond paragraph.\n"),
                        "S a.txt text one\nR 0 body=First line.\\n\\nSecond paragraph.\\n\n");
}

static void test_a_tree_of_texts(void **state) {
    struct reading *reading = *state;
    write_file(reading, "pos/1.txt", "Good.");
    write_file(reading, "neg/2.txt", "Bad.");
    write_file(reading, "README", "about");
    assert_string_equal(read_folder(reading),
                        "K README: a README\nS neg/2.txt text one\nR 0 body=Bad.\nS pos/1.txt text one\nR 0 body=Good.\n");
}

static void test_lines(void **state) {
    struct reading *reading = *state;
    struct bytes text = {0};
    for (unsigned i = 0; i < 20; i++)
        bytes_append_string(&text, i % 2 ? "a short film \r\n"
                                         : "a much longer review of a film that goes on and on until its end\r\n");
    bytes_append_string(&text, "\r\nthe last one here");
    write_bytes(reading, "reviews.pos", text.data, text.size);
    bytes_free(&text);
    const char *log = read_path(reading, path_in(reading, "reviews.pos"));
    assert_int_equal(reading->reviews, 21);
    assert_non_null(strstr(log, "S reviews.pos lines\nR 1 body=a much longer"));
    assert_non_null(strstr(log, "R 22 body=the last one here\n"));
}

/* Without an extension: a text broken at a margin, or with paragraphs, is one review. */
static void test_text_without_extension(void **state) {
    struct reading *reading = *state;
    struct bytes text = {0};
    for (unsigned i = 0; i < 12; i++)
        bytes_append_string(&text, "this line was broken by a program at the margin, as old texts\n");
    write_bytes(reading, "wrapped", text.data, text.size);
    for (unsigned i = 0; i < 6; i++)
        bytes_append_string(
            &text,
            "\nA paragraph that is long enough to be seen as one, and is followed by others of its kind. It goes on.\n");
    write_bytes(reading, "paragraphs", text.data, text.size);
    bytes_free(&text);
    write_file(reading, "short", "Just a few words of praise.\n");
    (void)read_folder(reading);
    assert_int_equal(reading->sources, 3);
    assert_int_equal(reading->reviews, 3);
}

static void test_what_lies_beside(void **state) {
    struct reading *reading = *state;
    write_file(reading, "1.txt", "a review");
    write_bytes(reading, "b.png", "\x89PNG\0\0", 6);
    write_bytes(reading, "c", "bin\0ary", 7);
    write_file(reading, "d.txt", " \n\n");
    write_file(reading, "e", "");
    write_file(reading, "LICENSE.txt", "MIT");
    write_file(reading, "f.md", "# notes");
    write_file(reading, "g.q", "#cat=x\n#query=clean place;0\nchina_hotel;4.9\nother_hotel;4.8\nthird_hotel;4.7\n");
    write_file(reading, "qrels.test.txt", "1 0 2 1\n");
    write_file(reading, "topics-2019.tsv", "1\twhat is it\n");
    write_file(reading, "n.txt", "1 2 3 4 5\n6 7 8 9\n");
    assert_string_equal(read_folder(reading), "S 1.txt text one\nR 0 body=a review\n"
                                              "K LICENSE.txt: about the archive, by its name\n"
                                              "K b.png: not a format of reviews, by its extension\n"
                                              "K c: not text\nK d.txt: empty\nK e: empty\n"
                                              "K f.md: not a format of reviews, by its extension\n"
                                              "K g.q: not written text: few words a line\n"
                                              "K n.txt: not written text: more signs than letters\n"
                                              "K qrels.test.txt: judgments or topics of a test collection, by its name\n"
                                              "K topics-2019.tsv: judgments or topics of a test collection, by its name\n");
}

/* A name puts a file beside only in a folder: named itself, it is read. */
static void test_root_that_is_a_readme(void **state) {
    struct reading *reading = *state;
    assert_string_equal(read_text(reading, "README.md", "Fine film.\n"), "S README.md text one\nR 0 body=Fine film.\\n\n");
}

static void test_content_against_the_name(void **state) {
    struct reading *reading = *state;
    assert_string_equal(read_text(reading, "x.txt", "{\"text\":\"a\"}\n{\"text\":\"b\"}\n"),
                        "S x.txt jsonl\nR 1 body=a\nR 2 body=b\n");
    (void)read_text(reading, "y.txt", "<!DOCTYPE html><html><body><p>Good.</p></body></html>");
    assert_non_null(strstr((const char *)reading->log.data, "S y.txt html"));
    assert_string_equal(read_text(reading, "z", "\n [ {\"text\":\"a\"} ]"), "S z jsonl\nR 2 body=a\n");
    /* A text that begins with a brace is still a text. */
    assert_string_equal(read_text(reading, "w.txt", "{sigh} not good"), "S w.txt text one\nR 0 body={sigh} not good\n");
}

static void test_forced_format(void **state) {
    struct reading *reading = *state;
    reading->options.format = ARCHIVE_LINES;
    assert_string_equal(read_text(reading, "x.txt", "one\ntwo\n"), "S x.txt lines\nR 1 body=one\nR 2 body=two\n");
    reading->options.format = ARCHIVE_TEXT;
    assert_string_equal(read_text(reading, "x.csv", "text\none\n"), "S x.csv text one\nR 0 body=text\\none\\n\n");
    reading->options.format = ARCHIVE_CSV;
    assert_string_equal(read_text(reading, "x.txt", "text,stars\none,2\n"), "S x.txt csv\nR 2 body=one rating=2\n");
}

static void test_standard_input(void **state) {
    struct reading *reading = *state;
    revue_error error = {0};
    archive_reader *reader;
    int ends[2];
    static const char text[] = "{\"text\":\"a\"}\n";
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], text, sizeof text - 1), sizeof text - 1);
    (void)close(ends[1]);
    assert_int_equal(archive_open_fd(&reader, ends[0], "day.jsonl", &reading->options, &error), REVUE_OK);
    reading_clear(reading);
    assert_int_equal(drain_reader(reading, reader, &error), REVUE_OK);
    bytes_append_u8(&reading->log, 0);
    assert_string_equal((const char *)reading->log.data, "S day.jsonl jsonl\nR 1 body=a\n");
    (void)close(ends[0]);
}

static void test_vanished_and_replaced_files(void **state) {
    struct reading *reading = *state;
    struct archive_files files;
    archive_reader *reader;
    revue_error error = {0};
    write_file(reading, "a.txt", "x");
    assert_int_equal(archive_walk(reading->folder, &reading->options, &files, &error), REVUE_OK);
    assert_int_equal(unlink(path_in(reading, "a.txt")), 0);
    assert_int_equal(archive_open(&reader, reading->folder, &files.items[0], &reading->options, &error), REVUE_IO);
    assert_string_equal(error.message, "it vanished after it was listed");
    assert_int_equal(mkfifo(path_in(reading, "a.txt"), 0600), 0); /* must not block */
    assert_int_equal(archive_open(&reader, reading->folder, &files.items[0], &reading->options, &error), REVUE_IO);
    assert_string_equal(error.message, "no longer a regular file");
    archive_files_free(&files);
}

static void test_names_are_made_printable(void **state) {
    struct reading *reading = *state;
    struct bytes out = {0};
    name_append_printable(&out, view_of("./a\x01\xC3\xA9\xFF/b\n", 10));
    bytes_append_u8(&out, 0);
    assert_string_equal((const char *)out.data, "a%01\xC3\xA9%FF/b%0A");
    bytes_free(&out);
    write_file(reading, "caf\xE9\x7F.txt", "x y");
    assert_string_equal(read_folder(reading), "S caf%E9%7F.txt text one\nR 0 body=x y\n");
}

static void test_long_texts_are_refused(void **state) {
    struct reading *reading = *state;
    char text[2001];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    reading->options.limits.record_bytes = 1000;
    write_file(reading, "b.txt", "a fine one");
    write_file(reading, "a.txt", text);
    assert_string_equal(read_folder(reading), "S a.txt text one\nF a.txt:0: longer than the limit of 1000 bytes for one "
                                              "review (--memory 512 allows more): rest of the source skipped\n"
                                              "S b.txt text one\nR 0 body=a fine one\n");
}

static void test_names(void **state) {
    (void)state;
    assert_true(view_equal(name_stem(view_of_string("a/tr_polarity.neg.gz")), view_of_string("tr_polarity")));
    assert_true(view_equal(name_stem(view_of_string("a/st._james_hotel")), view_of_string("st._james_hotel")));
    assert_true(view_equal(name_without_compression(view_of_string("x.jsonl.gz")), view_of_string("x.jsonl")));
    assert_true(name_is_container(view_of_string("x.tar.gz")));
    assert_true(name_is_container(view_of_string("x.TGZ")));
    assert_false(name_is_container(view_of_string("x.jsonl.gz")));
    assert_int_equal(name_kind_of(view_of_string("a/x.JSONL.zst")), NAME_JSON);
    assert_int_equal(name_kind_of(view_of_string("a.csv/x")), NAME_UNKNOWN);
    assert_null(name_beside(view_of_string("license_to_kill.txt")));
    assert_null(name_beside(view_of_string("a/paris_readme_hotel")));
    assert_non_null(name_beside(view_of_string("a/README-en.txt")));
    assert_true(name_is_hidden(view_of_string("__MACOSX/x.txt")));
    assert_true(name_is_hidden(view_of_string("a/.b/x.txt")));
    assert_false(name_is_hidden(view_of_string("./a/../x.txt")));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, reading_setup, reading_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_text_is_one_review),
        TEST(test_a_tree_of_texts),
        TEST(test_lines),
        TEST(test_text_without_extension),
        TEST(test_what_lies_beside),
        TEST(test_root_that_is_a_readme),
        TEST(test_content_against_the_name),
        TEST(test_forced_format),
        TEST(test_standard_input),
        TEST(test_vanished_and_replaced_files),
        TEST(test_names_are_made_printable),
        TEST(test_long_texts_are_refused),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests_name("archive sources", tests, NULL, NULL);
}
