/* test_typed_lines.c - what people type into search boxes, tests/cases/typed.lines: a lenient search answers every line,
 * within the bounds of any search; a strict one answers it or says where the fault is. Then inputs that no person types. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "query/parse/parser.h"
#include "tests/support/small_archive.h"

#include <stdio.h>
#include <stdlib.h>

static const char archive_lines[] =
    "{\"id\":\"who\",\"title\":\"The Who\",\"text\":\"The band who played it all.\"}\n"
    "{\"id\":\"hamlet\",\"text\":\"To be, or not to be, that is the question.\",\"product\":\"Hamlet\",\"rating\":5}\n"
    "{\"id\":\"it\",\"text\":\"A clown in the drains.\",\"product\":\"It\",\"rating\":4,\"date\":\"2021-02-28\"}\n"
    "{\"id\":\"bad\",\"text\":\"The food was not good.\",\"rating\":1,\"date\":\"2019-06-25\",\"tags\":[\"food\"]}\n"
    "{\"id\":\"good\",\"text\":\"A good film, the best pizza near the harbour.\",\"rating\":5,\"lang\":\"en\"}\n"
    "{\"id\":\"ru\",\"text\":\"\\u043e\\u0447\\u0435\\u043d\\u044c \\u0445\\u043e\\u0440\\u043e\\u0448\\u0438\\u0439 "
    "\\u0444\\u0438\\u043b\\u044c\\u043c\",\"lang\":\"ru\"}\n";

struct fixture {
    struct small_archive archive;
    revue_searcher *searcher;
};

static int make_index(void **state) {
    static struct fixture fixture;
    fixture.searcher = small_archive_of(&fixture.archive, archive_lines);
    *state = &fixture;
    return 0;
}

static int drop_index(void **state) {
    struct fixture *fixture = *state;
    revue_searcher_close(fixture->searcher);
    small_archive_remove(&fixture->archive);
    return 0;
}

/* ---- any text ---- */

static void assert_lenient(revue_searcher *searcher, struct view text) {
    revue_search_options options;
    revue_result *result = NULL;
    revue_error error = {0};
    char *description = NULL;
    revue_search_options_init(&options);
    options.lenient = options.explain = true;
    if (revue_search(searcher, text.data, text.size, &options, &result, &error) != REVUE_OK)
        fail_msg("%.*s: %s", (int)(text.size < 200 ? text.size : 200), text.data, error.message);
    assert_true(revue_result_count(result) <= options.n);
    assert_true(revue_result_total(result, NULL) <= revue_searcher_reviews(searcher));
    assert_true(revue_result_warning_count(result) <= 3 * QUERY_WARNINGS_MAX);
    revue_result_free(result);
    assert_int_equal(revue_query_describe(searcher, text.data, text.size, &options, &description, &error), REVUE_OK);
    assert_memory_equal(description, "query ", 6);
    revue_string_free(description);
}

/* The column of a strict search's fault, 0 when it answers. */
static uint64_t strict_fault(revue_searcher *searcher, struct view text) {
    revue_search_options options;
    revue_result *result = NULL;
    revue_error error = {0};
    revue_search_options_init(&options);
    const revue_status status = revue_search(searcher, text.data, text.size, &options, &result, &error);
    revue_result_free(result);
    if (status == REVUE_OK) return 0;
    assert_int_equal(status, REVUE_USAGE);
    assert_true(error.message[0] != '\0');
    assert_true(error.column >= 1 && error.column <= 3 * text.size + 1); /* of the repaired text */
    return error.column;
}

static void real_lines_are_answered(void **state) {
    struct fixture *fixture = *state;
    char *line = NULL;
    size_t capacity = 0, lines = 0, faults = 0;
    ssize_t size;
    FILE *file = fopen(REVUE_SOURCE_DIR "/tests/cases/typed.lines", "rb");
    assert_non_null(file);
    while ((size = getline(&line, &capacity, file)) > 0) {
        const struct view text = view_of(line, (size_t)size - 1);
        assert_lenient(fixture->searcher, text);
        faults += strict_fault(fixture->searcher, text) > 0;
        lines++;
    }
    assert_true(lines > 150);
    assert_true(faults > 40 && faults < lines / 2);
    free(line);
    assert_int_equal(fclose(file), 0);
}

/* Every line cut at every byte, as an impatient user or a box of limited size sends it. */
static void cut_lines_are_answered(void **state) {
    struct fixture *fixture = *state;
    char *line = NULL;
    size_t capacity = 0;
    ssize_t size;
    revue_search_options options;
    revue_search_options_init(&options);
    options.lenient = options.ids_only = true;
    FILE *file = fopen(REVUE_SOURCE_DIR "/tests/cases/typed.lines", "rb");
    assert_non_null(file);
    while ((size = getline(&line, &capacity, file)) > 0)
        for (size_t cut = 0; cut < (size_t)size && cut < 60; cut++) {
            revue_result *result = NULL;
            assert_int_equal(revue_search(fixture->searcher, line, cut, &options, &result, NULL), REVUE_OK);
            revue_result_free(result);
        }
    free(line);
    assert_int_equal(fclose(file), 0);
}

