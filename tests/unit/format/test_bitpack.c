/* test_bitpack.c - packed integers: every width and count there and back, the layouts bit by bit, no byte too many. */
#include "indexer/base/bitpack_sums.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static uint64_t random_state = 20261123;

static uint32_t random32(void) {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 32);
}

static uint32_t low_bits(unsigned width) {
    return width ? UINT32_MAX >> (32 - width) : 0;
}

/* Random values below 2^width, the largest and 0 among them. */
static void fill(uint32_t *values, uint32_t count, unsigned width) {
    for (uint32_t i = 0; i < count; i++) {
        uint32_t kind = random32() % 4;
        values[i] = kind == 0 ? low_bits(width) : kind == 1 ? 0 : random32() & low_bits(width);
    }
}

/* Bit after bit, as FORMAT.md says it. */
static uint32_t naive_get(const uint8_t *in, uint32_t count, uint32_t index, unsigned width) {
    uint32_t value = 0;
    for (unsigned bit = 0; bit < width; bit++) {
        size_t at = (size_t)index * width + bit;
        if (count == BITPACK_BLOCK) {
            size_t in_lane = (size_t)(index / 4) * width + bit;
            at = (in_lane / 32 * 4 + index % 4) * 32 + in_lane % 32;
        }
        value |= (uint32_t)(in[at / 8] >> at % 8 & 1) << bit;
    }
    return value;
}

static void check_one(uint32_t count, unsigned width) {
    uint32_t values[BITPACK_BLOCK], decoded[BITPACK_BLOCK + 1];
    const size_t size = bitpack_size(count, width);
    const size_t readable = size + (count < BITPACK_BLOCK ? 8 : 0);
    uint8_t *packed = malloc(readable + 1);
    assert_non_null(packed);
    memset(packed, 0xC3, readable + 1);
    fill(values, count, width);
    bitpack_encode(values, count, width, packed);
    for (size_t i = size; i < readable + 1; i++)
        assert_int_equal(packed[i], 0xC3);

    uint8_t *exact = malloc(readable ? readable : 1);
    assert_non_null(exact);
    memcpy(exact, packed, readable);
    decoded[count] = 0x12345678;
    bitpack_decode(exact, count, width, decoded);
    if (count) assert_memory_equal(decoded, values, count * sizeof *values);
    assert_int_equal(decoded[count], 0x12345678);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(naive_get(exact, count, i, width), values[i]);
        if (count < BITPACK_BLOCK) assert_int_equal(bitpack_get(exact, i, width), values[i]);
        assert_int_equal(bitpack_decode_one(exact, count, i, width), values[i]);
    }
    bitpack_decode_plus(exact, count, width, 7, decoded);
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(decoded[i], values[i] + 7);
    free(exact);
    free(packed);
}

static void test_every_width_and_count(void **state) {
    (void)state;
    for (unsigned width = 0; width <= 32; width++) {
        for (uint32_t count = 0; count <= BITPACK_BLOCK; count++)
            check_one(count, width);
        for (unsigned round = 0; round < 20; round++)
            check_one(BITPACK_BLOCK, width);
    }
}

static void test_sizes(void **state) {
    (void)state;
    assert_int_equal(bitpack_size(128, 5), 80);
    assert_int_equal(bitpack_size(127, 5), 80);
    assert_int_equal(bitpack_size(1, 1), 1);
    assert_int_equal(bitpack_size(3, 3), 2);
    assert_int_equal(bitpack_size(100, 0), 0);
    assert_int_equal(bitpack_size(128, 32), 512);
}

static void test_unused_bits_are_zero(void **state) {
    (void)state;
    const uint32_t values[3] = {7, 7, 7};
    uint8_t out[2] = {0xFF, 0xFF};
    bitpack_encode(values, 3, 3, out);
    assert_int_equal(out[0], 0xFF);
    assert_int_equal(out[1], 0x01);
}

static void test_prefix_sum(void **state) {
    (void)state;
    for (uint32_t count = 0; count <= BITPACK_BLOCK; count++) {
        uint32_t values[BITPACK_BLOCK + 1], sums[BITPACK_BLOCK];
        uint32_t sum = count % 3 ? UINT32_MAX : random32(), before = sum;
        for (uint32_t i = 0; i < count; i++) {
            values[i] = random32() >> (count % 32);
            sums[i] = sum += values[i];
        }
        values[count] = 99;
        bitpack_prefix_sum(values, count, before);
        if (count) assert_memory_equal(values, sums, count * sizeof *sums);
        assert_int_equal(values[count], 99);
    }
}

static void test_bit_width(void **state) {
    (void)state;
    assert_int_equal(bit_width32(0), 0);
    assert_int_equal(bit_width32(1), 1);
    assert_int_equal(bit_width32(255), 8);
    assert_int_equal(bit_width32(256), 9);
    assert_int_equal(bit_width32(UINT32_MAX), 32);
}

static void test_bit_counts(void **state) {
    (void)state;
    assert_int_equal(bit_count64(0), 0);
    assert_int_equal(bit_count64(UINT64_MAX), 64);
    for (unsigned bit = 0; bit < 64; bit++) {
        assert_int_equal(bit_count64((uint64_t)1 << bit), 1);
        assert_int_equal(bit_count64(((uint64_t)1 << bit) - 1), bit);
        assert_int_equal(bit_count64(0x8000000000000001u | (uint64_t)1 << bit), bit == 0 || bit == 63 ? 2 : 3);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_width_and_count),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_unused_bits_are_zero),
        cmocka_unit_test(test_prefix_sum),
        cmocka_unit_test(test_bit_width),
        cmocka_unit_test(test_bit_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
