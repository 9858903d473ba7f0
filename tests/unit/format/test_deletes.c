/* test_deletes.c - deleted reviews: marked, written, read again, only what changed is written, damage. */
#include "indexer/format/columns.h"
#include "tests/unit/format/format_test.h"

#define DOCS (2 * DELETES_CHUNK + 100) /* three chunks, the last one of 100 */

static bool model[DOCS];

static void mark(struct deletes *deletes, uint32_t doc) {
    revue_error error;
    bool was_live;
    assert_ok(deletes_mark(deletes, doc, &was_live, &error));
    assert_int_equal(was_live, !model[doc]);
    model[doc] = true;
}

static void check_model(const struct deletes *deletes) {
    uint32_t deleted = 0;
    for (uint32_t doc = 0; doc < DOCS; doc++) {
        assert_int_equal(deletes_has(deletes, doc), model[doc]);
        deleted += model[doc];
    }
    assert_int_equal(deletes->deleted, deleted);
}

static void test_there_and_back(void **state) {
    (void)state;
    revue_error error;
    struct fixture fixture;
    struct deletes deletes;
    uint64_t random = 12, written;
    bool was_live;
    memset(model, 0, sizeof model);
    fixture_open(&fixture);
    for (unsigned round = 0; round < 6; round++) {
        assert_ok(deletes_read(&deletes, fixture.txn, 1, DOCS, &error));
        check_model(&deletes);
        assert_int_equal(deletes.words == NULL, round == 0);
        assert_int_equal(deletes_mark(&deletes, DOCS, &was_live, &error), REVUE_BUG);
        for (unsigned i = 0; i < 500; i++)
            mark(&deletes, random_below(&random, round < 3 ? DELETES_CHUNK : DOCS));
        mark(&deletes, round < 3 ? 63 : DOCS - 1);
        check_model(&deletes);
        assert_ok(deletes_write(&deletes, fixture.txn, 1, &error));
        written = store_txn_written(fixture.txn);
        assert_ok(deletes_write(&deletes, fixture.txn, 1, &error)); /* nothing changed since */
        assert_int_equal(store_txn_written(fixture.txn), written);
        deletes_free(&deletes);
        assert_ok(store_commit(fixture.txn, &error));
        assert_ok(store_begin_write(fixture.store, &fixture.txn, &error));
    }
    assert_ok(deletes_read(&deletes, fixture.txn, 2, DOCS, &error)); /* another segment */
    assert_null(deletes.words);
    assert_ok(deletes_write(&deletes, fixture.txn, 2, &error));
    deletes_free(&deletes);
    fixture_close(&fixture);
}

static void test_bytes(void **state) {
    (void)state;
    revue_error error;
    struct fixture fixture;
    struct deletes deletes;
    struct view record;
    memset(model, 0, sizeof model);
    fixture_open(&fixture);
    assert_ok(deletes_read(&deletes, fixture.txn, 1, 100, &error));
    mark(&deletes, 0);
    mark(&deletes, 9);
    mark(&deletes, 99);
    assert_ok(deletes_write(&deletes, fixture.txn, 1, &error));
    struct key key = key_deletes_chunk(1, 0);
    assert_ok(store_get(fixture.txn, TABLE_DELETES, key_view(&key), &record, &error));
    assert_view(record,
                "\3\0\0\0"
                "\1\2\0\0\0\0\0\0\0\0\0\0\x08",
                17);
    deletes_free(&deletes);
    fixture_close(&fixture);
}

static void check_flipped(void *context, const uint8_t *flipped, size_t size) {
    struct fixture *fixture = context;
    revue_error error;
    struct deletes deletes;
    struct key key = key_deletes_chunk(1, 0);
    assert_ok(store_put(fixture->txn, TABLE_DELETES, key_view(&key), view_of(flipped, size), &error));
    assert_int_equal(deletes_read(&deletes, fixture->txn, 1, 70, &error), REVUE_CORRUPT); /* the count always tells */
}

static void test_damage(void **state) {
    (void)state;
    revue_error error;
    struct fixture fixture;
    struct deletes deletes;
    struct key key = key_deletes_chunk(1, 0);
    fixture_open(&fixture);
    flip_each_bit("\2\0\0\0\1\0\0\0\0\0\0\0\x20", 13, check_flipped, &fixture);
    assert_ok(store_put(fixture.txn, TABLE_DELETES, key_view(&key), view_of("\1\0\0\0\0\0\0\0\0\0\0\0\x40", 13), &error));
    assert_int_equal(deletes_read(&deletes, fixture.txn, 1, 70, &error), REVUE_CORRUPT); /* review 70 of 70 */
    assert_ok(store_put(fixture.txn, TABLE_DELETES, key_view(&key), view_of("\1\0\0\0\0\0\0\0\0\0\0\0\x20", 13), &error));
    assert_ok(deletes_read(&deletes, fixture.txn, 1, 70, &error));
    assert_true(deletes_has(&deletes, 69));
    deletes_free(&deletes);
    assert_int_equal(deletes_read(&deletes, fixture.txn, 1, 90, &error), REVUE_CORRUPT); /* of a larger segment */
    fixture_close(&fixture);
}

static revue_status read_and_mark(void *context, revue_error *error) {
    struct fixture *fixture = context;
    struct deletes deletes, fresh = {NULL, 100, 0};
    bool was_live;
    TRY(deletes_read(&deletes, fixture->txn, 1, DOCS, error));
    deletes_free(&deletes);
    revue_status status = deletes_mark(&fresh, 5, &was_live, error);
    deletes_free(&fresh);
    return status;
}

static void test_allocations_fail(void **state) {
    (void)state;
    revue_error error;
    struct fixture fixture;
    struct deletes deletes = {NULL, DOCS, 0};
    memset(model, 0, sizeof model);
    fixture_open(&fixture);
    mark(&deletes, 5);
    assert_ok(deletes_write(&deletes, fixture.txn, 1, &error));
    deletes_free(&deletes);
    assert_true(fail_each_allocation(read_and_mark, &fixture) >= 2);
    fixture_close(&fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_allocations_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
