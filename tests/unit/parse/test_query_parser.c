/* test_query_parser.c - what the cases of tests/cases/query.cases cannot show: places, values, limits, bad bytes, plain
 * text, memory that runs out. */
#include "indexer/base/memory.h"
#include "indexer/review/date.h"
#include "query/parse/fields.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define FIELD(name, kind)                                                                                                  \
    { {name, sizeof name - 1}, kind }
static const struct query_field fields[] = {FIELD("title", QUERY_FIELD_TEXT), FIELD("rating", QUERY_FIELD_NUMBER),
                                            FIELD("date", QUERY_FIELD_DATE), FIELD("tags", QUERY_FIELD_KEYWORD)};
static const struct query_options strict = {QUERY_STRICT, fields, 4};
static const struct query_options lenient = {QUERY_LENIENT, fields, 4};

struct fixture {
    struct arena arena;
    struct query query;
    revue_error error;
};

static int set_up(void **state) {
    *state = calloc(1, sizeof(struct fixture));
    return *state ? 0 : -1;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;
    arena_free(&fixture->arena);
    free(fixture);
    return 0;
}

static revue_status parse(struct fixture *fixture, struct view text, const struct query_options *options) {
    return query_parse(text, options, &fixture->arena, &fixture->query, &fixture->error);
}

static const struct ast_node *parse_ok(struct fixture *fixture, const char *text, const struct query_options *options) {
    assert_int_equal(parse(fixture, view_of_string(text), options), REVUE_OK);
    return fixture->query.root;
}

static void assert_view(struct view view, const char *expected) {
    assert_int_equal(view.size, strlen(expected));
    assert_memory_equal(view.data, expected, view.size);
}

static void assert_place(const struct fixture *fixture, const struct ast_node *node, const char *expected) {
    assert_view(view_of(fixture->query.text.data + node->start, node->end - node->start), expected);
}

static void test_places_cover_signs_fields_and_suffixes(void **state) {
    struct fixture *fixture = *state;
    const struct ast_node *root = parse_ok(fixture, "  good -title:\"a b\"~3^2 NOT (x OR y)^2 rating:>4 ", &strict);
    assert_int_equal(root->count, 4);
    assert_place(fixture, root, "good -title:\"a b\"~3^2 NOT (x OR y)^2 rating:>4");
    assert_place(fixture, root->items[0].node, "good");
    assert_place(fixture, root->items[1].node, "-title:\"a b\"~3^2");
    assert_place(fixture, root->items[2].node, "NOT (x OR y)^2");
    assert_place(fixture, root->items[2].node->items[1].node, "y");
    assert_place(fixture, root->items[3].node, "rating:>4");
}

static void test_text_is_a_slice_of_the_copy(void **state) {
    struct fixture *fixture = *state;
    char typed[] = "fuzy~1";
    const struct ast_node *root = parse_ok(fixture, typed, &strict);
    memset(typed, 'x', sizeof typed - 1);
    assert_view(root->text, "fuzy");
    assert_ptr_equal(root->text.data, fixture->query.text.data);
    assert_int_equal(root->distance, 1);
}

static void test_number_range_values(void **state) {
    struct fixture *fixture = *state;
    const struct ast_node *range = parse_ok(fixture, "rating:3.5..1,000", &strict);
    assert_int_equal(range->kind, AST_RANGE);
    assert_ptr_equal(range->field, &fields[1]);
    assert_true(range->low.present && range->low.inclusive && range->low.number == 3.5);
    assert_true(range->high.present && range->high.inclusive && range->high.number == 1000);
    range = parse_ok(fixture, "rating:<-2", &strict);
    assert_false(range->low.present);
    assert_true(range->high.present && !range->high.inclusive && range->high.number == -2);
}

