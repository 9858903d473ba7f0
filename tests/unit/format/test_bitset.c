/* test_bitset.c - the numbers and ranks of ones: of every way there is, at every density, and no number too many. */
#include "indexer/base/bitset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define WORDS 9u
#define ROUNDS 2000u
#define UNTOUCHED 0xA5A5A5A5u

static uint64_t random_state = 20261123;

static uint32_t random32(void) {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 32);
}

/* Bit after bit. */
static uint32_t fill(uint8_t *bits, uint32_t words, uint32_t first, uint32_t *expected) {
    const uint32_t density = random32() % 65;
    uint32_t count = 0;
    for (uint32_t bit = 0; bit < words * 64; bit++) {
        if (random32() % 64 >= density) continue;
        bits[bit / 8] |= (uint8_t)(1u << bit % 8);
        expected[count++] = first + bit;
    }
    return count;
}

/* In memory of its own, so that a sanitizer sees a byte too many. */
static void check_way(const struct bitset_functions *way, const uint8_t *bits, uint32_t words, uint32_t first,
                      const uint32_t *expected, uint32_t count) {
    const size_t room = (size_t)count + BITSET_NUMBERS_BEHIND;
    uint32_t *numbers = malloc((room + 1) * sizeof *numbers);
    assert_non_null(numbers);
    numbers[room] = UNTOUCHED;
    assert_true(way->numbers(bits, words, count, first, numbers));
    if (count) assert_memory_equal(numbers, expected, count * sizeof *numbers);
    assert_false(way->numbers(bits, words, count + 1, first, numbers));
    assert_int_equal(numbers[room], UNTOUCHED);
    if (count) assert_false(way->numbers(bits, words, count - 1, first, numbers));
    free(numbers);
}

static void test_every_way(void **state) {
    (void)state;
    unsigned ways = 0;
    for (; bitset_functions_of(ways); ways++)
        print_message("way %u: %s\n", ways, bitset_functions_of(ways)->name);
    assert_true(ways > 0);
    assert_string_equal(bitset_functions_of(ways - 1)->name, "plain");
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint8_t *bits = calloc(WORDS, 8);
        uint32_t expected[WORDS * 64];
        const uint32_t first = round % 2 ? random32() : 0, words = random32() % (WORDS + 1);
        assert_non_null(bits);
        const uint32_t count = fill(bits, words, first, expected);
        for (unsigned way = 0; way < ways; way++)
            check_way(bitset_functions_of(way), bits, words, first, expected, count);
        free(bits);
    }
}

/* Bit after bit, again. */
static void check_ranks(const struct bitset_functions *way, const uint8_t *bits, uint32_t words, uint32_t count) {
    uint8_t before[BITSET_RANKED_WORDS];
    uint32_t ones = 0;
    assert_int_equal(way->ones_before(bits, words, before), count);
    for (uint32_t bit = 0; bit < words * 64; bit++) {
        if (bit % 64 == 0 && count <= 255) assert_int_equal(before[bit / 64], ones);
        ones += bits[bit / 8] >> bit % 8 & 1;
    }
}

static void test_ranks_of_every_way(void **state) {
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        const uint32_t words = 1 + random32() % BITSET_RANKED_WORDS, density = round % 3 ? 1 + random32() % 5 : 64;
        uint8_t *bits = calloc(words, 8);
        uint32_t count = 0;
        assert_non_null(bits);
        for (uint32_t bit = 0; bit < words * 64; bit++) {
            if (random32() % 64 >= density) continue;
            bits[bit / 8] |= (uint8_t)(1u << bit % 8);
            count++;
        }
        for (unsigned way = 0; bitset_functions_of(way); way++)
            check_ranks(bitset_functions_of(way), bits, words, count);
        uint8_t before[BITSET_RANKED_WORDS];
        assert_int_equal(bitset_ones_before(bits, words, before), count);
        free(bits);
    }
}

static void test_the_fastest_is_taken(void **state) {
    (void)state;
    const uint8_t bits[16] = {[0] = 0x81, [15] = 0x80};
    uint32_t numbers[3 + BITSET_NUMBERS_BEHIND];
    assert_true(bitset_numbers(bits, 2, 3, 10, numbers));
    assert_int_equal(numbers[0], 10);
    assert_int_equal(numbers[1], 17);
    assert_int_equal(numbers[2], 137);
    assert_false(bitset_numbers(bits, 2, 2, 10, numbers));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_way),
        cmocka_unit_test(test_ranks_of_every_way),
        cmocka_unit_test(test_the_fastest_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
