/* test_keywords.c - keyword tables: numbers stay, batches join, values over several extents, columns side by side, damage.
 */
#include "indexer/base/hash.h"
#include "indexer/format/keywords_batch.h"
#include "tests/unit/format/format_test.h"

#define COLUMN 5u

/* Value i: mostly short, some of kilobytes, one in 4,000 longer than an extent. */
static struct view make_value(uint32_t i, struct bytes *value) {
    bytes_clear(value);
    bytes_append_format(value, "value %u of %u", i, i % 7);
    size_t size = i % 4000 == 3999 ? 70000 : i % 100 == 99 ? 3000 : 0;
    uint8_t *room = bytes_extend(value, size);
    assert_non_null(room);
    memset(room, 'a' + (int)(i % 26), size);
    return bytes_view(value);
}

/* One run: opens the column as a reader has it, numbers values [from, from + count) and some old ones, writes. */
static void run_within(struct fixture *fixture, uint16_t column, uint32_t from, uint32_t count, uint64_t most_joined) {
    revue_error error;
    keywords *existing;
    keywords_builder *builder;
    store_txn *snapshot;
    struct bytes value = {0};
    uint32_t number;
    assert_ok(store_begin_read(fixture->store, &snapshot, &error));
    assert_ok(keywords_open(&existing, snapshot, column, &error));
    assert_int_equal(keywords_count(existing), from);
    assert_ok(keywords_builder_create(&builder, column, existing, &error));
    keywords_builder_limit(builder, most_joined);
    for (uint32_t i = 0; i < count; i++) {
        for (unsigned round = 0; round < 2; round++) {
            assert_ok(keywords_builder_number(builder, make_value(from + i, &value), &number, &error));
            assert_int_equal(number, from + i);
        }
        if (from == 0) continue;
        uint32_t old = i * 7919u % from;
        assert_ok(keywords_builder_number(builder, make_value(old, &value), &number, &error));
        assert_int_equal(number, old);
    }
    assert_true(keywords_builder_memory(builder) >= 20 * count);
    assert_ok(keywords_builder_write(builder, fixture->txn, &error));
    keywords_builder_free(builder);
    keywords_close(existing);
    store_abort(snapshot);
    bytes_free(&value);
}

static void run(struct fixture *fixture, uint16_t column, uint32_t from, uint32_t count) {
    run_within(fixture, column, from, count, UINT64_MAX);
}

static void commit(struct fixture *fixture) {
    revue_error error;
    assert_ok(store_commit(fixture->txn, &error));
    assert_ok(store_begin_write(fixture->store, &fixture->txn, &error));
}

/* Every value by number and number by value; none that is not there. */
static void check_column(struct fixture *fixture, uint16_t column, uint32_t count) {
    revue_error error;
    keywords *table;
    store_txn *snapshot;
    struct bytes value = {0}, scratch = {0};
    struct view found;
    uint32_t number;
    assert_ok(store_begin_read(fixture->store, &snapshot, &error));
    assert_ok(keywords_open(&table, snapshot, column, &error));
    assert_int_equal(keywords_count(table), count);
    assert_in_range(table->batch_count, 0, 8);
    for (uint32_t i = 0; i < count; i++) {
        struct view expected = make_value(i, &value);
        assert_ok(keywords_value(table, i, &scratch, &found, &error));
        assert_view(found, expected.data, expected.size);
        assert_ok(keywords_number(table, expected, &number, &error));
        assert_int_equal(number, i);
    }
    assert_int_equal(keywords_number(table, make_value(count, &value), &number, &error), REVUE_NO_MATCH);
    assert_int_equal(keywords_number(table, view_of(NULL, 0), &number, &error), REVUE_NO_MATCH);
    assert_int_equal(keywords_value(table, count, &scratch, &found, &error), REVUE_CORRUPT);
    keywords_close(table);
    store_abort(snapshot);
    bytes_free(&value);
    bytes_free(&scratch);
}

