/* test_bitpack_sums.c - sums of packed runs and of blocks: every way there is, every width and count, no byte too many. */
#include "indexer/base/bitpack_sums.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define UNTOUCHED 0xA5A5A5A5u

static uint64_t random_state = 20261124;

static uint32_t random32(void) {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 32);
}

/* Packed in memory of its own, so that a sanitizer sees a byte too many; behind it is what means nothing. */
static uint8_t *pack(const uint32_t *values, uint32_t count, unsigned width) {
    const size_t size = bitpack_size(count, width);
    uint8_t *packed = malloc(size + 8);
    assert_non_null(packed);
    memset(packed, 0xC3, size + 8);
    bitpack_encode(values, count, width, packed);
    return packed;
}

static void check_way(const struct bitpack_sum_functions *way, const uint8_t *packed, uint32_t count, unsigned width,
                      uint32_t before, const uint32_t *expected, uint32_t least) {
    const uint32_t room = (count + BITPACK_SUMS_ROUND - 1) / BITPACK_SUMS_ROUND * BITPACK_SUMS_ROUND;
    uint32_t *sums = malloc((room + 1) * sizeof *sums);
    assert_non_null(sums);
    sums[room] = UNTOUCHED;
    assert_int_equal(way->sums(packed, count, width, before, sums), least);
    assert_memory_equal(sums, expected, count * sizeof *sums);
    assert_int_equal(sums[room], UNTOUCHED);
    free(sums);
}

/* share: one value in so many may be less than the least of the others. */
static void check_run(uint32_t count, unsigned width, uint32_t before, uint32_t share) {
    uint32_t values[BITPACK_BLOCK], expected[BITPACK_BLOCK], least = UINT32_MAX;
    const uint32_t most = width ? UINT32_MAX >> (32 - width) : 0;
    for (uint32_t i = 0; i < count; i++) {
        values[i] = random32() % share ? most - random32() % (most / 2 + 1) : random32() & most;
        least = values[i] < least ? values[i] : least;
        expected[i] = values[i] + (i ? expected[i - 1] : before);
    }
    uint8_t *packed = pack(values, count, width);
    for (unsigned way = 0; bitpack_sum_functions_of(way); way++)
        check_way(bitpack_sum_functions_of(way), packed, count, width, before, expected, least);
    uint32_t sums[BITPACK_BLOCK];
    assert_int_equal(bitpack_decode_sums(packed, count, width, before, sums), least);
    assert_memory_equal(sums, expected, count * sizeof *sums);
    free(packed);
}

static void sums_are_those_of_the_values(void **state) {
    (void)state;
    for (unsigned width = 0; width <= 32; width++)
        for (uint32_t count = 1; count < BITPACK_BLOCK; count++)
            for (uint32_t share = 1; share <= count; share *= 2)
                check_run(count, width, count % 3 ? random32() : UINT32_MAX, share);
}

/* In memory of its own, as above. */
static void check_block(const struct bitpack_sum_functions *way, const uint32_t *values, uint32_t before,
                        const uint32_t *expected) {
    uint32_t *sums = malloc(BITPACK_BLOCK * sizeof *sums);
    assert_non_null(sums);
    memcpy(sums, values, BITPACK_BLOCK * sizeof *sums);
    way->sum_block(sums, before);
    assert_memory_equal(sums, expected, BITPACK_BLOCK * sizeof *sums);
    free(sums);
}

static void blocks_are_summed_up(void **state) {
    (void)state;
    for (unsigned round = 0; round < 1000; round++) {
        uint32_t values[BITPACK_BLOCK], expected[BITPACK_BLOCK];
        const uint32_t before = round % 2 ? random32() : UINT32_MAX, most = round % 3 ? UINT32_MAX : 9;
        for (uint32_t i = 0; i < BITPACK_BLOCK; i++) {
            values[i] = random32() & most;
            expected[i] = values[i] + (i ? expected[i - 1] : before);
        }
        for (unsigned way = 0; bitpack_sum_functions_of(way); way++)
            check_block(bitpack_sum_functions_of(way), values, before, expected);
    }
}

static int name_ways(void **state) {
    (void)state;
    unsigned ways = 0;
    for (; bitpack_sum_functions_of(ways); ways++)
        print_message("%s\n", bitpack_sum_functions_of(ways)->name);
    return ways > 0 && strcmp(bitpack_sum_functions_of(ways - 1)->name, "plain") == 0 ? 0 : -1;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_those_of_the_values),
        cmocka_unit_test(blocks_are_summed_up),
    };
    return cmocka_run_group_tests(tests, name_ways, NULL);
}
