/* test_snippet.c - which passage of a review is shown, and what is marked in it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "indexer/base/utf8.h"
#include "tests/support/random_list.h"
#include "tests/support/small_archive.h"

#include <stdio.h>

/* "the text with [marks]", with < or > where the field goes on; an archive of one review. */
static void show(const revue_snippet *snippet, struct bytes *out) {
    size_t at = 0;
    if (snippet->cut_before) bytes_append_u8(out, '<');
    for (size_t i = 0; i < snippet->mark_count; i++) {
        assert_true(snippet->marks[i].from >= at && snippet->marks[i].to > snippet->marks[i].from);
        bytes_append(out, snippet->text + at, snippet->marks[i].from - at);
        bytes_append_u8(out, '[');
        bytes_append(out, snippet->text + snippet->marks[i].from, snippet->marks[i].to - snippet->marks[i].from);
        bytes_append_u8(out, ']');
        at = snippet->marks[i].to;
    }
    assert_true(at <= snippet->text_size);
    bytes_append(out, snippet->text + at, snippet->text_size - at);
    if (snippet->cut_after) bytes_append_u8(out, '>');
    bytes_append_u8(out, 0);
}

struct shown {
    struct small_archive archive;
    revue_searcher *searcher;
    revue_result *result;
};

/* body is the inside of a JSON string. */
static const revue_hit *search_one(struct shown *shown, const char *body, const char *query) {
    struct bytes lines = {0};
    bytes_append_format(&lines, "{\"id\":\"1\",\"title\":\"A title\",\"text\":\"%s\"}\n", body);
    small_archive_create(&shown->archive);
    small_archive_write(&shown->archive, "reviews.jsonl", bytes_view(&lines));
    bytes_free(&lines);
    small_archive_update(&shown->archive, NULL);
    shown->searcher = small_archive_open(&shown->archive);
    shown->result = small_archive_search(shown->searcher, query, NULL);
    assert_int_equal(revue_result_count(shown->result), 1);
    return revue_result_hit(shown->result, 0);
}

static void shown_free(struct shown *shown) {
    revue_result_free(shown->result);
    revue_searcher_close(shown->searcher);
    small_archive_remove(&shown->archive);
}

static void assert_snippet(const char *body, const char *query, const char *expected) {
    struct shown shown;
    struct bytes out = {0};
    const revue_hit *hit = search_one(&shown, body, query);
    assert_int_equal(hit->snippet_count, 1);
    assert_string_equal(hit->snippets[0].field, "body");
    show(&hit->snippets[0], &out);
    assert_string_equal((const char *)out.data, expected);
    bytes_free(&out);
    shown_free(&shown);
}

#define FILLER "Nothing of interest happens in this sentence, which is only here to be long enough. "

static void the_sentence_with_the_words(void **state) {
    (void)state;
    assert_snippet("The knife fell.", "knife", "The [knife] fell.");
    assert_snippet(FILLER "Then comes the knife, and with it the whole of the second act, which is good. " FILLER, "knife",
                   "<Then comes the [knife], and with it the whole of the second act, which is good.>");
    assert_snippet(FILLER "A knife and one more knife, and after that nothing but a third knife. "
                          "The knife has an edge, and this edge is what the sentence is about.",
                   "knife edge", "<The [knife] has an [edge], and this [edge] is what the sentence is about.");
}

static void forms_are_marked_by_stem(void **state) {
    (void)state;
    assert_snippet("Loving it, loved it, will love it. Lovely.", "loves",
                   "[Loving] it, [loved] it, will [love] it. [Lovely].");
    assert_snippet("Loving it, loved it, will love it.", "=loved", "Loving it, [loved] it, will love it.");
}

static void phrases_are_marked_whole(void **state) {
    (void)state;
    assert_snippet("The end of the film is the end of it all.", "\"the end of the\"",
                   "[The] [end] [of] [the] film is the end of it all.");
    assert_snippet("A good old film, a good film.", "\"good film\"~1", "A [good] old [film], a [good] [film].");
}

