/* merge_answers.h - two indexes of the same live reviews are asked the same questions, as a program would ask them. */
#ifndef REVUE_TESTS_MERGE_ANSWERS_H
#define REVUE_TESTS_MERGE_ANSWERS_H

#include "revue.h"
#include "tests/unit/merge/merge_samples.h"

static inline revue_result *ask(revue_searcher *searcher, const struct bytes *query) {
    revue_error error;
    revue_result *result = NULL;
    revue_search_options options;
    revue_search_options_init(&options);
    options.n = 1000;
    options.count = true;
    options.lenient = true;
    assert_ok(revue_search(searcher, (const char *)query->data, query->size, &options, &result, &error));
    return result;
}

static inline void compare_hits(const struct bytes *query, const revue_hit *a, const revue_hit *b) {
    if (strcmp(a->id, b->id) != 0 || a->score != b->score)
        fail_msg("%.*s: %s with %f, and %s with %f", (int)query->size, query->data, a->id, a->score, b->id, b->score);
    assert_int_equal(a->product != NULL, b->product != NULL);
    if (a->product) assert_string_equal(a->product, b->product);
    assert_int_equal(a->has_stars, b->has_stars);
    assert_true(!a->has_stars || a->stars == b->stars);
    assert_int_equal(a->snippet_count, b->snippet_count);
    for (size_t i = 0; i < a->snippet_count; i++)
        assert_string_equal(a->snippets[i].text, b->snippets[i].text);
}

/* with_scores false: only how many there are must agree. */
static inline void compare_question(revue_searcher *a, revue_searcher *b, const struct bytes *query, bool with_scores) {
    revue_result *from_a = ask(a, query), *from_b = ask(b, query);
    bool exact;
    uint64_t total_a = revue_result_total(from_a, &exact), total_b = revue_result_total(from_b, &exact);
    if (total_a != total_b)
        fail_msg("%.*s: %llu and %llu", (int)query->size, query->data, (unsigned long long)total_a,
                 (unsigned long long)total_b);
    for (size_t i = 0; with_scores && i < revue_result_count(from_a); i++)
        compare_hits(query, revue_result_hit(from_a, i), revue_result_hit(from_b, i));
    revue_result_free(from_a);
    revue_result_free(from_b);
}

/* Words, single forms, phrases, fields and exclusions, of the archive's own words. forms_have_scores: counts of reviews of
 * every form are exact, and so are scores of words and phrases as written. */
static inline void compare_answers(struct archive *archive, const char *path_a, const char *path_b,
                                   bool forms_have_scores) {
    revue_error error;
    revue_searcher *a, *b;
    struct bytes query = {0};
    assert_ok(revue_searcher_open(&a, path_a, &error));
    assert_ok(revue_searcher_open(&b, path_b, &error));
    assert_int_equal(revue_searcher_reviews(a), revue_searcher_reviews(b));
    for (unsigned i = 0; i < 60; i++) {
        static const char *const before[] = {"", "=", "title:", "author:Author3 ", "product:", "\""};
        bool is_phrase = i % 6 == 5 && !archive->shape.no_positions, is_form = i % 6 == 1;
        if (is_form && archive->shape.no_text) continue; /* verified in the text */
        bytes_clear(&query);
        bytes_append_string(&query, i % 6 == 5 && !is_phrase ? "" : before[i % 6]);
        sample_word(archive, &query);
        for (unsigned more = random_below(&archive->random, 3); more > 0 && !is_form; more--) {
            bytes_append_u8(&query, ' ');
            sample_word(archive, &query);
        }
        if (is_phrase) bytes_append_u8(&query, '"');
        compare_question(a, b, &query, forms_have_scores || !(is_form || is_phrase));
    }
    bytes_free(&query);
    revue_searcher_close(a);
    revue_searcher_close(b);
}

/* Every live review is found by its id, with the text it was added with; no other is. */
static inline void compare_texts(const struct archive *archive, const char *path) {
    revue_error error;
    revue_searcher *searcher;
    uint64_t live = 0;
    assert_ok(revue_searcher_open(&searcher, path, &error));
    for (size_t i = 0; i < archive->count; i++) {
        const struct sample *sample = &archive->samples[i];
        revue_review *review;
        if (!sample->is_live) continue;
        live++;
        assert_ok(revue_get(searcher, sample->id, strlen(sample->id), &review, &error));
        const struct bytes *body = &sample->text[FIELD_BODY];
        if (!archive->shape.no_text && body->size > 0) {
            assert_int_equal(strlen(review->body), body->size);
            assert_memory_equal(review->body, body->data, body->size);
        }
        revue_review_free(review);
    }
    assert_int_equal(revue_searcher_reviews(searcher), live);
    revue_searcher_close(searcher);
}

#endif
