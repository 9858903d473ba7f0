/* test_query_round_trip.c - random trees in the shape the parser makes: printed and parsed again they are equal, in both
 * modes, without a warning. The fuzz target does the same from the side of the text. */
#include "indexer/review/date.h"
#include "indexer/review/schema.h"
#include "query/parse/parser.h"
#include "tests/support/trial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define TREES 20000u
#define SEED 0x5EEDu

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define FIELD(name, kind)                                                                                                  \
    { {name, sizeof name - 1}, kind }
static const struct query_field fields[] = {FIELD("title", QUERY_FIELD_TEXT), FIELD("Product", QUERY_FIELD_TEXT),
                                            FIELD("lang", QUERY_FIELD_KEYWORD), FIELD("rating", QUERY_FIELD_NUMBER),
                                            FIELD("date", QUERY_FIELD_DATE)};

static const char *const words[] = {"good",
                                    "wi-fi",
                                    "C++",
                                    "AND",
                                    "OR",
                                    "NOT",
                                    "not",
                                    "12\"",
                                    "good?",
                                    "5*",
                                    "don't",
                                    "caf\xC3\xA9",
                                    "\xE6\x9C\x80\xE9\xAB\x98",
                                    "...x",
                                    "--x",
                                    "+-x",
                                    "x,y",
                                    "x.",
                                    "10:30",
                                    "foo:",
                                    "great.Would:x",
                                    "a~b",
                                    "so~~",
                                    "^_^x",
                                    "*x",
                                    "?x",
                                    "<br",
                                    "x=y",
                                    "4..5"};
static const char *const phrases[] = {"a phrase",  "one", " x ",      "a AND (b", "+a -b",
                                      "it's",      "12",  "rating:4", "a^2",      "\xE6\x9C\x80 \xE9\xAB\x98",
                                      "pre* w?ld*"};
static const char *const prefixes[] = {"pre", "wi-f", "**bold", "x.", "AND", "--x", "\xC3\xA9t"};
static const char *const wildcards[] = {"w?ld*", "w*d", "M*A*S*H", "colo?r?", "--w?x", "f*o~x", "*ness", "?ood"};
static const char *const fuzzies[] = {"fuzy", "AND", "10:30x", "--fuzy", "caf\xC3\xA9", "a~b"};
static const char *const numbers[] = {"4", "4.5", "-1", "1,234", "0", "1000000"};
static const char *const dates[] = {"2019", "2019-06", "2019-06-25", "2016-01-03T05:00:00Z", "2021-06"};

struct generator {
    uint64_t state;
    struct arena arena;
};

/* splitmix64 (Sebastiano Vigna). */
static uint32_t below(struct generator *generator, uint32_t limit) {
    uint64_t z = generator->state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (uint32_t)((z ^ (z >> 31)) % limit);
}

static struct ast_node *new_node(struct generator *generator, enum ast_kind kind) {
    struct ast_node *node = ast_node_create(&generator->arena, kind);
    assert_non_null(node);
    return node;
}

static void add_item(struct generator *generator, struct ast_node *node, enum ast_occurrence occurrence,
                     struct ast_node *item) {
    struct ast_items list = {node->items, node->count, node->count};
    assert_true(ast_items_add(&list, &generator->arena, occurrence, item));
    node->items = list.items;
    node->count = list.count;
}

static void random_bound(struct generator *generator, const struct query_field *field, struct ast_bound *bound) {
    bound->present = true;
    bound->inclusive = true;
    if (field->kind == QUERY_FIELD_NUMBER) {
        bound->text = view_of_string(numbers[below(generator, COUNT(numbers))]);
        assert_true(schema_parse_number(bound->text, &bound->number));
    } else {
        bound->text = view_of_string(dates[below(generator, COUNT(dates))]);
        assert_true(date_parse(bound->text, &bound->date));
    }
}

static bool is_swapped(const struct ast_node *range) {
    if (range->field->kind == QUERY_FIELD_NUMBER) return range->low.number > range->high.number;
    return range->low.date.seconds >= date_end(range->high.date);
}

static struct ast_node *random_range(struct generator *generator) {
    struct ast_node *range = new_node(generator, AST_RANGE);
    range->field = &fields[3 + below(generator, 2)];
    uint32_t shape = below(generator, 4);
    if (shape != 1) random_bound(generator, range->field, &range->low);
    if (shape == 0) range->high = range->low;
    if (shape == 1) random_bound(generator, range->field, &range->high);
    do {
        if (shape == 3) random_bound(generator, range->field, &range->high);
    } while (shape == 3 && is_swapped(range));
    if (shape == 1) range->high.inclusive = below(generator, 2);
    if (shape == 2) range->low.inclusive = below(generator, 2);
    return range;
}

