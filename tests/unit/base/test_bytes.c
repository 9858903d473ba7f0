/* test_bytes.c - views, growing buffers and readers of bytes from outside: nothing is read past an end, nothing is added to
 * NULL, and a failed allocation is remembered. */
#include "indexer/base/bytes.h"
#include "indexer/base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static bool refuse(void *context) {
    (void)context;
    return false;
}

/* ---- views ---- */

static void test_views(void **state) {
    (void)state;
    struct view none = view_of(NULL, 0), a = view_of_string("a"), ab = view_of_string("ab"), b = view_of_string("b");
    assert_true(view_equal(none, view_of_string("")));
    assert_true(view_equal(none, view_of_string(NULL)));
    assert_false(view_equal(a, ab));
    assert_true(view_compare(none, a) < 0);
    assert_true(view_compare(a, ab) < 0);
    assert_true(view_compare(ab, b) < 0);
    assert_true(view_compare(view_of_string("\xFF"), b) > 0);
    assert_int_equal(view_compare(none, none), 0);
}

/* ---- the growing buffer ---- */

static void test_appends(void **state) {
    (void)state;
    struct bytes bytes = {0};
    bytes_append_u8(&bytes, 1);
    bytes_append_u16(&bytes, 0x0302);
    bytes_append_u32(&bytes, 0x07060504);
    bytes_append_u64(&bytes, 0x0F0E0D0C0B0A0908);
    bytes_append_string(&bytes, "");
    bytes_append_format(&bytes, "%d %s", -7, "seven");
    assert_false(bytes.failed);
    assert_int_equal(bytes.size, 15 + 8);
    for (uint8_t i = 0; i < 15; i++)
        assert_int_equal(bytes.data[i], i + 1);
    assert_memory_equal(bytes.data + 15, "-7 seven", 8);
    bytes_free(&bytes);
    assert_null(bytes.data);
}

/* NULL means failure, so that nothing asked for is something given. */
static void test_room_for_nothing(void **state) {
    (void)state;
    struct bytes bytes = {0};
    assert_non_null(bytes_extend(&bytes, 0));
    assert_int_equal(bytes.size, 0);
    assert_null(bytes_extend(&bytes, SIZE_MAX));
    assert_true(bytes.failed);
    bytes_free(&bytes);
}

static void test_failure_stays(void **state) {
    (void)state;
    struct bytes bytes = {0};
    memory_set_test_hook(refuse, NULL);
    bytes_append_u32(&bytes, 1);
    memory_set_test_hook(NULL, NULL);
    bytes_append_u32(&bytes, 2);
    assert_true(bytes.failed);
    assert_int_equal(bytes.size, 0);
    bytes_free(&bytes);
    assert_false(bytes.failed);
}

static void test_reserving(void **state) {
    (void)state;
    uint64_t *numbers = NULL;
    size_t capacity = 0;
    assert_true(MEMORY_RESERVE(numbers, capacity, 3));
    assert_in_range(capacity, 3, 64);
    numbers[2] = 7;
    uint64_t *before = numbers;
    size_t had = capacity;
    assert_false(MEMORY_RESERVE(numbers, capacity, SIZE_MAX / 4));
    memory_set_test_hook(refuse, NULL);
    assert_false(MEMORY_RESERVE(numbers, capacity, had + 1));
    memory_set_test_hook(NULL, NULL);
    assert_ptr_equal(numbers, before);
    assert_int_equal(capacity, had);
    assert_true(MEMORY_RESERVE(numbers, capacity, had + 1));
    assert_int_equal(numbers[2], 7);
    memory_free(numbers);
}

/* ---- reading ---- */

static void test_reading_nothing(void **state) {
    (void)state;
    struct byte_reader reader = byte_reader_of(NULL, 0);
    assert_int_equal(byte_reader_left(&reader), 0);
    assert_int_equal(byte_reader_bytes(&reader, 0).size, 0);
    assert_false(reader.failed);
    assert_int_equal(byte_reader_u8(&reader), 0);
    assert_true(reader.failed);
}

static void test_varints(void **state) {
    (void)state;
    static const uint64_t values[] = {0, 1, 127, 128, 16383, 16384, UINT32_MAX, (uint64_t)UINT32_MAX + 1, UINT64_MAX};
    const size_t count = sizeof values / sizeof *values;
    struct bytes bytes = {0};
    for (size_t i = 0; i < count; i++)
        bytes_append_varint(&bytes, values[i]);
    struct byte_reader reader = byte_reader_of(bytes.data, bytes.size);
    for (size_t i = 0; i < count; i++)
        assert_true(byte_reader_varint(&reader) == values[i]);
    assert_false(reader.failed);
    assert_int_equal(byte_reader_left(&reader), 0);
    reader = byte_reader_of(bytes.data, bytes.size);
    for (size_t i = 0; i < 7; i++)
        assert_int_equal(byte_reader_varint32(&reader), values[i]);
    assert_false(reader.failed);
    assert_int_equal(byte_reader_varint32(&reader), 0);
    assert_true(reader.failed);
    bytes_free(&bytes);
}

static void test_varints_too_long(void **state) {
    (void)state;
    static const char endless[] = "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01",
                      large[] = "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x02";
    struct byte_reader reader = byte_reader_of(endless, 11);
    assert_true(byte_reader_varint(&reader) == 0 && reader.failed);
    reader = byte_reader_of(large, 10);
    assert_true(byte_reader_varint(&reader) == 0 && reader.failed);
    reader = byte_reader_of(endless, 3);
    assert_true(byte_reader_varint(&reader) == 0 && reader.failed);
}

/* A size that promises more than there is, and everything behind a failure. */
static void test_reading_past_the_end(void **state) {
    (void)state;
    static const char data[] = "\x05"
                               "abcd";
    struct byte_reader reader = byte_reader_of(data, 5);
    struct view view = byte_reader_view(&reader);
    assert_true(reader.failed);
    assert_int_equal(view.size, 0);
    assert_int_equal(byte_reader_u8(&reader), 0);
    assert_int_equal(byte_reader_bytes(&reader, 1).size, 0);
    reader = byte_reader_of(data, 6);
    view = byte_reader_view(&reader);
    assert_false(reader.failed);
    assert_int_equal(view.size, 5);
    reader = byte_reader_of(data, 3);
    assert_int_equal(byte_reader_u32(&reader), 0);
    assert_true(reader.failed);
    reader = byte_reader_of(data, 3);
    assert_int_equal(byte_reader_u16(&reader), 0x6105);
    assert_true(byte_reader_u64(&reader) == 0 && reader.failed);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_views),
        cmocka_unit_test(test_appends),
        cmocka_unit_test(test_room_for_nothing),
        cmocka_unit_test(test_failure_stays),
        cmocka_unit_test(test_reserving),
        cmocka_unit_test(test_reading_nothing),
        cmocka_unit_test(test_varints),
        cmocka_unit_test(test_varints_too_long),
        cmocka_unit_test(test_reading_past_the_end),
    };
    return cmocka_run_group_tests_name("bytes", tests, NULL, NULL);
}
