/* test_search_languages.c - words in the language of the archive, and in all of them where it has several. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "indexer/format/scoring.h"
#include "query/plan/bind.h"
#include "tests/support/small_archive.h"

static revue_searcher *archive_in(struct small_archive *archive, const char *lang, const char *lines) {
    small_archive_create(archive);
    small_archive_write(archive, "reviews.jsonl", view_of_string(lines));
    small_archive_update(archive, lang);
    return small_archive_open(archive);
}

static void close_archive(struct small_archive *archive, revue_searcher *searcher) {
    revue_searcher_close(searcher);
    small_archive_remove(archive);
}

static void assert_finds(revue_searcher *searcher, const char *query, size_t count) {
    revue_result *result = small_archive_search(searcher, query, NULL);
    if (revue_result_count(result) != count)
        fail_msg("%s: %zu hits instead of %zu", query, revue_result_count(result), count);
    revue_result_free(result);
}

/* The stems of a word as the index and the archive's languages have them, joined by '|'. */
static void assert_stems(revue_searcher *searcher, const char *word, const char *expected) {
    struct arena arena = {0};
    struct binder binder = {searcher, &arena, NULL};
    struct token token = {.form = view_of_string(word)};
    struct plan_word found;
    struct bytes out = {0};
    assert_int_equal(bind_resolve(&binder, &token, false, &found), REVUE_OK);
    for (uint32_t i = 0; i < found.stem_count; i++)
        bytes_append_format(&out, "%s%.*s", i ? "|" : "", (int)found.stems[i].size, found.stems[i].data);
    bytes_append_u8(&out, 0);
    assert_string_equal((const char *)out.data, expected);
    bytes_free(&out);
    arena_free(&arena);
}

/* Forms that stand in no review are stemmed as the archive is; English would leave them as they are. */
static void the_archive_s_language_stems_new_forms(void **state) {
    (void)state;
    struct small_archive archive;
    revue_searcher *searcher = archive_in(&archive, "de", "{\"id\":\"1\",\"text\":\"Die Betten sind gut.\"}\n");
    assert_int_equal(searcher->language, LANGUAGE_GERMAN);
    assert_finds(searcher, "bett", 1);
    assert_finds(searcher, "gutes", 1);
    assert_finds(searcher, "body:Bettes", 1);
    close_archive(&archive, searcher);
    searcher = archive_in(&archive, NULL, "{\"id\":\"1\",\"text\":\"Die Betten sind gut.\"}\n");
    assert_finds(searcher, "bett", 0);
    assert_finds(searcher, "betten", 1);
    close_archive(&archive, searcher);
}

/* The language that --lang gave is kept with each review: its snippets and phrases are read in that one, also when another
 * one is remembered later. */
static void snippets_are_read_in_the_review_s_language(void **state) {
    (void)state;
    struct small_archive archive;
    revue_searcher *searcher = archive_in(&archive, "de", "{\"id\":\"1\",\"text\":\"Die Betten sind gut.\"}\n");
    revue_result *result = small_archive_search(searcher, "bett", NULL);
    const revue_hit *hit = revue_result_hit(result, 0);
    assert_string_equal(hit->lang, "de");
    assert_int_equal(hit->snippets[0].mark_count, 1);
    assert_int_equal(hit->snippets[0].marks[0].from, 4);
    assert_int_equal(hit->snippets[0].marks[0].to, 10);
    revue_result_free(result);
    close_archive(&archive, searcher);

    searcher = archive_in(&archive, NULL, "{\"id\":\"1\",\"text\":\"The films were loved.\"}\n");
    revue_searcher_close(searcher);
    small_archive_write(&archive, "later.jsonl", view_of_string("{\"id\":\"2\",\"text\":\"Die Betten sind gut.\"}\n"));
    small_archive_update(&archive, "de");
    searcher = small_archive_open(&archive);
    result = small_archive_search(searcher, "film", NULL);
    assert_int_equal(revue_result_count(result), 1);
    assert_int_equal(revue_result_hit(result, 0)->snippets[0].mark_count, 1);
    revue_result_free(result);
    assert_finds(searcher, "bett", 1);
    close_archive(&archive, searcher);
}

static const char mixed_lines[] = "{\"id\":\"1\",\"lang\":\"en\",\"text\":\"A better hotel, a nice hotel.\"}\n"
                                  "{\"id\":\"2\",\"lang\":\"de\",\"text\":\"Ein Hotel, die Betten gut.\"}\n"
                                  "{\"id\":\"3\",\"lang\":\"de\",\"text\":\"Better gibt es nicht: das Bett.\"}\n"
                                  "{\"id\":\"4\",\"lang\":\"de\",\"text\":\"Schon besser.\"}\n"
                                  "{\"id\":\"5\",\"text\":\"Nothing named.\"}\n";

