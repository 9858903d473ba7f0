/* test_positions.c - the codes of positions: known bits, sums of runs in both ways, random units there and back in any
 * order, damaged ones. */
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

/* Of a run of these postings, in the order they are stored; the last byte is filled up with zeros. */
static void check_bits(const uint32_t *positions, const uint32_t *frequencies, const uint32_t *lengths, uint32_t count,
                       const char *expected) {
    struct positions_writer writer = {0};
    positions_writer_add(&writer, positions, frequencies, lengths, count);
    const uint64_t bits = positions_writer_end_run(&writer);
    assert_true(positions_writer_finish(&writer));
    assert_int_equal(writer.unit.bytes.size, (bits + 7) / 8);
    char found[128] = "";
    for (size_t i = 0; i < bits; i++)
        found[i] = (char)('0' + (writer.unit.bytes.data[i / 8] >> i % 8 & 1));
    assert_string_equal(found, expected);
    positions_writer_free(&writer);
}

static void check_posting(const uint32_t *positions, uint32_t frequency, uint32_t length, const char *expected) {
    check_bits(positions, &frequency, &length, 1, expected);
}

static void test_known_codes(void **state) {
    (void)state;
    /* One position in a field of 5 takes three bits, low first. */
    check_posting((const uint32_t[]){0}, 1, 5, "000");
    check_posting((const uint32_t[]){1}, 1, 5, "100");
    check_posting((const uint32_t[]){4}, 1, 5, "001");
    check_posting((const uint32_t[]){0}, 1, 1, "");
    check_posting((const uint32_t[]){5}, 1, 8, "101");
    /* Two in a field of 26: parameter floor(log2(24 / 3)) = 3: rests of 2 and of 13 - 2 - 1 = 10, then their quotients. */
    check_posting((const uint32_t[]){2, 13}, 2, 26,
                  "010"
                  "010"
                  "0"
                  "10");
    /* All of them: gaps of nothing. */
    check_posting((const uint32_t[]){0, 1, 2, 3}, 4, 4, "0000");
    /* A run of several postings: singles, rests, quotients. */
    check_bits((const uint32_t[]){3, 2, 13, 6, 0, 1}, (const uint32_t[]){1, 2, 1, 2}, (const uint32_t[]){4, 26, 8, 2}, 4,
               "11"
               "011"
               "010010"
               "010"
               "00");
}

static void test_long_quotients(void **state) {
    (void)state;
    /* Parameter floor(log2((400 - 200) / 201)) = 0: a gap of 200 is as many ones. */
    uint32_t crowded[200], frequency = 200, length = 400;
    for (uint32_t i = 0; i < 200; i++)
        crowded[i] = i == 199 ? 399 : i;
    struct positions_writer writer = {0};
    positions_writer_add(&writer, crowded, &frequency, &length, 1);
    assert_int_equal(positions_writer_end_run(&writer), 200 + 200);
    positions_writer_free(&writer);
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

/* A unit of count postings, and a reader that stands in its block. */
struct unit {
    uint32_t count, lengths[POSTINGS_BLOCK];
    uint32_t *positions[POSTINGS_BLOCK];
    struct positions_writer writer;
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
    memset(unit, 0, sizeof *unit);
    unit->count = count;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t *frequency = &unit->reader.frequencies[i];
        unit->lengths[i] = random_length(round + (round % 3 ? 0 : i));
        *frequency = random_below(3) ? 1 : 1 + random_below(random_below(9) ? 4 : 300);
        if (*frequency > unit->lengths[i]) *frequency = unit->lengths[i];
        unit->positions[i] = malloc(*frequency * sizeof(uint32_t));
        assert_non_null(unit->positions[i]);
        random_positions(unit->positions[i], *frequency, unit->lengths[i]);
        if (i > 0 && i % POSITIONS_RUN == 0) positions_writer_end_run(&unit->writer);
        positions_writer_add(&unit->writer, unit->positions[i], frequency, &unit->lengths[i], 1);
    }
    positions_writer_end_run(&unit->writer);
    assert_true(positions_writer_finish(&unit->writer));
    open_unit(unit, unit->writer.unit.bytes.data, unit->writer.unit.bytes.size);
}

static void free_unit(struct unit *unit) {
    for (uint32_t i = 0; i < unit->count; i++)
        free(unit->positions[i]);
    memory_stream_close(&unit->stream);
    positions_writer_free(&unit->writer);
}

static void test_random_units(void **state) {
    (void)state;
    for (unsigned round = 0; round < 1500; round++) {
        struct unit unit;
        struct positions_reader positions;
        uint32_t decoded[300];
        make_unit(&unit, 1 + random_below(POSTINGS_BLOCK - 1), round);
        positions_reader_open(&positions);
        for (uint32_t turn = 0, at = 0; turn < 2 * unit.count; turn++) {
            at = turn < unit.count ? turn : random_below(unit.count);
            assert_int_equal(positions_reader_read(&positions, &unit.reader, at, unit.lengths, decoded, NULL), REVUE_OK);
            assert_memory_equal(decoded, unit.positions[at], unit.reader.frequencies[at] * sizeof *decoded);
        }
        assert_int_equal(positions_reader_check(&positions, &unit.reader, unit.lengths, NULL), REVUE_OK);
        positions_reader_close(&positions);
        free_unit(&unit);
    }
}

