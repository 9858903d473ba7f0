/* test_positions.c - the codes of positions: known bits, sums in all ways, random units there and back in any order,
 * damaged ones. */
#include "indexer/format/positions.h"
#include "indexer/format/postings.h"
#include "tests/support/memory_stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static uint64_t random_state = 20261123;

static uint32_t random_below(uint32_t limit) {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((random_state >> 32) * limit >> 32);
}

/* ---- bits ---- */

/* Of a unit of these postings: its width, and its codes in the order they are stored. */
static void check_bits(const uint32_t *positions, const uint32_t *frequencies, uint32_t count, unsigned width,
                       const char *expected) {
    struct bytes unit = {0};
    uint64_t bits;
    char found[128] = "";
    assert_true(positions_unit_make(&unit, positions, frequencies, count, &bits));
    assert_int_equal(unit.size, 1 + (bits + 7) / 8);
    assert_int_equal(unit.data[0], width);
    for (size_t i = 0; i < bits; i++)
        found[i] = (char)('0' + (unit.data[1 + i / 8] >> i % 8 & 1));
    assert_string_equal(found, expected);
    for (uint64_t i = bits; i < (uint64_t)(unit.size - 1) * 8; i++)
        assert_int_equal(unit.data[1 + i / 8] >> i % 8 & 1, 0);
    bytes_free(&unit);
}

static void check_posting(const uint32_t *positions, uint32_t frequency, unsigned width, const char *expected) {
    check_bits(positions, &frequency, 1, width, expected);
}

static void test_known_codes(void **state) {
    (void)state;
    check_posting((const uint32_t[]){0}, 1, 0, "");
    check_posting((const uint32_t[]){1}, 1, 1, "1");
    check_posting((const uint32_t[]){6}, 1, 3, "011");
    /* On a circle of 16: from 2 to 13 it is further than from 13 around to 2, 5 places. */
    check_posting((const uint32_t[]){2, 13}, 2, 4,
                  "1011"
                  "001");
    check_posting((const uint32_t[]){8, 13}, 2, 4,
                  "0001"
                  "001");
    /* As far either way. */
    check_posting((const uint32_t[]){0, 1}, 2, 1, "1");
    check_posting((const uint32_t[]){1, 3}, 2, 2,
                  "11"
                  "1");
    check_posting((const uint32_t[]){0, 1, 2, 3}, 4, 2,
                  "10"
                  "0"
                  "0"
                  "0");
    /* Five of 16: ones at 0, 1 + 1, 4 + 2, 6 + 3 and 7 + 4 of 12 bits, and the low bit of each. */
    check_posting((const uint32_t[]){0, 3, 9, 13, 14}, 5, 4,
                  "101000100101"
                  "01110");
    /* A unit of several postings. */
    check_bits((const uint32_t[]){3, 2, 13, 6, 0, 1}, (const uint32_t[]){1, 2, 1, 2}, 4, 4,
               "1100"
               "1011001"
               "0110"
               "0000000");
}

/* ---- random units ---- */

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

#define MOST_POSITIONS (POSTINGS_BLOCK * 300)

/* A unit of count postings, and a reader that stands in its block. */
struct unit {
    uint32_t count, largest;
    uint32_t *positions; /* of all postings */
    uint32_t from[POSTINGS_BLOCK];
    struct bytes bytes;
    struct stream stream;
    struct postings_reader reader;
};

static void open_unit(struct unit *unit, const uint8_t *data, size_t size) {
    memory_stream_open(&unit->stream, KIND_POSITIONS, data, size);
    unit->reader.count = unit->count;
    unit->reader.has_frequencies = true;
    unit->reader.list.positions_bytes = size;
    unit->reader.streams.positions = &unit->stream;
}

