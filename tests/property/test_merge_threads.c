/* test_merge_threads.c - a merge writes the same records with any number of threads, and whatever a part may take before
 * the caller goes on with it. Archives of several runs, with changes, patches and deletions, are copied and merged in each
 * way; the digests of all must be equal. */
#include "tests/support/trial.h"
#include "tests/unit/merge/merge_answers.h"

static const struct merge_options ways[] = {
    {.memory_bytes = SAMPLE_MEMORY, .threads = 1, .part_bytes = 1}, /* nothing fits: the caller does all */
    {.memory_bytes = SAMPLE_MEMORY, .threads = 2, .part_bytes = 200},
    {.memory_bytes = SAMPLE_MEMORY, .threads = 3, .part_bytes = 4000},
    {.memory_bytes = SAMPLE_MEMORY, .threads = 1, .part_bytes = 20000},
    {.memory_bytes = SAMPLE_MEMORY, .threads = 4, .part_bytes = 500000}, /* all fits */
};

static void merge_all(const char *path, const struct merge_options *options) {
    revue_error error;
    store *opened;
    struct manifest manifest;
    uint32_t segments[MERGE_INPUTS_MAX];
    read_manifest(path, &manifest);
    uint32_t count = manifest.segment_count;
    assert_true(count > 1 && count <= MERGE_INPUTS_MAX);
    for (uint32_t i = 0; i < count; i++)
        segments[i] = manifest.segments[i].number;
    assert_ok(store_open(&opened, path, STORE_WRITE, &error));
    assert_ok(merge_segments(opened, &manifest, segments, count, options, &error));
    assert_int_equal(manifest.segment_count, 1);
    manifest_free(&manifest);
    store_close(opened);
}

static void read_digest(const char *path, char digest[33]) {
    revue_stats *stats;
    revue_error error;
    assert_ok(revue_stats_read(path, true, &stats, &error));
    (void)snprintf(digest, 33, "%s", stats->digest);
    revue_stats_free(stats);
}

static void merge_copy(const char *path, const struct merge_options *options, char digest[33]) {
    char folder[TEMPORARY_PATH_SIZE], copy[TEMPORARY_PATH_SIZE + 8];
    revue_error error;
    temporary_folder_create(folder);
    (void)snprintf(copy, sizeof copy, "%s/copy", folder);
    assert_ok(revue_copy(path, copy, NULL, &error));
    merge_all(copy, options);
    read_digest(copy, digest);
    temporary_folder_remove(folder);
}

static void merge_each_way(uint64_t seed, struct sample_shape shape) {
    const struct merge_options alone = {.memory_bytes = SAMPLE_MEMORY};
    struct archive archive = {.shape = shape, .random = trial_seed(seed)};
    char path[TEMPORARY_PATH_SIZE], expected[33], digest[33];
    temporary_folder_create(path);
    for (uint32_t run = 1; run <= shape.runs; run++)
        archive_run(&archive, path, run, 1 + run % 2, never);
    merge_copy(path, &alone, expected);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        merge_copy(path, &ways[i], digest);
        assert_string_equal(digest, expected);
    }
    archive_free(&archive);
    temporary_folder_remove(path);
}

static void test_few_forms(void **state) {
    (void)state;
    merge_each_way(91,
                   (struct sample_shape){.roots = 3000, .suffixes = 3, .words = 40, .first = 900, .each = 300, .runs = 4});
}

static void test_changes(void **state) {
    (void)state;
    merge_each_way(92, (struct sample_shape){.roots = 2000,
                                             .suffixes = 8,
                                             .words = 30,
                                             .first = 900,
                                             .each = 300,
                                             .runs = 5,
                                             .has_languages = true,
                                             .has_changes = true});
}

static void test_without_positions(void **state) {
    (void)state;
    merge_each_way(93, (struct sample_shape){.roots = 500,
                                             .suffixes = 8,
                                             .words = 30,
                                             .first = 500,
                                             .each = 100,
                                             .runs = 3,
                                             .has_changes = true,
                                             .no_positions = true});
}

static void test_without_text(void **state) {
    (void)state;
    merge_each_way(94, (struct sample_shape){.roots = 500,
                                             .suffixes = 4,
                                             .words = 30,
                                             .first = 500,
                                             .each = 100,
                                             .runs = 3,
                                             .has_changes = true,
                                             .no_text = true});
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_few_forms), cmocka_unit_test(test_changes),
                                       cmocka_unit_test(test_without_positions), cmocka_unit_test(test_without_text)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
