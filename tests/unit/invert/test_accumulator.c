/* test_accumulator.c - reviews keep their order and their bytes whoever takes them in; where a segment ends is a matter of
 * the input alone. */
#include "tests/unit/invert/invert_test.h"

#define MIB ((size_t)1 << 20)

static struct accumulator_options options_of(unsigned threads, size_t memory) {
    return (struct accumulator_options){.keep_text = true, .memory_bytes = memory, .threads = threads, .batch_bytes = 2000};
}

static void order_and_values_are_kept(void **state) {
    (void)state;
    struct sample sample;
    revue_error error;
    sample_create(&sample, 700, 20, 31);
    uint32_t tags[] = {4, 5, 6};
    struct pending_extra extras[] = {{.column = 40, .number = 2.5}};
    for (unsigned threads = 0; threads <= 4; threads++) {
        struct accumulator accumulator;
        struct accumulator_options options = options_of(threads, 512 * MIB);
        const struct pending_review **listed = calloc(sample.count, sizeof *listed);
        assert_non_null(listed);
        assert_ok(accumulator_init(&accumulator, &options, &error));
        for (unsigned round = 0; round < 2; round++) {
            for (size_t i = 0; i < sample.count; i++) {
                char id[32];
                (void)snprintf(id, sizeof id, "%zu", i);
                struct pending_values values = sample.values[i];
                tags[0] = (uint32_t)i;
                extras[0].integer = (int64_t)i;
                values.tags = tags;
                values.tag_count = i % 4;
                values.extras = extras;
                values.extra_count = i % 2;
                assert_ok(accumulator_add(&accumulator, &sample.reviews[i], view_of_string(id), sample.languages[i], i,
                                          &values, &error));
            }
            assert_int_equal(accumulator.review_count, sample.count);
            assert_ok(accumulator_finish(&accumulator, &error));
            accumulator_list(&accumulator, listed);
            for (size_t i = 0; i < sample.count; i++) {
                char id[32];
                (void)snprintf(id, sizeof id, "%zu", i);
                assert_true(view_equal(listed[i]->id, view_of_string(id)));
                assert_true(view_equal(listed[i]->product, sample.reviews[i].text[FIELD_PRODUCT]));
                assert_true(view_equal(listed[i]->url, sample.reviews[i].url));
                assert_int_equal(listed[i]->text_hash, i);
                assert_true(listed[i]->worker <= threads);
                if (i % 4) assert_int_equal(listed[i]->values.tags[0], i);
                if (i % 2) assert_int_equal(listed[i]->values.extras[0].integer, i);
            }
            accumulator_clear(&accumulator);
            assert_int_equal(accumulator.review_count, 0);
        }
        accumulator_free(&accumulator);
        free(listed);
    }
    sample_free(&sample);
}

/* After which reviews it was full. */
static size_t fill(const struct sample *sample, unsigned threads, size_t memory, size_t ends[64]) {
    struct accumulator accumulator;
    struct accumulator_options options = options_of(threads, memory);
    revue_error error;
    size_t count = 0;
    assert_ok(accumulator_init(&accumulator, &options, &error));
    for (size_t i = 0; i < sample->count; i++) {
        assert_ok(sample_add(sample, i, &accumulator, &error));
        if (!accumulator_is_full(&accumulator)) continue;
        assert_true(count < 64);
        ends[count++] = i;
        assert_ok(accumulator_finish(&accumulator, &error));
        accumulator_clear(&accumulator);
    }
    accumulator_free(&accumulator);
    return count;
}

static void segments_end_where_the_input_says(void **state) {
    (void)state;
    struct sample sample;
    struct bytes letters = {0};
    size_t one[64], several[64];
    sample_create(&sample, 60, 10, 32);
    for (unsigned i = 0; i < 150000; i++)
        bytes_append_string(&letters, "a ");
    for (size_t i = 0; i < sample.count; i++) /* 0.6 MB each, as foreseen: 16 MiB are full with 28 of them */
        sample.reviews[i].text[FIELD_BODY] = bytes_view(&letters);
    size_t count = fill(&sample, 0, 64 * MIB, one);
    assert_int_equal(count, 2);
    for (unsigned threads = 1; threads <= 7; threads += 3) {
        assert_int_equal(fill(&sample, threads, 64 * MIB, several), count);
        assert_memory_equal(one, several, count * sizeof *one);
    }
    bytes_free(&letters);
    sample_free(&sample);
}

/* Words that never come again: the memory held ends the segment, long before the bytes do. */
static void made_up_words_end_a_segment_early(void **state) {
    (void)state;
    struct sample sample;
    struct bytes words = {0};
    size_t ends[64];
    sample_create(&sample, 40, 2, 33);
    size_t *starts = calloc(sample.count + 1, sizeof *starts);
    assert_non_null(starts);
    for (size_t i = 0; i < sample.count; i++) {
        starts[i] = words.size;
        for (unsigned j = 0; j < 3000; j++)
            bytes_append_format(&words, "w%zux%u ", i, j);
    }
    starts[sample.count] = words.size;
    for (size_t i = 0; i < sample.count; i++)
        sample.reviews[i].text[FIELD_BODY] = view_of(words.data + starts[i], starts[i + 1] - starts[i]);
    assert_true(fill(&sample, 1, 32 * MIB, ends) >= 1);
    assert_int_equal(fill(&sample, 1, 512 * MIB, ends), 0);
    bytes_free(&words);
    free(starts);
    sample_free(&sample);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_and_values_are_kept),
        cmocka_unit_test(segments_end_where_the_input_says),
        cmocka_unit_test(made_up_words_end_a_segment_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