static void fields_that_are_not_the_body_mark_nothing(void **state) {
    (void)state;
    assert_snippet("This title is good.", "title:title", "This title is good.");
    assert_snippet("This title is good.", "title:title good", "This title is [good].");
}

static void sentences_end_where_they_end(void **state) {
    (void)state;
    assert_snippet("Rated 3.5 by e.g.someone who liked the knife and had nothing else to say about it. " FILLER, "knife",
                   "Rated 3.5 by e.g.someone who liked the [knife] and had nothing else to say about it.>");
    assert_snippet(FILLER "\\u201cIs that a knife?\\u201d she asks, and the answer takes the rest of the film. " FILLER,
                   "knife",
                   "<\xE2\x80\x9CIs that a [knife]?\xE2\x80\x9D she asks, and the answer takes the rest of the film.>");
    assert_snippet(
        "Some line without a stop but long enough to be one of its own, surely\\nThe knife is here in a line that "
        "is long enough to stand alone\\n" FILLER,
        "knife", "<The [knife] is here in a line that is long enough to stand alone>");
    assert_snippet(
        "One paragraph that is long enough to be a sentence of its own accord<br /><br />The second is about the "
        "knife, and about what it does to people.",
        "knife", "<The second is about the [knife], and about what it does to people.");
}

static void ideographs_have_sentences_too(void **state) {
    (void)state;
    assert_snippet("\xE8\xBF\x99\xE9\x83\xA8\xE7\x94\xB5\xE5\xBD\xB1\xE5\xBE\x88\xE5\xA5\xBD\xE3\x80\x82",
                   "\xE7\x94\xB5\xE5\xBD\xB1",
                   "\xE8\xBF\x99\xE9\x83\xA8[\xE7\x94\xB5\xE5\xBD\xB1]\xE5\xBE\x88\xE5\xA5\xBD\xE3\x80\x82");
    /* overlapping bigrams make one mark */
    assert_snippet("\xE8\xBF\x99\xE9\x83\xA8\xE7\x94\xB5\xE5\xBD\xB1\xE5\xBE\x88\xE5\xA5\xBD",
                   "\xE9\x83\xA8\xE7\x94\xB5\xE5\xBD\xB1",
                   "\xE8\xBF\x99[\xE9\x83\xA8\xE7\x94\xB5\xE5\xBD\xB1]\xE5\xBE\x88\xE5\xA5\xBD");
}

static void long_sentences_are_cut_around_the_match(void **state) {
    (void)state;
    struct bytes body = {0};
    struct shown shown;
    for (int i = 0; i < 100; i++)
        bytes_append_string(&body, i == 60 ? "knife " : "filler ");
    bytes_append_u8(&body, 0);
    const revue_hit *hit = search_one(&shown, (const char *)body.data, "knife");
    const revue_snippet *snippet = &hit->snippets[0];
    assert_true(snippet->cut_before && snippet->cut_after);
    assert_true(snippet->text_size > 200 && snippet->text_size <= 240);
    assert_int_equal(snippet->mark_count, 1);
    assert_true(snippet->marks[0].from > 0 && snippet->marks[0].from < 60);
    assert_memory_equal(snippet->text + snippet->marks[0].from, "knife", 5);
    assert_memory_equal(body.data + snippet->start, snippet->text, snippet->text_size);
    shown_free(&shown);
    bytes_free(&body);
}

static void without_a_match_the_beginning(void **state) {
    (void)state;
    assert_snippet(FILLER "Second.", "title",
                   "Nothing of interest happens in this sentence, which is only here to be long enough.>");
}

static void repeated_paragraphs_are_shown(void **state) {
    (void)state;
    assert_snippet("The knife is in a paragraph that was pasted twice, as it happens on the web.\\n\\n"
                   "The knife is in a paragraph that was pasted twice, as it happens on the web.",
                   "knife", "The [knife] is in a paragraph that was pasted twice, as it happens on the web.>");
}

