/* test_merge_faults.c - every allocation and every LMDB call of a merge fails once: the index is then what it was, or, when
 * the merge was live already, what it became; nothing leaks. Merging that is stopped, or asked for the impossible, changes
 * nothing either. */
#include "tests/unit/merge/merge_answers.h"

#include <stdatomic.h>

struct fault {
    uint32_t until;
    atomic_uint seen; /* any thread may ask */
    struct merge_options options;
};

static bool may_pass(void *context) {
    struct fault *fault = context;
    return atomic_fetch_add(&fault->seen, 1) != fault->until;
}

struct index {
    struct archive archive;
    char path[TEMPORARY_PATH_SIZE];
    store *store;
    struct manifest manifest;
    uint32_t segments[MERGE_INPUTS_MAX], count;
};

static void index_open(struct index *index, struct sample_shape shape) {
    revue_error error;
    *index = (struct index){.archive = {.shape = shape, .random = 71}};
    temporary_folder_create(index->path);
    for (uint32_t run = 1; run <= shape.runs; run++)
        archive_run(&index->archive, index->path, run, 1, never);
    read_manifest(index->path, &index->manifest);
    index->count = index->manifest.segment_count;
    for (uint32_t i = 0; i < index->count; i++)
        index->segments[i] = index->manifest.segments[i].number;
    assert_ok(store_open(&index->store, index->path, STORE_WRITE, &error));
}

static void index_close(struct index *index) {
    manifest_free(&index->manifest);
    store_close(index->store);
    temporary_folder_remove(index->path);
    archive_free(&index->archive);
}

/* What is stored is what the manifest in memory says, and all live reviews are there. */
static void check_whole(struct index *index) {
    struct manifest stored;
    struct bytes a = {0}, b = {0};
    read_manifest(index->path, &stored);
    manifest_encode(&stored, &a);
    manifest_encode(&index->manifest, &b);
    assert_true(view_equal(bytes_view(&a), bytes_view(&b)));
    bytes_free(&a);
    bytes_free(&b);
    manifest_free(&stored);
    compare_texts(&index->archive, index->path);
}

static const struct sample_shape small = {
    .roots = 12, .suffixes = 8, .words = 8, .first = 10, .each = 6, .runs = 3, .has_changes = true};

static revue_status merge_with_fault(struct index *index, struct fault *fault, bool of_store, revue_error *error) {
    atomic_store(&fault->seen, 0);
    if (of_store)
        store_set_test_hook(may_pass, fault);
    else
        memory_set_test_hook(may_pass, fault);
    revue_status status =
        merge_segments(index->store, &index->manifest, index->segments, index->count, &fault->options, error);
    store_set_test_hook(NULL, NULL);
    memory_set_test_hook(NULL, NULL);
    return status;
}

static void fail_each(bool of_store, uint32_t check_every, struct merge_options options) {
    struct index index;
    struct fault fault = {.options = options};
    revue_error error;
    index_open(&index, small);
    assert_true(index.count > 1);
    uint64_t commit = index.manifest.commit;
    revue_status status;
    for (fault.until = 0;; fault.until++) {
        status = merge_with_fault(&index, &fault, of_store, &error);
        if (status == REVUE_OK || index.manifest.commit != commit) break;
        if (!of_store) assert_int_equal(status, REVUE_NO_MEMORY);
        assert_true(error.message[0] != '\0');
        assert_int_equal(index.manifest.segment_count, index.count);
        if (fault.until % check_every == 0) check_whole(&index);
    }
    assert_true(fault.until > 100);
    assert_int_equal(index.manifest.commit, commit + 1);
    assert_int_equal(index.manifest.segment_count, 1);
    check_whole(&index);
    index_close(&index);
}

static void test_each_allocation_fails(void **state) {
    (void)state;
    fail_each(false, 16, (struct merge_options){.memory_bytes = SAMPLE_MEMORY});
}

static void test_each_call_of_the_store_fails(void **state) {
    (void)state;
    fail_each(true, 32, (struct merge_options){.memory_bytes = SAMPLE_MEMORY});
}

/* Some of what is merged fits into its part, the rest the caller does. */
static const struct merge_options with_threads = {.memory_bytes = SAMPLE_MEMORY, .threads = 2, .part_bytes = 4000};

