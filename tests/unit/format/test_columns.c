/* test_columns.c - chunks of values: known bytes, every encoding there and back bit for bit, several values, damage. */
#include "indexer/format/columns.h"
#include "tests/unit/format/format_test.h"

#include <math.h>

/* Encodes and opens; the record is an exact allocation. */
struct encoded {
    uint8_t *record;
    struct column_chunk chunk;
};

static struct encoded encode(const struct column_chunk_input *input) {
    revue_error error;
    struct bytes out = {0};
    struct encoded encoded;
    bool is_empty = true;
    assert_ok(column_chunk_encode(input, &out, &is_empty, &error));
    assert_false(is_empty);
    encoded.record = malloc(out.size);
    assert_non_null(encoded.record);
    memcpy(encoded.record, out.data, out.size);
    assert_ok(column_chunk_open(view_of(encoded.record, out.size), &encoded.chunk, &error));
    assert_int_equal(encoded.chunk.count, input->count);
    bytes_free(&out);
    return encoded;
}

/* ---- integers ---- */

static void check_integers(const int64_t *integers, const bool *has_value, uint32_t count, unsigned encoding) {
    struct encoded encoded = encode(
        &(struct column_chunk_input){.count = count, .is_integer = true, .integers = integers, .has_value = has_value});
    int64_t minimum = INT64_MAX, maximum = INT64_MIN;
    assert_int_equal(encoded.chunk.encoding, encoding);
    assert_true(encoded.chunk.is_integer);
    for (uint32_t i = 0; i < count; i++) {
        bool has = !has_value || has_value[i];
        assert_int_equal(column_chunk_has(&encoded.chunk, i), has);
        if (!has) continue;
        assert_true(column_chunk_integer(&encoded.chunk, i) == integers[i]);
        assert_true(column_chunk_number(&encoded.chunk, i) == (double)integers[i]);
        if (integers[i] < minimum) minimum = integers[i];
        if (integers[i] > maximum) maximum = integers[i];
    }
    assert_true(encoded.chunk.minimum == minimum && encoded.chunk.maximum == maximum);
    free(encoded.record);
}

static void test_integers(void **state) {
    (void)state;
    static const struct {
        int64_t base;
        uint64_t span;
        unsigned encoding;
    } cases[] = {{7, 0, 0},
                 {-3, 1, 1},
                 {1500000000, 255, 1},
                 {-100, 256, 2},
                 {INT64_MIN, 65535, 2},
                 {INT64_MAX - 70000, 70000, 3},
                 {-5, UINT32_MAX, 3},
                 {-5, (uint64_t)UINT32_MAX + 1, 4},
                 {INT64_MIN, UINT64_MAX, 4}};
    static int64_t integers[COLUMN_CHUNK];
    static bool has_value[COLUMN_CHUNK];
    uint64_t random = 1;
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (uint32_t at = 0; at < COLUMN_CHUNK; at++) {
            uint64_t offset = at == 0                       ? 0
                              : at == 1                     ? cases[i].span
                              : cases[i].span == UINT64_MAX ? random_next(&random)
                                                            : random_next(&random) % (cases[i].span + 1);
            integers[at] = (int64_t)((uint64_t)cases[i].base + offset);
            has_value[at] = at < 2 || random_below(&random, 3) > 0;
        }
        check_integers(integers, NULL, COLUMN_CHUNK, cases[i].encoding);
        check_integers(integers, has_value, COLUMN_CHUNK, cases[i].encoding);
        check_integers(integers, has_value, 2, cases[i].encoding);
    }
    check_integers(integers, NULL, 1, 0);
}

/* ---- numbers ---- */

/* encoding 5: doubles. */
static void check_numbers(const double *numbers, const bool *has_value, uint32_t count, unsigned encoding, unsigned scale) {
    struct encoded encoded =
        encode(&(struct column_chunk_input){.count = count, .numbers = numbers, .has_value = has_value});
    double minimum = HUGE_VAL, maximum = -HUGE_VAL;
    assert_int_equal(encoded.chunk.encoding, encoding);
    assert_int_equal(encoded.chunk.scale, scale);
    assert_int_equal(encoded.chunk.is_integer, encoding != 5);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(column_chunk_has(&encoded.chunk, i), !has_value || has_value[i]);
        if (has_value && !has_value[i]) continue;
        double number = column_chunk_number(&encoded.chunk, i);
        assert_memory_equal(&number, &numbers[i], sizeof number);
        minimum = fmin(minimum, number);
        maximum = fmax(maximum, number);
    }
    assert_true(encoded.chunk.number_minimum == minimum && encoded.chunk.number_maximum == maximum);
    free(encoded.record);
}

