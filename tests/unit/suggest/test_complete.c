/* test_complete.c - what is offered for the last word: which forms, how written, with what counts, and what is not looked
 * at. tests/cli/offers.sh compares counts of whole archives with a reference. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "indexer/base/memory.h"
#include "tests/support/small_archive.h"

static revue_completions *complete(revue_searcher *searcher, const char *text, size_t n) {
    revue_completions *completions = NULL;
    assert_int_equal(revue_complete(searcher, text, strlen(text), n, &completions, NULL), REVUE_OK);
    return completions;
}

/* "text count, text count", as they were offered. */
static void assert_offers(revue_searcher *searcher, const char *text, const char *expected) {
    revue_completions *completions = complete(searcher, text, 5);
    struct bytes offered = {0};
    for (size_t i = 0; i < revue_completions_count(completions); i++) {
        const revue_completion *item = revue_completions_item(completions, i);
        bytes_append_format(&offered, "%s%s %d", i > 0 ? ", " : "", item->text, (int)item->count);
    }
    bytes_append_u8(&offered, 0);
    assert_string_equal((const char *)offered.data, expected);
    assert_null(revue_completions_item(completions, revue_completions_count(completions)));
    bytes_free(&offered);
    revue_completions_free(completions);
}

static void words_are_completed_as_they_are_written(void **state) {
    (void)state;
    struct small_archive archive;
    revue_searcher *searcher = small_archive_of(
        &archive, "{\"id\":\"1\",\"text\":\"Paris, Paris and the Parisians. A CAFÉ is a café, a café.\"}\n"
                  "{\"id\":\"2\",\"text\":\"paris in May\",\"title\":\"Parks of Paris\"}\n"
                  "{\"id\":\"3\",\"text\":\"A park. Café noir. It isn\\u2019t far.\",\"author\":\"Parker\"}\n");
    assert_offers(searcher, "par", "Paris 2, Parisians 1, park 1, Parks 1");
    assert_offers(searcher, "PARIS", "Paris 2, Parisians 1");
    assert_offers(searcher, "cafe", "café 2");
    assert_offers(searcher, "Caf\303\251", "café 2");
    assert_offers(searcher, "isn't", "isn\342\200\231t 1");
    assert_offers(searcher, "parker", ""); /* an author is searched for by author: alone */
    assert_offers(searcher, "zebra", "");
    revue_searcher_close(searcher);
    small_archive_remove(&archive);
}

static void words_before_count(void **state) {
    (void)state;
    struct small_archive archive;
    revue_searcher *searcher =
        small_archive_of(&archive, "{\"id\":\"1\",\"text\":\"Pulp fiction is fine.\"}\n"
                                   "{\"id\":\"2\",\"text\":\"Fine films, and pulp too.\"}\n"
                                   "{\"id\":\"3\",\"text\":\"Finer things. Film!\"}\n"
                                   "{\"id\":\"4\",\"text\":\"A film, fine.\",\"product\":\"The Third Man\"}\n");
    /* what follows comes first; of forms with one stem the most frequent stands for all; others stand in no such review */
    assert_offers(searcher, "pulp fi", "pulp fiction 1, pulp fine 2, pulp films 1");
    assert_offers(searcher, "pulp  fi", "pulp  fiction 1, pulp  fine 2, pulp  films 1");
    assert_offers(searcher, "-pulp fi", "-pulp Film 2, -pulp fine 1, -pulp Finer 1");
    assert_offers(searcher, "\"pulp fi", "\"pulp fiction 1, \"pulp fine 2, \"pulp films 1");
    assert_offers(searcher, "the thi", "the Third 1"); /* of a product */
    assert_offers(searcher, "unheard fi", "unheard fine 3, unheard Film 2, unheard fiction 1, unheard Finer 1");
    revue_searcher_close(searcher);
    small_archive_remove(&archive);
}