/* Records of the column: nothing may be left of batches that were joined. */
static void check_records(struct fixture *fixture, uint16_t column) {
    revue_error error;
    keywords *table;
    store_cursor *cursor;
    struct view key, value;
    uint32_t expected = 0, records = 0;
    assert_ok(keywords_open(&table, fixture->txn, column, &error));
    for (size_t i = 0; i < table->batch_count; i++)
        for (unsigned part = 0; part < PART_COUNT; part++)
            expected += KEYWORDS_EXTENTS(table->batches[i].parts[part].size);
    keywords_close(table);
    struct key first = key_keywords(column, 0, 0, 0);
    assert_ok(store_cursor_open(fixture->txn, TABLE_KEYWORDS, &cursor, &error));
    revue_status status = store_cursor_at_or_after(cursor, key_view(&first), &key, &value, &error);
    while (status == REVUE_OK && memcmp(key.data, first.data, 2) == 0) {
        records++;
        status = store_cursor_next(cursor, &key, &value, &error);
    }
    store_cursor_close(cursor);
    assert_int_equal(records, expected);
}

static void test_one_batch(void **state) {
    (void)state;
    struct fixture fixture;
    fixture_open(&fixture);
    check_column(&fixture, COLUMN, 0);
    run(&fixture, COLUMN, 0, 20000);
    commit(&fixture);
    check_column(&fixture, COLUMN, 20000);
    check_records(&fixture, COLUMN);
    fixture_close(&fixture);
}

static void test_many_runs(void **state) {
    (void)state;
    struct fixture fixture;
    uint32_t count = 0;
    uint64_t random = 3;
    fixture_open(&fixture);
    run(&fixture, COLUMN - 1, 0, 10); /* neighbours */
    run(&fixture, COLUMN + 1, 0, 10);
    for (unsigned round = 0; round < 40; round++) {
        uint32_t more = random_below(&random, 4) == 0 ? random_below(&random, 600) : random_below(&random, 20);
        run(&fixture, COLUMN, count, more);
        count += more;
        commit(&fixture);
        check_column(&fixture, COLUMN, count);
        check_records(&fixture, COLUMN);
    }
    check_column(&fixture, COLUMN - 1, 10);
    check_column(&fixture, COLUMN + 1, 10);
    fixture_close(&fixture);
}

/* A large batch stays where it is while small ones come: runs cost in proportion to what is new. */
static void test_large_batches_are_left_alone(void **state) {
    (void)state;
    struct fixture fixture;
    uint32_t count = 20000;
    fixture_open(&fixture);
    run(&fixture, COLUMN, 0, count);
    commit(&fixture);
    for (unsigned round = 0; round < 30; round++) {
        run(&fixture, COLUMN, count, 5);
        count += 5;
        assert_in_range(store_txn_written(fixture.txn), 1, 60000);
        commit(&fixture);
    }
    check_column(&fixture, COLUMN, count);
    fixture_close(&fixture);
}

/* Batches grow to half of what writing one may take and no further; those below it stay few. */
static void test_joining_is_bounded(void **state) {
    (void)state;
    const uint64_t most = 60000;
    revue_error error;
    struct fixture fixture;
    keywords *table;
    uint32_t count = 0;
    fixture_open(&fixture);
    for (unsigned round = 0; round < 44; round++) {
        run_within(&fixture, COLUMN, count, 90, most);
        count += 90;
        assert_in_range(store_txn_written(fixture.txn), 1, most + 4000);
        commit(&fixture);
    }
    check_records(&fixture, COLUMN);
    assert_ok(keywords_open(&table, fixture.txn, COLUMN, &error));
    assert_int_equal(keywords_count(table), count);
    size_t small = 0;
    for (size_t i = 0; i < table->batch_count; i++)
        small += table->batches[i].parts[PART_VALUES].size + 24 * (uint64_t)table->batches[i].count <= most / 2;
    assert_in_range(small, 1, 8);
    assert_in_range(table->batch_count, 9, 24);
    keywords_close(table);
    fixture_close(&fixture);
}

/* What filters pass over is not there, and they pass over nearly all that is not. */
static void test_filters(void **state) {
    (void)state;
    revue_error error;
    struct fixture fixture;
    keywords *table;
    struct bytes value = {0};
    uint32_t count = 20000, number, maybe = 0;
    fixture_open(&fixture);
    run(&fixture, COLUMN, 0, 3);
    commit(&fixture);
    run(&fixture, COLUMN, 3, count - 3);
    commit(&fixture);
    assert_ok(keywords_open(&table, fixture.txn, COLUMN, &error));
    assert_int_equal(keywords_filters_memory(table), 0);
    assert_ok(keywords_make_filters(table, SIZE_MAX, &error));
    assert_in_range(keywords_filters_memory(table), count, 2 * count + 64);
    for (uint32_t i = 0; i < count; i++) {
        assert_ok(keywords_number(table, make_value(i, &value), &number, &error));
        assert_int_equal(number, i);
    }
    for (uint32_t i = count; i < 2 * count; i++) {
        struct view absent = make_value(i, &value);
        maybe += keywords_batch_may_hold(&table->batches[1], (uint32_t)(hash_view(absent) >> 32));
        assert_int_equal(keywords_number(table, absent, &number, &error), REVUE_NO_MATCH);
    }
    assert_in_range(maybe, 0, count / 20);
    keywords_close(table);
    bytes_free(&value);
    fixture_close(&fixture);
}