/* ---- what is meant ---- */

static void assert_first(revue_searcher *searcher, const char *query, const char *id, size_t count) {
    revue_result *result = small_archive_search(searcher, query, NULL);
    if (revue_result_count(result) != count || strcmp(revue_result_hit(result, 0)->id, id) != 0)
        fail_msg("%s: %zu hits", query, revue_result_count(result));
    revue_result_free(result);
}

static void frequent_words_are_words(void **state) {
    struct fixture *fixture = *state;
    assert_first(fixture->searcher, "the who", "who", 1);
    assert_first(fixture->searcher, "it", "it", 2);
    assert_first(fixture->searcher, "to be or not to be", "hamlet", 1);
    assert_first(fixture->searcher, "not good", "bad", 1);
}

/* ---- bad input: where the fault is, and what a lenient search finds ---- */

struct bad_input {
    struct view text;
    uint64_t column;
    size_t hits;
};

static void assert_bad(revue_searcher *searcher, const struct bad_input *input) {
    revue_search_options options;
    revue_search_options_init(&options);
    options.lenient = true;
    revue_result *result = NULL;
    const int shown = (int)(input->text.size < 40 ? input->text.size : 40);
    const uint64_t column = strict_fault(searcher, input->text);
    if (column != input->column) fail_msg("%.*s: column %u", shown, input->text.data, (unsigned)column);
    assert_int_equal(revue_search(searcher, input->text.data, input->text.size, &options, &result, NULL), REVUE_OK);
    if (revue_result_count(result) != input->hits)
        fail_msg("%.*s: %zu hits", shown, input->text.data, revue_result_count(result));
    if (column > 0) assert_true(revue_result_warning_count(result) > 0);
    revue_result_free(result);
    assert_lenient(searcher, input->text);
}

#define TEXT(literal)                                                                                                      \
    { literal, sizeof literal - 1 }

static void bad_input_has_its_place(void **state) {
    struct fixture *fixture = *state;
    static const struct bad_input inputs[] = {
        {TEXT("pizza \"near"), 7, 1},
        {TEXT("pizza (near"), 7, 1},
        {TEXT("pizza near)"), 11, 1},
        {TEXT("title:>5"), 7, 0},
        {TEXT("title:3..5 pizza"), 0, 1}, /* as words: 3..5 is text there */
        {TEXT("pizza titel:who"), 7, 2},
        {TEXT("*"), 1, 0},
        {TEXT("pizza * ??"), 0, 1},
        {TEXT("rating:99999999999999999999999999999999999999 pizza"), 0, 0},
        {TEXT("rating:>=-1e308 pizza"), 0, 1},
        {TEXT("word^99999999999999999999"), 1, 0},
        {TEXT("date:2021-02-30 pizza"), 1, 1},
        {TEXT("good\0film"), 0, 1},
        {TEXT("\xFF\xC3 pizza \xE2\x82"), 0, 1},
        {TEXT("pizza\xFFnear"), 0, 1},
    };
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
        assert_bad(fixture->searcher, &inputs[i]);
}

static char *repeated(const char *piece, size_t count, size_t *size) {
    const size_t length = strlen(piece);
    char *text = malloc(length * count + 1);
    assert_non_null(text);
    for (size_t i = 0; i < count; i++)
        memcpy(text + i * length, piece, length);
    *size = length * count;
    return text;
}

static void assert_huge(revue_searcher *searcher, const char *piece, size_t count) {
    size_t size;
    char *text = repeated(piece, count, &size);
    assert_true(strict_fault(searcher, view_of(text, size)) > 0);
    assert_lenient(searcher, view_of(text, size));
    free(text);
}

static void huge_input_is_bounded(void **state) {
    struct fixture *fixture = *state;
    assert_huge(fixture->searcher, "film ", 10000);
    assert_huge(fixture->searcher, "a", 1 << 20);
    assert_huge(fixture->searcher, "(", 5000);
    assert_huge(fixture->searcher, "-(a OR ", 1000);
    assert_huge(fixture->searcher, "\"", 8001);
    assert_huge(fixture->searcher, "a* ", 4000);
    assert_huge(fixture->searcher, "\xFF", 1 << 20);
    assert_huge(fixture->searcher, "*ood ~b c^2 (d", 1000);
    assert_huge(fixture->searcher, "film~ rating:>=4 OR ", 4000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_lines_are_answered),  cmocka_unit_test(cut_lines_are_answered),
        cmocka_unit_test(frequent_words_are_words), cmocka_unit_test(bad_input_has_its_place),
        cmocka_unit_test(huge_input_is_bounded),
    };
    return cmocka_run_group_tests(tests, make_index, drop_index);
}
