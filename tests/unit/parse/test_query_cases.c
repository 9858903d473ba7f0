/* test_query_cases.c - runs tests/cases/query.cases, whose head describes its form. Whatever a mode accepts is also printed
 * and parsed again in that mode, and must give an equal tree. */
#include "query/parse/parser.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define FIELD(name, kind)                                                                                                  \
    { {name, sizeof name - 1}, kind }
static const struct query_field fields[] = {FIELD("title", QUERY_FIELD_TEXT),    FIELD("body", QUERY_FIELD_TEXT),
                                            FIELD("product", QUERY_FIELD_TEXT),  FIELD("author", QUERY_FIELD_TEXT),
                                            FIELD("rating", QUERY_FIELD_NUMBER), FIELD("votes", QUERY_FIELD_NUMBER),
                                            FIELD("date", QUERY_FIELD_DATE),     FIELD("lang", QUERY_FIELD_KEYWORD),
                                            FIELD("url", QUERY_FIELD_KEYWORD),   FIELD("tags", QUERY_FIELD_KEYWORD)};

struct counts {
    unsigned line, cases, checks, failures;
};

/* Both texts end in a zero byte. */
static void expect_text(struct counts *counts, const char *query, const char *what, const char *expected, const char *got) {
    counts->checks++;
    if (strcmp(expected, got) == 0) return;
    counts->failures++;
    print_error("line %u: %s\n  %s expected: %s\n  %s got:      %s\n", counts->line, query, what, expected, what, got);
}

static void expect_round_trip(struct counts *counts, const char *query, const struct ast_node *root,
                              const struct query_options *options) {
    struct arena arena = {0};
    struct bytes printed = {0};
    struct query again;
    revue_error error = {0};
    ast_print(&printed, root);
    assert_false(printed.failed);
    revue_status status = query_parse(bytes_view(&printed), options, &arena, &again, &error);
    bool equal = status == REVUE_OK && ast_equal(root, again.root);
    bytes_append_u8(&printed, 0);
    expect_text(counts, query, "printed", equal ? (const char *)printed.data : "an equal tree", (const char *)printed.data);
    bytes_free(&printed);
    arena_free(&arena);
}

/* Writes the tree, or "COLUMN MESSAGE", into got. */
static void parse_case(struct counts *counts, const char *query, enum query_mode mode, struct bytes *got, bool *accepted,
                       size_t *warnings) {
    struct query_options options = {mode, fields, sizeof fields / sizeof fields[0]};
    struct arena arena = {0};
    struct query parsed;
    revue_error error = {0};
    revue_status status = query_parse(view_of_string(query), &options, &arena, &parsed, &error);
    bytes_clear(got);
    *accepted = status == REVUE_OK;
    *warnings = *accepted ? parsed.warning_total : 0;
    if (*accepted) {
        ast_dump(got, parsed.root);
        expect_round_trip(counts, query, parsed.root, &options);
    } else {
        bytes_append_format(got, "%llu %s", (unsigned long long)error.column, error.message);
    }
    bytes_append_u8(got, 0);
    assert_false(got->failed);
    arena_free(&arena);
}

static void check_mode(struct counts *counts, const char *query, enum query_mode mode, bool accepts, bool silent,
                       const char *expected) {
    struct bytes got = {0};
    bool accepted;
    size_t warnings;
    parse_case(counts, query, mode, &got, &accepted, &warnings);
    const char *what = mode == QUERY_STRICT ? "strict" : "lenient";
    expect_text(counts, query, what, expected, (const char *)got.data);
    expect_text(counts, query, what, accepts ? "accepted" : "refused", accepted ? "accepted" : "refused");
    if (mode == QUERY_LENIENT) expect_text(counts, query, "warnings", silent ? "none" : "some", warnings ? "some" : "none");
    bytes_free(&got);
}

static void check_expectation(struct counts *counts, const char *query, const char *line) {
    const char *blank = strchr(line, ' ');
    assert_non_null(blank);
    size_t size = (size_t)(blank - line);
    struct view kind = view_of(line, size);
    if (view_equal(kind, view_of_string("error"))) {
        check_mode(counts, query, QUERY_STRICT, false, false, blank + 1);
    } else if (view_equal(kind, view_of_string("strict"))) {
        check_mode(counts, query, QUERY_STRICT, true, true, blank + 1);
    } else if (view_equal(kind, view_of_string("lenient"))) {
        check_mode(counts, query, QUERY_LENIENT, true, false, blank + 1);
    } else if (view_equal(kind, view_of_string("both"))) {
        check_mode(counts, query, QUERY_STRICT, true, true, blank + 1);
        check_mode(counts, query, QUERY_LENIENT, true, true, blank + 1);
    } else {
        fail_msg("line %u: neither both, strict, lenient nor error: %s", counts->line, line);
    }
}

static void test_cases(void **state) {
    (void)state;
    struct counts counts = {0};
    FILE *file = fopen(REVUE_SOURCE_DIR "/tests/cases/query.cases", "r");
    assert_non_null(file);
    char line[4096], query[4096];
    bool in_case = false;
    while (fgets(line, sizeof line, file)) {
        counts.line++;
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '\0') {
            in_case = false;
        } else if (in_case) {
            check_expectation(&counts, query, line);
        } else if (strncmp(line, "##", 2) != 0) {
            memcpy(query, line, sizeof query);
            in_case = true;
            counts.cases++;
        }
    }
    fclose(file);
    print_message("%u cases, %u checks\n", counts.cases, counts.checks);
    assert_int_equal(counts.failures, 0);
    assert_true(counts.cases >= 200);
    assert_true(counts.checks >= counts.cases * 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases)};
    return cmocka_run_group_tests_name("query cases", tests, NULL, NULL);
}