static void endless_words_are_cut(void **state) {
    (void)state;
    struct bytes body = {0};
    struct shown shown;
    for (int i = 0; i < 3000; i++)
        bytes_append_string(&body, "\xC3\xA9");
    bytes_append_string(&body, " knife");
    bytes_append_u8(&body, 0);
    const revue_hit *hit = search_one(&shown, (const char *)body.data, "title");
    assert_true(hit->snippets[0].text_size <= 480 && hit->snippets[0].cut_after);
    assert_int_equal(utf8_valid_prefix(hit->snippets[0].text, hit->snippets[0].text_size), hit->snippets[0].text_size);
    shown_free(&shown);
    bytes_free(&body);
}

static void no_words_no_snippet(void **state) {
    (void)state;
    struct shown shown;
    assert_int_equal(search_one(&shown, "!!! ...", "title")->snippet_count, 0);
    shown_free(&shown);
    assert_int_equal(search_one(&shown, "", "title")->snippet_count, 0);
    shown_free(&shown);
}

/* Whatever a review holds, a snippet is valid UTF-8 out of it, with marks in order, and not endless. */
static void hostile_texts_do_no_harm(void **state) {
    (void)state;
    static const char *const pieces[] = {"knife",
                                         " ",
                                         ".",
                                         "<br>",
                                         "</p",
                                         "\\n\\n",
                                         "\\u0000",
                                         "\\u200d",
                                         "\xE7\x94\xB5",
                                         "\xE5\xBD\xB1",
                                         "&amp;",
                                         "&#8217;",
                                         "<!--",
                                         "====================",
                                         "\\u202e",
                                         "\\u00ad",
                                         "a",
                                         "\xF0\x9F\x94\xAA",
                                         "? ",
                                         "(\\\""};
    uint64_t random_state = 20;
    for (int round = 0; round < 40; round++) {
        struct bytes body = {0};
        struct shown shown;
        for (uint32_t left = 1 + random_below(&random_state, 300); left > 0; left--)
            bytes_append_string(&body, pieces[random_below(&random_state, sizeof pieces / sizeof *pieces)]);
        bytes_append_string(&body, " knife --> knife");
        bytes_append_u8(&body, 0);
        const revue_hit *hit = search_one(&shown, (const char *)body.data, "title OR knife");
        for (size_t i = 0; i < hit->snippet_count; i++) {
            struct bytes out = {0};
            const revue_snippet *snippet = &hit->snippets[i];
            show(snippet, &out);
            assert_true(snippet->text_size > 0 && snippet->text_size <= 480);
            assert_int_equal(utf8_valid_prefix(snippet->text, snippet->text_size), snippet->text_size);
            bytes_free(&out);
        }
        shown_free(&shown);
        bytes_free(&body);
    }
}

/* ---- several ---- */

/* The snippets one after the other, a bar between them. */
static void assert_snippets(const char *body, const char *query, size_t wanted, const char *expected) {
    struct shown shown;
    struct bytes out = {0};
    revue_search_options options;
    revue_search_options_init(&options);
    options.snippet_count = wanted;
    (void)search_one(&shown, body, query);
    revue_result *result = small_archive_search(shown.searcher, query, &options);
    const revue_hit *hit = revue_result_hit(result, 0);
    uint64_t end = 0;
    for (size_t i = 0; i < hit->snippet_count; i++) {
        assert_true(hit->snippets[i].start >= end);
        end = hit->snippets[i].start + hit->snippets[i].text_size;
        if (i > 0) out.data[out.size - 1] = '|';
        show(&hit->snippets[i], &out);
    }
    assert_string_equal((const char *)out.data, expected);
    revue_result_free(result);
    bytes_free(&out);
    shown_free(&shown);
}

#define PLOT "The plot is thin, and the plot is what one remembers of all of it. "
#define MUSIC "The music is what it is, and there is music enough for two films. "
#define BOTH "But plot and music go together well, once the rain has stopped. "