static void test_bytes(void **state) {
    (void)state;
    revue_error error;
    struct fixture fixture;
    keywords_builder *builder;
    struct view record;
    uint32_t number;
    fixture_open(&fixture);
    assert_ok(keywords_builder_create(&builder, 6, NULL, &error));
    assert_ok(keywords_builder_number(builder, view_of_string("Up"), &number, &error));
    assert_ok(keywords_builder_number(builder, view_of_string("Her"), &number, &error));
    assert_int_equal(keywords_builder_number(builder, view_of_string(""), &number, &error), REVUE_BUG);
    assert_ok(keywords_builder_write(builder, fixture.txn, &error));
    assert_ok(keywords_builder_write(builder, fixture.txn, &error)); /* nothing new: nothing written */
    assert_ok(keywords_builder_number(builder, view_of_string("Ida"), &number, &error));
    assert_int_equal(number, 2);
    assert_ok(keywords_builder_write(builder, fixture.txn, &error));
    keywords_builder_free(builder);
    struct key key = key_keywords(6, 0, 0, 0);
    assert_ok(store_get(fixture.txn, TABLE_KEYWORDS, key_view(&key), &record, &error));
    assert_view(record, "\2Up\3Her", 7);
    key = key_keywords(6, 0, 1, 0);
    assert_ok(store_get(fixture.txn, TABLE_KEYWORDS, key_view(&key), &record, &error));
    assert_view(record, "\0\0\0\0\3\0\0\0", 8);
    key = key_keywords(6, 0, 2, 0);
    assert_ok(store_get(fixture.txn, TABLE_KEYWORDS, key_view(&key), &record, &error));
    assert_int_equal(record.size, 16);
    assert_true(load_le32(record.data) <= load_le32(record.data + 8));
    key = key_keywords(6, 2, 0, 0);
    assert_ok(store_get(fixture.txn, TABLE_KEYWORDS, key_view(&key), &record, &error));
    assert_view(record, "\3Ida", 4);
    fixture_close(&fixture);
}

static void test_builder_ends_with_its_existing_values(void **state) {
    (void)state;
    revue_error error;
    struct fixture fixture;
    keywords *existing;
    keywords_builder *builder;
    struct bytes value = {0};
    uint32_t number;
    fixture_open(&fixture);
    run(&fixture, COLUMN, 0, 10);
    assert_ok(keywords_open(&existing, fixture.txn, COLUMN, &error));
    assert_ok(keywords_builder_create(&builder, COLUMN, existing, &error));
    assert_ok(keywords_builder_number(builder, make_value(10, &value), &number, &error));
    assert_ok(keywords_builder_write(builder, fixture.txn, &error));
    keywords_close(existing);
    assert_ok(keywords_builder_number(builder, make_value(10, &value), &number, &error));
    assert_int_equal(number, 10);
    assert_int_equal(keywords_builder_number(builder, make_value(3, &value), &number, &error), REVUE_BUG);
    keywords_builder_free(builder);
    assert_ok(keywords_builder_create(&builder, COLUMN, NULL, &error)); /* knows nothing of what is there */
    assert_ok(keywords_builder_number(builder, make_value(0, &value), &number, &error));
    assert_int_equal(keywords_builder_write(builder, fixture.txn, &error), REVUE_BUG);
    keywords_builder_free(builder);
    bytes_free(&value);
    fixture_close(&fixture);
}

/* ---- damage ---- */

