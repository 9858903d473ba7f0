/* test_positions.c - the codes of positions: known bits, random postings there and back, skipped ones, damaged units. */
#include "indexer/format/positions.h"
#include "indexer/format/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static uint64_t random_state = 20261123;

static uint32_t random_below(uint32_t limit) {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((random_state >> 32) * limit >> 32);
}

/* An exact copy with the slack a view has, full of behind. */
static uint8_t *copy_unit(const struct bit_writer *writer, size_t size, uint8_t behind) {
    uint8_t *copy = malloc(size + STREAM_SLACK);
    assert_non_null(copy);
    if (size) memcpy(copy, writer->bytes.data, size);
    memset(copy + size, behind, STREAM_SLACK);
    return copy;
}

static void check_bits(const uint32_t *positions, uint32_t frequency, uint32_t length, const char *expected) {
    struct bit_writer writer = {0};
    positions_encode(&writer, positions, &frequency, &length, 1);
    const size_t bits = writer.bytes.size * 8 + writer.used;
    bit_writer_pad(&writer);
    char found[128] = "";
    for (size_t i = 0; i < bits; i++)
        found[i] = (char)('0' + (writer.bytes.data[i / 8] >> i % 8 & 1));
    assert_string_equal(found, expected);
    bit_writer_free(&writer);
}

/* Bits in the order they are stored. */
static void test_known_codes(void **state) {
    (void)state;
    /* One position in a field of 5: 0 to 2 take two bits (low first), 3 and 4 a third. */
    check_bits((const uint32_t[]){0}, 1, 5, "00");
    check_bits((const uint32_t[]){1}, 1, 5, "10");
    check_bits((const uint32_t[]){2}, 1, 5, "01");
    check_bits((const uint32_t[]){3}, 1, 5, "110");
    check_bits((const uint32_t[]){4}, 1, 5, "111");
    check_bits((const uint32_t[]){0}, 1, 1, "");
    check_bits((const uint32_t[]){5}, 1, 8, "101");
    /* Two in a field of 26: parameter floor(log2(24 / 3)) = 3. Gap 13 - 2 - 1 = 10: one one, a zero, then 2. */
    check_bits((const uint32_t[]){2, 13}, 2, 26,
               "0100"
               "10"
               "010");
    /* All of them: gaps of nothing. */
    check_bits((const uint32_t[]){0, 1, 2, 3}, 4, 4,
               "00"
               "0"
               "0"
               "0");
    /* Parameter floor(log2(100 - 50) / 51) = 0, a gap of 49: more than 31 ones, so 32 of them and the value. */
    uint32_t crowded[50];
    for (uint32_t i = 0; i < 50; i++)
        crowded[i] = i == 49 ? 98 : i;
    struct bit_writer writer = {0};
    positions_encode(&writer, crowded, &(uint32_t){50}, &(uint32_t){100}, 1);
    assert_int_equal(writer.bytes.size * 8 + writer.used, 6 + 48 + 32 + 32);
    bit_writer_free(&writer);
}

/* frequency positions below length, in runs and alone. */
static void random_positions(uint32_t *positions, uint32_t frequency, uint32_t length) {
    uint32_t next = 0;
    for (uint32_t i = 0; i < frequency; i++) {
        const uint32_t spare = length - next - (frequency - i);
        uint32_t jump = random_below(4) == 0 ? spare : random_below(8) ? spare / (frequency - i) : 0;
        if (jump > spare) jump = spare;
        next += jump ? random_below(jump) + random_below(2) : 0;
        positions[i] = next++;
    }
    assert_true(positions[frequency - 1] < length);
}

static uint32_t random_length(unsigned round) {
    switch (round % 4) {
    case 0: return 1 + random_below(20);
    case 1: return 1 + random_below(400);
    case 2: return 1 + random_below(100000);
    default: return UINT32_MAX - random_below(3);
    }
}

static void test_random_units(void **state) {
    (void)state;
    for (unsigned round = 0; round < 2000; round++) {
        enum { POSTINGS = 40, MOST = 300 };
        static uint32_t positions[POSTINGS][MOST];
        uint32_t frequencies[POSTINGS], lengths[POSTINGS], decoded[MOST];
        struct bit_writer writer = {0};
        const uint32_t count = 1 + random_below(POSTINGS);
        for (uint32_t i = 0; i < count; i++) {
            lengths[i] = random_length(round + i);
            frequencies[i] = 1 + random_below(random_below(3) ? 4 : MOST);
            if (frequencies[i] > lengths[i]) frequencies[i] = lengths[i];
            random_positions(positions[i], frequencies[i], lengths[i]);
            positions_encode(&writer, positions[i], &frequencies[i], &lengths[i], 1);
        }
        bit_writer_pad(&writer);
        const size_t size = writer.bytes.size;
        uint8_t *unit = copy_unit(&writer, size, 0xFF);
        uint64_t bit = 0;
        for (uint32_t i = 0; i < count; i++) {
            const uint64_t start = bit;
            uint64_t skipped = bit;
            assert_true(positions_decode(unit, size, &bit, frequencies[i], lengths[i], decoded));
            assert_memory_equal(decoded, positions[i], frequencies[i] * sizeof *decoded);
            assert_true(positions_decode(unit, size, &skipped, frequencies[i], lengths[i], NULL));
            assert_int_equal(skipped, bit);
            assert_true(bit > start || (frequencies[i] == 1 && lengths[i] == 1));
        }
        assert_int_equal((bit + 7) / 8, size);
        free(unit);
        bit_writer_free(&writer);
    }
}

static void test_a_unit_that_ends_early_is_damaged(void **state) {
    (void)state;
    uint32_t positions[200], decoded[200];
    random_positions(positions, 200, 3000000);
    struct bit_writer writer = {0};
    positions_encode(&writer, positions, &(uint32_t){200}, &(uint32_t){3000000}, 1);
    bit_writer_pad(&writer);
    for (size_t size = 0; size < writer.bytes.size; size++) {
        for (unsigned ones = 0; ones < 2; ones++) {
            uint8_t *unit = copy_unit(&writer, size, ones ? 0xFF : 0);
            uint64_t bit = 0;
            assert_false(positions_decode(unit, size, &bit, 200, 3000000, decoded));
            free(unit);
        }
    }
    bit_writer_free(&writer);
}

static void test_impossible_postings_are_damaged(void **state) {
    (void)state;
    const uint8_t unit[8 + STREAM_SLACK] = {0};
    uint32_t decoded[8];
    uint64_t bit = 0;
    assert_false(positions_decode(unit, 8, &bit, 3, 2, decoded));
    assert_false(positions_decode(unit, 8, &bit, 0, 2, decoded));
    const uint8_t ones[16 + STREAM_SLACK] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    assert_false(positions_decode(ones, 16, &bit, 2, 100, decoded)); /* a gap of 2^32 - 1 leaves the field */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_codes),
        cmocka_unit_test(test_random_units),
        cmocka_unit_test(test_a_unit_that_ends_early_is_damaged),
        cmocka_unit_test(test_impossible_postings_are_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