static void test_date_range_values(void **state) {
    struct fixture *fixture = *state;
    const struct ast_node *range = parse_ok(fixture, "date:2019..2021-06", &strict);
    assert_int_equal(range->low.date.precision, DATE_YEAR);
    assert_int_equal(range->low.date.seconds, 1546300800);
    assert_int_equal(range->high.date.precision, DATE_MONTH);
    assert_int_equal(date_end(range->high.date), 1625097600);
    range = parse_ok(fixture, "date:\"June 17, 2018\"", &strict);
    assert_int_equal(range->low.date.seconds, 1529193600);
    assert_int_equal(range->high.date.seconds, 1529193600);
}

static void test_boosts_are_thousandths(void **state) {
    struct fixture *fixture = *state;
    assert_true(parse_ok(fixture, "a^0.1", &strict)->boost == 0.1);
    assert_true(parse_ok(fixture, "a^1000", &strict)->boost == 1000);
    assert_true(parse_ok(fixture, "(a^1000)^1000", &strict)->boost == 1000);
    assert_true(parse_ok(fixture, "(a^0.001)^0.001", &strict)->boost == 0.001);
    assert_true(ast_boost_round(0) == 0.001 && ast_boost_round(2.0004) == 2 && ast_boost_round(-1) == 0.001);
}

static void test_error_has_column_and_leaves_the_result_alone(void **state) {
    struct fixture *fixture = *state;
    fixture->query.warning_total = 77;
    assert_int_equal(parse(fixture, view_of_string("caf\xC3\xA9 autor:x"), &strict), REVUE_USAGE);
    assert_int_equal(fixture->error.status, REVUE_USAGE);
    assert_int_equal(fixture->error.column, 7);
    assert_string_equal(fixture->error.message, "unknown field \"autor\": to search for it as text, put quotes around it");
    assert_int_equal(fixture->query.warning_total, 77);
    assert_int_equal(query_parse(view_of_string("(a"), &strict, &fixture->arena, &fixture->query, NULL), REVUE_USAGE);
}

static void test_warnings_say_where_and_are_bounded(void **state) {
    struct fixture *fixture = *state;
    (void)parse_ok(fixture, "good titel:x", &lenient);
    assert_int_equal(fixture->query.warning_count, 1);
    assert_int_equal(fixture->query.warnings[0].start, 5);
    assert_int_equal(fixture->query.warnings[0].end, 11);
    assert_string_equal(fixture->query.warnings[0].message,
                        "unknown field \"titel\": did you mean \"title\"? (searched as words)");
    char many[200];
    memset(many, ')', sizeof many);
    assert_int_equal(parse(fixture, view_of(many, sizeof many), &lenient), REVUE_OK);
    assert_int_equal(fixture->query.warning_count, QUERY_WARNINGS_MAX);
    assert_int_equal(fixture->query.warning_total, sizeof many + 1); /* and one for nothing to search for */
}

static void test_long_names_are_cut_in_messages(void **state) {
    struct fixture *fixture = *state;
    char text[QUERY_BYTES_MAX];
    for (size_t i = 0; i + 1 < sizeof text; i += 2)
        memcpy(text + i, "\xC3\xA9", 2);
    memcpy(text + sizeof text - 2, ":x", 2);
    assert_int_equal(parse(fixture, view_of(text, sizeof text), &strict), REVUE_USAGE);
    assert_true(strlen(fixture->error.message) < 200);
    assert_int_equal(parse(fixture, view_of(text, sizeof text), &lenient), REVUE_OK);
}

static void test_bad_utf8_is_repaired(void **state) {
    struct fixture *fixture = *state;
    const struct ast_node *root = parse_ok(fixture,
                                           "ab\xFF"
                                           "cd \xE2\x80 x",
                                           &strict);
    assert_view(fixture->query.text, "ab\xEF\xBF\xBD"
                                     "cd \xEF\xBF\xBD x");
    assert_int_equal(root->count, 2);
    assert_view(root->items[0].node->text, "ab\xEF\xBF\xBD"
                                           "cd");
    assert_view(root->items[1].node->text, "x");
}