static void test_a_unit_that_ends_early_is_damaged(void **state) {
    (void)state;
    struct unit unit;
    struct positions_reader positions;
    uint32_t decoded[300];
    make_unit(&unit, 40, 2);
    while (unit.reader.frequencies[39] < 3) { /* the last bits are those of a quotient */
        free_unit(&unit);
        make_unit(&unit, 40, 2);
    }
    const size_t whole = unit.writer.unit.bytes.size;
    positions_reader_open(&positions);
    for (size_t size = 0; size < 2 * whole; size++) {
        uint8_t *cut = malloc(size / 2 + STREAM_SLACK);
        assert_non_null(cut);
        memcpy(cut, unit.writer.unit.bytes.data, size / 2);
        memset(cut + size / 2, size % 2 ? 0xFF : 0, STREAM_SLACK);
        memory_stream_close(&unit.stream);
        open_unit(&unit, cut, size / 2);
        assert_int_equal(positions_reader_read(&positions, &unit.reader, 39, unit.lengths, decoded, NULL), REVUE_CORRUPT);
        assert_int_equal(positions_reader_check(&positions, &unit.reader, unit.lengths, NULL), REVUE_CORRUPT);
        free(cut);
    }
    positions_reader_close(&positions);
    free_unit(&unit);
}

static void test_impossible_postings_are_damaged(void **state) {
    (void)state;
    static const uint32_t frequencies[] = {3, 0}, lengths[] = {2, 5};
    for (unsigned i = 0; i < 2; i++) {
        struct unit unit;
        struct positions_reader positions;
        uint32_t decoded[8];
        make_unit(&unit, 1, 0);
        unit.reader.frequencies[0] = frequencies[i];
        positions_reader_open(&positions);
        assert_int_equal(positions_reader_read(&positions, &unit.reader, 0, &lengths[i], decoded, NULL), REVUE_CORRUPT);
        positions_reader_close(&positions);
        free_unit(&unit);
    }
}

/* ---- sums ---- */

static uint32_t random_value(unsigned round) {
    const uint32_t around = 1u << random_below(round % 5 ? 24 : 32);
    return around + random_below(3) - 1 + (round % 2 ? random_below(around) : 0);
}

static void test_sums_are_those_of_the_plain_way(void **state) {
    (void)state;
    unsigned possible = 0, ways = 0;
    while (positions_sum_functions_of(ways))
        ways++;
    for (unsigned round = 0; round < 30000; round++) {
        uint32_t frequencies[POSITIONS_RUN], lengths[POSITIONS_RUN];
        struct positions_sums fast, plain;
        memset(&fast, 0, sizeof fast);
        memset(&plain, 0, sizeof plain);
        for (uint32_t i = 0; i < POSITIONS_RUN; i++) {
            lengths[i] = random_value(round);
            frequencies[i] = random_below(3) ? 1 : random_below(2) ? random_below(5) : random_value(round) % 70000;
            if (round % 8 && frequencies[i] > lengths[i]) frequencies[i] = lengths[i];
            if (round % 8 && lengths[i] == 0) lengths[i] = frequencies[i] = 1;
            if (round % 8 && frequencies[i] == 0) frequencies[i] = 1;
        }
        const struct positions_sum_functions *way = positions_sum_functions_of(round % ways);
        const bool is_single = positions_sum_plain.singles(frequencies, lengths, POSITIONS_RUN, &plain);
        const bool is_several = positions_sum_plain.several(frequencies, lengths, POSITIONS_RUN, &plain);
        assert_int_equal(way->singles(frequencies, lengths, POSITIONS_RUN, &fast), is_single);
        assert_int_equal(way->several(frequencies, lengths, POSITIONS_RUN, &fast), is_several);
        if (!is_single || !is_several) continue;
        possible++;
        assert_memory_equal(fast.single_bits, plain.single_bits, (POSITIONS_RUN + 1) * sizeof(uint32_t));
        assert_memory_equal(fast.rest_bits, plain.rest_bits, (POSITIONS_RUN + 1) * sizeof(uint32_t));
        assert_memory_equal(fast.quotients, plain.quotients, (POSITIONS_RUN + 1) * sizeof(uint32_t));
    }
    assert_in_range(possible, 15000, 29999);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_codes),
        cmocka_unit_test(test_long_quotients),
        cmocka_unit_test(test_random_units),
        cmocka_unit_test(test_a_unit_that_ends_early_is_damaged),
        cmocka_unit_test(test_impossible_postings_are_damaged),
        cmocka_unit_test(test_sums_are_those_of_the_plain_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
