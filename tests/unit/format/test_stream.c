/* test_stream.c - streams over one extent and many: every view, inside and across, and what lies beyond the end. */
#include "indexer/format/stream.h"
#include "tests/unit/format/format_test.h"

#define MANY (EXTENT_BYTES * 4 + 12345)

static uint8_t content[MANY];

static int fill_content(void **state) {
    (void)state;
    uint64_t random = 5;
    for (size_t i = 0; i < MANY; i++)
        content[i] = (uint8_t)random_next(&random);
    return 0;
}

static void write_stream(const struct segment_sink *sink, size_t size, size_t step) {
    revue_error error;
    struct stream_writer writer;
    assert_ok(stream_writer_open(&writer, sink, KIND_TEXT, &error));
    for (size_t at = 0; at < size; at += step) {
        assert_int_equal(writer.size, at);
        assert_ok(stream_writer_append(&writer, content + at, size - at < step ? size - at : step, &error));
    }
    assert_ok(stream_writer_finish(&writer, &error));
    assert_int_equal(writer.size, size);
    stream_writer_free(&writer);
}

/* Reads the 8 bytes behind a view too: a sanitizer sees when they are not there. */
static void assert_view_at(struct stream *stream, uint64_t offset, size_t size, struct bytes *scratch) {
    revue_error error;
    const uint8_t *view;
    volatile uint8_t sum = 0;
    assert_ok(stream_view(stream, offset, size, scratch, &view, &error));
    assert_memory_equal(view, content + offset, size);
    for (unsigned i = 0; i < STREAM_SLACK; i++)
        sum = (uint8_t)(sum + view[size + i]);
}

static void test_extents_are_as_the_format_says(void **state) {
    (void)state;
    static const size_t sizes[] = {0, 1, EXTENT_BYTES - 1, EXTENT_BYTES, EXTENT_BYTES + 1, EXTENT_BYTES * 2, MANY};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct fixture fixture;
        revue_error error;
        fixture_open(&fixture);
        write_stream(&fixture.sink.sink, sizes[i], 70000);
        uint64_t extents = (sizes[i] + EXTENT_BYTES - 1) / EXTENT_BYTES;
        assert_int_equal(fixture.sink.records, extents);
        assert_int_equal(fixture.sink.bytes, sizes[i]);
        for (uint32_t extent = 0; extent < extents; extent++) {
            struct key key = key_extent(1, KIND_TEXT, extent);
            struct view value;
            size_t left = sizes[i] - (size_t)extent * EXTENT_BYTES;
            assert_ok(store_get(fixture.txn, TABLE_SEGMENTS, key_view(&key), &value, &error));
            assert_view(value, content + (size_t)extent * EXTENT_BYTES, left < EXTENT_BYTES ? left : EXTENT_BYTES);
        }
        fixture_close(&fixture);
    }
}

static void test_views_anywhere(void **state) {
    (void)state;
    struct fixture fixture;
    struct stream stream;
    struct bytes scratch = {0};
    uint64_t random = 7;
    fixture_open(&fixture);
    write_stream(&fixture.sink.sink, MANY, 777);
    fixture_read(&fixture);
    stream_open(&stream, fixture.txn, 1, KIND_TEXT, MANY);
    assert_null(stream.extents);
    for (unsigned i = 0; i < 20000; i++) {
        uint64_t offset = random_below(&random, MANY + 1);
        size_t size = random_below(&random, random_below(&random, 10) ? 300 : 150000);
        if (size > MANY - offset) size = (size_t)(MANY - offset);
        assert_view_at(&stream, offset, size, &scratch);
    }
    for (uint64_t border = EXTENT_BYTES; border < MANY; border += EXTENT_BYTES) {
        for (uint64_t offset = border - 10; offset <= border; offset++) {
            for (size_t size = 0; size < 20; size++)
                assert_view_at(&stream, offset, size, &scratch);
        }
    }
    assert_view_at(&stream, 0, MANY, &scratch);
    assert_view_at(&stream, MANY, 0, &scratch);
    stream_close(&stream);
    bytes_free(&scratch);
    fixture_close(&fixture);
}

static void test_in_place_within_an_extent(void **state) {
    (void)state;
    struct fixture fixture;
    struct stream stream;
    revue_error error;
    const uint8_t *view, *extent;
    uint32_t size;
    fixture_open(&fixture);
    write_stream(&fixture.sink.sink, MANY, MANY);
    fixture_read(&fixture);
    stream_open(&stream, fixture.txn, 1, KIND_TEXT, MANY);
    for (uint32_t number = 0; number < 5; number++) {
        uint64_t start = (uint64_t)number * EXTENT_BYTES;
        assert_ok(stream_extent(&stream, number, &extent, &size, &error));
        assert_int_equal(size, number < 4 ? EXTENT_BYTES : 12345);
        assert_memory_equal(extent, content + start, size);
        /* No scratch is needed for what does not straddle. */
        assert_ok(stream_view(&stream, start, size, NULL, &view, &error));
        assert_ptr_equal(view, extent);
        assert_ok(stream_view(&stream, start + size - 8, 8, NULL, &view, &error));
        assert_ptr_equal(view, extent + size - 8);
    }
    assert_int_equal(stream_extent(&stream, 5, &extent, &size, &error), REVUE_CORRUPT);
    stream_close(&stream);
    fixture_close(&fixture);
}