static void test_zero_bytes_and_unicode_blanks_part_words(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(parse(fixture,
                           view_of("a\0b\xE3\x80\x80"
                                   "c\xC2\xA0-d\te",
                                   13),
                           &strict),
                     REVUE_OK);
    assert_int_equal(fixture->query.root->count, 5);
    assert_int_equal(fixture->query.root->items[3].occurrence, AST_MUST_NOT);
}

static void test_empty(void **state) {
    struct fixture *fixture = *state;
    struct view nothing = {NULL, 0};
    assert_int_equal(parse(fixture, nothing, &strict), REVUE_USAGE);
    assert_int_equal(parse(fixture, nothing, &lenient), REVUE_OK);
    assert_int_equal(fixture->query.root->kind, AST_LIST);
    assert_int_equal(fixture->query.root->count, 0);
    assert_int_equal(fixture->query.warning_total, 1);
}

static void test_byte_limit(void **state) {
    struct fixture *fixture = *state;
    char text[QUERY_BYTES_MAX + 1];
    memset(text, 'a', sizeof text);
    assert_int_equal(parse(fixture, view_of(text, QUERY_BYTES_MAX), &strict), REVUE_OK);
    assert_int_equal(parse(fixture, view_of(text, sizeof text), &strict), REVUE_USAGE);
    assert_int_equal(fixture->error.column, QUERY_BYTES_MAX + 1);
    memcpy(text + QUERY_BYTES_MAX - 1, "\xC3\xA9", 2); /* is not cut in two */
    assert_int_equal(parse(fixture, view_of(text, sizeof text), &lenient), REVUE_OK);
    assert_int_equal(fixture->query.text.size, QUERY_BYTES_MAX - 1);
    assert_int_equal(fixture->query.warning_total, 1);
}

static size_t fill_words(char *text, size_t count) {
    for (size_t i = 0; i < count; i++)
        memcpy(text + 2 * i, "w ", 2);
    return 2 * count;
}

static void test_word_limit(void **state) {
    struct fixture *fixture = *state;
    char text[2 * QUERY_WORDS_MAX + 64];
    size_t size = fill_words(text, QUERY_WORDS_MAX);
    assert_int_equal(parse(fixture, view_of(text, size), &strict), REVUE_OK);
    size = fill_words(text, QUERY_WORDS_MAX + 1);
    assert_int_equal(parse(fixture, view_of(text, size), &strict), REVUE_USAGE);
    assert_int_equal(fixture->error.column, 2 * QUERY_WORDS_MAX + 1);
    assert_int_equal(parse(fixture, view_of(text, size), &lenient), REVUE_OK);
    assert_int_equal(fixture->query.root->count, QUERY_WORDS_MAX);
    size = fill_words(text, QUERY_WORDS_MAX - 2);
    size += (size_t)snprintf(text + size, sizeof text - size, "\"one two  three\" four rating:5 \"six\"");
    assert_int_equal(parse(fixture, view_of(text, size), &lenient), REVUE_OK);
    const struct ast_node *root = fixture->query.root;
    assert_int_equal(root->count, QUERY_WORDS_MAX - 1);
    assert_view(root->items[root->count - 1].node->text, "one two");
    assert_int_equal(fixture->query.warning_total, 1);
}

static size_t fill_nested(char *text, size_t depth, bool closed) {
    memset(text, '(', depth);
    memcpy(text + depth, "a b", 3);
    memset(text + depth + 3, ')', depth);
    return depth + 3 + (closed ? depth : 0);
}

static void test_depth_limit(void **state) {
    struct fixture *fixture = *state;
    static char text[QUERY_BYTES_MAX];
    assert_int_equal(parse(fixture, view_of(text, fill_nested(text, QUERY_DEPTH_MAX, true)), &strict), REVUE_OK);
    assert_int_equal(parse(fixture, view_of(text, fill_nested(text, QUERY_DEPTH_MAX + 1, true)), &strict), REVUE_USAGE);
    assert_int_equal(fixture->error.column, QUERY_DEPTH_MAX + 1);
    assert_int_equal(parse(fixture, view_of(text, fill_nested(text, QUERY_DEPTH_MAX + 9, true)), &lenient), REVUE_OK);
    assert_int_equal(fixture->query.warning_total, 9);
    assert_int_equal(fixture->query.root->count, 2);
    assert_int_equal(parse(fixture, view_of(text, fill_nested(text, 4000, false)), &lenient), REVUE_OK);
    assert_int_equal(fixture->query.root->count, 2);
}

