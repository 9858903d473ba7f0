/* test_archive_charset.c - UTF-8, UTF-16 and Windows-1252, of records and of whole sources. */
#include "archive_reading.h"

#include "indexer/archive/charset.h"
#include "indexer/base/utf8.h"

static void check_decoded(const char *record, size_t size, const char *expected) {
    struct bytes scratch = {0};
    struct view text;
    assert_true(charset_decode(view_of(record, size), &scratch, &text));
    assert_int_equal(text.size, strlen(expected));
    assert_memory_equal(text.data, expected, text.size);
    bytes_free(&scratch);
}
#define DECODED(record, expected) check_decoded(record, sizeof(record) - 1, expected)

static void test_valid_utf8_is_not_copied(void **state) {
    (void)state;
    struct bytes scratch = {0};
    struct view record = view_of_string("ing\xC3\xA9nue \xE2\x80\x94 \xE6\x97\xA5"), text;
    assert_true(charset_decode(record, &scratch, &text));
    assert_ptr_equal(text.data, record.data);
    assert_null(scratch.data);
}

static void test_records_are_decided_one_by_one(void **state) {
    (void)state;
    DECODED("ing\xE9nue", "ing\xC3\xA9nue");
    DECODED("it\x92s \x80 5", "it\xE2\x80\x99s \xE2\x82\xAC 5");
    DECODED("\x81", "\xC2\x81");
    /* More sound characters than broken ones: UTF-8 that was cut, not Windows-1252. */
    DECODED("caf\xC3\xA9 cr\xC3\xA8me br\xC3", "caf\xC3\xA9 cr\xC3\xA8me br\xEF\xBF\xBD");
}

/* Every one of the 128 high bytes becomes the character the table of the standard names, and always valid UTF-8. */
static void test_windows_1252_is_total(void **state) {
    (void)state;
    for (unsigned byte = 0x80; byte < 0x100; byte++) {
        struct bytes out = {0};
        char one = (char)byte;
        charset_append_windows_1252(&out, view_of(&one, 1));
        assert_int_equal(utf8_valid_prefix((const char *)out.data, out.size), out.size);
        size_t length;
        uint32_t character = utf8_decode((const char *)out.data, out.size, &length);
        if (byte >= 0xA0) assert_int_equal(character, byte);
        assert_int_equal(length, out.size);
        bytes_free(&out);
    }
}

static void test_utf16_in_pieces(void **state) {
    (void)state;
    static const char text[] = "a\0\xE9\0\x3D\xD8\x00\xDE\xAC\x20"; /* a, e acute, U+1F600, euro */
    for (size_t cut = 0; cut <= sizeof text - 1; cut++) {
        struct utf16_decoder decoder = {0};
        struct bytes out = {0};
        utf16_decode(&decoder, view_of(text, cut), &out);
        utf16_decode(&decoder, view_of(text + cut, sizeof text - 1 - cut), &out);
        utf16_finish(&decoder, &out);
        assert_int_equal(out.size, 10);
        assert_memory_equal(out.data, "a\xC3\xA9\xF0\x9F\x98\x80\xE2\x82\xAC", 10);
        bytes_free(&out);
    }
}

static void test_utf16_damage(void **state) {
    (void)state;
    struct utf16_decoder decoder = {.big_endian = true};
    struct bytes out = {0};
    utf16_decode(&decoder, view_of("\xD8\x3D\0a\xDC\0\0b\0", 9), &out); /* high alone, low alone, half a unit */
    utf16_finish(&decoder, &out);
    assert_int_equal(out.size, 11);
    assert_memory_equal(out.data,
                        "\xEF\xBF\xBD"
                        "a\xEF\xBF\xBD"
                        "b\xEF\xBF\xBD",
                        11);
    bytes_free(&out);
}

