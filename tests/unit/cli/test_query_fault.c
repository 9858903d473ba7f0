/* test_query_fault.c - the caret stands under the mistake, whatever is before it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "query/cli/query_fault.h"

#include "indexer/base/terminal.h"

static void assert_shown(const char *query, uint64_t column, size_t width, const char *expected) {
    struct bytes out = {0};
    append_query_fault(&out, view_of_string(query), column, width);
    bytes_append_u8(&out, '\0');
    assert_string_equal((const char *)out.data, expected);
    bytes_free(&out);
}

static void caret_stands_under_the_column(void **state) {
    (void)state;
    assert_shown("foo (bar", 5, 80, "  foo (bar\n      ^\n");
    assert_shown("(", 1, 80, "  (\n  ^\n");
    assert_shown("\"open", 6, 80, "  \"open\n       ^\n");
    assert_shown("ab", 999, 80, "  ab\n    ^\n");
    assert_shown("", 1, 80, "  \n  ^\n");
}

static void wide_and_combining_characters_are_counted(void **state) {
    (void)state;
    assert_shown("日本 (x", 8, 80, "  日本 (x\n       ^\n");
    assert_shown("e\xCC\x81 (x", 5, 80, "  e\xCC\x81 (x\n    ^\n");
}

static void controls_take_the_room_of_their_replacement(void **state) {
    (void)state;
    assert_shown("\033[ (", 4, 80, "  \xEF\xBF\xBD[ (\n     ^\n");
    assert_shown("a\tb (", 5, 80, "  a b (\n      ^\n");
}

/* Wherever the mistake is in a long query, both lines fit, and the caret is under its character. */
static void long_queries_are_cut_around_the_place(void **state) {
    (void)state;
    char query[401];
    memset(query, 'x', 400);
    query[400] = '\0';
    for (uint64_t column = 1; column <= 400; column++) {
        struct bytes out = {0};
        query[column - 1] = '(';
        append_query_fault(&out, view_of_string(query), column, 40);
        query[column - 1] = 'x';
        bytes_append_u8(&out, '\0');
        const char *shown = (const char *)out.data, *end = strchr(shown, '\n');
        const char *place = strchr(shown, '('), *caret = strchr(shown, '^');
        assert_true(place && caret && place < end);
        assert_true(terminal_text_width(view_of(shown, (size_t)(end - shown))) <= 40);
        assert_int_equal(terminal_text_width(view_of(shown, (size_t)(place - shown))), caret - end - 1);
        bytes_free(&out);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(caret_stands_under_the_column),
        cmocka_unit_test(wide_and_combining_characters_are_counted),
        cmocka_unit_test(controls_take_the_room_of_their_replacement),
        cmocka_unit_test(long_queries_are_cut_around_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
