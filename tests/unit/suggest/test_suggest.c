/* test_suggest.c - other spellings: which words are spelled otherwise and which stay, what is worth a word, and what a
 * search says that found nothing. tests/relevance/spelling measures how well it is meant. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "indexer/base/memory.h"
#include "tests/support/small_archive.h"

/* So many reviews of one text each. */
static void add_reviews(struct bytes *lines, const char *text, int count) {
    static int number;
    for (int i = 0; i < count; i++)
        bytes_append_format(lines, "{\"id\":\"%d\",\"title\":\"Review\",\"text\":\"%s\"}\n", number++, text);
}

static struct small_archive archive;
static revue_searcher *searcher;

static int make_index(void **state) {
    (void)state;
    struct bytes lines = {0};
    add_reviews(&lines, "A weird film.", 40);
    add_reviews(&lines, "The weird movie star of Casablanca.", 20);
    add_reviews(&lines, "The house was wired.", 30);
    add_reviews(&lines, "A wierd film, wierd.", 1);
    add_reviews(&lines, "Steven Spielberg and the Café Élan.", 9);
    add_reviews(&lines, "Тихая гавань у моря.", 9);
    add_reviews(&lines, "A form of trial.", 200);
    add_reviews(&lines, "It came from there, from them, a trail.", 400);
    bytes_append_u8(&lines, 0);
    searcher = small_archive_of(&archive, (const char *)lines.data);
    bytes_free(&lines);
    return 0;
}

static int drop_index(void **state) {
    (void)state;
    revue_searcher_close(searcher);
    small_archive_remove(&archive);
    return 0;
}

/* "text count, text count" */
static void assert_spellings(const char *text, const char *expected) {
    revue_completions *completions = NULL;
    struct bytes offered = {0};
    assert_int_equal(revue_suggest(searcher, text, strlen(text), 3, &completions, NULL), REVUE_OK);
    for (size_t i = 0; i < revue_completions_count(completions); i++) {
        const revue_completion *item = revue_completions_item(completions, i);
        bytes_append_format(&offered, "%s%s %d", i > 0 ? ", " : "", item->text, (int)item->count);
    }
    bytes_append_u8(&offered, 0);
    assert_string_equal((const char *)offered.data, expected);
    bytes_free(&offered);
    revue_completions_free(completions);
}

static void slips_are_mended(void **state) {
    (void)state;
    assert_spellings("wierd", "weird 60, wired 30");
    assert_spellings("WIERD", "weird 60, wired 30");
    assert_spellings("spielburg", "Spielberg 9");
    assert_spellings("speilberg", "Spielberg 9");
    assert_spellings("cafr elan", "Café elan 9");
    assert_spellings("гаванъ", "гавань 9");
    assert_spellings("xyzzy", "");
    assert_spellings("wy", ""); /* of two letters every other one is a letter away */
}

static void the_other_words_tell_what_was_meant(void **state) {
    (void)state;
    assert_spellings("wierd house", "wired house 30");
    assert_spellings("wierd star", "weird star 20");
    assert_spellings("wierd cassablanca", "weird Casablanca 20");
}

static void words_are_joined_and_parted(void **state) {
    (void)state;
    assert_spellings("moviestar", "movie star 20");
    assert_spellings("casa blanca", "casablanca 20");
    assert_spellings("+moviestar", ""); /* +movie star would mean something else */
    assert_spellings("moviestar OR xyzzy", "");
    assert_spellings("casa -blanca", "");
}

static void what_is_frequent_is_no_slip(void **state) {
    (void)state;
    assert_spellings("form", "");
    assert_spellings("trial", "");
    assert_spellings("weird film", "");
    assert_spellings("the of from", "");
}

