/* test_boolean_algebra.c - random queries over random archives match what the tokens say, and keep the laws of boolean
 * algebra; in one segment and in several. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/support/judged_archive.h"
#include "tests/support/random_list.h"
#include "tests/support/trial.h"

#define SEEDS 3u
#define QUERIES 300u

static const unsigned runs_of_seed[SEEDS] = {1, 3, 4};

struct fixture {
    struct judged_archive judged;
    revue_searcher *searcher;
};

static int make_archives(void **state) {
    static struct fixture fixtures[SEEDS];
    for (unsigned i = 0; i < SEEDS; i++) {
        judged_archive_create(&fixtures[i].judged, trial_seed(11 + i), runs_of_seed[i]);
        fixtures[i].searcher = small_archive_open(&fixtures[i].judged.archive);
    }
    assert_int_equal(fixtures[0].searcher->segment_count, 1);
    assert_true(fixtures[1].searcher->segment_count > 1);
    *state = fixtures;
    return 0;
}

static int drop_archives(void **state) {
    struct fixture *fixtures = *state;
    for (unsigned i = 0; i < SEEDS; i++) {
        revue_searcher_close(fixtures[i].searcher);
        judged_archive_remove(&fixtures[i].judged);
    }
    return 0;
}

static revue_search_options options_of(revue_operator op) {
    revue_search_options options;
    revue_search_options_init(&options);
    options.n = 2 * JUDGED_REVIEWS;
    options.op = op;
    options.ids_only = options.count = true;
    options.snippets = false;
    return options;
}

static review_set found(const struct fixture *fixture, const char *query, revue_operator op) {
    revue_search_options options = options_of(op);
    bool is_exact;
    revue_result *result = small_archive_search(fixture->searcher, query, &options);
    review_set set = judged_result_set(result);
    assert_int_equal(revue_result_total(result, &is_exact), __builtin_popcountll(set));
    assert_true(is_exact);
    revue_result_free(result);
    return set;
}

static void assert_found(const struct fixture *fixture, const char *query, review_set expected) {
    review_set set = found(fixture, query, REVUE_OP_ANY);
    if (set != expected)
        fail_msg("%s: found %llx, expected %llx", query, (unsigned long long)set, (unsigned long long)expected);
}

static void queries_match_what_the_tokens_say(void **state) {
    struct fixture *fixtures = *state;
    unsigned not_trivial = 0;
    for (unsigned seed = 0; seed < SEEDS; seed++) {
        uint64_t random_state = trial_seed(100 + seed);
        for (unsigned i = 0; i < QUERIES; i++) {
            struct judged_query query = judged_query_random(&fixtures[seed].judged, &random_state, 4);
            assert_found(&fixtures[seed], (const char *)query.text.data, query.matches);
            not_trivial += query.matches != 0 && query.matches != fixtures[seed].judged.all;
            bytes_free(&query.text);
        }
    }
    assert_true(not_trivial > SEEDS * QUERIES / 2);
}

/* Both sides with $1, $2 and $3 put in for queries. */
static const struct {
    const char *left, *right;
} laws[] = {
    {"($1 AND $2)", "($2 AND $1)"},
    {"($1 OR $2)", "($2 OR $1)"},
    {"($1 AND ($2 AND $3))", "(($1 AND $2) AND $3)"},
    {"($1 OR ($2 OR $3))", "(($1 OR $2) OR $3)"},
    {"($1 AND ($2 OR $3))", "(($1 AND $2) OR ($1 AND $3))"},
    {"($1 OR ($2 AND $3))", "(($1 OR $2) AND ($1 OR $3))"},
    {"($1 AND NOT ($2 OR $3))", "($1 AND NOT $2 AND NOT $3)"},
    {"($1 AND NOT ($2 AND $3))", "(($1 AND NOT $2) OR ($1 AND NOT $3))"},
    {"(NOT ($2 OR $3))", "((NOT $2) AND (NOT $3))"},
    {"(NOT ($2 AND $3))", "((NOT $2) OR (NOT $3))"},
    {"(NOT (NOT $1))", "$1"},
    {"($1 OR $1)", "$1"},
    {"($1 AND $1)", "$1"},
    {"($1 AND ($1 OR $2))", "$1"},
    {"($1 OR ($1 AND $2))", "$1"},
    {"(+$1 +$2 -$3)", "($1 AND $2 AND NOT $3)"},
    {"(+$1 $2 -$3)", "($1 AND NOT $3)"},
    {"($1 $2)", "($1 OR $2)"},
};

