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

static void assert_table(const struct base_symbols *base, unsigned s) {
    assert_int_equal(base->s, s);
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
    make_table();
    assert_int_equal(base_symbols_find(&none, table[0].bytes, true), 0);
    assert_ok(store_begin_read(opened, &txn, &error));
    assert_ok(base_symbols_read(&none, txn, &error));
    assert_int_equal(none.s, 0);
    store_abort(txn);
    assert_ok(base_symbols_create(&base, opened, table, SYMBOLS, 190, &error));
    assert_table(&base, 190);
    assert_ok(store_begin_read(opened, &txn, &error));
    assert_ok(base_symbols_read(&again, txn, &error));
    assert_table(&again, 190);
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