static void test_plain_text_has_no_syntax(void **state) {
    struct fixture *fixture = *state;
    struct view text = view_of_string("+must -not \"a AND (b* rating:>=4 ... x^2 \xFF");
    assert_int_equal(query_parse_plain(text, &fixture->arena, &fixture->query, NULL), REVUE_OK);
    const struct ast_node *root = fixture->query.root;
    static const char *const expected[] = {"+must", "-not", "\"a", "AND", "(b*", "rating:>=4", "x^2"};
    assert_int_equal(root->kind, AST_LIST);
    assert_int_equal(root->count, 7);
    for (size_t i = 0; i < root->count; i++) {
        assert_int_equal(root->items[i].node->kind, AST_WORD);
        assert_int_equal(root->items[i].occurrence, AST_SHOULD);
        assert_view(root->items[i].node->text, expected[i]);
        assert_place(fixture, root->items[i].node, expected[i]);
    }
    assert_int_equal(fixture->query.warning_total, 0);
}

static void test_plain_one_word_and_none_are_lists(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(query_parse_plain(view_of_string("word"), &fixture->arena, &fixture->query, NULL), REVUE_OK);
    assert_int_equal(fixture->query.root->count, 1);
    assert_int_equal(query_parse_plain(view_of_string(" -- "), &fixture->arena, &fixture->query, NULL), REVUE_OK);
    assert_int_equal(fixture->query.root->kind, AST_LIST);
    assert_int_equal(fixture->query.root->count, 0);
}

static void test_plain_limits(void **state) {
    struct fixture *fixture = *state;
    size_t size = QUERY_PLAIN_BYTES_MAX + 10;
    char *text = malloc(size);
    assert_non_null(text);
    assert_int_equal(fill_words(text, size / 2), size);
    revue_status status = query_parse_plain(view_of(text, size), &fixture->arena, &fixture->query, NULL);
    free(text);
    assert_int_equal(status, REVUE_OK);
    assert_int_equal(fixture->query.text.size, QUERY_PLAIN_BYTES_MAX);
    assert_int_equal(fixture->query.root->count, QUERY_PLAIN_WORDS_MAX);
    assert_int_equal(fixture->query.warning_total, 2);
}

static void test_field_names(void **state) {
    (void)state;
    assert_ptr_equal(query_field_find(fields, 4, view_of_string("RATING")), &fields[1]);
    assert_null(query_field_find(fields, 4, view_of_string("ratin")));
    assert_ptr_equal(field_nearest(fields, 4, view_of_string("Ratnig")), &fields[1]);
    assert_ptr_equal(field_nearest(fields, 4, view_of_string("tag")), &fields[3]);
    assert_null(field_nearest(fields, 4, view_of_string("http")));
    assert_null(field_nearest(fields, 4, view_of_string("x")));
    assert_null(field_nearest(fields, 0, view_of_string("title")));
}

static void test_field_distance(void **state) {
    (void)state;
    char longer[FIELD_DISTANCE_NAME_MAX + 1];
    memset(longer, 'a', sizeof longer);
    assert_int_equal(field_distance(view_of_string("autor"), view_of_string("author")), 1);
    assert_int_equal(field_distance(view_of_string("DTAE"), view_of_string("date")), 1);
    assert_int_equal(field_distance(view_of_string(""), view_of_string("date")), 4);
    assert_int_equal(field_distance(view_of_string("kitten"), view_of_string("sitting")), 3);
    assert_int_equal(field_distance(view_of(longer, sizeof longer - 1), view_of(longer, sizeof longer - 2)), 1);
    assert_true(field_distance(view_of(longer, sizeof longer), view_of(longer, sizeof longer)) > sizeof longer);
}

