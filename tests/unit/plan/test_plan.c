/* test_plan.c - what a parsed query becomes: which leaves, in which list, how they are weighed. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "indexer/format/scoring.h"
#include "query/plan/plan.h"
#include "tests/support/small_archive.h"

static const char archive_lines[] =
    "{\"id\":\"1\",\"title\":\"Loved films\",\"text\":\"A good film, a slow film.\",\"product\":\"Heat\",\"author\":\"Ann "
    "Good\"}\n"
    "{\"id\":\"2\",\"text\":\"Good acting; filming was slow. Love it.\",\"product\":\"Heat\"}\n"
    "{\"id\":\"3\",\"text\":\"Nothing to say.\"}\n";

struct fixture {
    struct small_archive archive;
    revue_searcher *searcher;
    struct arena arena;
    struct plan plan;
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
    arena_free(&fixture->arena);
    small_archive_remove(&fixture->archive);
    return 0;
}

/* ---- plans as text: words as stems, =form, "phrase", boolean nodes as ( +must ~should -not ) ---- */

static void show(struct bytes *out, const struct plan_node *node);

static void show_list(struct bytes *out, char sign, struct plan_node *const *nodes, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        bytes_append_format(out, " %c", sign);
        show(out, nodes[i]);
    }
}

static void show_word(struct bytes *out, const struct plan_word *word) {
    if (word->by_form) bytes_append_format(out, "=%.*s", (int)word->form.size, word->form.data);
    for (uint32_t i = 0; i < word->stem_count; i++)
        bytes_append_format(out, "%s%.*s", i ? "|" : "", (int)word->stems[i].size, word->stems[i].data);
}

static void show(struct bytes *out, const struct plan_node *node) {
    if (node->kind == PLAN_BOOLEAN) {
        bytes_append_u8(out, '(');
        show_list(out, '+', node->must, node->must_count);
        show_list(out, '~', node->should, node->should_count);
        show_list(out, '-', node->must_not, node->must_not_count);
        bytes_append_string(out, " )");
        return;
    }
    if (node->kind == PLAN_PHRASE) bytes_append_u8(out, '"');
    for (uint32_t i = 0; i < node->word_count; i++) {
        if (i > 0) bytes_append_u8(out, ' ');
        show_word(out, &node->words[i]);
    }
    if (node->kind == PLAN_PHRASE) bytes_append_u8(out, '"');
    if (node->slop > 0) bytes_append_format(out, "~%u", (unsigned)node->slop);
    if (node->boost != 1) bytes_append_format(out, "^%g", node->boost);
}

static revue_status make(struct fixture *fixture, const char *text, struct plan_options options, revue_error *error) {
    struct query_options query_options = {.mode = QUERY_STRICT};
    struct query query;
    arena_reset(&fixture->arena);
    TRY(plan_fields(fixture->searcher, &fixture->arena, &query_options.fields, &query_options.field_count, error));
    memcpy(options.weights, scoring_default_weights, sizeof options.weights);
    options.k1 = SCORING_K1;
    options.b = SCORING_B;
    TRY(options.plain ? query_parse_plain(view_of_string(text), &fixture->arena, &query, error)
                      : query_parse(view_of_string(text), &query_options, &fixture->arena, &query, error));
    return plan_make(&fixture->plan, fixture->searcher, &query, &options, &fixture->arena, error);
}

static void assert_plan(struct fixture *fixture, const char *text, struct plan_options options, const char *expected) {
    struct bytes out = {0};
    assert_int_equal(make(fixture, text, options, NULL), REVUE_OK);
    if (fixture->plan.root) show(&out, fixture->plan.root);
    bytes_append_u8(&out, 0);
    assert_string_equal((const char *)out.data, expected);
    bytes_free(&out);
}

static void assert_all(void **state, const char *text, const char *expected) {
    assert_plan(*state, text, (struct plan_options){.all = true}, expected);
}

static void assert_any(void **state, const char *text, const char *expected) {
    assert_plan(*state, text, (struct plan_options){.all = false}, expected);
}

/* ---- the tests ---- */

