/* test_run_times.c - when runs began: written one by one over several records, found again by any moment, damage. */
#include "indexer/format/keys.h"
#include "indexer/format/run_times.h"
#include "tests/unit/format/format_test.h"

#define LAST 300u /* three records */

/* Runs come 10 seconds apart, but for pairs of one moment: run n and n + 1 for n divisible by 7. Run 0 is none. */
static int64_t time_of(uint32_t run) {
    return 1000 + 10 * (int64_t)(run % 7 == 1 ? run - 1 : run);
}

static void note_all(struct fixture *fixture, uint32_t last) {
    revue_error error;
    for (uint32_t run = 1; run <= last; run++)
        assert_ok(run_times_note(fixture->txn, run, time_of(run), &error));
}

static uint32_t expected_run(uint32_t last, int64_t since) {
    uint32_t run = 1;
    while (run <= last && time_of(run) < since)
        run++;
    return run;
}

static void check_found(struct fixture *fixture, uint32_t last) {
    revue_error error;
    for (int64_t since = 1000; since < 1000 + 10 * (int64_t)last + 25; since++) {
        uint32_t run = 0;
        assert_ok(run_times_find(fixture->txn, last, since, &run, &error));
        if (run != expected_run(last, since)) fail_msg("last %u, since %lld: run %u", last, (long long)since, run);
    }
}

static void test_found_by_moment(void **state) {
    (void)state;
    static const uint32_t lasts[] = {0, 1, 5, 126, 127, 128, 129, 255, 256, LAST};
    for (size_t i = 0; i < sizeof lasts / sizeof *lasts; i++) {
        struct fixture fixture;
        fixture_open(&fixture);
        note_all(&fixture, lasts[i]);
        check_found(&fixture, lasts[i]);
        fixture_close(&fixture);
    }
}

/* Runs that nobody noted began before everything. */
static void test_unknown_runs(void **state) {
    (void)state;
    struct fixture fixture;
    revue_error error;
    uint32_t run;
    fixture_open(&fixture);
    assert_ok(run_times_find(fixture.txn, 200, 1, &run, &error));
    assert_int_equal(run, 201);
    assert_ok(run_times_note(fixture.txn, 150, 5000, &error));
    assert_ok(run_times_find(fixture.txn, 150, 1, &run, &error));
    assert_int_equal(run, 150);
    assert_ok(run_times_find(fixture.txn, 150, 5001, &run, &error));
    assert_int_equal(run, 151);
    fixture_close(&fixture);
}

static void test_copied(void **state) {
    (void)state;
    struct fixture from, to;
    revue_error error;
    struct key other = key_name("settings");
    fixture_open(&from);
    fixture_open(&to);
    note_all(&from, LAST);
    assert_ok(store_put(from.txn, TABLE_INDEX, key_view(&other), view_of_string("not a time"), &error));
    fixture_read(&from);
    assert_ok(run_times_copy(from.txn, to.txn, &error));
    check_found(&to, LAST);
    struct view value;
    assert_int_equal(store_get(to.txn, TABLE_INDEX, key_view(&other), &value, &error), REVUE_NO_MATCH);
    fixture_close(&from);
    fixture_close(&to);
}

static void test_keys(void **state) {
    (void)state;
    struct key key = key_runs(0x01020304);
    uint32_t chunk = 0;
    assert_true(run_times_key_parse(key_view(&key), &chunk));
    assert_int_equal(chunk, 0x01020304);
    static const char *const others[] = {"manifest", "settings", "schema", "runs", "run", "", "runs12345", "ruNs1234"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(run_times_key_parse(view_of_string(others[i]), &chunk));
}

static const char *check_times(const int64_t *times, size_t count, uint32_t chunk, uint32_t last, int64_t before) {
    uint8_t record[(RUNS_IN_CHUNK + 1) * 8];
    for (size_t i = 0; i < count; i++)
        store_le64(record + 8 * i, (uint64_t)times[i]);
    return run_times_check(view_of(record, 8 * count), chunk, last, &before);
}

static void test_damage(void **state) {
    (void)state;
    int64_t times[RUNS_IN_CHUNK + 1] = {0, 5, 5, 9}, before = 7;
    assert_null(check_times(times, 4, 0, 3, 0));
    assert_non_null(check_times(times, 4, 1, 131, 0)); /* run 128 has no time */
    times[0] = 5;
    assert_null(check_times(times, 4, 1, 131, 4));
    assert_non_null(check_times(times, 4, 0, 200, 0)); /* more should be there */
    assert_non_null(check_times(times, 3, 0, 3, 0));
    assert_non_null(check_times(times, 4, 0, 2, 0));   /* a run that was not yet */
    assert_non_null(check_times(times, 4, 1, 127, 0)); /* a whole record of them */
    assert_non_null(check_times(times, 4, 1, 131, 6)); /* before the record before */
    assert_non_null(check_times(times, 0, 0, 3, 0));
    assert_non_null(check_times(times, RUNS_IN_CHUNK + 1, 0, 1000, 0));
    times[2] = 4;
    assert_non_null(check_times(times, 4, 0, 3, 0));
    times[2] = 0;
    assert_non_null(check_times(times, 4, 0, 3, 0));
    assert_non_null(run_times_check(view_of("1234567", 7), 0, 3, &before));
    assert_int_equal(before, 7);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_found_by_moment), cmocka_unit_test(test_unknown_runs),
        cmocka_unit_test(test_copied),          cmocka_unit_test(test_keys),
        cmocka_unit_test(test_damage),
    };
    return cmocka_run_group_tests_name("run times", tests, NULL, NULL);
}