static void test_equal_sees_every_difference(void **state) {
    struct fixture *fixture = *state;
    static const char *const queries[] = {
        "a",          "b",         "=a",        "a^2",         "title:a",   "tags:a",       "\"a\"",
        "\"a\"~0",    "\"a\"~1",   "a*",        "a?b",         "aa~",       "aa~1",         "-a",
        "a a",        "a -a",      "a +a",      "a a a",       "a AND a",   "a OR a",       "rating:1",
        "rating:>=1", "rating:>1", "rating:<1", "rating:1..2", "date:2019", "date:2019-01", "date:2019-01-01"};
    enum { COUNT = sizeof queries / sizeof queries[0] };
    const struct ast_node *trees[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        trees[i] = parse_ok(fixture, queries[i], &strict);
    for (size_t i = 0; i < COUNT; i++)
        for (size_t j = 0; j < COUNT; j++)
            if (ast_equal(trees[i], trees[j]) != (i == j)) fail_msg("%s and %s", queries[i], queries[j]);
    assert_true(ast_equal(parse_ok(fixture, "rating:4..4.0", &strict), parse_ok(fixture, "RATING:=4", &strict)));
}

struct countdown {
    unsigned left;
    bool hit;
};

static bool count_down(void *context) {
    struct countdown *countdown = context;
    if (countdown->left > 0) {
        countdown->left--;
        return true;
    }
    countdown->hit = true;
    return false;
}

/* Long enough for several chunks of the arena, with a byte that needs repair and a warning. */
static struct view greedy_query(char *text, size_t capacity) {
    size_t size = 0;
    for (int i = 0; i < 60; i++)
        size += (size_t)snprintf(text + size, capacity - size, "(a -b) AND \"c d\"~2 OR rating:>%d x:y\xFF ", i);
    return view_of(text, size);
}

static unsigned fail_every_allocation(struct view text, bool plain) {
    for (unsigned n = 0;; n++) {
        struct countdown countdown = {n, false};
        struct arena arena = {0};
        struct query query = {0};
        revue_error error = {0};
        memory_set_test_hook(count_down, &countdown);
        revue_status status =
            plain ? query_parse_plain(text, &arena, &query, &error) : query_parse(text, &lenient, &arena, &query, &error);
        memory_set_test_hook(NULL, NULL);
        arena_free(&arena);
        assert_int_equal(status, countdown.hit ? REVUE_NO_MEMORY : REVUE_OK);
        assert_int_equal(error.status, status);
        assert_true((query.root != NULL) == (status == REVUE_OK));
        if (!countdown.hit) return n;
    }
}

static void test_every_allocation_may_fail(void **state) {
    (void)state;
    char text[4096];
    struct view query = greedy_query(text, sizeof text);
    assert_true(fail_every_allocation(query, false) >= 4);
    assert_true(fail_every_allocation(query, true) >= 4);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {TEST(test_places_cover_signs_fields_and_suffixes),
                                       TEST(test_text_is_a_slice_of_the_copy),
                                       TEST(test_number_range_values),
                                       TEST(test_date_range_values),
                                       TEST(test_boosts_are_thousandths),
                                       TEST(test_error_has_column_and_leaves_the_result_alone),
                                       TEST(test_warnings_say_where_and_are_bounded),
                                       TEST(test_long_names_are_cut_in_messages),
                                       TEST(test_bad_utf8_is_repaired),
                                       TEST(test_zero_bytes_and_unicode_blanks_part_words),
                                       TEST(test_empty),
                                       TEST(test_byte_limit),
                                       TEST(test_word_limit),
                                       TEST(test_depth_limit),
                                       TEST(test_plain_text_has_no_syntax),
                                       TEST(test_plain_one_word_and_none_are_lists),
                                       TEST(test_plain_limits),
                                       TEST(test_field_names),
                                       TEST(test_field_distance),
                                       TEST(test_equal_sees_every_difference),
                                       TEST(test_every_allocation_may_fail)};
    return cmocka_run_group_tests_name("query parser", tests, NULL, NULL);
}