static void test_decimals(void **state) {
    (void)state;
    static const double stars[] = {4.5, 4.0, 0.5, 5.0}, cents[] = {1.25, 3.5, -0.01, 19.99},
                        four[] = {0.0001, 3.1415, 0.1 * 3};
    static const double five[] = {0.00001, 1}, thirds[] = {1.0 / 3, 4}, whole[] = {12, 300, 0},
                        large[] = {9007199254740992.0, 1};
    static const double huge[] = {1e300, -1e300}, zeros[] = {0.0, -0.0}, beyond[] = {9007199254740994.0, 1},
                        tiny[] = {5e-324, 0};
    check_numbers(stars, NULL, 4, 1, 1);
    check_numbers(cents, NULL, 4, 2, 2);
    check_numbers(four, NULL, 2, 2, 4);
    check_numbers(four, NULL, 3, 5, 0); /* 0.1 * 3 is not 0.3 */
    check_numbers(five, NULL, 2, 5, 0);
    check_numbers(thirds, NULL, 2, 5, 0);
    check_numbers(whole, NULL, 3, 2, 0);
    check_numbers(whole + 2, NULL, 1, 0, 0);
    check_numbers(large, NULL, 2, 4, 0);
    check_numbers(beyond, NULL, 2, 5, 0);
    check_numbers(huge, NULL, 2, 5, 0);
    check_numbers(zeros, NULL, 2, 5, 0); /* the sign of -0.0 is kept */
    check_numbers(tiny, NULL, 2, 5, 0);
    check_numbers(thirds, (const bool[]){false, true}, 2, 0, 0); /* what is missing does not matter */
}

/* Every number of up to four decimals comes back, whichever way it was made. */
static void test_random_numbers(void **state) {
    (void)state;
    static double numbers[COLUMN_CHUNK];
    static bool has_value[COLUMN_CHUNK];
    uint64_t random = 8;
    for (unsigned round = 0; round < 40; round++) {
        unsigned decimals = random_below(&random, 5);
        unsigned encoding = round % 4 == 3 ? 5 : 3;
        for (uint32_t i = 0; i < COLUMN_CHUNK; i++) {
            char text[32];
            (void)snprintf(text, sizeof text, "%.*f", (int)decimals,
                           ((double)random_below(&random, 2000000000) - 1e9) / pow(10, decimals));
            numbers[i] = strtod(text, NULL) + 0.0;
            if (encoding == 5)
                memcpy(&numbers[i], (uint64_t[]){random_next(&random) % 0x7FE0000000000000u}, sizeof numbers[i]);
            has_value[i] = random_below(&random, 5) > 0;
        }
        check_numbers(numbers, round % 2 ? has_value : NULL, COLUMN_CHUNK, encoding, encoding == 5 ? 0 : decimals);
    }
}

/* ---- several values ---- */

static void test_several(void **state) {
    (void)state;
    static int64_t numbers[COLUMN_CHUNK * 4];
    static uint32_t ends[COLUMN_CHUNK];
    uint64_t random = 6;
    uint32_t end = 0, first, missing = 0;
    for (uint32_t i = 0; i < COLUMN_CHUNK; i++) {
        uint32_t values = random_below(&random, 4);
        missing += values == 0;
        for (uint32_t value = 0; value < values; value++)
            numbers[end++] = random_below(&random, UINT32_MAX);
        ends[i] = end;
    }
    struct encoded encoded =
        encode(&(struct column_chunk_input){.count = COLUMN_CHUNK, .is_integer = true, .integers = numbers, .ends = ends});
    assert_true(encoded.chunk.has_several);
    assert_int_equal(encoded.chunk.missing, missing);
    for (uint32_t i = 0; i < COLUMN_CHUNK; i++) {
        uint32_t begin = i > 0 ? ends[i - 1] : 0;
        assert_int_equal(column_chunk_several(&encoded.chunk, i, &first), ends[i] - begin);
        assert_int_equal(first, begin);
        assert_int_equal(column_chunk_has(&encoded.chunk, i), ends[i] > begin);
        for (uint32_t at = begin; at < ends[i]; at++)
            assert_int_equal(column_chunk_several_at(&encoded.chunk, at), numbers[at]);
    }
    free(encoded.record);
    revue_error error;
    struct bytes out = {0};
    bool is_empty;
    numbers[0] = -1;
    ends[0] = 1;
    assert_int_equal(
        column_chunk_encode(&(struct column_chunk_input){.count = 1, .is_integer = true, .integers = numbers, .ends = ends},
                            &out, &is_empty, &error),
        REVUE_BUG);
    bytes_free(&out);
}

