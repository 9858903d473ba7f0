/* test_merge_runs.c - an index that gets small runs for years, in short: two hundred runs with additions, changes, patches
 * and deletions, merged as the policy asks. It never holds more segments than allowed, writes a bounded multiple of what it
 * was given, loses nothing, and in the end answers as one built at once. */
#include "tests/support/trial.h"
#include "tests/unit/merge/merge_answers.h"

#define RUNS 200u

/* What lies in the segments that are new since the last look; number is the first of those. */
static uint64_t bytes_since(const char *path, uint32_t *number, uint32_t *segments) {
    revue_error error;
    store *opened;
    store_txn *txn;
    struct manifest manifest;
    uint64_t bytes = 0, checksum;
    assert_ok(store_open(&opened, path, STORE_READ_ALL, &error));
    assert_ok(store_begin_read(opened, &txn, &error));
    assert_ok(manifest_read(txn, &manifest, &error));
    for (uint32_t i = 0; i < manifest.segment_count; i++) {
        struct segment_meta meta;
        const struct manifest_segment *row = &manifest.segments[i];
        if (row->number < *number) continue;
        assert_ok(segment_meta_read(txn, row->number, &meta, &checksum, &error));
        assert_int_equal(checksum, row->meta_checksum);
        for (unsigned kind = 0; kind < KIND_COUNT; kind++)
            bytes += meta.kinds[kind].bytes;
    }
    *number = manifest.next_segment;
    *segments = manifest.segment_count;
    manifest_free(&manifest);
    store_abort(txn);
    store_close(opened);
    return bytes;
}

/* Nothing but live segments is left in the store. */
static void check_nothing_is_left(const char *path) {
    revue_error error;
    store *opened;
    store_txn *txn;
    store_cursor *cursor;
    struct manifest manifest;
    struct view key, value;
    assert_ok(store_open(&opened, path, STORE_READ_ALL, &error));
    assert_ok(store_begin_read(opened, &txn, &error));
    assert_ok(manifest_read(txn, &manifest, &error));
    static const enum store_table tables[] = {TABLE_SEGMENTS, TABLE_COLUMNS, TABLE_DELETES};
    for (unsigned table = 0; table < 3; table++) {
        assert_ok(store_cursor_open(txn, tables[table], &cursor, &error));
        while (store_cursor_next(cursor, &key, &value, &error) == REVUE_OK) {
            uint32_t number = load_be32(key.data), i = 0;
            while (i < manifest.segment_count && manifest.segments[i].number != number)
                i++;
            assert_true(number == BASE_SEGMENT || i < manifest.segment_count);
        }
        store_cursor_close(cursor);
    }
    manifest_free(&manifest);
    store_abort(txn);
    store_close(opened);
}

static void build_at_once(struct archive *archive, const char *path) {
    revue_error error;
    struct writer writer;
    sample_open(&writer, path, &archive->shape, NULL);
    number_all_keywords(&writer);
    for (size_t i = 0; i < archive->count; i++)
        if (archive->samples[i].is_live) assert_ok(add_sample(&writer, archive, i, &error));
    assert_ok(writer_commit(&writer, NULL, NULL, &error));
    writer_close(&writer);
}

static void merge_all(const char *path) {
    revue_error error;
    store *opened;
    struct manifest manifest;
    struct merge_options options = {.memory_bytes = SAMPLE_MEMORY};
    uint32_t segments[MERGE_SEGMENTS_MAX];
    read_manifest(path, &manifest);
    uint32_t count = manifest.segment_count;
    for (uint32_t i = 0; i < count; i++)
        segments[i] = manifest.segments[i].number;
    assert_ok(store_open(&opened, path, STORE_WRITE, &error));
    assert_ok(merge_segments(opened, &manifest, segments, count, &options, &error));
    manifest_free(&manifest);
    store_close(opened);
}

static void live_through(uint64_t seed, struct sample_shape shape) {
    struct archive archive = {.shape = shape, .random = trial_seed(seed)};
    char path[TEMPORARY_PATH_SIZE], fresh[TEMPORARY_PATH_SIZE];
    uint64_t written = 0, all = 0;
    uint32_t number = 0, segments = 0, first = 0;
    temporary_folder_create(path);
    temporary_folder_create(fresh);
    for (uint32_t run = 1; run <= shape.runs; run++) {
        archive_run(&archive, path, run, run % 50 == 1 ? 3 : 1, NULL);
        written += bytes_since(path, &number, &segments);
        assert_true(segments <= MERGE_SEGMENTS_MAX);
        if (run % 40 == 0) check_nothing_is_left(path);
    }
    compare_texts(&archive, path);
    build_at_once(&archive, fresh);
    compare_texts(&archive, fresh);
    all = bytes_since(path, &first, &segments);
    print_message("%zu reviews ever, %u segments of %llu bytes at the end, %llu written\n", archive.count, segments,
                  (unsigned long long)all, (unsigned long long)written);
    assert_true(written < 8 * all);
    if (shape.has_changes) merge_all(path);
    compare_answers(&archive, path, fresh, true);
    archive_free(&archive);
    temporary_folder_remove(path);
    temporary_folder_remove(fresh);
}

static void test_runs_that_add(void **state) {
    (void)state;
    live_through(1,
                 (struct sample_shape){.roots = 300, .suffixes = 8, .words = 30, .first = 600, .each = 10, .runs = RUNS});
}

/* Deleted reviews count in df until they are merged away: the last segments are merged before answers are compared. */
static void test_runs_that_change(void **state) {
    (void)state;
    live_through(
        2, (struct sample_shape){
               .roots = 300, .suffixes = 3, .words = 30, .first = 600, .each = 12, .runs = RUNS, .has_changes = true});
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_runs_that_add), cmocka_unit_test(test_runs_that_change)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