static void several_are_the_best_in_the_order_of_the_text(void **state) {
    (void)state;
    assert_snippets(PLOT FILLER BOTH FILLER MUSIC, "plot music", 1,
                    "<But [plot] and [music] go together well, once the rain has stopped.>");
    assert_snippets(PLOT FILLER BOTH FILLER MUSIC, "plot music", 2,
                    "The [plot] is thin, and the [plot] is what one remembers of all of it.>|"
                    "<But [plot] and [music] go together well, once the rain has stopped.>");
    assert_snippets(PLOT FILLER BOTH FILLER MUSIC, "plot music", 10,
                    "The [plot] is thin, and the [plot] is what one remembers of all of it.>|"
                    "<But [plot] and [music] go together well, once the rain has stopped.>|"
                    "<The [music] is what it is, and there is [music] enough for two films.");
    assert_snippets(PLOT FILLER BOTH FILLER MUSIC, "plot music", 0,
                    "<But [plot] and [music] go together well, once the rain has stopped.>");
}

/* What no snippet has so far goes before more of what one has. */
static void several_say_the_most_of_the_query(void **state) {
    (void)state;
    assert_snippets(PLOT PLOT "The plot of the plot is a plot in which a plot is plotted well. " FILLER MUSIC, "plot music",
                    2,
                    "<The [plot] of the [plot] is a [plot] in which a [plot] is [plotted] well.>|"
                    "<The [music] is what it is, and there is [music] enough for two films.");
}

static void what_is_repeated_is_shown_once(void **state) {
    (void)state;
    assert_snippets(PLOT "\\n\\n" PLOT "\\n\\n" MUSIC "\\n\\n" PLOT, "plot", 5,
                    "The [plot] is thin, and the [plot] is what one remembers of all of it.>");
    assert_snippets(PLOT FILLER PLOT, "plot", 5, "The [plot] is thin, and the [plot] is what one remembers of all of it.>");
}

static void a_long_sentence_has_several(void **state) {
    (void)state;
    struct bytes body = {0};
    struct shown shown;
    revue_search_options options;
    for (int i = 0; i < 300; i++)
        bytes_append_string(&body, i % 60 == 30 ? "plot " : "word ");
    bytes_append_u8(&body, 0);
    (void)search_one(&shown, (const char *)body.data, "plot");
    revue_search_options_init(&options);
    options.snippet_count = 3;
    revue_result *result = small_archive_search(shown.searcher, "plot", &options);
    const revue_hit *hit = revue_result_hit(result, 0);
    assert_int_equal(hit->snippet_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(hit->snippets[i].mark_count, 1);
        assert_true(i == 0 || hit->snippets[i].start >= hit->snippets[i - 1].start + hit->snippets[i - 1].text_size);
    }
    revue_result_free(result);
    shown_free(&shown);
    bytes_free(&body);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sentence_with_the_words),
        cmocka_unit_test(forms_are_marked_by_stem),
        cmocka_unit_test(phrases_are_marked_whole),
        cmocka_unit_test(fields_that_are_not_the_body_mark_nothing),
        cmocka_unit_test(sentences_end_where_they_end),
        cmocka_unit_test(ideographs_have_sentences_too),
        cmocka_unit_test(long_sentences_are_cut_around_the_match),
        cmocka_unit_test(without_a_match_the_beginning),
        cmocka_unit_test(repeated_paragraphs_are_shown),
        cmocka_unit_test(endless_words_are_cut),
        cmocka_unit_test(no_words_no_snippet),
        cmocka_unit_test(hostile_texts_do_no_harm),
        cmocka_unit_test(several_are_the_best_in_the_order_of_the_text),
        cmocka_unit_test(several_say_the_most_of_the_query),
        cmocka_unit_test(what_is_repeated_is_shown_once),
        cmocka_unit_test(a_long_sentence_has_several),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
