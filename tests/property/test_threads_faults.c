/* test_threads_faults.c - every allocation and every LMDB call of taking in and flushing fails once, with one thread and
 * with three: a clean error each time, nothing leaked (AddressSanitizer's to find), nothing live in the store, and the same
 * accumulator makes the right segment afterwards. The hook of allocations is asked by any thread: its counter is atomic.
 * That of the store is asked by the caller alone, for workers never talk to it. */
#include "tests/unit/invert/invert_test.h"

#include <stdatomic.h>

#define MEMORY ((size_t)512 << 20)
#define FAULTS_MAX 100000

static atomic_long left; /* calls until the one that fails */
static atomic_uint failed;

static bool countdown(void *context) {
    (void)context;
    if (atomic_fetch_sub(&left, 1) != 0) return true;
    atomic_fetch_add(&failed, 1);
    return false;
}

struct run {
    struct accumulator_options options;
    const struct sample *sample;
    char path[TEMPORARY_PATH_SIZE];
    store *store;
    struct base_symbols base;
    struct manifest_segment row;
};

static revue_status fill_and_flush(struct run *run, struct accumulator *accumulator, revue_error *error) {
    TRY(sample_add_all(run->sample, accumulator, error));
    return flush_segment(accumulator, &run->base, run->store, 1, true, &run->row, error);
}

/* Everything anew. */
static revue_status whole_run(struct run *run, revue_error *error) {
    struct accumulator accumulator;
    TRY(accumulator_init(&accumulator, &run->options, error));
    revue_status status = fill_and_flush(run, &accumulator, error);
    accumulator_free(&accumulator);
    return status;
}

static bool has_segment(store *opened) {
    store_txn *txn;
    struct segment_meta meta;
    uint64_t checksum;
    revue_error error;
    assert_ok(store_begin_read(opened, &txn, &error));
    revue_status status = segment_meta_read(txn, 1, &meta, &checksum, &error);
    assert_true(status == REVUE_OK || status == REVUE_NO_MATCH);
    store_abort(txn);
    return status == REVUE_OK;
}

static void forget_base(struct run *run) {
    base_symbols_free(&run->base);
}

/* What a run makes that nothing disturbs. */
static uint64_t undisturbed(struct run *run) {
    revue_error error;
    forget_base(run);
    assert_ok(whole_run(run, &error));
    assert_true(has_segment(run->store));
    return run->row.meta_checksum;
}

static void fail_each(struct run *run, void (*set_hook)(bool (*hook)(void *), void *), bool is_memory) {
    uint64_t expected = undisturbed(run);
    unsigned failures = 0;
    for (long n = 0;; n++) {
        revue_error error = {.status = REVUE_OK};
        assert_true(n < FAULTS_MAX);
        forget_base(run);
        store_close(run->store);
        temporary_index_remove(run->path);
        run->store = temporary_index_create(run->path);
        atomic_store(&left, n);
        atomic_store(&failed, 0);
        set_hook(countdown, NULL);
        revue_status status = whole_run(run, &error);
        set_hook(NULL, NULL);
        if (status == REVUE_OK) {
            assert_int_equal(run->row.meta_checksum, expected);
            if (atomic_load(&failed) == 0) break;
            assert_false(is_memory); /* after a commit the store looks at the file, and what it meets there is no failure */
            continue;
        }
        assert_int_not_equal(atomic_load(&failed), 0);
        assert_int_equal(error.status, status);
        if (is_memory) assert_int_equal(status, REVUE_NO_MEMORY);
        assert_true(error.message[0] != '\0');
        assert_false(has_segment(run->store));
        failures++;
        if (n % 16 == 0) assert_int_equal(undisturbed(run), expected);
    }
    assert_true(failures > 20);
}

static void with_threads(unsigned threads, bool is_memory) {
    struct sample sample;
    struct run run = {.options = {.keep_text = true, .memory_bytes = MEMORY, .threads = threads, .batch_bytes = 300}};
    sample_create(&sample, 24, 8, 81);
    sample.reviews[3].text[FIELD_BODY] = view_of_string("映画はとても面白かった。音楽も良い。");
    run.sample = &sample;
    run.store = temporary_index_create(run.path);
    fail_each(&run, is_memory ? memory_set_test_hook : store_set_test_hook, is_memory);
    forget_base(&run);
    store_close(run.store);
    temporary_index_remove(run.path);
    sample_free(&sample);
}

static void allocations_with_one_thread(void **state) {
    (void)state;
    with_threads(1, true);
}

static void allocations_with_three_threads(void **state) {
    (void)state;
    with_threads(3, true);
}

static void store_calls_with_one_thread(void **state) {
    (void)state;
    with_threads(1, false);
}

static void store_calls_with_three_threads(void **state) {
    (void)state;
    with_threads(3, false);
}

/* After a failure an accumulator can be cleared and filled again. */
static void cleared_and_used_again(void **state) {
    (void)state;
    struct sample sample;
    struct run run = {.options = {.keep_text = true, .memory_bytes = MEMORY, .threads = 3, .batch_bytes = 300}};
    sample_create(&sample, 24, 8, 81);
    run.sample = &sample;
    run.store = temporary_index_create(run.path);
    uint64_t expected = undisturbed(&run);
    for (long n = 20; n < 200; n += 9) {
        struct accumulator accumulator;
        revue_error error;
        forget_base(&run);
        assert_ok(accumulator_init(&accumulator, &run.options, &error));
        atomic_store(&left, n);
        memory_set_test_hook(countdown, NULL);
        revue_status status = fill_and_flush(&run, &accumulator, &error);
        accumulator_clear(&accumulator); /* waits for the workers, before the hook may go */
        memory_set_test_hook(NULL, NULL);
        assert_int_equal(status, REVUE_NO_MEMORY);
        forget_base(&run);
        assert_ok(fill_and_flush(&run, &accumulator, &error));
        assert_int_equal(run.row.meta_checksum, expected);
        accumulator_free(&accumulator);
    }
    forget_base(&run);
    store_close(run.store);
    temporary_index_remove(run.path);
    sample_free(&sample);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_with_one_thread), cmocka_unit_test(allocations_with_three_threads),
        cmocka_unit_test(store_calls_with_one_thread), cmocka_unit_test(store_calls_with_three_threads),
        cmocka_unit_test(cleared_and_used_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
