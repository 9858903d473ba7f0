/* test_scan_window.c - the bits of a window are what the table of kinds says byte by byte. */
#include "indexer/text/scan_window.h"
#include "indexer/text/words_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void assert_byte(struct scan_window window, unsigned at, uint8_t byte) {
    uint8_t kind = byte_kinds[byte];
    bool is_beyond = kind == KIND_ENTITY || kind == KIND_MULTIBYTE;
    bool joins = kind == KIND_APOSTROPHE || kind == KIND_MID_NUMBER || kind == KIND_QUOTE || is_beyond;
    bool breaks = byte == 0 || kind == KIND_LINE_END || kind == KIND_TAG || is_beyond;
    assert_int_equal(window.words >> at & 1, kind == KIND_LETTER || kind == KIND_DIGIT);
    assert_int_equal(window.joins >> at & 1, joins);
    assert_int_equal(window.breaks >> at & 1, breaks);
    assert_true(kind != KIND_EXTEND && kind != KIND_MID_LETTER && kind != KIND_ALONE && kind != KIND_UNSPACED);
}

static void every_byte_at_every_place(void **state) {
    (void)state;
    char data[SCAN_WINDOW];
    for (unsigned first = 0; first < 256; first++) {
        for (unsigned at = 0; at < SCAN_WINDOW; at++)
            data[at] = (char)(uint8_t)(first + at * 37);
        struct scan_window window = scan_window_read(data);
        for (unsigned at = 0; at < SCAN_WINDOW; at++)
            assert_byte(window, at, (uint8_t)data[at]);
    }
}

/* A word before this byte goes on only behind one that joins, and behind '.' and ',' only if it ends in a digit. */
static void numbers_join(void **state) {
    (void)state;
    assert_true(scan_may_join('3', '.'));
    assert_true(scan_may_join('3', ','));
    assert_false(scan_may_join('t', '.'));
    assert_false(scan_may_join('T', ','));
    assert_true(scan_may_join('t', '\''));
    assert_true(scan_may_join('t', '"'));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_at_every_place),
        cmocka_unit_test(numbers_join),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