static void what_is_no_beginning_is_not_completed(void **state) {
    (void)state;
    struct small_archive archive;
    revue_searcher *searcher = small_archive_of(&archive, "{\"id\":\"1\",\"text\":\"A film, 3.5 stars.\"}\n");
    static const char *const texts[] = {"", " ", "fi ", "fi,", "\"fi\"", "fi*", "(", "\302\255", "\t", "fi)"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_offers(searcher, texts[i], "");
    assert_offers(searcher, "3.", "");
    assert_offers(searcher, "3", "3.5 1");
    assert_offers(searcher, "title:fi", "title:film 1");
    revue_searcher_close(searcher);
    small_archive_remove(&archive);
}

static void segments_and_deleted_reviews(void **state) {
    (void)state;
    struct small_archive archive;
    static const char *const ids[] = {"2"};
    const revue_delete_options options = {.ids = ids, .id_count = 1};
    uint64_t deleted;
    small_archive_create(&archive);
    for (char name[] = "1.jsonl"; name[0] <= '4'; name[0]++) {
        struct bytes line = {0};
        bytes_append_format(&line, "{\"id\":\"%c\",\"text\":\"Harbour %c, harbour and Hafen%c.\"}\n", name[0], name[0],
                            name[0]);
        small_archive_write(&archive, name, bytes_view(&line));
        small_archive_update(&archive, NULL);
        bytes_free(&line);
    }
    assert_int_equal(revue_delete(archive.index, &options, &deleted, NULL), REVUE_OK);
    revue_searcher *searcher = small_archive_open(&archive);
    revue_completions *completions = complete(searcher, "har", 5);
    assert_int_equal(revue_completions_count(completions), 1);
    assert_in_range(revue_completions_item(completions, 0)->count, 3, 4); /* until it is merged away */
    revue_completions_free(completions);
    completions = complete(searcher, "harbour ha", 5); /* searches leave out what was deleted */
    assert_int_equal(revue_completions_count(completions), 4);
    assert_int_equal(revue_completions_item(completions, 0)->count, 3);
    assert_int_equal(revue_completions_item(completions, 1)->count, 1);
    revue_completions_free(completions);
    revue_searcher_close(searcher);
    small_archive_remove(&archive);
}

static void other_scripts_are_completed(void **state) {
    (void)state;
    struct small_archive archive;
    revue_searcher *searcher =
        small_archive_of(&archive, "{\"id\":\"1\",\"text\":\"Тихая гавань. Тихая ночь. Ёлка\",\"lang\":\"ru\"}\n"
                                   "{\"id\":\"2\",\"text\":\"Die Straße. STRASSE!\",\"lang\":\"de\"}\n"
                                   "{\"id\":\"3\",\"text\":\"東京の静かな港\",\"lang\":\"ja\"}\n");
    assert_offers(searcher, "тих", "Тихая 1");
    assert_offers(searcher, "ТИХ", "Тихая 1");
    assert_offers(searcher, "ел", "Ёлка 1");
    assert_offers(searcher, "stras", "Straße 1");
    assert_offers(searcher, "Straß", "Straße 1");
    revue_completions_free(complete(searcher, "東", 5));
    revue_searcher_close(searcher);
    small_archive_remove(&archive);
}

/* So many forms that they are looked for in the symbol tables: a form in so many reviews as its number. */
static void many_forms_are_those_of_the_most_reviews(void **state) {
    (void)state;
    struct small_archive archive;
    struct bytes lines = {0};
    for (int review = 1; review <= 60; review++) {
        bytes_append_format(&lines, "{\"id\":\"%d\",\"text\":\"", review);
        for (int word = review; word <= 60; word++)
            bytes_append_format(&lines, "Qa%c%c. ", 'a' + word / 26, 'a' + word % 26);
        for (int word = 0; word < 60; word++)
            bytes_append_format(&lines, "qz%c%c%c ", 'a' + review / 26, 'a' + review % 26, 'A' + word % 26);
        for (int word = 0; word < 60; word++)
            bytes_append_format(&lines, "qy%d ", review * 100 + word);
        bytes_append_string(&lines, "\"}\n");
    }
    bytes_append_u8(&lines, 0);
    revue_searcher *searcher = small_archive_of(&archive, (const char *)lines.data);
    bytes_free(&lines);
    assert_offers(searcher, "q", "Qaci 60, Qach 59, Qacg 58, Qacf 57, Qace 56");
    revue_completions *completions = complete(searcher, "q", REVUE_COMPLETIONS_MAX);
    assert_int_equal(revue_completions_count(completions), REVUE_COMPLETIONS_MAX);
    for (int i = 0; i < 55; i++) /* the rest is as frequent as other words are */
        assert_int_equal(revue_completions_item(completions, (size_t)i)->count, 60 - i);
    revue_completions_free(completions);
    revue_searcher_close(searcher);
    small_archive_remove(&archive);
}

static void hostile_texts_are_bounded(void **state) {
    (void)state;
    struct small_archive archive;
    revue_searcher *searcher = small_archive_of(&archive, "{\"id\":\"1\",\"text\":\"A film of films.\"}\n");
    revue_completions *completions = NULL;
    revue_error error = {0};
    const size_t size = 1 << 20;
    char *text = memory_alloc(size);
    assert_non_null(text);
    static const char fillings[][5] = {"film", "f f ", "\0fil", "\xff\xff\xff\xff", "(((("};
    for (size_t i = 0; i < sizeof fillings / sizeof *fillings; i++) {
        for (size_t at = 0; at < size; at++)
            text[at] = fillings[i][at % 4];
        for (size_t given = 1; given <= size; given = given < size && given * 3 > size ? size : given * 3) {
            assert_int_equal(revue_complete(searcher, text, given, 3, &completions, NULL), REVUE_OK);
            revue_completions_free(completions);
            if (given == size) break;
        }
    }
    memory_free(text);
    assert_int_equal(revue_complete(searcher, "a\0fil", 5, 3, &completions, NULL), REVUE_OK);
    assert_int_equal(revue_completions_count(completions), 1);
    revue_completions_free(completions);
    assert_int_equal(revue_complete(searcher, "fi", 2, 0, &completions, NULL), REVUE_OK);
    assert_int_equal(revue_completions_count(completions), 0);
    revue_completions_free(completions);
    completions = NULL;
    assert_int_equal(revue_complete(searcher, "fi", 2, REVUE_COMPLETIONS_MAX + 1, &completions, &error), REVUE_USAGE);
    assert_null(completions);
    assert_string_equal(error.message, "at most 100 can be asked for");
    revue_completions_free(NULL);
    revue_searcher_close(searcher);
    small_archive_remove(&archive);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_completed_as_they_are_written),
        cmocka_unit_test(words_before_count),
        cmocka_unit_test(what_is_no_beginning_is_not_completed),
        cmocka_unit_test(segments_and_deleted_reviews),
        cmocka_unit_test(other_scripts_are_completed),
        cmocka_unit_test(many_forms_are_those_of_the_most_reviews),
        cmocka_unit_test(hostile_texts_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