static double random_boost(struct generator *generator) {
    static const double boosts[] = {2, 0.5, 0.001, 1000, 1.125, 0.1, 33.3};
    return below(generator, 4) == 0 ? boosts[below(generator, COUNT(boosts))] : 1;
}

#define PICK(generator, list) view_of_string((list)[below((generator), COUNT(list))])

static struct ast_node *random_text(struct generator *generator) {
    struct ast_node *leaf = new_node(generator, (enum ast_kind)below(generator, AST_FUZZY + 1));
    bool exact = below(generator, 4) == 0;
    /* ? is no wildcard in a keyword field. */
    if (below(generator, 3) == 0) leaf->field = &fields[below(generator, leaf->kind == AST_WILDCARD ? 2 : 3)];
    leaf->boost = random_boost(generator);
    switch (leaf->kind) {
    case AST_PHRASE:
        leaf->text = PICK(generator, phrases);
        leaf->exact = exact;
        leaf->has_slop = !exact && below(generator, 2);
        leaf->slop = leaf->has_slop ? below(generator, AST_SLOP_MAX + 1) : 0;
        break;
    case AST_PREFIX: leaf->text = PICK(generator, prefixes); break;
    case AST_WILDCARD: leaf->text = PICK(generator, wildcards); break;
    case AST_FUZZY:
        leaf->text = PICK(generator, fuzzies);
        leaf->distance = below(generator, AST_DISTANCE_MAX + 1);
        break;
    default:
        leaf->text = PICK(generator, words);
        leaf->exact = exact;
        /* > and < have no business behind the colon of such a field, and 5* of keywords is a pattern. */
        if (leaf->field && !exact && (leaf->text.data[0] == '<' || leaf->text.data[0] == '5')) leaf->field = NULL;
        break;
    }
    return leaf;
}

static struct ast_node *random_tree(struct generator *generator, unsigned depth) {
    static const enum ast_kind kinds[] = {AST_LIST, AST_LIST, AST_LIST, AST_AND, AST_OR, AST_NOT};
    if (depth == 0 || below(generator, 3) == 0)
        return below(generator, 5) == 0 ? random_range(generator) : random_text(generator);
    struct ast_node *node = new_node(generator, kinds[below(generator, COUNT(kinds))]);
    size_t count = node->kind == AST_NOT ? 1 : 2 + below(generator, 3);
    for (size_t i = 0; i < count; i++) {
        bool list = node->kind == AST_LIST;
        enum ast_occurrence occurrence = list ? (enum ast_occurrence)below(generator, 3) : AST_SHOULD;
        add_item(generator, node, occurrence, random_tree(generator, depth - 1));
    }
    node->boost = random_boost(generator);
    return node;
}

static void check_mode(const struct ast_node *tree, enum query_mode mode, struct view printed, uint32_t number) {
    struct query_options options = {mode, fields, COUNT(fields)};
    struct arena arena = {0};
    struct query query;
    revue_error error = {0};
    revue_status status = query_parse(printed, &options, &arena, &query, &error);
    if (status != REVUE_OK || !ast_equal(tree, query.root) || query.warning_total > 0)
        fail_msg("tree %u of seed %u: %.*s: column %u: %s", number, SEED, (int)printed.size, printed.data,
                 (unsigned)error.column, error.message);
    arena_free(&arena);
}

static void test_print_and_parse(void **state) {
    (void)state;
    struct generator generator = {.state = trial_seed(SEED)};
    struct bytes printed = {0};
    size_t longest = 0;
    for (uint32_t i = 0; i < TREES; i++) {
        const struct ast_node *tree = random_tree(&generator, 1 + i % 4);
        bytes_clear(&printed);
        ast_print(&printed, tree);
        assert_false(printed.failed);
        assert_true(printed.size <= QUERY_BYTES_MAX);
        check_mode(tree, QUERY_STRICT, bytes_view(&printed), i);
        check_mode(tree, QUERY_LENIENT, bytes_view(&printed), i);
        if (printed.size > longest) longest = printed.size;
        arena_reset(&generator.arena);
    }
    print_message("%u trees, the longest of %zu bytes\n", TREES, longest);
    assert_true(longest > 500);
    bytes_free(&printed);
    arena_free(&generator.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_print_and_parse)};
    return cmocka_run_group_tests_name("query round trip", tests, NULL, NULL);
}
