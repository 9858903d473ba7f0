/* test_terminal.c - widths against the C library's, and text made harmless. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "indexer/base/terminal.h"

#include <fcntl.h>
#include <locale.h>
#include <pty.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

/* glibc's table is made from the same database; where it decides otherwise: what is shown as a replacement here, circled
 * numbers and hexagrams (wide only since Unicode 16). */
static bool rules_differ(uint32_t character) {
    return terminal_is_hostile(character) || (character >= 0x3248 && character <= 0x324F) ||
           (character >= 0x4DC0 && character <= 0x4DFF);
}

static void widths_are_those_of_the_c_library(void **state) {
    (void)state;
    size_t compared = 0, different = 0;
    if (!setlocale(LC_CTYPE, "C.UTF-8")) skip();
    for (uint32_t character = 0x20; character < 0x110000; character++) {
        int judged = wcwidth((wchar_t)character);
        if (judged < 0 || rules_differ(character)) continue;
        compared++;
        if (terminal_character_width(character) != (unsigned)judged) different++;
    }
    (void)setlocale(LC_CTYPE, "C");
    assert_true(compared > 100000);
    assert_int_equal(different, 0);
}

static void known_widths(void **state) {
    (void)state;
    assert_int_equal(terminal_text_width(view_of_string("plain")), 5);
    assert_int_equal(terminal_text_width(view_of_string("日本")), 4);
    assert_int_equal(terminal_text_width(view_of_string("e\xCC\x81")), 1);
    assert_int_equal(terminal_text_width(view_of_string("★☆·…")), 4);
    assert_int_equal(terminal_text_width(view_of_string("한글")), 4);
    assert_int_equal(terminal_text_width(view_of_string("\xF0\x9F\x98\x80")), 2);
    assert_int_equal(terminal_text_width(view_of_string("\xE2\x80\x8D")), 0);
    assert_int_equal(terminal_text_width(view_of_string("\xFF\xFE")), 2);
    assert_int_equal(terminal_text_width(view_of(NULL, 0)), 0);
}

static void assert_harmless(const char *text, enum terminal_keep keep, const char *expected) {
    struct bytes out = {0};
    terminal_append_harmless(&out, view_of_string(text), keep);
    bytes_append_u8(&out, '\0');
    assert_string_equal((const char *)out.data, expected);
    bytes_free(&out);
}

static void hostile_text_is_made_harmless(void **state) {
    (void)state;
    assert_harmless("\033[31mred\007", TERMINAL_ONE_LINE, "\xEF\xBF\xBD[31mred\xEF\xBF\xBD");
    assert_harmless("a\xC2\x9B"
                    "2Jb",
                    TERMINAL_ONE_LINE,
                    "a\xEF\xBF\xBD"
                    "2Jb");
    assert_harmless("x\xE2\x80\xAEy\xE2\x81\xA6z", TERMINAL_ONE_LINE, "x\xEF\xBF\xBDy\xEF\xBF\xBDz");
    assert_harmless("bad \xFF\xC3", TERMINAL_ONE_LINE, "bad \xEF\xBF\xBD\xEF\xBF\xBD");
    assert_harmless("a\tb\r\nc", TERMINAL_ONE_LINE, "a b  c");
    assert_harmless("a\tb\r\nc", TERMINAL_KEEP_LINES, "a\tb\nc");
    assert_harmless("é 日本 \xF0\x9F\x98\x80", TERMINAL_ONE_LINE, "é 日本 \xF0\x9F\x98\x80");
}

/* No byte string leaves a control behind. */
static void nothing_hostile_survives(void **state) {
    (void)state;
    uint64_t random = 7;
    for (int round = 0; round < 2000; round++) {
        char text[32];
        struct bytes out = {0};
        for (size_t i = 0; i < sizeof text; i++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            text[i] = (char)(random >> 56);
        }
        terminal_append_harmless(&out, view_of(text, sizeof text), TERMINAL_ONE_LINE);
        for (size_t i = 0; i < out.size; i++)
            assert_true(out.data[i] >= 0x20 && out.data[i] != 0x7F);
        bytes_free(&out);
    }
}

static void a_file_is_no_terminal(void **state) {
    (void)state;
    int null = open("/dev/null", O_RDONLY);
    assert_true(null >= 0);
    assert_false(terminal_is(null));
    assert_false(terminal_has_colour(null));
    assert_int_equal(terminal_width(null), TERMINAL_WIDTH_DEFAULT);
    (void)close(null);
}

static void a_terminal_has_width_and_colour(void **state) {
    (void)state;
    int leader, follower;
    struct winsize size = {.ws_row = 24, .ws_col = 57};
    if (openpty(&leader, &follower, NULL, NULL, &size) != 0) skip();
    (void)setenv("TERM", "xterm", 1);
    (void)unsetenv("NO_COLOR");
    assert_true(terminal_is(follower));
    assert_int_equal(terminal_width(follower), 57);
    assert_true(terminal_has_colour(follower));
    (void)setenv("NO_COLOR", "", 1);
    assert_true(terminal_has_colour(follower));
    (void)setenv("NO_COLOR", "1", 1);
    assert_false(terminal_has_colour(follower));
    (void)unsetenv("NO_COLOR");
    (void)setenv("TERM", "dumb", 1);
    assert_false(terminal_has_colour(follower));
    size.ws_col = 0;
    assert_int_equal(ioctl(follower, TIOCSWINSZ, &size), 0);
    assert_int_equal(terminal_width(follower), TERMINAL_WIDTH_DEFAULT);
    (void)close(leader);
    (void)close(follower);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(widths_are_those_of_the_c_library),
        cmocka_unit_test(known_widths),
        cmocka_unit_test(hostile_text_is_made_harmless),
        cmocka_unit_test(nothing_hostile_survives),
        cmocka_unit_test(a_file_is_no_terminal),
        cmocka_unit_test(a_terminal_has_width_and_colour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