static void test_beyond_the_end(void **state) {
    (void)state;
    static const struct {
        uint64_t offset;
        size_t size;
    } cases[] = {{1000, 1},       {999, 2},        {0, 1001},     {1001, 0},
                 {UINT64_MAX, 1}, {UINT64_MAX, 0}, {1, SIZE_MAX}, {500, SIZE_MAX - 400}};
    struct fixture fixture;
    struct stream stream;
    struct bytes scratch = {0};
    fixture_open(&fixture);
    write_stream(&fixture.sink.sink, 1000, 1000);
    fixture_read(&fixture);
    stream_open(&stream, fixture.txn, 1, KIND_TEXT, 1000);
    for (unsigned round = 0; round < 2; round++) { /* before and after the extent was touched */
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            revue_error error;
            const uint8_t *view;
            assert_int_equal(stream_view(&stream, cases[i].offset, cases[i].size, &scratch, &view, &error), REVUE_CORRUPT);
            assert_non_null(strstr(error.message, "past the end of the stream"));
        }
        assert_view_at(&stream, 999, 1, &scratch);
    }
    stream_close(&stream);
    bytes_free(&scratch);
    fixture_close(&fixture);
}

static void test_damaged_extents(void **state) {
    (void)state;
    struct fixture fixture;
    struct stream stream;
    struct bytes scratch = {0};
    revue_error error;
    const uint8_t *view;
    struct key first = key_extent(1, KIND_TEXT, 0), second = key_extent(1, KIND_TEXT, 1);
    fixture_open(&fixture);
    write_stream(&fixture.sink.sink, EXTENT_BYTES * 3, 1000);
    assert_ok(store_put(fixture.txn, TABLE_SEGMENTS, key_view(&first), view_of(content, EXTENT_BYTES - 1), &error));
    assert_ok(store_delete(fixture.txn, TABLE_SEGMENTS, key_view(&second), &error));
    fixture_read(&fixture);
    stream_open(&stream, fixture.txn, 1, KIND_TEXT, EXTENT_BYTES * 3);
    assert_int_equal(stream_view(&stream, 0, 10, &scratch, &view, &error), REVUE_CORRUPT);
    assert_non_null(strstr(error.message, "segments 1/14/00000000 has 65511 bytes instead of 65512"));
    assert_int_equal(stream_view(&stream, EXTENT_BYTES, 10, &scratch, &view, &error), REVUE_CORRUPT);
    assert_non_null(strstr(error.message, "segments 1/14/00000001 is missing"));
    assert_int_equal(stream_view(&stream, EXTENT_BYTES * 2 - 5, 10, &scratch, &view, &error), REVUE_CORRUPT);
    assert_view_at(&stream, EXTENT_BYTES * 2, 10, &scratch);
    stream_close(&stream);
    /* A size that nobody has room for. */
    stream_open(&stream, fixture.txn, 1, KIND_TEXT, UINT64_MAX);
    assert_int_equal(stream_view(&stream, 0, 10, &scratch, &view, &error), REVUE_CORRUPT);
    stream_close(&stream);
    bytes_free(&scratch);
    fixture_close(&fixture);
}

/* ---- out of memory ---- */

static revue_status write_and_read(void *context, revue_error *error) {
    struct fixture *fixture = context;
    struct stream_writer writer;
    struct stream stream;
    struct bytes scratch = {0};
    const uint8_t *view;
    revue_status status = stream_writer_open(&writer, &fixture->sink.sink, KIND_TEXT, error);
    if (status == REVUE_OK) status = stream_writer_append(&writer, content, EXTENT_BYTES + 10, error);
    if (status == REVUE_OK) status = stream_writer_finish(&writer, error);
    stream_writer_free(&writer);
    if (status != REVUE_OK) return status;
    stream_open(&stream, fixture->txn, 1, KIND_TEXT, EXTENT_BYTES + 10);
    status = stream_view(&stream, EXTENT_BYTES - 5, 10, &scratch, &view, error);
    if (status == REVUE_OK) assert_memory_equal(view, content + EXTENT_BYTES - 5, 10);
    stream_close(&stream);
    bytes_free(&scratch);
    return status;
}

static void test_allocations(void **state) {
    (void)state;
    struct fixture fixture;
    fixture_open(&fixture);
    assert_int_equal(fail_each_allocation(write_and_read, &fixture), 3);
    fixture_close(&fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_extents_are_as_the_format_says),
        cmocka_unit_test(test_views_anywhere),
        cmocka_unit_test(test_in_place_within_an_extent),
        cmocka_unit_test(test_beyond_the_end),
        cmocka_unit_test(test_damaged_extents),
        cmocka_unit_test(test_allocations),
    };
    return cmocka_run_group_tests(tests, fill_content, NULL);
}
