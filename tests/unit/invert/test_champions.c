/* test_champions.c - the best reviews of a stem against sorting all of them. */
#include "indexer/invert/champions.h"
#include "indexer/format/scoring.h"
#include "tests/support/memory_stream.h"
#include "tests/unit/invert/invert_test.h"

#define DOCS 5000u

static double values[DOCS];
static uint32_t frequencies[FIELD_COUNT][DOCS];

static int by_value(const void *left, const void *right) {
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    if (values[a] != values[b]) return values[a] > values[b] ? -1 : 1;
    return a < b ? -1 : a > b;
}

static int ascending(const void *left, const void *right) {
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

static revue_status put_nothing(void *context, enum segment_kind kind, struct view part, struct view value,
                                revue_error *error) {
    (void)context, (void)kind, (void)part, (void)value, (void)error;
    return REVUE_OK;
}

static void assert_best(struct stream_writer *skips, uint64_t address, uint32_t size, uint8_t fields, const uint32_t *docs,
                        uint32_t count) {
    static uint32_t expected[DOCS];
    memcpy(expected, docs, count * sizeof *docs);
    qsort(expected, count, sizeof *expected, by_value);
    uint32_t kept = count < CHAMPIONS_MAX ? count : CHAMPIONS_MAX;
    qsort(expected, kept, sizeof *expected, ascending);
    struct byte_reader reader = byte_reader_of(skips->buffer + address, size);
    assert_int_equal(byte_reader_varint(&reader), kept);
    uint32_t doc = 0;
    for (uint32_t i = 0; i < kept; i++) {
        doc += (uint32_t)byte_reader_varint(&reader);
        assert_int_equal(doc, expected[i]);
        for (unsigned field = 0; field < FIELD_COUNT; field++)
            if (scoring_default_weights[field] > 0 && (fields >> field & 1))
                assert_int_equal(byte_reader_varint(&reader), frequencies[field][doc]);
    }
    assert_false(reader.failed);
    assert_int_equal(byte_reader_left(&reader), 0);
}

static void the_best_are_kept(void **state) {
    (void)state;
    const uint64_t totals[FIELD_COUNT] = {DOCS * 200, DOCS * 5, DOCS * 2, DOCS};
    const uint32_t with_field[FIELD_COUNT] = {DOCS, DOCS, DOCS, DOCS};
    const struct segment_sink sink = {put_nothing, NULL};
    struct champions champions;
    struct stream_writer skips;
    revue_error error;
    uint64_t seed = 4;
    static uint32_t docs[DOCS];
    champions_init(&champions, DOCS, totals, with_field);
    assert_ok(stream_writer_open(&skips, &sink, KIND_SKIPS, &error));
    for (unsigned round = 0; round < 20; round++) {
        uint32_t count = 0, df = round % 4 == 3 ? CHAMPIONS_DF : CHAMPIONS_DF + 1;
        uint8_t fields = 0;
        memset(values, 0, sizeof values);
        memset(frequencies, 0, sizeof frequencies);
        for (uint32_t doc = 0; doc < DOCS; doc++) {
            if (random_below(&seed, 3) == 0) continue;
            docs[count++] = doc;
            for (unsigned field = 0; field < FIELD_COUNT; field++) {
                if (field && (round == 7 || random_below(&seed, 4))) continue;
                /* Few lengths, so that many values are equal; some past those kept ready. */
                uint32_t length = 1 + random_below(&seed, 3) * (round % 2 ? 700 : 50),
                         frequency = 1 + random_below(&seed, 2);
                frequencies[field][doc] = frequency;
                fields |= (uint8_t)(1u << field);
                champions_add(&champions, (enum review_field)field, doc, frequency, length);
                double norm = scoring_norm(SCORING_B, length, scoring_average(totals[field], with_field[field]));
                if (scoring_default_weights[field] > 0)
                    values[doc] += scoring_field_value(scoring_default_weights[field], frequency, norm);
            }
        }
        uint64_t address;
        uint32_t size;
        if (round % 5 == 4) {
            champions_forget(&champions);
            continue;
        }
        assert_ok(champions_finish(&champions, df, fields, &skips, &address, &size, &error));
        if (df > CHAMPIONS_DF)
            assert_best(&skips, address, size, fields, docs, count);
        else
            assert_int_equal(size, 0);
    }
    stream_writer_free(&skips);
    champions_free(&champions);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_best_are_kept)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
