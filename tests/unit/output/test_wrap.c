/* test_wrap.c - filling lines: breaks, widths, styles. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "indexer/base/terminal.h"
#include "query/output/wrap.h"

static void assert_wrapped(const char *text, unsigned width, unsigned indent, const char *expected) {
    struct bytes out = {0};
    struct wrap wrap;
    bytes_append_format(&out, "%*s", (int)indent, "");
    wrap_start(&wrap, &out, width, indent, indent, false);
    wrap_text(&wrap, view_of_string(text), WRAP_MARK);
    wrap_end(&wrap);
    bytes_append_u8(&out, '\0');
    assert_string_equal((const char *)out.data, expected);
    bytes_free(&out);
}

static void lines_break_at_blanks(void **state) {
    (void)state;
    assert_wrapped("one two three", 20, 0, "one two three\n");
    assert_wrapped("one two three", 13, 0, "one two three\n");
    assert_wrapped("one two three", 12, 0, "one two\nthree\n");
    assert_wrapped("one two three", 9, 2, "  one two\n  three\n");
    assert_wrapped("  a \n\t b  ", 20, 1, " a b\n");
    assert_wrapped("", 20, 2, "  \n");
}

static void long_words_are_cut(void **state) {
    (void)state;
    assert_wrapped("abcdefghij", 6, 2, "  abcd\n  efgh\n  ij\n");
    assert_wrapped("x abcdefghij y", 5, 0, "x\nabcde\nfghij\ny\n");
    assert_wrapped("abc", 0, 4, "    ab\n    c\n");
}

static void wide_characters_break_anywhere(void **state) {
    (void)state;
    assert_wrapped("日本語の長い文章", 8, 0, "日本語の\n長い文章\n");
    assert_wrapped("日本語の長い文章", 9, 0, "日本語の\n長い文章\n");
    assert_wrapped("e\xCC\x81"
                   "e\xCC\x81 ee",
                   5, 0,
                   "e\xCC\x81"
                   "e\xCC\x81 ee\n");
}

static void hostile_characters_are_replaced(void **state) {
    (void)state;
    assert_wrapped("a\033[2Jb \xE2\x80\xAE!", 20, 0, "a\xEF\xBF\xBD[2Jb \xEF\xBF\xBD!\n");
    assert_wrapped("bad\xFFutf", 20, 0, "bad\xEF\xBF\xBDutf\n");
}

static void styles_end_with_the_line(void **state) {
    (void)state;
    struct bytes out = {0};
    struct wrap wrap;
    wrap_start(&wrap, &out, 12, 0, 0, true);
    wrap_text(&wrap, view_of_string("go "), WRAP_PLAIN);
    wrap_text(&wrap, view_of_string("red car runs"), WRAP_BOLD);
    wrap_text(&wrap, view_of_string("ning on"), WRAP_PLAIN);
    wrap_end(&wrap);
    bytes_append_u8(&out, '\0');
    assert_string_equal((const char *)out.data, "go \033[1mred car\033[0m\n\033[1mruns\033[0mning on\n");
    bytes_free(&out);
}

/* Whatever the text: no line is wider than it may be, and nothing but line ends is below a blank. */
static void no_line_is_too_wide(void **state) {
    (void)state;
    static const char *const pieces[] = {"a",         "word", " ",    "  ", "日",
                                         "e\xCC\x81", "\xFF", "\033", "\n", "longer-than-a-line-ever-is"};
    uint64_t random = 3;
    for (int round = 0; round < 500; round++) {
        struct bytes text = {0}, out = {0};
        struct wrap wrap;
        unsigned width = 6 + (unsigned)round % 20;
        for (int i = 0; i < 60; i++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            bytes_append_string(&text, pieces[(random >> 40) % 10]);
        }
        wrap_start(&wrap, &out, width, 0, 0, false);
        wrap_text(&wrap, bytes_view(&text), WRAP_PLAIN);
        wrap_end(&wrap);
        for (size_t at = 0; at < out.size;) {
            const char *line = (const char *)out.data + at, *end = memchr(line, '\n', out.size - at);
            assert_non_null(end);
            assert_true(terminal_text_width(view_of(line, (size_t)(end - line))) <= width);
            for (const char *byte = line; byte < end; byte++)
                assert_true((unsigned char)*byte >= ' ');
            at += (size_t)(end - line) + 1;
        }
        bytes_free(&text);
        bytes_free(&out);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_break_at_blanks),          cmocka_unit_test(long_words_are_cut),
        cmocka_unit_test(wide_characters_break_anywhere), cmocka_unit_test(hostile_characters_are_replaced),
        cmocka_unit_test(styles_end_with_the_line),       cmocka_unit_test(no_line_is_too_wide),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