static void test_empty(void **state) {
    (void)state;
    revue_error error;
    struct bytes out = {0};
    bool is_empty = false;
    assert_ok(column_chunk_encode(
        &(struct column_chunk_input){
            .count = 2, .is_integer = true, .integers = (const int64_t[]){1, 2}, .has_value = (const bool[]){false, false}},
        &out, &is_empty, &error));
    assert_true(is_empty);
    is_empty = false;
    assert_ok(
        column_chunk_encode(&(struct column_chunk_input){.count = 2, .is_integer = true, .ends = (const uint32_t[]){0, 0}},
                            &out, &is_empty, &error));
    assert_true(is_empty);
    assert_int_equal(out.size, 0);
    assert_int_equal(column_chunk_encode(&(struct column_chunk_input){.count = 0}, &out, &is_empty, &error), REVUE_BUG);
    assert_int_equal(column_chunk_encode(&(struct column_chunk_input){.count = COLUMN_CHUNK + 1}, &out, &is_empty, &error),
                     REVUE_BUG);
}

static void test_bytes(void **state) {
    (void)state;
    revue_error error;
    struct bytes out = {0};
    bool is_empty;
    assert_ok(column_chunk_encode(&(struct column_chunk_input){.count = 3, .numbers = (const double[]){4.5, 4.0, 3.0}},
                                  &out, &is_empty, &error));
    assert_view(bytes_view(&out),
                "\3\0\1\1\0\0\0\0"
                "\x1E\0\0\0\0\0\0\0"
                "\x2D\0\0\0\0\0\0\0"
                "\x0F\x0A\0",
                27);
    bytes_clear(&out);
    assert_ok(column_chunk_encode(&(struct column_chunk_input){.count = 2,
                                                               .is_integer = true,
                                                               .integers = (const int64_t[]){1, 258},
                                                               .has_value = (const bool[]){false, true}},
                                  &out, &is_empty, &error));
    assert_int_equal(out.size, 24 + 512);
    assert_memory_equal(out.data,
                        "\2\0\0\0\1\0\0\0"
                        "\2\1\0\0\0\0\0\0"
                        "\2\1\0\0\0\0\0\0"
                        "\1\0",
                        26);
    bytes_clear(&out);
    assert_ok(column_chunk_encode(
        &(struct column_chunk_input){
            .count = 2, .is_integer = true, .integers = (const int64_t[]){9, 5, 5}, .ends = (const uint32_t[]){1, 3}},
        &out, &is_empty, &error));
    assert_view(bytes_view(&out),
                "\2\0\x13\0\0\0\0\0"
                "\5\0\0\0\0\0\0\0"
                "\x9\0\0\0\0\0\0\0"
                "\1\0\0\0\3\0\0\0"
                "\x9\0\0\0\5\0\0\0\5\0\0\0",
                44);
    bytes_free(&out);
}

/* ---- damage ---- */

static void read_everything(void *context, const uint8_t *record, size_t size) {
    revue_error error;
    struct column_chunk chunk;
    double sum = 0;
    unsigned *refused = context;
    revue_status status = column_chunk_open(view_of(record, size), &chunk, &error);
    assert_true(status == REVUE_OK || status == REVUE_CORRUPT);
    *refused += status == REVUE_CORRUPT;
    if (status != REVUE_OK) return;
    for (uint32_t i = 0; i < chunk.count; i++) {
        uint32_t first, values = chunk.has_several ? column_chunk_several(&chunk, i, &first) : 0;
        (void)column_chunk_has(&chunk, i);
        for (uint32_t value = 0; value < values; value++)
            sum += column_chunk_several_at(&chunk, first + value);
        if (!chunk.has_several) sum += column_chunk_number(&chunk, i);
    }
    (void)*(volatile double *)&sum;
}

static void test_flipped_bits(void **state) {
    (void)state;
    static const double numbers[] = {4.5, 4.0, 19.99, 1.0 / 3, 7};
    static const int64_t integers[] = {1, 2, 3, 500, 70000};
    static const bool has_value[] = {true, false, true, true, true};
    static const uint32_t ends[] = {0, 2, 2, 5};
    const struct column_chunk_input inputs[] = {
        {.count = 3, .numbers = numbers},
        {.count = 5, .numbers = numbers},
        {.count = 5, .numbers = numbers, .has_value = has_value},
        {.count = 5, .is_integer = true, .integers = integers, .has_value = has_value},
        {.count = 1, .is_integer = true, .integers = integers},
        {.count = 4, .is_integer = true, .integers = integers, .ends = ends}};
    for (unsigned i = 0; i < sizeof inputs / sizeof inputs[0]; i++) {
        revue_error error;
        struct bytes out = {0};
        bool is_empty;
        unsigned refused = 0;
        assert_ok(column_chunk_encode(&inputs[i], &out, &is_empty, &error));
        flip_each_bit(out.data, out.size, read_everything, &refused);
        assert_true(refused > 60);
        refused = 0;
        for (size_t size = 0; size < out.size; size++) {
            uint8_t *cut = malloc(size + 1);
            assert_non_null(cut);
            memcpy(cut, out.data, size);
            read_everything(&refused, cut, size);
            free(cut);
        }
        assert_int_equal(refused, out.size);
        bytes_free(&out);
    }
}

