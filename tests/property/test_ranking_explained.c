/* test_ranking_explained.c - scores: what explanations say of them is true to the last unit, pages are parts of one list,
 * and segments change nothing. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "indexer/format/scoring.h"
#include "tests/support/judged_archive.h"
#include "tests/support/random_list.h"
#include "tests/support/trial.h"

#include <math.h>
#include <stdlib.h>

#define QUERIES 250u

/* The same reviews in one segment and in several. */
struct fixture {
    struct judged_archive one, several;
    revue_searcher *one_searcher, *several_searcher;
};

static int make_archives(void **state) {
    static struct fixture fixture;
    judged_archive_create(&fixture.one, 23, 1);
    judged_archive_create(&fixture.several, 23, 4);
    fixture.one_searcher = small_archive_open(&fixture.one.archive);
    fixture.several_searcher = small_archive_open(&fixture.several.archive);
    assert_int_equal(fixture.one_searcher->segment_count, 1);
    assert_true(fixture.several_searcher->segment_count > 1);
    *state = &fixture;
    return 0;
}

static int drop_archives(void **state) {
    struct fixture *fixture = *state;
    revue_searcher_close(fixture->one_searcher);
    revue_searcher_close(fixture->several_searcher);
    judged_archive_remove(&fixture->one);
    judged_archive_remove(&fixture->several);
    return 0;
}

static revue_search_options options_of(size_t n, size_t offset) {
    revue_search_options options;
    revue_search_options_init(&options);
    options.n = n;
    options.offset = offset;
    options.op = REVUE_OP_ANY;
    options.snippets = false;
    return options;
}

static unsigned field_number(const char *name) {
    static const char *const names[FIELD_COUNT] = {"body", "title", "product", "author"};
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        if (strcmp(names[field], name) == 0) return field;
    fail_msg("no field is called %s", name);
    return 0;
}

/* The formula once more, from what the explanation says. */
static int64_t check_term(const struct judged_archive *judged, uint32_t review, const revue_explain *explain,
                          const revue_explain_term *term) {
    double x = 0;
    assert_true(term->field_count > 0);
    for (size_t i = 0; i < term->field_count; i++) {
        const revue_explain_field *field = &term->fields[i];
        assert_int_equal(field->length, judged->tokens[review][field_number(field->field)].length);
        double norm = 1 - explain->b + explain->b * field->length / field->average;
        assert_true(field->value == field->weight * field->frequency / norm);
        x += field->value;
    }
    assert_true(term->frequency == x);
    if (!strchr(term->term, ' ')) assert_true(term->idf == scoring_idf(explain->reviews, term->df));
    double units = term->score / explain->unit;
    assert_true(units == floor(units));
    assert_true(units == floor(term->boost * term->idf / explain->unit * (x / (explain->k1 + x)) + 0.5));
    return (int64_t)units;
}

static void check_hit(const struct judged_archive *judged, const revue_hit *hit) {
    const revue_explain *explain = hit->explain;
    uint32_t review = (uint32_t)strtoul(hit->id + 1, NULL, 10);
    int64_t sum = 0;
    assert_non_null(explain);
    assert_int_equal(explain->reviews, JUDGED_REVIEWS);
    for (size_t i = 0; i < explain->term_count; i++)
        sum += check_term(judged, review, explain, &explain->terms[i]);
    assert_true(explain->score == hit->score);
    assert_int_equal(sum, (int64_t)(hit->score / explain->unit));
    assert_true((double)sum * explain->unit == hit->score);
}

static void explanations_sum_to_the_score(void **state) {
    struct fixture *fixture = *state;
    static const revue_weight weights[] = {{"author", 3}, {"title", 0.1}};
    size_t checked = 0;
    for (unsigned i = 0; i < QUERIES; i++) {
        uint64_t random_state = trial_seed(31 + i);
        bool is_one = i % 2;
        struct judged_archive *judged = is_one ? &fixture->one : &fixture->several;
        struct judged_query query = judged_query_random(judged, &random_state, 4);
        revue_search_options options = options_of(JUDGED_REVIEWS, 0);
        options.explain = true;
        options.k1 = i % 3 == 0 ? 0 : 1.2;
        options.b = i % 5 == 0 ? 1 : 0.75;
        options.weights = weights;
        options.weight_count = i % 4 == 0 ? 2 : 0;
        revue_result *result = small_archive_search(is_one ? fixture->one_searcher : fixture->several_searcher,
                                                    (const char *)query.text.data, &options);
        for (size_t h = 0; h < revue_result_count(result); h++, checked++)
            check_hit(judged, revue_result_hit(result, h));
        revue_result_free(result);
        bytes_free(&query.text);
    }
    assert_true(checked > 1000);
}

/* Long plain texts with words that repeat. */
static void repeated_words_are_explained(void **state) {
    struct fixture *fixture = *state;
    uint64_t random_state = trial_seed(3);
    for (unsigned i = 0; i < 40; i++) {
        struct bytes text = {0};
        revue_search_options options = options_of(JUDGED_REVIEWS, 0);
        options.explain = options.plain = true;
        for (uint32_t words = 1 + random_below(&random_state, 60); words > 0; words--)
            bytes_append_format(&text, "%s ", judged_word_random(&random_state));
        bytes_append_u8(&text, 0);
        revue_result *result = small_archive_search(fixture->several_searcher, (const char *)text.data, &options);
        for (size_t h = 0; h < revue_result_count(result); h++)
            check_hit(&fixture->several, revue_result_hit(result, h));
        revue_result_free(result);
        bytes_free(&text);
    }
}