static void test_each_allocation_fails_with_threads(void **state) {
    (void)state;
    fail_each(false, 64, with_threads);
}

static void test_each_call_of_the_store_fails_with_threads(void **state) {
    (void)state;
    fail_each(true, 64, with_threads);
}

/* ---- stopping ---- */

static bool count_down(void *context) {
    uint32_t *left = context;
    return *left > 0 && --*left > 0;
}

static void test_stopping(void **state) {
    (void)state;
    struct index index;
    revue_error error;
    struct sample_shape shape = {.roots = 400, .suffixes = 8, .words = 40, .first = 300, .each = 200, .runs = 3};
    uint32_t left, stops = 0;
    index_open(&index, shape);
    struct merge_options options = {.memory_bytes = SAMPLE_MEMORY, .may_go_on = count_down, .context = &left};
    for (uint32_t after = 1;; after++) {
        left = after;
        revue_status status = merge_segments(index.store, &index.manifest, index.segments, index.count, &options, &error);
        if (status == REVUE_OK) break;
        assert_int_equal(status, REVUE_INTERRUPTED);
        stops++;
        check_whole(&index);
    }
    assert_true(stops > 5);
    check_whole(&index);
    assert_int_equal(index.manifest.segment_count, 1);
    index_close(&index);
}

/* A merge that is given up is no failure; it stays due. */
static void test_giving_up_is_no_failure(void **state) {
    (void)state;
    struct index index;
    revue_error error;
    struct sample_shape shape = small;
    uint32_t left = 1;
    shape.runs = 26;
    index_open(&index, shape);
    struct merge_options options = {.memory_bytes = SAMPLE_MEMORY, .may_go_on = count_down, .context = &left};
    uint32_t before = index.manifest.segment_count;
    assert_true(before > MERGE_SEGMENTS_MAX);
    assert_ok(merge_as_needed(index.store, &index.manifest, &options, &error));
    assert_int_equal(index.manifest.segment_count, before);
    options.may_go_on = NULL;
    assert_ok(merge_as_needed(index.store, &index.manifest, &options, &error));
    assert_true(index.manifest.segment_count <= MERGE_SEGMENTS_MAX);
    check_whole(&index);
    index_close(&index);
}

/* ---- limits ---- */

static void test_impossible_merges(void **state) {
    (void)state;
    struct index index;
    revue_error error;
    struct merge_options options = {.memory_bytes = SAMPLE_MEMORY};
    uint32_t unknown = 1000;
    index_open(&index, small);
    assert_int_equal(merge_segments(index.store, &index.manifest, &unknown, 1, &options, &error), REVUE_BUG);
    assert_int_equal(merge_segments(index.store, &index.manifest, index.segments, 0, &options, &error), REVUE_BUG);
    check_whole(&index);
    index_close(&index);
}

/* Without memory for them rare words stay literals; what is read is the same. */
static void test_little_memory(void **state) {
    (void)state;
    struct index index;
    revue_error error;
    struct merge_options options = {.memory_bytes = 1};
    struct sample_shape shape = {.roots = 200, .suffixes = 3, .words = 40, .first = 300, .each = 200, .runs = 3};
    index_open(&index, shape);
    assert_ok(merge_segments(index.store, &index.manifest, index.segments, index.count, &options, &error));
    check_whole(&index);
    index_close(&index);
}

