/* test_threads.c - the same archive gives the same index, and the same answers, with any number of threads: over archives
 * drawn at random, over one of several segments, and over the sample archive. */
#include "revue.h"
#include "tests/support/trial.h"
#include "tests/unit/invert/invert_test.h"

static const unsigned thread_counts[] = {1, 2, 3, 8};

static void append_json(struct bytes *out, const char *name, struct view text) {
    bytes_append_format(out, "\"%s\":\"", name);
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = (uint8_t)text.data[i];
        if (byte == '"' || byte == '\\')
            bytes_append_format(out, "\\%c", byte);
        else if (byte < 0x20)
            bytes_append_format(out, "\\u%04x", byte);
        else
            bytes_append_u8(out, byte);
    }
    bytes_append_string(out, "\",");
}

static void write_archive(const char *path, const struct sample *sample) {
    struct bytes out = {0};
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    for (size_t i = 0; i < sample->count; i++) {
        const struct review *review = &sample->reviews[i];
        bytes_append_u8(&out, '{');
        append_json(&out, "text", review->text[FIELD_BODY]);
        append_json(&out, "title", review->text[FIELD_TITLE]);
        append_json(&out, "product", review->text[FIELD_PRODUCT]);
        append_json(&out, "author", review->text[FIELD_AUTHOR]);
        append_json(&out, "lang", view_of_string(sample->languages[i] == LANGUAGE_GERMAN ? "de" : "en"));
        bytes_append_format(&out, "\"id\":\"r%zu\",\"rating\":%zu}\n", i, i % 11);
    }
    assert_false(out.failed);
    assert_int_equal(fwrite(out.data, 1, out.size, file), out.size);
    assert_int_equal(fclose(file), 0);
    bytes_free(&out);
}

/* ---- an index made with some threads ---- */

struct made {
    char digest[33];
    uint64_t segments, reviews;
    struct bytes answers;
};

static void append_answers(struct bytes *out, const char *index) {
    static const char *const queries[] = {"film", "running -isn't", "\"the film\"", "title:run author:running",
                                          "the and film isn't"};
    revue_searcher *searcher;
    revue_error error;
    assert_ok(revue_searcher_open(&searcher, index, &error));
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        revue_search_options options;
        revue_result *result;
        bool exact;
        revue_search_options_init(&options);
        options.count = true;
        assert_ok(revue_search(searcher, queries[i], strlen(queries[i]), &options, &result, &error));
        bytes_append_format(out, "%s: %llu\n", queries[i], (unsigned long long)revue_result_total(result, &exact));
        for (size_t hit = 0; hit < revue_result_count(result); hit++)
            bytes_append_format(out, "%s %.17g\n", revue_result_hit(result, hit)->id, revue_result_hit(result, hit)->score);
        revue_result_free(result);
    }
    revue_searcher_close(searcher);
    assert_false(out->failed);
}

static void make_index(struct made *made, const char *archive, unsigned threads, unsigned memory_mib) {
    char folder[TEMPORARY_PATH_SIZE], index[TEMPORARY_PATH_SIZE + 8];
    const char *roots[] = {archive};
    revue_update_options options = {.roots = roots, .root_count = 1, .threads = threads, .memory_mib = memory_mib};
    revue_report *report;
    revue_stats *stats;
    revue_error error;
    temporary_folder_create(folder);
    (void)snprintf(index, sizeof index, "%s/index", folder);
    *made = (struct made){.segments = 0};
    revue_status status = revue_update(index, &options, &report, &error);
    if (status != REVUE_OK) fail_msg("update: %s", error.message);
    revue_report_free(report);
    assert_ok(revue_stats_read(index, true, &stats, &error));
    memcpy(made->digest, stats->digest, sizeof made->digest);
    made->segments = stats->segments;
    made->reviews = stats->reviews;
    revue_stats_free(stats);
    append_answers(&made->answers, index);
    temporary_folder_remove(folder);
}

static void assert_same_with_any_threads(const char *archive, unsigned memory_mib) {
    struct made first, other;
    make_index(&first, archive, thread_counts[0], memory_mib);
    assert_true(first.reviews > 0);
    for (size_t i = 1; i < sizeof thread_counts / sizeof *thread_counts; i++) {
        make_index(&other, archive, thread_counts[i], memory_mib);
        assert_string_equal(first.digest, other.digest);
        assert_int_equal(first.segments, other.segments);
        assert_true(view_equal(bytes_view(&first.answers), bytes_view(&other.answers)));
        bytes_free(&other.answers);
    }
    bytes_free(&first.answers);
}

/* ---- archives ---- */

static void assert_sample(const struct sample *sample, unsigned memory_mib) {
    char folder[TEMPORARY_PATH_SIZE], archive[TEMPORARY_PATH_SIZE + 16];
    temporary_folder_create(folder);
    (void)snprintf(archive, sizeof archive, "%s/reviews.jsonl", folder);
    write_archive(archive, sample);
    assert_same_with_any_threads(archive, memory_mib);
    temporary_folder_remove(folder);
}

static void random_archives(void **state) {
    (void)state;
    static const struct {
        size_t count;
        unsigned words;
    } shapes[] = {{3, 10}, {400, 5}, {3000, 60}, {40, 4000}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct sample sample;
        sample_create(&sample, shapes[i].count, shapes[i].words, trial_seed(60 + i));
        assert_sample(&sample, 1024);
        sample_free(&sample);
    }
}

/* Letters: the shortest words fill a segment with the least text. The index may have joined the two when it is done. */
static void several_segments(void **state) {
    (void)state;
    struct sample sample;
    struct bytes letters = {0};
    uint64_t seed = trial_seed(70);
    sample_create(&sample, 160, 8, trial_seed(71));
    for (unsigned i = 0; i < 60000; i++)
        bytes_append_format(&letters, "%c ", (int)('a' + random_below(&seed, 26)));
    for (size_t i = 0; i < sample.count; i += 2) {
        size_t from = (i * 17 % 100) * 2;
        sample.reviews[i].text[FIELD_BODY] = view_of(letters.data + from, letters.size - from);
    }
    assert_sample(&sample, 112);
    bytes_free(&letters);
    sample_free(&sample);
}

static void the_sample_archive(void **state) {
    (void)state;
    assert_same_with_any_threads(REVUE_SOURCE_DIR "/corpus/sample", 256);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_archives),
        cmocka_unit_test(several_segments),
        cmocka_unit_test(the_sample_archive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