static void read_everything(store_txn *txn) {
    revue_error error;
    keywords *table;
    struct bytes value = {0}, scratch = {0};
    revue_status status = keywords_open(&table, txn, COLUMN, &error);
    assert_true(status == REVUE_OK || status == REVUE_CORRUPT);
    if (status != REVUE_OK) return;
    for (uint32_t i = 0; i < 30; i++) {
        struct view found;
        uint32_t number;
        status = keywords_value(table, i, &scratch, &found, &error);
        assert_true(status == REVUE_OK || status == REVUE_CORRUPT);
        for (size_t at = 0; status == REVUE_OK && at < found.size; at++)
            (void)((const volatile char *)found.data)[at];
        status = keywords_number(table, make_value(i, &value), &number, &error);
        assert_true(status == REVUE_OK || status == REVUE_CORRUPT || status == REVUE_NO_MATCH);
    }
    keywords_close(table);
    bytes_free(&value);
    bytes_free(&scratch);
}

struct flipping {
    struct fixture *fixture;
    struct key key;
};

static void check_flipped(void *context, const uint8_t *flipped, size_t size) {
    struct flipping *flipping = context;
    revue_error error;
    assert_ok(store_put(flipping->fixture->txn, TABLE_KEYWORDS, key_view(&flipping->key), view_of(flipped, size), &error));
    read_everything(flipping->fixture->txn);
}

static void test_damage(void **state) {
    (void)state;
    revue_error error;
    struct fixture fixture;
    fixture_open(&fixture);
    run(&fixture, COLUMN, 0, 30);
    for (uint8_t part = 0; part < PART_COUNT; part++) {
        struct flipping flipping = {&fixture, key_keywords(COLUMN, 0, part, 0)};
        struct view record;
        uint8_t whole[1024];
        assert_ok(store_get(fixture.txn, TABLE_KEYWORDS, key_view(&flipping.key), &record, &error));
        size_t size = record.size;
        assert_in_range(size, 1, sizeof whole);
        memcpy(whole, record.data, size);
        flip_each_bit(whole, size, check_flipped, &flipping);
        for (size_t kept = 0; kept < size; kept++)
            check_flipped(&flipping, whole, kept);
        assert_ok(store_delete(fixture.txn, TABLE_KEYWORDS, key_view(&flipping.key), &error));
        read_everything(fixture.txn);
        assert_ok(store_put(fixture.txn, TABLE_KEYWORDS, key_view(&flipping.key), view_of(whole, size), &error));
    }
    keywords *table;
    struct key stray = key_keywords(COLUMN, 31, 0, 0); /* a batch behind a hole in the numbers */
    assert_ok(store_put(fixture.txn, TABLE_KEYWORDS, key_view(&stray), view_of("\1x", 2), &error));
    assert_int_equal(keywords_open(&table, fixture.txn, COLUMN, &error), REVUE_CORRUPT);
    fixture_close(&fixture);
}

/* ---- memory ---- */

/* A ninth run, which joins batches, in a transaction that is thrown away. */
static revue_status join_batches(void *context, revue_error *error) {
    struct fixture *fixture = context;
    store_txn *txn;
    keywords *existing;
    keywords_builder *builder;
    uint32_t number;
    TRY(store_begin_write(fixture->store, &txn, error));
    revue_status status = keywords_open(&existing, txn, COLUMN, error);
    if (status == REVUE_OK) {
        status = keywords_builder_create(&builder, COLUMN, existing, error);
        if (status == REVUE_OK) {
            status = keywords_builder_number(builder, view_of_string("new"), &number, error);
            if (status == REVUE_OK) status = keywords_builder_write(builder, txn, error);
            keywords_builder_free(builder);
        }
        keywords_close(existing);
    }
    store_abort(txn);
    return status;
}

static void test_allocations_fail(void **state) {
    (void)state;
    revue_error error;
    struct fixture fixture;
    fixture_open(&fixture);
    for (uint32_t count = 0; count < 80; count += 10) {
        run(&fixture, COLUMN, count, 10);
        commit(&fixture);
    }
    assert_ok(store_commit(fixture.txn, &error));
    fixture.txn = NULL;
    assert_true(fail_each_allocation(join_batches, &fixture) > 20);
    check_column(&fixture, COLUMN, 80);
    fixture_close(&fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_one_batch),
        cmocka_unit_test(test_many_runs),
        cmocka_unit_test(test_large_batches_are_left_alone),
        cmocka_unit_test(test_joining_is_bounded),
        cmocka_unit_test(test_filters),
        cmocka_unit_test(test_builder_ends_with_its_existing_values),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_allocations_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