static void make_unit(struct unit *unit, uint32_t count, unsigned round) {
    uint32_t sum = 0;
    uint64_t bits;
    memset(unit, 0, sizeof *unit);
    unit->count = count;
    unit->positions = malloc(MOST_POSITIONS * sizeof *unit->positions);
    assert_non_null(unit->positions);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t *frequency = &unit->reader.frequencies[i], length = random_length(round + (round % 3 ? 0 : i));
        *frequency = random_below(3) ? 1 : 1 + random_below(random_below(9) ? 6 : 300);
        if (*frequency > length) *frequency = length;
        unit->from[i] = sum;
        random_positions(unit->positions + sum, *frequency, length);
        sum += *frequency;
        if (unit->positions[sum - 1] > unit->largest) unit->largest = unit->positions[sum - 1];
    }
    assert_true(positions_unit_make(&unit->bytes, unit->positions, unit->reader.frequencies, count, &bits));
    open_unit(unit, unit->bytes.data, unit->bytes.size);
}

static void free_unit(struct unit *unit) {
    free(unit->positions);
    memory_stream_close(&unit->stream);
    bytes_free(&unit->bytes);
}

static void test_random_units(void **state) {
    (void)state;
    for (unsigned round = 0; round < 1500; round++) {
        struct unit unit;
        struct positions_reader positions;
        uint32_t decoded[300 + POSITIONS_BEHIND];
        make_unit(&unit, 1 + random_below(POSTINGS_BLOCK), round);
        positions_reader_open(&positions);
        for (unsigned way = 0; positions_sum_function_of(way); way++) {
            positions.function = positions_sum_function_of(way);
            positions.block = UINT32_MAX;
            for (uint32_t turn = 0, at = 0; turn < 2 * unit.count; turn++) {
                at = turn < unit.count ? turn : random_below(unit.count);
                assert_int_equal(positions_reader_read(&positions, &unit.reader, at, decoded, NULL), REVUE_OK);
                assert_memory_equal(decoded, unit.positions + unit.from[at], unit.reader.frequencies[at] * sizeof *decoded);
            }
        }
        assert_int_equal(positions_reader_check(&positions, &unit.reader, unit.largest, NULL), REVUE_OK);
        positions_reader_close(&positions);
        free_unit(&unit);
    }
}

static void test_a_unit_that_ends_early_is_damaged(void **state) {
    (void)state;
    struct unit unit;
    struct positions_reader positions;
    uint32_t decoded[300 + POSITIONS_BEHIND];
    make_unit(&unit, 40, 2);
    const size_t whole = unit.bytes.size;
    positions_reader_open(&positions);
    for (size_t size = 0; size < 2 * whole; size++) {
        uint8_t *cut = malloc(size / 2 + STREAM_SLACK);
        assert_non_null(cut);
        memcpy(cut, unit.bytes.data, size / 2);
        memset(cut + size / 2, size % 2 ? 0xFF : 0, STREAM_SLACK);
        memory_stream_close(&unit.stream);
        open_unit(&unit, cut, size / 2);
        positions.block = UINT32_MAX;
        assert_int_equal(positions_reader_read(&positions, &unit.reader, 39, decoded, NULL), REVUE_CORRUPT);
        assert_int_equal(positions_reader_check(&positions, &unit.reader, unit.largest, NULL), REVUE_CORRUPT);
        free(cut);
    }
    positions_reader_close(&positions);
    free_unit(&unit);
}

