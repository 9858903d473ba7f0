/* test_similar.c - reviews like one: what is left out, what options mean, and what is like nothing. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/support/small_archive.h"

static const char first[] =
    "{\"id\":\"ferry-1\",\"title\":\"The ferry\",\"text\":\"The ferry horn and the harbour porridge.\",\"rating\":1}\n"
    "{\"id\":\"copy\",\"title\":\"The ferry\",\"text\":\"The ferry horn and the harbour porridge.\",\"rating\":5}\n"
    "{\"id\":\"ferry-2\",\"text\":\"A harbour, a ferry, a horn in the night.\",\"rating\":2}\n"
    "{\"id\":\"pool\",\"text\":\"The pool and the sauna of the house.\",\"rating\":3}\n"
    "{\"id\":\"lift\",\"text\":\"The lift and the stairs.\",\"rating\":3}\n"
    "{\"id\":\"only\",\"text\":\"Xylophone\"}\n{\"id\":\"none\",\"text\":\"...\"}\n";
static const char second[] = "{\"id\":\"ferry-3\",\"text\":\"Porridge on the ferry.\",\"rating\":4}\n"
                             "{\"id\":\"gone\",\"text\":\"Ferry, horn, harbour, porridge.\",\"rating\":4}\n";

static struct small_archive archive;
static revue_searcher *searcher;

static int make_index(void **state) {
    (void)state;
    static const char *const ids[] = {"gone"};
    const revue_delete_options options = {.ids = ids, .id_count = 1};
    uint64_t deleted;
    small_archive_create(&archive);
    small_archive_write(&archive, "first.jsonl", view_of_string(first));
    small_archive_update(&archive, NULL);
    small_archive_write(&archive, "second.jsonl", view_of_string(second));
    small_archive_update(&archive, NULL);
    assert_int_equal(revue_delete(archive.index, &options, &deleted, NULL), REVUE_OK);
    searcher = small_archive_open(&archive);
    return 0;
}

static int drop_index(void **state) {
    (void)state;
    revue_searcher_close(searcher);
    small_archive_remove(&archive);
    return 0;
}

static revue_result *similar(const char *id, const revue_search_options *options) {
    revue_search_options defaults;
    revue_result *result = NULL;
    revue_search_options_init(&defaults);
    assert_int_equal(revue_similar(searcher, id, strlen(id), options ? options : &defaults, &result, NULL), REVUE_OK);
    return result;
}

static bool has(const revue_result *result, const char *id) {
    for (size_t i = 0; i < revue_result_count(result); i++)
        if (strcmp(revue_result_hit(result, i)->id, id) == 0) return true;
    return false;
}

static void what_shares_rare_words_is_like_it(void **state) {
    (void)state;
    revue_result *result = similar("ferry-1", NULL);
    assert_string_equal(revue_result_hit(result, 0)->id, "ferry-3"); /* of another segment, and short */
    assert_string_equal(revue_result_hit(result, 1)->id, "ferry-2");
    assert_false(has(result, "ferry-1"));
    assert_false(has(result, "copy"));
    assert_false(has(result, "gone"));
    assert_true(revue_result_hit(result, 0)->snippets[0].mark_count > 0);
    assert_null(revue_result_suggestion(result));
    assert_int_equal(revue_result_op(result), REVUE_OP_ANY);
    revue_result_free(result);
    result = similar("ferry-3", NULL); /* both copies may be like another */
    assert_true(has(result, "ferry-1") && has(result, "copy"));
    revue_result_free(result);
}

static void options_are_those_of_a_search(void **state) {
    (void)state;
    static const char *const facets[] = {"stars"};
    revue_search_options options;
    revue_search_options_init(&options);
    options.filter = "rating:..2";
    options.op = REVUE_OP_ALL; /* all the words would leave nothing: any is what counts */
    options.phrase = options.plain = true;
    revue_result *result = similar("ferry-3", &options);
    assert_int_equal(revue_result_count(result), 2);
    assert_true(has(result, "ferry-1") && has(result, "ferry-2"));
    revue_result_free(result);
    revue_search_options_init(&options);
    options.n = 1;
    options.offset = 1;
    options.count = true;
    options.facets = facets;
    options.facet_count = 1;
    options.exhaustive = true;
    result = similar("ferry-1", &options);
    assert_string_equal(revue_result_hit(result, 0)->id, "ferry-2");
    assert_int_equal(revue_result_hit(result, 0)->rank, 2);
    bool exact;
    const uint64_t total = revue_result_total(result, &exact);
    assert_true(exact);
    assert_int_equal(revue_result_facet(result, 0)->with, total); /* the review itself is not counted */
    revue_result_free(result);
}

static void some_reviews_are_like_nothing(void **state) {
    (void)state;
    revue_search_options options;
    revue_result *result = similar("only", NULL);
    assert_int_equal(revue_result_count(result), 0);
    assert_int_equal(revue_result_total(result, NULL), 0);
    revue_result_free(result);
    revue_search_options_init(&options);
    options.filter = "rating:>=0"; /* alone it would be a query */
    result = similar("none", &options);
    assert_int_equal(revue_result_total(result, NULL), 0);
    revue_result_free(result);
}

static void what_is_wrong_is_said(void **state) {
    (void)state;
    revue_search_options options;
    revue_result *result = NULL;
    revue_error error = {0};
    revue_search_options_init(&options);
    assert_int_equal(revue_similar(searcher, "gone", 4, &options, &result, &error), REVUE_NO_MATCH);
    assert_string_equal(error.message, "no review has the id gone");
    assert_int_equal(revue_similar(searcher, "", 0, &options, &result, &error), REVUE_NO_MATCH);
    options.filter = "rating:";
    assert_int_equal(revue_similar(searcher, "pool", 4, &options, &result, &error), REVUE_USAGE);
    options.filter = NULL;
    options.snippet_count = 11;
    assert_int_equal(revue_similar(searcher, "pool", 4, &options, &result, &error), REVUE_USAGE);
    assert_string_equal(error.message, "at most 10 snippets of a hit can be asked for");
    assert_null(result);
}

static double score_of(const char *like, const char *id) {
    revue_result *result = similar(like, NULL);
    double score = 0;
    for (size_t i = 0; i < revue_result_count(result); i++)
        if (strcmp(revue_result_hit(result, i)->id, id) == 0) score = revue_result_hit(result, i)->score;
    revue_result_free(result);
    return score;
}

/* Synonyms of one word apply; words that are searched for stand nowhere, so none is beside another, and nothing is looked
 * at in between (a sanitizer would say so). */
static void synonyms_apply_to_single_words(void **state) {
    (void)state;
    static const char synonyms[] = "horn, sauna\nferry harbour, stairs\nporridge horn, stairs\nharbour horn, stairs\n";
    const double pool = score_of("ferry-2", "pool"), lift = score_of("ferry-2", "lift");
    assert_int_equal(revue_synonyms_set(archive.index, synonyms, sizeof synonyms - 1, 0, NULL), REVUE_OK);
    assert_int_equal(revue_searcher_refresh(searcher, NULL, NULL), REVUE_OK);
    assert_true(score_of("ferry-2", "pool") > pool);
    assert_true(score_of("ferry-2", "lift") == lift);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_shares_rare_words_is_like_it), cmocka_unit_test(options_are_those_of_a_search),
        cmocka_unit_test(some_reviews_are_like_nothing),     cmocka_unit_test(what_is_wrong_is_said),
        cmocka_unit_test(synonyms_apply_to_single_words),
    };
    return cmocka_run_group_tests(tests, make_index, drop_index);
}