static void forms_have_the_stems_of_their_texts(void **state) {
    (void)state;
    struct small_archive archive;
    revue_searcher *searcher = archive_in(&archive, NULL, mixed_lines);
    assert_stems(searcher, "better", "bett|better"); /* one review each: bytewise */
    assert_stems(searcher, "betten", "bett");
    assert_stems(searcher, "hotel", "hotel");
    assert_finds(searcher, "better", 3);
    assert_finds(searcher, "=better", 2);
    close_archive(&archive, searcher);
}

static void new_forms_are_stemmed_in_every_common_language(void **state) {
    (void)state;
    struct small_archive archive;
    const struct common_languages *languages;
    revue_searcher *searcher = archive_in(&archive, NULL, mixed_lines);
    assert_int_equal(searcher_languages(searcher, &languages, NULL), REVUE_OK);
    assert_int_equal(languages->count, 2);
    assert_int_equal(languages->items[0], LANGUAGE_ENGLISH);
    assert_int_equal(languages->items[1], LANGUAGE_GERMAN);
    assert_stems(searcher, "hotels", "hotel"); /* the German stemmer's is the same */
    assert_stems(searcher, "schlafen", "schlaf|schlafen");
    assert_stems(searcher, "naming", "name|naming");
    assert_finds(searcher, "naming", 1);
    close_archive(&archive, searcher);
}

/* One in twenty is not over 5 %. */
static void rare_languages_take_no_part(void **state) {
    (void)state;
    for (unsigned german = 1; german <= 2; german++) {
        struct small_archive archive;
        struct bytes lines = {0};
        const struct common_languages *languages;
        for (unsigned i = 0; i < 20; i++)
            bytes_append_format(&lines, "{\"id\":\"%u\",\"lang\":\"%s\",\"text\":\"x\"}\n", i, i < german ? "de" : "en-GB");
        bytes_append_u8(&lines, 0);
        revue_searcher *searcher = archive_in(&archive, NULL, (const char *)lines.data);
        assert_int_equal(searcher_languages(searcher, &languages, NULL), REVUE_OK);
        assert_int_equal(languages->count, german);
        assert_int_equal(languages->items[0], LANGUAGE_ENGLISH);
        close_archive(&archive, searcher);
        bytes_free(&lines);
    }
}

/* A form that two languages stem alike counts once. */
static void a_stem_of_two_languages_counts_once(void **state) {
    (void)state;
    static const char *const other[] = {"en", "de"};
    double scores[2];
    for (unsigned i = 0; i < 2; i++) {
        struct small_archive archive;
        struct bytes lines = {0};
        bytes_append_format(&lines,
                            "{\"id\":\"1\",\"lang\":\"en\",\"text\":\"hotel one two\"}\n"
                            "{\"id\":\"2\",\"lang\":\"%s\",\"text\":\"hotel hotel five\"}\n{\"id\":\"3\",\"text\":\"x\"}\n",
                            other[i]);
        bytes_append_u8(&lines, 0);
        revue_searcher *searcher = archive_in(&archive, NULL, (const char *)lines.data);
        revue_result *result = small_archive_search(searcher, "=hotel", NULL);
        assert_int_equal(revue_result_count(result), 2);
        scores[i] = revue_result_hit(result, 0)->score;
        revue_result_free(result);
        result = small_archive_search(searcher, "\"one two\"", NULL);
        assert_int_equal(revue_result_count(result), 1);
        revue_result_free(result);
        close_archive(&archive, searcher);
        bytes_free(&lines);
    }
    assert_true(scores[0] == scores[1]);
}

static void an_archive_without_reviews_has_a_language(void **state) {
    (void)state;
    struct small_archive archive;
    revue_searcher *searcher = archive_in(&archive, "fr", "{\"id\":\"1\",\"text\":\"x\"}\n");
    const char *const ids[] = {"1"};
    const revue_delete_options options = {.ids = ids, .id_count = 1};
    const struct common_languages *languages;
    uint64_t deleted;
    assert_int_equal(revue_delete(archive.index, &options, &deleted, NULL), REVUE_OK);
    assert_int_equal(revue_searcher_refresh(searcher, NULL, NULL), REVUE_OK);
    assert_int_equal(searcher_languages(searcher, &languages, NULL), REVUE_OK);
    assert_int_equal(languages->items[0], LANGUAGE_FRENCH);
    assert_finds(searcher, "anything", 0);
    close_archive(&archive, searcher);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_archive_s_language_stems_new_forms),
        cmocka_unit_test(snippets_are_read_in_the_review_s_language),
        cmocka_unit_test(forms_have_the_stems_of_their_texts),
        cmocka_unit_test(new_forms_are_stemmed_in_every_common_language),
        cmocka_unit_test(rare_languages_take_no_part),
        cmocka_unit_test(a_stem_of_two_languages_counts_once),
        cmocka_unit_test(an_archive_without_reviews_has_a_language),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
