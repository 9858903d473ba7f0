/* test_dense_code.c - (s,c)-dense codes: the order of codes, the best s against trying all, limits. */
#include "indexer/format/stored_text.h"
#include "tests/unit/format/format_test.h"

/* The code as a number that orders as the codes should: longer ones behind, then bytewise. */
static uint64_t code_order(const uint8_t *code, size_t size) {
    uint64_t order = size;
    for (size_t i = 0; i < size; i++)
        order = order << 8 | code[i];
    return order << 8 * (DENSE_CODE_MAX - size);
}

/* Numbers in order get codes of growing size, each ended by its only byte under s. */
static void test_codes_follow_each_other(void **state) {
    (void)state;
    for (unsigned s = 1; s < 256; s += s < 5 || s > 250 ? 1 : 17) {
        uint64_t before = 0, by_size[DENSE_CODE_MAX + 1] = {0};
        for (uint32_t number = 0; number < 20000; number++) {
            uint8_t code[DENSE_CODE_MAX];
            size_t size = dense_code_encode(number, s, code);
            if (size == 0) {
                assert_true(s > 223);
                break;
            }
            for (size_t i = 0; i + 1 < size; i++)
                assert_true(code[i] >= s);
            assert_true(code[size - 1] < s);
            if (number > 0) assert_true(code_order(code, size) > before);
            before = code_order(code, size);
            by_size[size]++;
        }
        assert_int_equal(by_size[1], s);
        if (s * (256 - s) < 20000 - s) assert_int_equal(by_size[2], s * (256 - s));
    }
}

static void test_known_codes(void **state) {
    (void)state;
    uint8_t code[DENSE_CODE_MAX];
    assert_int_equal(dense_code_encode(0, 200, code), 1);
    assert_int_equal(code[0], 0);
    assert_int_equal(dense_code_encode(199, 200, code), 1);
    assert_int_equal(code[0], 199);
    assert_int_equal(dense_code_encode(200, 200, code), 2);
    assert_memory_equal(code, "\xC8\x00", 2);
    assert_int_equal(dense_code_encode(200 + 200 * 56 - 1, 200, code), 2);
    assert_memory_equal(code, "\xFF\xC7", 2);
    assert_int_equal(dense_code_encode(200 + 200 * 56, 200, code), 3);
    assert_memory_equal(code, "\xC8\xC8\x00", 3);
}

static uint64_t bytes_with(unsigned s, const uint64_t *counts, size_t count) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        uint8_t code[DENSE_CODE_MAX];
        bytes += counts[i] * dense_code_encode((uint32_t)i, s, code);
    }
    return bytes;
}

static void check_choice(const uint64_t *counts, size_t count) {
    unsigned chosen = dense_code_choose(counts, count);
    uint64_t bytes = bytes_with(chosen, counts, count);
    for (unsigned s = 1; s <= 223; s++)
        assert_true(bytes <= bytes_with(s, counts, count));
}

static void test_best_s(void **state) {
    (void)state;
    static uint64_t counts[30000];
    uint64_t random = 3;
    for (size_t i = 0; i < 30000; i++)
        counts[i] = 3000000 / (i + 1) + random_below(&random, 3);
    check_choice(counts, 30000);
    check_choice(counts, 5000);
    check_choice(counts, 300);
    check_choice(counts, 200);
    for (size_t i = 0; i < 30000; i++)
        counts[i] = 1; /* all alike: few stoppers are best */
    check_choice(counts, 30000);
    assert_in_range(dense_code_choose(counts, 30000), 1, 135);
    for (size_t i = 250; i < 30000; i++)
        counts[i] = 0;
    check_choice(counts, 30000);
    assert_int_equal(dense_code_choose(counts, 190), 190); /* anything from 190 on is as good */
    assert_int_equal(dense_code_choose(counts, 3), 190);
    assert_int_equal(dense_code_choose(NULL, 0), 190);
}

/* Whatever s was chosen, tables may grow to DENSE_NUMBERS. */
static void test_reach(void **state) {
    (void)state;
    uint64_t counts[256];
    uint8_t code[DENSE_CODE_MAX];
    for (size_t i = 0; i < 256; i++)
        counts[i] = 1;
    assert_int_equal(dense_code_choose(counts, 256), 223);
    for (unsigned s = 1; s <= 223; s++)
        assert_in_range(dense_code_encode(DENSE_NUMBERS - 1, s, code), 4, DENSE_CODE_MAX);
    assert_int_equal(dense_code_encode(UINT32_MAX, 255, code), 0);
    assert_int_equal(dense_code_encode(5 * 255, 255, code), 0);
    assert_int_equal(dense_code_encode(5 * 255 - 1, 255, code), 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_codes),
        cmocka_unit_test(test_codes_follow_each_other),
        cmocka_unit_test(test_best_s),
        cmocka_unit_test(test_reach),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
