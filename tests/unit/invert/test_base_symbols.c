/* test_base_symbols.c - the frozen table: made, found in, read back from the store. */
#include "tests/unit/invert/invert_test.h"

#define SYMBOLS 3000u

static char words[SYMBOLS][16];
static struct symbol table[SYMBOLS];

static void make_table(void) {
    for (unsigned i = 0; i < SYMBOLS; i++) {
        (void)snprintf(words[i], sizeof words[i], i % 5 ? "word%u" : ", %u", i / 2 * 2);
        table[i] = (struct symbol){view_of_string(words[i]), i % 2 == 0};
    }
}

static void assert_table(const struct base_symbols *base, const uint8_t lengths[NUMBER_CLASSES]) {
    assert_true(base->code.is_made);
    assert_memory_equal(base->code.lengths, lengths, NUMBER_CLASSES);
    assert_int_equal(base->count, SYMBOLS);
    for (unsigned i = 0; i < SYMBOLS; i++) {
        uint32_t number = base_symbols_find(base, table[i].bytes, table[i].is_gap);
        assert_true(number >= SYMBOL_FIRST && number < SYMBOL_FIRST + SYMBOLS);
        assert_true(view_equal(base->symbols[number - SYMBOL_FIRST].bytes, table[i].bytes));
        assert_int_equal(base->symbols[number - SYMBOL_FIRST].is_gap, table[i].is_gap);
    }
    assert_int_equal(base_symbols_find(base, view_of_string("none"), false), 0);
    assert_int_equal(base_symbols_find(base, view_of_string("word1"), true), 0);
}

static void made_found_and_read_back(void **state) {
    (void)state;
    char path[TEMPORARY_PATH_SIZE];
    store *opened = temporary_index_create(path);
    store_txn *txn;
    struct base_symbols base = {0}, again = {0}, none = {0};
    revue_error error;
    uint8_t lengths[NUMBER_CLASSES];
    number_code_choose((const uint64_t[]){9, 4, 1, 900}, 4, lengths);
    make_table();
    assert_int_equal(base_symbols_find(&none, table[0].bytes, true), 0);
    assert_ok(store_begin_read(opened, &txn, &error));
    assert_ok(base_symbols_read(&none, txn, &error));
    assert_false(none.code.is_made);
    store_abort(txn);
    assert_ok(base_symbols_create(&base, opened, table, SYMBOLS, lengths, &error));
    assert_table(&base, lengths);
    assert_ok(store_begin_read(opened, &txn, &error));
    assert_ok(base_symbols_read(&again, txn, &error));
    assert_table(&again, lengths);
    store_abort(txn);
    base_symbols_free(&base);
    base_symbols_free(&again);
    base_symbols_free(&none);
    store_close(opened);
    temporary_index_remove(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(made_found_and_read_back)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
