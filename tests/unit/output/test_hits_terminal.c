/* test_hits_terminal.c - hits as people see them, and what hostile reviews cannot do there. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "indexer/base/memory.h"
#include "tests/unit/output/sample_hits.h"

#include <stdio.h>

static const char snippet_text[] = "a chase on the knife edge of Row G, and nobody who sat there will forget it";
static const revue_mark marks[] = {{15, 25}};
static const revue_snippet snippets[] = {
    {.field = "title", .text = "The knife", .text_size = 9},
    {.field = "body",
     .text = snippet_text,
     .text_size = sizeof snippet_text - 1,
     .marks = marks,
     .mark_count = 1,
     .cut_before = true,
     .cut_after = true},
};
static const revue_explain_field explain_fields[] = {{"body", 3, 120, 100.5, 1, 2.25}};
static const revue_explain_term explain_terms[] = {{"knife", 1, 3.25, 2.25, 17, 2.125, explain_fields, 1}};
static const revue_explain explain = {.score = 2.125,
                                      .unit = 0.00000095367431640625,
                                      .k1 = 1.2,
                                      .b = 0.75,
                                      .reviews = 1000,
                                      .terms = explain_terms,
                                      .term_count = 1,
                                      .relevance = 2.125,
                                      .factor = 1};

static void assert_shown(const revue_hit *hits, size_t count, const struct hits_look *look, const char *expected) {
    const struct sample sample = {hits, NULL};
    struct answer answer = sample_answer(&sample, count, 0);
    struct bytes out = {0};
    hits_terminal(&answer, look, &out);
    bytes_append_u8(&out, '\0');
    assert_false(out.failed);
    assert_string_equal((const char *)out.data, expected);
    bytes_free(&out);
}

static const revue_hit full = {
    .rank = 1,
    .score = 2,
    .id = "row/g.txt",
    .title = "The knife",
    .product = "Swan Protocol",
    .author = "Ana",
    .date = "2019-05",
    .has_stars = true,
    .stars = 3.6,
    .has_votes = true,
    .votes = 1,
    .snippets = snippets,
    .snippet_count = 2,
};

static void plain_layout(void **state) {
    (void)state;
    const struct hits_look look = {.width = 44};
    const revue_hit hits[] = {full, {.rank = 2, .score = 1, .id = "bare  id.txt", .has_rating = true, .rating = 7.5}};
    assert_shown(hits, 2, &look,
                 " 1  The knife\n"
                 "    Swan Protocol · ★★★★☆ · 2019-05 · Ana ·\n"
                 "    1 vote\n"
                 "    … a chase on the knife edge of Row G,\n"
                 "    and nobody who sat there will forget it\n"
                 "    …\n"
                 "    row/g.txt\n"
                 "\n"
                 " 2  bare  id.txt\n"
                 "    rated 7.5\n");
}

static void colours_mark_the_words(void **state) {
    (void)state;
    const struct hits_look look = {.width = 80, .colour = true, .with_total = true, .with_time = true};
    revue_hit hit = full;
    hit.has_stars = hit.has_votes = false;
    hit.product = hit.date = hit.author = NULL;
    assert_shown(&hit, 1, &look,
                 " 1  \033[1mThe knife\033[0m\n"
                 "    \033[2m…\033[0m a chase on the \033[1;31mknife edge\033[0m of Row G, and nobody who sat there "
                 "will forget\n    it \033[2m…\033[0m\n"
                 "    \033[2mrow/g.txt\033[0m\n"
                 "\n"
                 "\033[2m1 shown of 17 that matched, 1.2 ms\033[0m\n");
}

static void explanations_follow(void **state) {
    (void)state;
    const struct hits_look look = {.width = 80};
    const revue_hit hit = {.rank = 100, .id = "a", .explain = &explain};
    assert_shown(&hit, 1, &look,
                 "100  a\n"
                 "       2.125000  sum of boost * idf * x / (k1 + x), k1 1.2, b 0.75, 1000 reviews\n"
                 "       2.125000  knife  boost 1     idf 3.25     in 17       x 2.25\n"
                 "                   body         3 in 120 words, average 100.5, weight 1: 2.25\n");
}

static void counting_alone_shows_the_count(void **state) {
    (void)state;
    const struct hits_look look = {.width = 80, .with_total = true}, silent = {.width = 80};
    assert_shown(NULL, 0, &look, "17 that matched\n");
    assert_shown(NULL, 0, &silent, "");
}

static void stars_are_five(void **state) {
    (void)state;
    const struct hits_look look = {.width = 80};
    const double stars[] = {-1, 0, 0.4, 0.5, 4.49, 5, 1e9};
    const int full_stars[] = {0, 0, 0, 1, 4, 5, 5};
    for (size_t i = 0; i < sizeof stars / sizeof *stars; i++) {
        const revue_hit hit = {.rank = 1, .id = "a", .has_stars = true, .stars = stars[i]};
        char expected[64] = " 1  a\n    ";
        for (int star = 0; star < 5; star++)
            strcat(expected, star < full_stars[i] ? "★" : "☆");
        strcat(expected, "\n");
        assert_shown(&hit, 1, &look, expected);
    }
}

/* A review that tries everything: in each field, with marks that point anywhere. */
static void hostile_reviews_are_harmless(void **state) {
    (void)state;
    static const char evil[] = "x\033]0;owned\007\x9B"
                               "2J\xC2\x9B\r\n\xE2\x80\xAE\xFF\x08y";
    const revue_mark wild[] = {{3, 1}, {2, 4}, {1, 2}, {8, 4000000000u}, {9, 9}};
    const revue_snippet snippet = {
        .field = evil, .text = evil, .text_size = sizeof evil - 1, .marks = wild, .mark_count = 5};
    const revue_hit hit = {.rank = 1,
                           .id = evil,
                           .title = evil,
                           .product = evil,
                           .author = evil,
                           .date = evil,
                           .lang = evil,
                           .url = evil,
                           .snippets = &snippet,
                           .snippet_count = 1};
    const struct sample sample = {&hit, NULL};
    struct answer answer = sample_answer(&sample, 1, 0);
    const struct hits_look look = {.width = 30};
    struct bytes out = {0};
    hits_terminal(&answer, &look, &out);
    for (size_t i = 0; i < out.size; i++) {
        assert_true(out.data[i] == '\n' || (out.data[i] >= ' ' && out.data[i] != 0x7F));
        if (i + 1 < out.size) assert_false(out.data[i] == 0xC2 && out.data[i + 1] < 0xA0);
    }
    bytes_append_u8(&out, '\0');
    assert_null(strstr((const char *)out.data, "\xE2\x80\xAE"));
    bytes_free(&out);
}

static bool nth_fails(void *context) {
    int *left = context;
    return --*left != 0;
}

static void out_of_memory_is_kept(void **state) {
    (void)state;
    const struct sample sample = {&full, NULL};
    struct answer answer = sample_answer(&sample, 1, 0);
    const struct hits_look look = {.width = 44, .colour = true};
    int n = 1;
    for (bool failed = true; failed; n++) {
        struct bytes out = {0};
        int left = n;
        memory_set_test_hook(nth_fails, &left);
        hits_terminal(&answer, &look, &out);
        memory_set_test_hook(NULL, NULL);
        failed = left <= 0;
        assert_true(out.failed == failed);
        bytes_free(&out);
    }
    assert_true(n > 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_layout),          cmocka_unit_test(colours_mark_the_words),
        cmocka_unit_test(explanations_follow),   cmocka_unit_test(counting_alone_shows_the_count),
        cmocka_unit_test(stars_are_five),        cmocka_unit_test(hostile_reviews_are_harmless),
        cmocka_unit_test(out_of_memory_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
