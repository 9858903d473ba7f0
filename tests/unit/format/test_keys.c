/* test_keys.c - every key byte by byte, and that keys sort as what they are made of. */
#include "indexer/base/hash.h"
#include "indexer/format/keys.h"
#include "tests/unit/format/format_test.h"

#define assert_key(made, bytes)                                                                                            \
    do {                                                                                                                   \
        struct key assert_made = (made);                                                                                   \
        assert_view(key_view(&assert_made), bytes, sizeof bytes - 1);                                                      \
    } while (0)

static void test_bytes(void **state) {
    (void)state;
    assert_key(key_segment(0x01020304), "\1\2\3\4");
    assert_key(key_segment_kind(5, KIND_META), "\0\0\0\5\0");
    assert_key(key_segment_kind(5, KIND_SYMBOL_INDEX), "\0\0\0\5\x11");
    assert_key(key_extent(5, KIND_POSTINGS, 0x0A0B0C0D), "\0\0\0\5\3\x0A\x0B\x0C\x0D");
    assert_key(key_block(5, KIND_TERMS, view_of_string("film")), "\0\0\0\5\1film");
    assert_key(key_block(5, KIND_FORMS, view_of("", 0)), "\0\0\0\5\2");
    assert_key(key_column_chunk(5, 0x0102, 7), "\0\0\0\5\1\2\0\0\0\7");
    assert_key(key_deletes_chunk(0xFFFFFFFF, 7), "\xFF\xFF\xFF\xFF\0\0\0\7");
    assert_key(key_keywords(5, 256, 2, 1), "\0\5\0\0\1\0\2\0\0\0\1");
    assert_key(key_source(1, view_of_string("a/b.txt")), "\0\1a/b.txt");
    assert_key(key_source(0xABCD, view_of(NULL, 0)), "\xAB\xCD");
    assert_key(key_blocked_id(view_of_string("tt1")), "itt1");
    assert_key(key_blocked_source(view_of_string("*.bak")), "s*.bak");
    assert_key(key_shadow(view_of_string("tt1"), 9), "tt1\0\0\0\0\x09");
    assert_key(key_name("manifest"), "manifest");
}

static void test_long_parts(void **state) {
    (void)state;
    static char longest[1000];
    memset(longest, 'x', sizeof longest);
    assert_int_equal(key_block(1, KIND_TERMS, view_of(longest, 255)).size, 260);
    assert_int_equal(key_blocked_id(view_of(longest, 1000)).size, 401);
    assert_int_equal(key_shadow(view_of(longest, 1000), 1).size, 405);
    assert_int_equal(key_source(1, view_of(longest, 480)).size, 482);
    struct key key = key_source(1, view_of(longest, 481));
    char digits[17];
    assert_int_equal(key.size, 2 + 480 + 16);
    (void)snprintf(digits, sizeof digits, "%016llx", (unsigned long long)hash_bytes(longest, 481));
    assert_memory_equal(key.data + 482, digits, 16);
    struct key other = key_source(1, view_of(longest, 482));
    assert_memory_not_equal(key.data, other.data, key.size);
    assert_int_equal(key_blocked_source(view_of(longest, 1000)).size, 497);
}

static int compare(struct key a, struct key b) {
    int order = view_compare(key_view(&a), key_view(&b));
    return (order > 0) - (order < 0);
}

static void test_order_is_that_of_the_parts(void **state) {
    (void)state;
    uint64_t random = 3;
    for (unsigned i = 0; i < 10000; i++) {
        uint32_t a[3], b[3];
        for (unsigned j = 0; j < 3; j++) {
            a[j] = (uint32_t)random_next(&random) >> random_below(&random, 32);
            b[j] = random_below(&random, 3) ? a[j] : (uint32_t)random_next(&random) >> random_below(&random, 32);
        }
        int expected = 0;
        for (unsigned j = 0; j < 3 && !expected; j++) {
            uint32_t left = j == 1 ? (uint16_t)a[j] : a[j], right = j == 1 ? (uint16_t)b[j] : b[j];
            expected = (left > right) - (left < right);
        }
        assert_int_equal(
            compare(key_column_chunk(a[0], (uint16_t)a[1], a[2]), key_column_chunk(b[0], (uint16_t)b[1], b[2])), expected);
        expected = (a[2] > b[2]) - (a[2] < b[2]);
        assert_int_equal(compare(key_extent(7, KIND_TEXT, a[2]), key_extent(7, KIND_TEXT, b[2])), expected);
        assert_int_equal(compare(key_deletes_chunk(7, a[2]), key_deletes_chunk(7, b[2])), expected);
    }
    assert_int_equal(compare(key_segment_kind(7, KIND_META), key_block(7, KIND_TERMS, view_of_string("a"))), -1);
    assert_int_equal(compare(key_block(7, KIND_TERMS, view_of_string("zz")), key_block(7, KIND_FORMS, view_of_string("a"))),
                     -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_long_parts),
        cmocka_unit_test(test_order_is_that_of_the_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
