/* test_symbols.c - symbol tables: base and local numbers, over several extents, what is no symbol, damage. */
#include "tests/unit/format/symbols_test.h"

#define MANY 60000u

static struct symbol symbols[MANY];
static char symbol_bytes[MANY][SYMBOL_BYTES_MAX];

static void make_symbols(void) {
    uint64_t random = 20261125;
    for (uint32_t i = 0; i < MANY; i++) {
        uint32_t size = i % 100 == 0 ? SYMBOL_BYTES_MAX : 1 + random_below(&random, 12);
        for (uint32_t at = 0; at < size; at++)
            symbol_bytes[i][at] = (char)random_next(&random);
        symbols[i] = (struct symbol){view_of(symbol_bytes[i], size), random_below(&random, 4) == 0};
    }
}

static void check_all(struct symbol_tables *tables, uint32_t count) {
    revue_error error;
    struct bytes scratch = {0};
    for (uint32_t round = 0; round < 2 * count; round++) {
        uint32_t i = round < count ? round : (uint32_t)((uint64_t)round * 2654435761u % count);
        struct symbol symbol;
        assert_ok(symbol_tables_get(tables, SYMBOL_FIRST + i, &scratch, &symbol, &error));
        assert_view(symbol.bytes, symbols[i].bytes.data, symbols[i].bytes.size);
        assert_int_equal(symbol.is_gap, symbols[i].is_gap);
    }
    static const uint32_t none[] = {SYMBOL_LITERAL_WORD, SYMBOL_LITERAL_GAP, SYMBOL_NO_BLANK, UINT32_MAX, UINT32_MAX - 1};
    struct symbol symbol;
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(symbol_tables_get(tables, none[i], &scratch, &symbol, &error), REVUE_CORRUPT);
    assert_int_equal(symbol_tables_get(tables, SYMBOL_FIRST + count, &scratch, &symbol, &error), REVUE_CORRUPT);
    bytes_free(&scratch);
}

static void test_round_trip(void **state) {
    (void)state;
    static const uint32_t counts[][2] = {{MANY - 5000, 5000}, {100, 0}, {0, 100}, {16, 16}, {17, 1}, {0, 0}};
    make_symbols();
    for (unsigned i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct test_tables test;
        test_tables_open(&test, symbols, counts[i][0], counts[i][1]);
        if (i == 0)
            assert_true(test.tables.base_bytes.size > 3 * EXTENT_BYTES && test.tables.base_index.size > EXTENT_BYTES);
        check_all(&test.tables, counts[i][0] + counts[i][1]);
        test_tables_close(&test);
    }
}

static void test_bytes(void **state) {
    (void)state;
    revue_error error;
    struct memory_sink sink;
    uint64_t bytes_size, index_size;
    const struct symbol few[] = {{view_of_string("the"), false}, {view_of_string(", "), true}};
    memory_sink_open(&sink);
    assert_ok(symbols_write(&sink.sink, few, 2, &bytes_size, &index_size, &error));
    assert_view(view_of(sink.kinds[KIND_SYMBOL_BYTES].data, (size_t)bytes_size), "the, ", 5);
    assert_view(view_of(sink.kinds[KIND_SYMBOL_INDEX].data, (size_t)index_size),
                "\0\0\0\0\x03\x82\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
    const struct symbol empty = {view_of(NULL, 0), false}, endless = {view_of(symbol_bytes, SYMBOL_BYTES_MAX + 1), false};
    assert_int_equal(symbols_write(&sink.sink, &empty, 1, &bytes_size, &index_size, &error), REVUE_BUG);
    assert_int_equal(symbols_write(&sink.sink, &endless, 1, &bytes_size, &index_size, &error), REVUE_BUG);
    memory_sink_close(&sink);
}

struct flipping {
    struct symbol_tables *tables;
    enum segment_kind kind;
};

static void check_flipped(void *context, const uint8_t *flipped, size_t size) {
    struct flipping *flipping = context;
    revue_error error;
    struct bytes scratch = {0};
    struct stream damaged,
        *replaced = flipping->kind == KIND_SYMBOL_BYTES ? &flipping->tables->base_bytes : &flipping->tables->base_index;
    struct stream whole = *replaced;
    memory_stream_open(&damaged, flipping->kind, flipped, size);
    *replaced = damaged;
    for (uint32_t number = 0; number < 60; number++) {
        struct symbol symbol;
        revue_status status = symbol_tables_get(flipping->tables, number, &scratch, &symbol, &error);
        assert_true(status == REVUE_OK || status == REVUE_CORRUPT);
    }
    *replaced = whole;
    memory_stream_close(&damaged);
    bytes_free(&scratch);
}

static void test_flipped_bits(void **state) {
    (void)state;
    struct test_tables test;
    make_symbols();
    test_tables_open(&test, symbols + 1, 40, 0);
    for (enum segment_kind kind = KIND_SYMBOL_BYTES; kind <= KIND_SYMBOL_INDEX; kind++) {
        struct flipping flipping = {&test.tables, kind};
        flip_each_bit(test.base.kinds[kind].data, test.base.kinds[kind].size, check_flipped, &flipping);
    }
    test_tables_close(&test);
}

static revue_status write_and_get(void *context, revue_error *error) {
    struct test_tables *test = context;
    struct memory_sink sink;
    uint64_t bytes_size, index_size;
    memory_sink_open(&sink);
    revue_status status = symbols_write(&sink.sink, symbols, 1000, &bytes_size, &index_size, error);
    memory_sink_close(&sink);
    struct bytes scratch = {0};
    for (uint32_t i = 0; i < MANY && status == REVUE_OK; i++) {
        struct symbol symbol;
        status = symbol_tables_get(&test->tables, SYMBOL_FIRST + i, &scratch, &symbol, error);
    }
    bytes_free(&scratch);
    return status;
}

static void test_allocations_fail(void **state) {
    (void)state;
    struct test_tables test;
    make_symbols();
    test_tables_open(&test, symbols, MANY, 0);
    assert_true(fail_each_allocation(write_and_get, &test) > 2);
    test_tables_close(&test);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_flipped_bits),
        cmocka_unit_test(test_allocations_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