static void put_in(struct bytes *out, const char *law, const struct judged_query queries[3]) {
    bytes_clear(out);
    for (; *law; law++) {
        if (*law != '$') {
            bytes_append_u8(out, (uint8_t)*law);
            continue;
        }
        const struct bytes *text = &queries[*++law - '1'].text;
        bytes_append(out, text->data, text->size);
    }
    bytes_append_u8(out, 0);
}

static void the_laws_hold(void **state) {
    const struct fixture *fixtures = *state;
    struct bytes left = {0}, right = {0};
    for (unsigned i = 0; i < 60; i++) {
        const struct fixture *fixture = &fixtures[i % SEEDS];
        struct judged_query queries[3];
        uint64_t random_state = trial_seed(5000 + i);
        for (unsigned q = 0; q < 3; q++)
            queries[q] = judged_query_random((struct judged_archive *)(uintptr_t)&fixture->judged, &random_state, 2);
        for (size_t law = 0; law < sizeof laws / sizeof *laws; law++) {
            put_in(&left, laws[law].left, queries);
            put_in(&right, laws[law].right, queries);
            assert_found(fixture, (const char *)left.data, found(fixture, (const char *)right.data, REVUE_OP_ANY));
        }
        for (unsigned q = 0; q < 3; q++)
            bytes_free(&queries[q].text);
    }
    bytes_free(&left);
    bytes_free(&right);
}

/* Words side by side: all is what has each of them, any what has one, auto is all unless that is empty. */
static void operators_join_words(void **state) {
    const struct fixture *fixtures = *state;
    for (unsigned i = 0; i < 300; i++) {
        const struct fixture *fixture = &fixtures[i % SEEDS];
        uint64_t random_state = trial_seed(900 + i);
        review_set all = fixture->judged.all, any = 0;
        struct bytes text = {0};
        uint32_t words = 2 + random_below(&random_state, 4);
        for (uint32_t w = 0; w < words; w++) {
            const char *word = judged_word_random(&random_state);
            review_set with_word = judged_word_matches(&fixture->judged, word, false);
            bytes_append_format(&text, "%s ", word);
            all &= with_word;
            any |= with_word;
        }
        bytes_append_u8(&text, 0);
        const char *query = (const char *)text.data;
        assert_true(found(fixture, query, REVUE_OP_ALL) == all);
        assert_true(found(fixture, query, REVUE_OP_ANY) == any);
        assert_true(found(fixture, query, REVUE_OP_AUTO) == (all ? all : any));
        bytes_free(&text);
    }
}

static void assert_within(const struct fixture *fixture, const char *part, const char *whole) {
    review_set within = found(fixture, part, REVUE_OP_ANY), of = found(fixture, whole, REVUE_OP_ANY);
    if (within & ~of) fail_msg("%s finds what %s does not", part, whole);
}

static void narrower_leaves_match_less(void **state) {
    const struct fixture *fixtures = *state;
    for (unsigned i = 0; i < 300; i++) {
        const struct fixture *fixture = &fixtures[i % SEEDS];
        uint64_t random_state = trial_seed(40 + i);
        const char *a = judged_word_random(&random_state), *b = judged_word_random(&random_state);
        struct bytes text[5] = {{0}};
        bytes_append_format(&text[0], "\"%s %s\"", a, b);
        bytes_append_format(&text[1], "\"%s %s\"~0", a, b);
        bytes_append_format(&text[2], "\"%s %s\"~3", a, b);
        bytes_append_format(&text[3], "\"%s %s\"~9", a, b);
        bytes_append_format(&text[4], "%s AND %s", a, b);
        for (unsigned t = 0; t < 5; t++)
            bytes_append_u8(&text[t], 0);
        for (unsigned t = 0; t < 4; t++)
            assert_within(fixture, (const char *)text[t].data, (const char *)text[t + 1].data);
        for (unsigned t = 0; t < 3; t++)
            bytes_clear(&text[t]);
        bytes_append_format(&text[0], "=%s", a);
        bytes_append_format(&text[1], "title:%s", a);
        bytes_append_u8(&text[0], 0);
        bytes_append_u8(&text[1], 0);
        assert_within(fixture, (const char *)text[0].data, a);
        assert_within(fixture, (const char *)text[1].data, a);
        for (unsigned t = 0; t < 5; t++)
            bytes_free(&text[t]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(queries_match_what_the_tokens_say),
        cmocka_unit_test(the_laws_hold),
        cmocka_unit_test(operators_join_words),
        cmocka_unit_test(narrower_leaves_match_less),
    };
    return cmocka_run_group_tests(tests, make_archives, drop_archives);
}
