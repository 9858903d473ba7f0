/* test_bit_functions.c - the loops over bits against one bit at a time, for every shift: all instruction sets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "indexer/base/bytes.h"
#include "query/rank/bit_functions.h"
#include "tests/support/random_list.h"

#include <string.h>

#define WORDS 8u

static bool bit_of(const uint64_t *bits, uint32_t at) {
    return bits[at / 64] >> at % 64 & 1;
}

static uint64_t random_word(uint64_t *random) {
    const uint64_t word = (uint64_t)random_next(random) << 32 | random_next(random);
    return random_below(random, 3) ? word : word & word << 7 & word << 19;
}

static void check(const struct bit_functions *functions, uint32_t at, uint32_t count, uint64_t *random) {
    uint64_t in[WORDS], with[WORDS + 2], added[WORDS + 2] = {0}, shared[WORDS + 2] = {0};
    uint8_t bytes[WORDS * 8 + 1];
    uint32_t ones = 0, both = 0, common = 5;
    for (uint32_t i = 0; i < WORDS + 2; i++)
        with[i] = random_word(random);
    for (uint32_t i = 0; i < count; i++)
        store_le64(bytes + 1 + i * 8, in[i] = random_word(random));
    assert_int_equal(functions->add(added, at, bytes + 1, count), functions->count(in, count));
    assert_int_equal(functions->add_common(shared, with, at, bytes + 1, count), functions->count(in, count));
    assert_int_equal(functions->count_common(with, at, bytes + 1, count, &common), functions->count(in, count));
    for (uint32_t i = 0; i < (WORDS + 2) * 64; i++) {
        const bool is_in = i >= at && i < at + count * 64 && bit_of(in, i - at);
        assert_int_equal(bit_of(added, i), is_in);
        assert_int_equal(bit_of(shared, i), is_in && bit_of(with, i));
        ones += is_in;
        both += is_in && bit_of(with, i);
    }
    assert_int_equal(functions->count(in, count), ones);
    assert_int_equal(common, 5 + both);
}

static void bits_are_counted(void **state) {
    (void)state;
    const struct bit_functions *const variants[] = {&bit_functions_plain, bit_functions_best()};
    uint64_t random = 20261123;
    for (unsigned variant = 0; variant < 2; variant++)
        for (uint32_t at = 0; at < 128; at++)
            for (uint32_t count = 0; count < WORDS; count++)
                check(variants[variant], at, count, &random);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(bits_are_counted)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