/* ---- a column in the store ---- */

static void put_chunk(struct fixture *fixture, uint32_t number, const struct column_chunk_input *input) {
    revue_error error;
    struct bytes out = {0};
    bool is_empty;
    struct key key = key_column_chunk(1, COLUMN_OF_RATING, number);
    assert_ok(column_chunk_encode(input, &out, &is_empty, &error));
    assert_ok(store_put(fixture->txn, TABLE_COLUMNS, key_view(&key), bytes_view(&out), &error));
    bytes_free(&out);
}

static void test_reader(void **state) {
    (void)state;
    revue_error error;
    struct fixture fixture;
    struct column_reader reader;
    static int64_t integers[COLUMN_CHUNK];
    static const double numbers[] = {4.5, 3};
    bool has;
    int64_t integer;
    double number;
    uint32_t first, count;
    for (uint32_t i = 0; i < COLUMN_CHUNK; i++)
        integers[i] = i;
    fixture_open(&fixture);
    put_chunk(&fixture, 0, &(struct column_chunk_input){.count = COLUMN_CHUNK, .is_integer = true, .integers = integers});
    put_chunk(&fixture, 2,
              &(struct column_chunk_input){.count = 2, .numbers = numbers, .has_value = (const bool[]){true, false}});
    put_chunk(&fixture, 3,
              &(struct column_chunk_input){
                  .count = 2, .is_integer = true, .integers = integers, .ends = (const uint32_t[]){0, 3}});
    fixture_read(&fixture);
    column_reader_open(&reader, fixture.txn, 1, COLUMN_OF_RATING);
    for (uint32_t doc = 0; doc < COLUMN_CHUNK; doc += 100) {
        assert_ok(column_reader_integer(&reader, doc, &has, &integer, &error));
        assert_true(has && integer == doc);
        assert_ok(column_reader_number(&reader, 2 * COLUMN_CHUNK, &has, &number, &error));
        assert_true(has && number == 4.5);
        assert_ok(column_reader_integer(&reader, COLUMN_CHUNK + doc, &has, &integer, &error));
        assert_false(has);
        assert_ok(column_reader_number(&reader, 2 * COLUMN_CHUNK + 1, &has, &number, &error));
        assert_false(has);
    }
    assert_int_equal(column_reader_number(&reader, 2 * COLUMN_CHUNK + 2, &has, &number, &error), REVUE_CORRUPT);
    assert_int_equal(column_reader_integer(&reader, 2 * COLUMN_CHUNK, &has, &integer, &error), REVUE_CORRUPT);
    assert_int_equal(column_reader_several(&reader, 2 * COLUMN_CHUNK, &first, &count, &error), REVUE_CORRUPT);
    assert_ok(column_reader_several(&reader, COLUMN_CHUNK, &first, &count, &error));
    assert_int_equal(count, 0);
    assert_ok(column_reader_several(&reader, 3 * COLUMN_CHUNK, &first, &count, &error));
    assert_int_equal(count, 0);
    assert_ok(column_reader_several(&reader, 3 * COLUMN_CHUNK + 1, &first, &count, &error));
    assert_int_equal(count, 3);
    assert_int_equal(column_chunk_several_at(&reader.chunk, first + 2), 2);
    assert_int_equal(column_reader_several(&reader, 3 * COLUMN_CHUNK + 2, &first, &count, &error), REVUE_CORRUPT);
    assert_int_equal(column_reader_integer(&reader, 3 * COLUMN_CHUNK + 1, &has, &integer, &error), REVUE_CORRUPT);
    fixture_close(&fixture);
}

static revue_status encode_again(void *context, revue_error *error) {
    struct bytes out = {0};
    bool is_empty;
    revue_status status = column_chunk_encode(context, &out, &is_empty, error);
    bytes_free(&out);
    return status;
}

static void test_allocations_fail(void **state) {
    (void)state;
    static double numbers[COLUMN_CHUNK];
    for (uint32_t i = 0; i < COLUMN_CHUNK; i++)
        numbers[i] = i / 3.0;
    struct column_chunk_input input = {.count = COLUMN_CHUNK, .numbers = numbers};
    assert_true(fail_each_allocation(encode_again, &input) > 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes),          cmocka_unit_test(test_integers), cmocka_unit_test(test_decimals),
        cmocka_unit_test(test_random_numbers), cmocka_unit_test(test_several),  cmocka_unit_test(test_empty),
        cmocka_unit_test(test_flipped_bits),   cmocka_unit_test(test_reader),   cmocka_unit_test(test_allocations_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
