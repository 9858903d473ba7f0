/* symbols_test.h - symbol tables in memory, for the tests of what is built on them. */
#ifndef REVUE_TESTS_SYMBOLS_TEST_H
#define REVUE_TESTS_SYMBOLS_TEST_H

#include "indexer/format/stored_text.h"
#include "tests/unit/format/format_test.h"

struct test_tables {
    struct memory_sink base, local;
    struct symbol_tables tables;
};

static inline void test_table_write(struct memory_sink *sink, const struct symbol *symbols, uint32_t count,
                                    struct stream *bytes, struct stream *index) {
    revue_error error;
    uint64_t bytes_size, index_size;
    memory_sink_open(sink);
    assert_ok(symbols_write(&sink->sink, symbols, count, &bytes_size, &index_size, &error));
    assert_int_equal(bytes_size, sink->kinds[KIND_SYMBOL_BYTES].size);
    assert_int_equal(index_size, sink->kinds[KIND_SYMBOL_INDEX].size);
    memory_stream_open(bytes, KIND_SYMBOL_BYTES, sink->kinds[KIND_SYMBOL_BYTES].data, (size_t)bytes_size);
    memory_stream_open(index, KIND_SYMBOL_INDEX, sink->kinds[KIND_SYMBOL_INDEX].data, (size_t)index_size);
}

/* The code of an archive of which nothing is known. */
static inline void test_code_make(struct number_code *code) {
    uint8_t lengths[NUMBER_CLASSES];
    number_code_choose(NULL, 0, lengths);
    assert_true(number_code_make(code, lengths));
}

/* symbols[0 .. base_count) are the base table, the local_count behind them the local one. */
static inline void test_tables_open(struct test_tables *test, const struct symbol *symbols, uint32_t base_count,
                                    uint32_t local_count) {
    memset(&test->tables, 0, sizeof test->tables);
    test_table_write(&test->base, symbols, base_count, &test->tables.base_bytes, &test->tables.base_index);
    test_table_write(&test->local, symbols + base_count, local_count, &test->tables.local_bytes, &test->tables.local_index);
    test->tables.base_count = base_count;
    test->tables.local_count = local_count;
    test_code_make(&test->tables.code);
}

static inline void test_tables_close(struct test_tables *test) {
    memory_stream_close(&test->tables.base_bytes);
    memory_stream_close(&test->tables.base_index);
    memory_stream_close(&test->tables.local_bytes);
    memory_stream_close(&test->tables.local_index);
    symbol_tables_close(&test->tables);
    memory_sink_close(&test->base);
    memory_sink_close(&test->local);
}

#endif