static void words_side_by_side(void **state) {
    assert_all(state, "good films", "( +good +film )");
    assert_any(state, "good films", "( ~good ~film )");
    assert_all(state, "Films", "film");
    assert_all(state, "+good slow -films", "( +good +slow -film )");
    assert_any(state, "+good slow -films", "( +good ~slow -film )");
    assert_any(state, "-films", "( -film )");
}

static void operators_are_as_written(void **state) {
    assert_any(state, "good AND slow", "( +good +slow )");
    assert_all(state, "good OR slow", "( ~good ~slow )");
    assert_any(state, "good AND NOT slow", "( +good -slow )");
    assert_any(state, "good OR NOT slow", "( ~good ~( -slow ) )");
    assert_any(state, "NOT slow", "( -slow )");
    assert_all(state, "(good slow) OR film", "( ~( +good +slow ) ~film )");
}

static void leaves_of_every_kind(void **state) {
    assert_all(state, "=Filming", "=filming");
    assert_all(state, "\"a good film\"", "\"=a =good =film\"");
    assert_all(state, "\"good films\"~3", "\"good film\"~3");
    assert_all(state, "\"good\"", "=good");
    assert_all(state, "slow-good", "( +slow +good )");
    assert_all(state, "film \xE2\x80\x94 good", "( +film +good )");
    assert_plan(*state, "!!!", (struct plan_options){.plain = true}, "");
}

static void repeats_count_more(void **state) {
    assert_all(state, "film films filming good", "( +film^3 +good )");
    assert_any(state, "good^2 good (film^2 slow)^3", "( ~good^3 ~( ~film^6 ~slow^3 ) )");
    assert_any(state, "+film film", "( +film ~film )");
    assert_all(state, "=film film", "( +=film +film )");
    assert_all(state, "title:film film", "( +film +film )");
    assert_all(state, "film film", "film^2");
    assert_all(state, "filmi* =filmi",
               "( +=filmi^0.5 +=filmi )"); /* filming alone begins so; filmi is no word of any review */
}

static void plain_text_has_no_syntax(void **state) {
    assert_plan(*state, "+good -films \"OR\" title:slow", (struct plan_options){.plain = true},
                "( ~good ~film ~or ~titl ~slow )");
    assert_plan(*state, "good films", (struct plan_options){.plain = true, .phrase = true, .all = true}, "\"good film\"");
}

