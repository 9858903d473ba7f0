/* test_synonyms.c - lines of synonyms: what they may be, and what is said of those that are wrong. */
#include "indexer/format/synonyms.h"
#include "tests/unit/format/format_test.h"

/* The lines of a text: "NUMBER[left]:entry|entry;" */
static void append_lines(struct bytes *out, const char *text) {
    struct synonym_reader reader = {.rest = view_of_string(text)};
    struct synonym_line line;
    revue_error error = {0};
    revue_status status;
    while ((status = synonyms_next_line(&reader, &line, &error)) == REVUE_OK) {
        bytes_append_format(out, "%u[%u]:", (unsigned)line.number, line.left_count);
        for (uint32_t i = 0; i < line.count; i++)
            bytes_append_format(out, "%s%.*s", i ? "|" : "", (int)line.entries[i].size, line.entries[i].data);
        bytes_append_u8(out, ';');
    }
    if (status != REVUE_NO_MATCH) bytes_append_format(out, "line %u: %s", (unsigned)error.line, error.message);
    bytes_append_u8(out, 0);
}

static void assert_lines(const char *text, const char *expected) {
    struct bytes out = {0};
    append_lines(&out, text);
    assert_string_equal((const char *)out.data, expected);
    assert_true((synonyms_check(view_of_string(text)) == NULL) == (text[0] != '\0' && !strstr(expected, "line ")));
    bytes_free(&out);
}

static void test_lines(void **state) {
    (void)state;
    assert_lines("", "");
    assert_lines("# nothing\n\n  \r\n", "");
    assert_lines("film, movie,picture", "1[0]:film|movie|picture;");
    assert_lines("\n tv ,telly=>television # one way\r\nnew york,\tNYC\n", "2[2]:tv|telly|television;3[0]:new york|NYC;");
    assert_lines("c#, c sharp #dialect", "1[0]:c#|c sharp;");
    assert_lines("a => b => c", "1[1]:a|b => c;");
}

#define MISSING "beside a comma or => a synonym is missing: add it, or take the sign away"

static void test_wrong_lines(void **state) {
    (void)state;
    assert_lines("film, movie\nfilm", "1[0]:film|movie;line 2: one word alone has no synonym");
    assert_lines("film,,movie", "line 1: " MISSING);
    assert_lines("film, movie,", "line 1: " MISSING);
    assert_lines(", film, movie", "line 1: " MISSING);
    assert_lines("film, movie, # and more", "line 1: " MISSING);
    assert_lines("#\n=> movie", "line 2: " MISSING);
    assert_lines("film =>", "line 1: " MISSING);
    assert_lines("film,=> movie", "line 1: " MISSING);
    assert_lines("film => movie,", "line 1: " MISSING);
}

static void test_limits(void **state) {
    (void)state;
    struct bytes text = {0}, out = {0};
    for (unsigned i = 0; i < SYNONYM_ENTRIES_MAX; i++)
        bytes_append_format(&text, "%sw%u", i ? "," : "", i);
    assert_null(synonyms_check(bytes_view(&text)));
    bytes_append_string(&text, ",more");
    assert_non_null(synonyms_check(bytes_view(&text)));
    bytes_append_u8(&text, 0);
    append_lines(&out, (const char *)text.data);
    assert_string_equal((const char *)out.data, "line 1: a line has at most 64 synonyms");
    assert_non_null(synonyms_check(view_of("a,\xFF", 3)));
    bytes_free(&text);
    bytes_free(&out);
}

static void test_record(void **state) {
    (void)state;
    struct fixture fixture;
    revue_error error;
    struct view text;
    fixture_open(&fixture);
    assert_int_equal(synonyms_read(fixture.txn, &text, &error), REVUE_NO_MATCH);
    assert_ok(synonyms_write(fixture.txn, view_of_string("a, b\n"), &error));
    assert_ok(synonyms_read(fixture.txn, &text, &error));
    assert_true(view_equal(text, view_of_string("a, b\n")));
    assert_ok(synonyms_write(fixture.txn, view_of("", 0), &error));
    assert_int_equal(synonyms_read(fixture.txn, &text, &error), REVUE_NO_MATCH);
    assert_ok(synonyms_write(fixture.txn, view_of("", 0), &error));
    fixture_close(&fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_wrong_lines),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
