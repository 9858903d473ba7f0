/* invert_test.h - what the tests of the inversion share: reviews drawn at random, and how to take them in. */
#ifndef REVUE_TESTS_INVERT_TEST_H
#define REVUE_TESTS_INVERT_TEST_H

#include "indexer/base/memory.h"
#include "indexer/invert/flush.h"
#include "tests/support/temporary_index.h"
#include "tests/unit/text/random_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define assert_ok(expression)                                                                                              \
    do {                                                                                                                   \
        revue_status assert_status = (expression);                                                                         \
        if (assert_status != REVUE_OK) fail_msg("%s: status %d: %s", #expression, (int)assert_status, error.message);      \
    } while (0)

struct sample {
    struct arena arena;
    struct review *reviews;
    struct view *ids;
    enum language *languages;
    struct pending_values *values;
    size_t count;
};

static inline uint32_t random_below(uint64_t *state, uint32_t limit) {
    return random_next(state) % limit;
}

/* Words of which a few make up most of the text, as in any language; paragraphs come twice now and then. */
static inline void random_prose(struct bytes *out, uint64_t *state, unsigned words) {
    static const char *const common[] = {"the", "a", "The", "and", "film", "films", "running", "run", "it's", "isn't"};
    static const char *const between[] = {" ", " ", " ", " ", " ", ", ", ". ", "<br /><br />", "\n\n", "—", " - "};
    size_t paragraph = out->size;
    for (unsigned i = 0; i < words; i++) {
        uint32_t pick = random_next(state);
        if (pick % 4)
            bytes_append_string(out, common[pick / 4 % 10]);
        else if (pick % 64 == 0)
            random_text(out, state, 3);
        else
            bytes_append_format(out, "%c%xs", (int)('b' + pick / 64 % 20),
                                random_below(state, 1u << random_below(state, 12)));
        bytes_append_string(out, between[random_below(state, 11)]);
        if (random_below(state, 40) == 0) {
            size_t size = out->size - paragraph;
            uint8_t *copy = malloc(size + 1);
            assert_non_null(copy);
            memcpy(copy, out->data + paragraph, size);
            bytes_append_string(out, "\n");
            bytes_append(out, copy, size);
            bytes_append_string(out, "\n");
            free(copy);
            paragraph = out->size;
        }
    }
}

static inline struct view keep_text(struct sample *sample, struct bytes *text) {
    struct bytes valid = {0};
    (void)utf8_repair(&valid, (const char *)text->data, text->size);
    assert_false(valid.failed);
    char *copy = arena_copy(&sample->arena, valid.data, valid.size);
    assert_non_null(copy);
    struct view kept = view_of(copy, valid.size);
    bytes_free(&valid);
    bytes_clear(text);
    return kept;
}

static inline void sample_create(struct sample *sample, size_t count, unsigned words, uint64_t seed) {
    struct bytes text = {0};
    uint64_t state = seed;
    *sample = (struct sample){.count = count};
    sample->reviews = calloc(count, sizeof *sample->reviews);
    sample->ids = calloc(count, sizeof *sample->ids);
    sample->languages = calloc(count, sizeof *sample->languages);
    sample->values = calloc(count, sizeof *sample->values);
    assert_true(sample->reviews && sample->ids && sample->languages && sample->values);
    for (size_t i = 0; i < count; i++) {
        struct review *review = &sample->reviews[i];
        random_prose(&text, &state, random_below(&state, words * 2));
        if (random_below(&state, 8) == 0) random_text(&text, &state, random_below(&state, 60));
        review->text[FIELD_BODY] = keep_text(sample, &text);
        if (i % 3) random_prose(&text, &state, random_below(&state, 6));
        review->text[FIELD_TITLE] = keep_text(sample, &text);
        if (i % 5) bytes_append_format(&text, "Product %u", random_below(&state, 7));
        review->text[FIELD_PRODUCT] = keep_text(sample, &text);
        if (i % 2) bytes_append_format(&text, "author %u running", random_below(&state, 20));
        review->text[FIELD_AUTHOR] = keep_text(sample, &text);
        if (i % 7 == 0) bytes_append_format(&text, "https://example.org/%zu", i);
        review->url = keep_text(sample, &text);
        bytes_append_format(&text, "review/%zu", i);
        sample->ids[i] = keep_text(sample, &text);
        sample->languages[i] = i % 11 == 0 ? LANGUAGE_GERMAN : LANGUAGE_ENGLISH;
        sample->values[i] = (struct pending_values){
            .has_rating = i % 2 == 0, .rating = (double)(i % 11), .rating_max = 10, .source = 1, .run = 1};
    }
    assert_false(text.failed);
    bytes_free(&text);
}

static inline void sample_free(struct sample *sample) {
    arena_free(&sample->arena);
    free(sample->reviews);
    free(sample->ids);
    free(sample->languages);
    free(sample->values);
}

static inline revue_status sample_add(const struct sample *sample, size_t i, struct accumulator *accumulator,
                                      revue_error *error) {
    return accumulator_add(accumulator, &sample->reviews[i], sample->ids[i], sample->languages[i], i * 7919 + 1,
                           &sample->values[i], error);
}

static inline revue_status sample_add_all(const struct sample *sample, struct accumulator *accumulator,
                                          revue_error *error) {
    for (size_t i = 0; i < sample->count; i++)
        TRY(sample_add(sample, i, accumulator, error));
    return REVUE_OK;
}

#endif