static void only_plain_words_are_spelled_otherwise(void **state) {
    (void)state;
    assert_spellings("+wierd -wierd (house OR \"wierd\") wierd^2", "+wired -wierd (house OR \"wierd\") wired^2 30");
    assert_spellings("+wierd^2 -movei", "+weird^2 -movei 60, +wired^2 -movei 30");
    assert_spellings("\"wierd\" =wierd wierd* wie?d wierd~1", "");
    assert_spellings("NOT wierd", "");
    assert_spellings("title:wierd", "");
    assert_spellings("body:(wierd star)", "body:(weird star) 20");
    assert_spellings("body:wierd", "body:weird 60, body:wired 30");
    assert_spellings("tags:wierd rating:>=4", "");
    assert_spellings("(wierd AND star)", "(weird AND star) 20");
    assert_spellings("wierd , star!", "weird , star! 20");
    assert_spellings("wierd (", "weird ( 60, wired ( 30"); /* read leniently */
    assert_spellings("", "");
    assert_spellings("\"", "");
}

static const char *search(const char *query, const revue_search_options *options, revue_result **result) {
    *result = small_archive_search(searcher, query, options);
    return revue_result_suggestion(*result);
}

static void a_search_that_finds_nothing_says_it(void **state) {
    (void)state;
    revue_search_options options;
    revue_result *result;
    revue_search_options_init(&options);
    assert_string_equal(search("weeird", &options, &result), "weird");
    assert_int_equal(revue_result_total(result, NULL), 0);
    revue_result_free(result);
    assert_null(search("weird", &options, &result));
    revue_result_free(result);
    assert_null(search("wierd", &options, &result)); /* one review has it so */
    revue_result_free(result);
    /* with any of the words there are reviews, with all of them there are not */
    assert_string_equal(search("wiered house", &options, &result), "wired house");
    assert_int_equal(revue_result_op(result), REVUE_OP_ANY);
    assert_int_equal(revue_result_warning_count(result), 1);
    revue_result_free(result);
    options.op = REVUE_OP_ANY;
    assert_null(search("wiered house", &options, &result));
    revue_result_free(result);
    options.filter = "house";
    assert_string_equal(search("wiered", &options, &result), "wired"); /* what passes the filter */
    revue_result_free(result);
    options.filter = "rating:5";
    assert_null(search("wiered", &options, &result));
    revue_result_free(result);
}

static void it_is_not_looked_for_unasked(void **state) {
    (void)state;
    revue_search_options options;
    revue_result *result;
    for (int i = 0; i < 3; i++) {
        revue_search_options_init(&options);
        options.no_suggest = i == 0;
        options.plain = i == 1;
        options.ids_only = i == 2;
        assert_null(search("wiered", &options, &result));
        revue_result_free(result);
    }
}

static void hostile_texts_are_bounded(void **state) {
    (void)state;
    revue_completions *completions = NULL;
    revue_error error = {0};
    const size_t size = 1 << 20;
    char *text = memory_alloc(size);
    assert_non_null(text);
    static const char fillings[][8] = {"wierd a", "w i e r ", "\0wierd ", "\xff\xff\xff\xff\xff\xff ", "((((((", "wierdxx"};
    for (size_t i = 0; i < sizeof fillings / sizeof *fillings; i++) {
        for (size_t at = 0; at < size; at++)
            text[at] = fillings[i][at % 7];
        for (size_t given = 7; given < 2 * size; given *= 5) {
            assert_int_equal(revue_suggest(searcher, text, given < size ? given : size, 3, &completions, NULL), REVUE_OK);
            revue_completions_free(completions);
        }
    }
    memory_free(text);
    assert_int_equal(revue_suggest(searcher, "wierd\0star", 10, 3, &completions, NULL), REVUE_OK);
    assert_string_equal(revue_completions_item(completions, 0)->text, "weird");
    revue_completions_free(completions);
    completions = NULL;
    assert_int_equal(revue_suggest(searcher, "a", 1, REVUE_COMPLETIONS_MAX + 1, &completions, &error), REVUE_USAGE);
    assert_null(completions);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slips_are_mended),
        cmocka_unit_test(the_other_words_tell_what_was_meant),
        cmocka_unit_test(words_are_joined_and_parted),
        cmocka_unit_test(what_is_frequent_is_no_slip),
        cmocka_unit_test(only_plain_words_are_spelled_otherwise),
        cmocka_unit_test(a_search_that_finds_nothing_says_it),
        cmocka_unit_test(it_is_not_looked_for_unasked),
        cmocka_unit_test(hostile_texts_are_bounded),
    };
    return cmocka_run_group_tests(tests, make_index, drop_index);
}