/* Reviews are all deleted: of the merge no segment comes. */
static void test_nothing_is_left(void **state) {
    (void)state;
    struct index index;
    revue_error error;
    struct merge_options options = {.memory_bytes = SAMPLE_MEMORY};
    struct deletes deletes;
    store_txn *txn;
    bool was_live;
    index_open(&index, (struct sample_shape){.roots = 20, .suffixes = 2, .words = 5, .first = 5, .each = 5, .runs = 2});
    struct manifest_segment *row = &index.manifest.segments[1];
    assert_ok(store_begin_write(index.store, &txn, &error));
    assert_ok(deletes_read(&deletes, txn, row->number, row->doc_count, &error));
    for (uint32_t doc = 0; doc < row->doc_count; doc++)
        assert_ok(deletes_mark(&deletes, doc, &was_live, &error));
    assert_ok(deletes_write(&deletes, txn, row->number, &error));
    deletes_free(&deletes);
    row->deleted = row->doc_count;
    memset(row->fields, 0, sizeof row->fields);
    assert_ok(manifest_write(txn, &index.manifest, &error));
    assert_ok(store_commit(txn, &error));
    for (size_t i = 0; i < index.archive.count; i++)
        index.archive.samples[i].is_live &= index.archive.samples[i].run != row->run;
    check_whole(&index);
    assert_ok(merge_segments(index.store, &index.manifest, &index.segments[1], 1, &options, &error));
    assert_int_equal(index.manifest.segment_count, 1);
    assert_int_equal(index.manifest.segments[0].number, index.segments[0]);
    check_whole(&index);
    index_close(&index);
}

/* ---- damage ---- */

/* Changes one bit of some record of an input and gives it a checksum that fits, as no disk would: what the parts of a merge
 * rely on must be checked all the same. */
static void flip_a_bit(struct index *index, uint64_t *random) {
    revue_error error;
    store_txn *txn;
    store_cursor *cursor;
    struct view key, value;
    enum store_table table = random_below(random, 5) ? TABLE_SEGMENTS : TABLE_COLUMNS;
    struct key from = key_segment_kind(index->segments[random_below(random, index->count)], KIND_TERMS);
    from.data[4] = (uint8_t)random_below(random, table == TABLE_SEGMENTS ? KIND_COUNT : 1);
    from.data[5] = (uint8_t)random_below(random, COLUMN_DECLARED + 2);
    from.size = 6;
    assert_ok(store_begin_write(index->store, &txn, &error));
    assert_ok(store_cursor_open(txn, table, &cursor, &error));
    revue_status status = store_cursor_at_or_after(cursor, key_view(&from), &key, &value, &error);
    store_cursor_close(cursor);
    if (status == REVUE_OK && value.size > 0 && load_be32(key.data) != BASE_SEGMENT) {
        struct bytes changed = {0};
        struct key place = {.size = key.size};
        memcpy(place.data, key.data, key.size);
        bytes_append(&changed, value.data, value.size);
        size_t at = random_below(random, 3) ? random_below(random, (uint32_t)value.size)
                                            : random_below(random, value.size < 40 ? (uint32_t)value.size : 40);
        changed.data[at] ^= (uint8_t)(1u << random_below(random, 8));
        assert_ok(store_put(txn, table, key_view(&place), bytes_view(&changed), &error));
        bytes_free(&changed);
    }
    assert_ok(store_commit(txn, &error));
}

static void test_damage_is_no_crash(void **state) {
    (void)state;
    revue_error error;
    struct merge_options options = {.memory_bytes = SAMPLE_MEMORY};
    uint64_t random = 81;
    unsigned refused = 0;
    for (unsigned i = 0; i < 160; i++) {
        struct index index;
        struct sample_shape shape = small;
        shape.has_languages = i % 2 == 1;
        shape.no_positions = i % 7 == 0;
        shape.first = i % 10 == 0 ? 300 : 10;
        shape.runs = 2;
        index_open(&index, shape);
        for (unsigned flips = 1 + i % 3; flips > 0; flips--)
            flip_a_bit(&index, &random);
        uint64_t commit = index.manifest.commit;
        revue_status status = merge_segments(index.store, &index.manifest, index.segments, index.count, &options, &error);
        refused += status != REVUE_OK;
        assert_int_equal(index.manifest.commit, status == REVUE_OK ? commit + 1 : commit);
        index_close(&index);
    }
    assert_true(refused > 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_allocation_fails),
        cmocka_unit_test(test_each_call_of_the_store_fails),
        cmocka_unit_test(test_each_allocation_fails_with_threads),
        cmocka_unit_test(test_each_call_of_the_store_fails_with_threads),
        cmocka_unit_test(test_stopping),
        cmocka_unit_test(test_giving_up_is_no_failure),
        cmocka_unit_test(test_impossible_merges),
        cmocka_unit_test(test_little_memory),
        cmocka_unit_test(test_nothing_is_left),
        cmocka_unit_test(test_damage_is_no_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