static void a_choice_is_known(void **state) {
    static const struct {
        const char *text;
        bool has_choice;
    } cases[] = {{"good", false},        {"good film", true},      {"+good film", true},
                 {"+good +film", false}, {"good -film", false},    {"good AND film", false},
                 {"wi-fi", true},        {"\"good film\"", false}, {"(good film) OR a", true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int all = 0; all < 2; all++) {
            struct fixture *fixture = *state;
            assert_int_equal(make(fixture, cases[i].text, (struct plan_options){.all = all}, NULL), REVUE_OK);
            assert_int_equal(fixture->plan.has_choice, cases[i].has_choice);
        }
}

static void fields_are_weighed(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(make(fixture, "film author:good title:film", (struct plan_options){.all = true}, NULL), REVUE_OK);
    assert_int_equal(fixture->plan.leaf_count, 3);
    const double *bare = fixture->plan.leaves[0]->scoring.weight, *author = fixture->plan.leaves[1]->scoring.weight;
    const double *title = fixture->plan.leaves[2]->scoring.weight;
    assert_memory_equal(bare, scoring_default_weights, sizeof scoring_default_weights);
    assert_true(author[FIELD_AUTHOR] == 1 && author[FIELD_BODY] == 0 && author[FIELD_TITLE] == 0);
    assert_true(title[FIELD_TITLE] == 2 && title[FIELD_BODY] == 0 && title[FIELD_AUTHOR] == 0);
}

static void assert_df_and_idf(struct fixture *fixture) {
    assert_int_equal(make(fixture, "films =film \"good film\" nowhere", (struct plan_options){.all = true}, NULL),
                     REVUE_OK);
    struct plan_node **leaves = fixture->plan.leaves;
    assert_int_equal(fixture->plan.leaf_count, 4);
    assert_int_equal(leaves[0]->words[0].df, 2);
    assert_int_equal(leaves[1]->words[0].df, 1);
    assert_int_equal(leaves[3]->words[0].df, 0);
    assert_true(leaves[0]->idf == scoring_idf(3, 2) && leaves[3]->idf == scoring_idf(3, 0));
    assert_true(leaves[2]->idf == scoring_idf(3, leaves[2]->words[0].df) + scoring_idf(3, leaves[2]->words[1].df));
}

/* Also of words that the searcher knows from the query before, in the fields that are searched now. */
static void df_and_idf_are_the_index_s(void **state) {
    struct fixture *fixture = *state;
    revue_searcher *searcher = fixture->searcher;
    fixture->searcher = small_archive_open(&fixture->archive);
    assert_df_and_idf(fixture);
    assert_df_and_idf(fixture);
    assert_int_equal(make(fixture, "title:films =films body:films", (struct plan_options){.all = true}, NULL), REVUE_OK);
    assert_int_equal(fixture->plan.leaves[0]->words[0].df, 1);
    assert_int_equal(fixture->plan.leaves[1]->words[0].df, 1);
    assert_int_equal(fixture->plan.leaves[2]->words[0].df, 2);
    revue_searcher_close(fixture->searcher);
    fixture->searcher = searcher;
}

static void what_is_excluded_scores_nothing(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(make(fixture, "good -(film slow) AND NOT \"a film\"", (struct plan_options){.all = true}, NULL),
                     REVUE_OK);
    assert_int_equal(fixture->plan.leaf_count, 1);
}

/* The largest sum there can be fits, however large the boosts. */
static void units_grow_with_boosts(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(make(fixture, "film", (struct plan_options){.all = true}, NULL), REVUE_OK);
    assert_true(fixture->plan.unit == 1.0 / 1048576);
    assert_int_equal(
        make(fixture, "((((film^1000 good)^1000 slow)^1000 love)^1000)^1000", (struct plan_options){.all = true}, NULL),
        REVUE_OK);
    double sum = 0;
    for (uint32_t i = 0; i < fixture->plan.leaf_count; i++)
        sum += fixture->plan.leaves[i]->scale + 1;
    assert_true(sum < 2147483647.0 && sum > 1000000000.0);
}

static void what_is_not_executed_says_where(void **state) {
    static const struct {
        const char *text;
        uint64_t column;
    } cases[] = {{"good id:x*", 6}, {"id:x~", 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        revue_error error = {0};
        assert_int_equal(make(*state, cases[i].text, (struct plan_options){.all = true}, &error), REVUE_USAGE);
        assert_int_equal(error.column, cases[i].column);
        assert_int_equal(make(*state, cases[i].text, (struct plan_options){.all = true}, NULL), REVUE_USAGE);
    }
}

static void leniently_it_is_left_out(void **state) {
    struct fixture *fixture = *state;
    const struct plan_options options = {.all = true, .lenient = true};
    assert_plan(fixture, "good id:dra* -id:x~ (id:y* slow)", options, "( +good +slow )");
    assert_int_equal(fixture->plan.warning_count, 3);
    assert_string_equal(fixture->plan.warnings[0], "column 6: a pattern of ids (quotes make its signs part of the id) "
                                                   "cannot be searched for by this version: left out");
    assert_plan(fixture, "id:x*", options, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_side_by_side),
        cmocka_unit_test(operators_are_as_written),
        cmocka_unit_test(leaves_of_every_kind),
        cmocka_unit_test(repeats_count_more),
        cmocka_unit_test(plain_text_has_no_syntax),
        cmocka_unit_test(a_choice_is_known),
        cmocka_unit_test(fields_are_weighed),
        cmocka_unit_test(df_and_idf_are_the_index_s),
        cmocka_unit_test(what_is_excluded_scores_nothing),
        cmocka_unit_test(units_grow_with_boosts),
        cmocka_unit_test(what_is_not_executed_says_where),
        cmocka_unit_test(leniently_it_is_left_out),
    };
    return cmocka_run_group_tests(tests, make_index, drop_index);
}