static void test_detection(void **state) {
    (void)state;
    size_t mark;
    assert_int_equal(charset_detect(view_of("\xEF\xBB\xBFx", 4), &mark), CHARSET_BYTES);
    assert_int_equal(mark, 3);
    assert_int_equal(charset_detect(view_of("\xFF\xFEx\0", 4), &mark), CHARSET_UTF16_LE);
    assert_int_equal(mark, 2);
    assert_int_equal(charset_detect(view_of("\xFE\xFF\0x", 4), &mark), CHARSET_UTF16_BE);
    assert_int_equal(charset_detect(view_of("g\0r\0e\0a\0t\0", 10), &mark), CHARSET_UTF16_LE);
    assert_int_equal(mark, 0);
    assert_int_equal(charset_detect(view_of("\0g\0r\0e\0a\0t", 10), &mark), CHARSET_UTF16_BE);
    assert_int_equal(charset_detect(view_of("plain text", 10), &mark), CHARSET_BYTES);
    assert_int_equal(charset_detect(view_of("", 0), &mark), CHARSET_BYTES);
}

/* The same two records in every encoding give the same reviews. */
static void test_sources_in_every_encoding(void **state) {
    struct reading *reading = *state;
    static const char utf8[] = "\xEF\xBB\xBF{\"text\":\"Caf\xC3\xA9 one\"}\n{\"text\":\"two\"}\n";
    static const char latin[] = "{\"text\":\"Caf\xE9 one\"}\n{\"text\":\"two\"}\n";
    static const char expected[] = "S x.jsonl jsonl\nR 1 body=Caf\xC3\xA9 one\nR 2 body=two\n";
    char utf16[2][200];
    size_t units = 0;
    for (size_t i = 0; i < sizeof latin - 1; i++, units++) {
        utf16[0][2 * i] = utf16[1][2 * i + 1] = latin[i];
        utf16[0][2 * i + 1] = utf16[1][2 * i] = 0;
    }
    assert_string_equal(read_text(reading, "x.jsonl", utf8), expected);
    assert_string_equal(read_text(reading, "x.jsonl", latin), expected);
    for (unsigned i = 0; i < 2; i++) {
        write_bytes(reading, "x.jsonl", utf16[i], 2 * units);
        assert_string_equal(read_path(reading, path_in(reading, "x.jsonl")), expected);
    }
}

/* More UTF-16 than any buffer holds at once: nothing is lost at the seams. */
static void test_long_utf16(void **state) {
    struct reading *reading = *state;
    size_t lines = 30000, size = 0;
    char *data = malloc(2 + lines * 80);
    assert_non_null(data);
    data[size++] = (char)0xFF;
    data[size++] = (char)0xFE;
    for (size_t i = 0; i < lines; i++) {
        char line[40];
        int length = snprintf(line, sizeof line, "a review of number %zu\n", i);
        for (int j = 0; j < length; j++, size += 2) {
            data[size] = line[j];
            data[size + 1] = 0;
        }
    }
    write_bytes(reading, "x.pos", data, size);
    free(data);
    reading->options.format = ARCHIVE_LINES;
    const char *log = read_path(reading, path_in(reading, "x.pos"));
    assert_int_equal(reading->reviews, lines);
    assert_non_null(strstr(log, "R 30000 body=a review of number 29999\n"));
    assert_non_null(strstr(log, "R 12346 body=a review of number 12345\n"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid_utf8_is_not_copied),
        cmocka_unit_test(test_records_are_decided_one_by_one),
        cmocka_unit_test(test_windows_1252_is_total),
        cmocka_unit_test(test_utf16_in_pieces),
        cmocka_unit_test(test_utf16_damage),
        cmocka_unit_test(test_detection),
        cmocka_unit_test_setup_teardown(test_sources_in_every_encoding, reading_setup, reading_teardown),
        cmocka_unit_test_setup_teardown(test_long_utf16, reading_setup, reading_teardown),
    };
    return cmocka_run_group_tests_name("archive charset", tests, NULL, NULL);
}
