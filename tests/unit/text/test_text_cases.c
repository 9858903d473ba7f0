/* test_text_cases.c - runs tests/cases/text.cases: see the head of that file for its form. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "indexer/base/utf8.h"
#include "indexer/text/analyzer.h"

#define LINE_MAX_BYTES 4096

static stemmer *stemmers;

static void append_character(struct bytes *out, uint32_t character) {
    char encoded[4];
    bytes_append(out, encoded, utf8_encode(character, encoded));
}

static void unescape(const char *line, struct bytes *out) {
    for (; *line; line++) {
        if (*line != '\\') {
            bytes_append_u8(out, (uint8_t)*line);
            continue;
        }
        switch (*++line) {
        case 'n': append_character(out, '\n'); break;
        case 'r': append_character(out, '\r'); break;
        case 't': append_character(out, '\t'); break;
        case 's': append_character(out, ' '); break;
        case '0': append_character(out, 0); break;
        case 'u': {
            char *end;
            append_character(out, (uint32_t)strtoul(line + 2, &end, 16));
            line = end;
            break;
        }
        default: bytes_append_u8(out, (uint8_t)*line);
        }
    }
    bytes_append_u8(out, 0);
    out->size--;
}

static void answer_spans(struct view text, struct bytes *out) {
    static const char *const brackets[] = {"()", "[]", "{}"};
    struct scanner scanner;
    struct span span;
    scanner_start(&scanner, text);
    while (scanner_next(&scanner, &span)) {
        bytes_append(out, brackets[span.kind], 1);
        bytes_append(out, text.data + span.start, span.size);
        if (span.paragraph) bytes_append_u8(out, '|');
        bytes_append(out, brackets[span.kind] + 1, 1);
    }
}

static void answer_tokens(struct view text, enum language language, bool wants_stems, struct bytes *out) {
    struct arena arena = {0};
    struct tokens tokens = {0};
    revue_error error;
    uint32_t position = 0;
    assert_int_equal(analyze_field(stemmers, text, language, &arena, &tokens, &error), REVUE_OK);
    for (size_t i = 0; i < tokens.count; i++) {
        const struct token *token = &tokens.items[i];
        if (i > 0) bytes_append_u8(out, ' ');
        if (token->repeated) bytes_append_u8(out, '~');
        struct view answer = wants_stems ? token->stem : token->form;
        bytes_append(out, answer.data, answer.size);
        if (!token->repeated) assert_int_equal(token->position, position++);
    }
    assert_int_equal(tokens.length, position);
    arena_free(&arena);
}

/* Runs one case; false, with both answers printed, when it fails. */
static bool run_case(const char *program, const char *input, const char *expected, unsigned line) {
    struct bytes text = {0}, wanted = {0}, got = {0};
    bool known = true;
    unescape(input, &text);
    unescape(expected, &wanted);
    if (strcmp(program, "spans") == 0)
        answer_spans(bytes_view(&text), &got);
    else if (strcmp(program, "forms") == 0)
        answer_tokens(bytes_view(&text), LANGUAGE_NONE, false, &got);
    else if (strncmp(program, "stems ", 6) == 0) {
        enum language language = language_of_tag(view_of_string(program + 6), &known);
        answer_tokens(bytes_view(&text), language, true, &got);
    } else {
        known = false;
    }
    bool right = known && view_equal(bytes_view(&wanted), bytes_view(&got));
    if (!right) {
        print_error("text.cases:%u: %s %s\n  expected %s\n  got      %.*s\n", line, program, input, expected, (int)got.size,
                    got.data ? (const char *)got.data : "");
    }
    bytes_free(&text);
    bytes_free(&wanted);
    bytes_free(&got);
    return right;
}

/* Reads the next line that is no comment, without its line end; false at the end of the file. */
static bool read_line(FILE *file, char line[LINE_MAX_BYTES], unsigned *number) {
    do {
        if (!fgets(line, LINE_MAX_BYTES, file)) return false;
        (*number)++;
    } while (line[0] == '#');
    line[strcspn(line, "\n")] = '\0';
    return true;
}

static void test_cases(void **state) {
    (void)state;
    char program[LINE_MAX_BYTES], input[LINE_MAX_BYTES], expected[LINE_MAX_BYTES];
    unsigned line = 0, cases = 0, failures = 0;
    FILE *file = fopen(REVUE_SOURCE_DIR "/tests/cases/text.cases", "r");
    assert_non_null(file);
    while (read_line(file, program, &line)) {
        if (program[0] == '\0') continue;
        assert_true(read_line(file, input, &line));
        assert_true(read_line(file, expected, &line));
        if (!run_case(program, input, expected, line - 2)) failures++;
        cases++;
    }
    fclose(file);
    assert_true(cases >= 50);
    assert_int_equal(failures, 0);
}

static int setup(void **state) {
    (void)state;
    return stemmer_create(&stemmers, NULL) == REVUE_OK ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    stemmer_free(stemmers);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
