/* test_champions_record.c - the record of champions where it lies in two extents, and the second one is not there. (What
 * else it may be is in fuzz_champions.c.) */
#include "indexer/format/champions_record.h"
#include "tests/unit/format/format_test.h"

#define BEFORE 4u /* bytes of the record in the first extent */

static void put_extent(struct fixture *fixture, uint32_t extent, const uint8_t *data, size_t size) {
    revue_error error;
    struct key key = key_extent(1, KIND_SKIPS, extent);
    assert_ok(store_put(fixture->txn, TABLE_SEGMENTS, key_view(&key), view_of(data, size), &error));
}

/* Leaves nothing behind, which the sanitizer of leaks sees to. */
static void test_second_extent(void **state) {
    (void)state;
    static uint8_t first[EXTENT_BYTES];
    const struct champion written[] = {{.doc = 3, .frequency = {[FIELD_BODY] = 2}},
                                       {.doc = 900, .frequency = {[FIELD_BODY] = 7}}};
    struct champion found[CHAMPIONS_MAX];
    struct bytes record = {0};
    struct fixture fixture;
    struct stream skips;
    uint32_t count;
    revue_error error;
    champions_encode(written, 2, 1u << FIELD_BODY, &record);
    assert_true(record.size > BEFORE);
    memcpy(first + EXTENT_BYTES - BEFORE, record.data, BEFORE);
    for (unsigned is_there = 0; is_there < 2; is_there++) {
        fixture_open(&fixture);
        put_extent(&fixture, 0, first, sizeof first);
        if (is_there) put_extent(&fixture, 1, record.data + BEFORE, record.size - BEFORE);
        fixture_read(&fixture);
        stream_open(&skips, fixture.txn, 1, KIND_SKIPS, EXTENT_BYTES - BEFORE + record.size);
        revue_status status = champions_read(&skips, EXTENT_BYTES - BEFORE, (uint32_t)record.size, 1u << FIELD_BODY, 1000,
                                             found, &count, &error);
        assert_int_equal(status, is_there ? REVUE_OK : REVUE_CORRUPT);
        if (is_there) assert_int_equal(count, 2);
        if (is_there) assert_memory_equal(found, written, sizeof written);
        stream_close(&skips);
        fixture_close(&fixture);
    }
    bytes_free(&record);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_second_extent)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