static void frequencies_are_those_of_the_text(void **state) {
    struct fixture *fixture = *state;
    uint64_t random_state = trial_seed(8);
    size_t checked = 0;
    for (unsigned i = 0; i < 60; i++) {
        const char *word = judged_word_random(&random_state);
        revue_search_options options = options_of(JUDGED_REVIEWS, 0);
        options.explain = options.plain = true;
        revue_result *result = small_archive_search(fixture->one_searcher, word, &options);
        for (size_t h = 0; h < revue_result_count(result); h++) {
            const revue_hit *hit = revue_result_hit(result, h);
            if (hit->explain->term_count != 1) continue; /* a word of ideographs may be several */
            const revue_explain_term *term = &hit->explain->terms[0];
            for (size_t f = 0; f < term->field_count; f++, checked++)
                assert_int_equal(term->fields[f].frequency,
                                 judged_frequency(&fixture->one, word, (uint32_t)strtoul(hit->id + 1, NULL, 10),
                                                  field_number(term->fields[f].field)));
        }
        revue_result_free(result);
    }
    assert_true(checked > 100);
}

static void assert_same_hits(const revue_result *a, size_t from, const revue_result *b) {
    for (size_t i = 0; i < revue_result_count(b); i++) {
        const revue_hit *left = revue_result_hit(a, from + i), *right = revue_result_hit(b, i);
        assert_non_null(left);
        assert_string_equal(left->id, right->id);
        assert_true(left->score == right->score);
        assert_int_equal(left->rank, right->rank);
    }
}

static void pages_are_parts_of_one_list(void **state) {
    struct fixture *fixture = *state;
    for (unsigned i = 0; i < 60; i++) {
        uint64_t random_state = trial_seed(600 + i);
        struct judged_query query = judged_query_random(&fixture->several, &random_state, 3);
        const char *text = (const char *)query.text.data;
        revue_search_options whole_options = options_of(2 * JUDGED_REVIEWS, 0);
        revue_result *whole = small_archive_search(fixture->several_searcher, text, &whole_options);
        for (size_t i_page = 0; i_page < 4; i_page++) {
            static const size_t sizes[] = {1, 7, 10, 60};
            const size_t n = sizes[i_page], offset = random_below(&random_state, JUDGED_REVIEWS + 5);
            revue_search_options options = options_of(n, offset);
            revue_result *page = small_archive_search(fixture->several_searcher, text, &options);
            const size_t total = revue_result_count(whole), left = total > offset ? total - offset : 0;
            assert_int_equal(revue_result_count(page), left < n ? left : n);
            assert_same_hits(whole, offset, page);
            assert_int_equal(revue_result_total(page, NULL), total);
            revue_result_free(page);
        }
        revue_result_free(whole);
        bytes_free(&query.text);
    }
}

/* Best first, and of equal scores in the order of ids. */
static void hits_are_in_order(void **state) {
    struct fixture *fixture = *state;
    size_t ties = 0;
    for (unsigned i = 0; i < 60; i++) {
        uint64_t random_state = trial_seed(800 + i);
        struct judged_query query = judged_query_random(&fixture->several, &random_state, 2);
        revue_search_options options = options_of(JUDGED_REVIEWS, 0);
        revue_result *result = small_archive_search(fixture->several_searcher, (const char *)query.text.data, &options);
        for (size_t h = 1; h < revue_result_count(result); h++) {
            const revue_hit *before = revue_result_hit(result, h - 1), *hit = revue_result_hit(result, h);
            ties += before->score == hit->score;
            assert_true(before->score > hit->score || (before->score == hit->score && strcmp(before->id, hit->id) < 0));
        }
        revue_result_free(result);
        bytes_free(&query.text);
    }
    assert_true(ties > 0);
}

static void segments_change_nothing(void **state) {
    struct fixture *fixture = *state;
    for (unsigned i = 0; i < QUERIES; i++) {
        uint64_t random_state = trial_seed(1000 + i);
        struct judged_query query = judged_query_random(&fixture->one, &random_state, 4);
        revue_search_options options = options_of(JUDGED_REVIEWS, 0);
        options.exhaustive = i % 2;
        revue_result *one = small_archive_search(fixture->one_searcher, (const char *)query.text.data, &options);
        options.exhaustive = !options.exhaustive;
        revue_result *several = small_archive_search(fixture->several_searcher, (const char *)query.text.data, &options);
        assert_int_equal(revue_result_count(one), revue_result_count(several));
        assert_same_hits(one, 0, several);
        revue_result_free(one);
        revue_result_free(several);
        bytes_free(&query.text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(explanations_sum_to_the_score),
        cmocka_unit_test(repeated_words_are_explained),
        cmocka_unit_test(frequencies_are_those_of_the_text),
        cmocka_unit_test(pages_are_parts_of_one_list),
        cmocka_unit_test(hits_are_in_order),
        cmocka_unit_test(segments_change_nothing),
    };
    return cmocka_run_group_tests(tests, make_archives, drop_archives);
}