/* Whatever the bits are, what is read ascends, or is said to be damaged; nothing outside is read or written. */
static void test_random_bits_are_read_or_damaged(void **state) {
    (void)state;
    unsigned readable = 0, damaged = 0;
    for (unsigned round = 0; round < 4000; round++) {
        struct unit unit;
        struct positions_reader positions;
        make_unit(&unit, 1 + random_below(20), round);
        positions_reader_open(&positions);
        for (uint32_t flips = 1 + random_below(20); flips > 0; flips--)
            unit.bytes.data[random_below((uint32_t)unit.bytes.size)] ^= (uint8_t)(1u << random_below(8));
        memory_stream_close(&unit.stream);
        open_unit(&unit, unit.bytes.data, unit.bytes.size);
        for (uint32_t i = 0; i < unit.count; i++) {
            const uint32_t frequency = unit.reader.frequencies[i];
            uint32_t *decoded = malloc((frequency + POSITIONS_BEHIND) * sizeof *decoded);
            assert_non_null(decoded);
            const revue_status status = positions_reader_read(&positions, &unit.reader, i, decoded, NULL);
            for (uint32_t j = 1; j < frequency && status == REVUE_OK; j++)
                assert_true(decoded[j] > decoded[j - 1]);
            readable += status == REVUE_OK;
            damaged += status == REVUE_CORRUPT;
            free(decoded);
        }
        positions_reader_close(&positions);
        free_unit(&unit);
    }
    assert_true(readable > 10000 && damaged > 1000);
}

static void test_impossible_units_are_damaged(void **state) {
    (void)state;
    /* Five positions, or none, in a width of two bits; and a width over 32. */
    static const uint32_t frequencies[] = {5, 0, 1};
    static const uint8_t widths[] = {2, 2, 33};
    for (unsigned i = 0; i < 3; i++) {
        uint8_t data[40 + STREAM_SLACK] = {widths[i]};
        struct unit unit = {.count = 1};
        struct positions_reader positions;
        uint32_t decoded[8];
        open_unit(&unit, data, 40);
        unit.reader.frequencies[0] = frequencies[i];
        positions_reader_open(&positions);
        assert_int_equal(positions_reader_read(&positions, &unit.reader, 0, decoded, NULL), REVUE_CORRUPT);
        assert_int_equal(positions_reader_check(&positions, &unit.reader, 3, NULL), REVUE_CORRUPT);
        positions_reader_close(&positions);
        memory_stream_close(&unit.stream);
    }
}

/* ---- sums ---- */

static uint32_t random_frequency(unsigned round, unsigned width) {
    const uint32_t most = width < 32 ? 1u << width : UINT32_MAX;
    const uint32_t around = 1u << random_below(round % 7 ? 8 : 32);
    uint32_t frequency = random_below(2) ? 1 + random_below(9) : around + random_below(3) - 1;
    if (round % 8 && frequency > most) frequency = most;
    return round % 8 && frequency == 0 ? 1 : frequency;
}

static void test_sums_are_those_of_the_plain_way(void **state) {
    (void)state;
    unsigned possible = 0, ways = 0;
    while (positions_sum_function_of(ways))
        ways++;
    for (unsigned round = 0; round < 30000; round++) {
        uint32_t frequencies[POSTINGS_BLOCK], fast[POSTINGS_BLOCK + 1] = {0}, plain[POSTINGS_BLOCK + 1] = {0};
        const uint32_t count = 1 + random_below(POSTINGS_BLOCK), middle = random_below(count + 1);
        const unsigned width = random_below(33);
        for (uint32_t i = 0; i < count; i++)
            frequencies[i] = random_frequency(round, width);
        const struct positions_sum_function *way = positions_sum_function_of(round % ways);
        const bool is_possible = positions_sum_plain.sum(frequencies, 0, count, width, plain);
        assert_int_equal(way->sum(frequencies, 0, middle, width, fast) && way->sum(frequencies, middle, count, width, fast),
                         is_possible);
        if (!is_possible) continue;
        possible++;
        assert_memory_equal(fast, plain, (count + 1) * sizeof(uint32_t));
    }
    assert_in_range(possible, 15000, 29999);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_codes),
        cmocka_unit_test(test_random_units),
        cmocka_unit_test(test_a_unit_that_ends_early_is_damaged),
        cmocka_unit_test(test_random_bits_are_read_or_damaged),
        cmocka_unit_test(test_impossible_units_are_damaged),
        cmocka_unit_test(test_sums_are_those_of_the_plain_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
