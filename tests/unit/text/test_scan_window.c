/* test_scan_window.c - the bits of a window are what the table of kinds says byte by byte, and its ends are those of the
 * scanner's spans. */
#include "indexer/text/scan.h"
#include "indexer/text/scan_window.h"
#include "indexer/text/words_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void assert_byte(struct scan_bits bits, unsigned at, uint8_t byte) {
    uint8_t kind = byte_kinds[byte];
    assert_int_equal(bits.letters >> at & 1, kind == KIND_LETTER);
    assert_int_equal(bits.digits >> at & 1, kind == KIND_DIGIT);
    assert_int_equal(bits.apostrophes >> at & 1, kind == KIND_APOSTROPHE);
    assert_int_equal(bits.mid_numbers >> at & 1, kind == KIND_MID_NUMBER);
    assert_int_equal(bits.blanks >> at & 1, byte == ' ');
    assert_int_equal(bits.breaks >> at & 1, byte == 0 || kind == KIND_LINE_END || kind == KIND_TAG);
    assert_int_equal(bits.beyond >> at & 1, kind == KIND_ENTITY || kind == KIND_MULTIBYTE);
    assert_true(kind != KIND_EXTEND && kind != KIND_MID_LETTER && kind != KIND_ALONE && kind != KIND_UNSPACED);
}

static void every_byte_at_every_place(void **state) {
    (void)state;
    char data[SCAN_WINDOW];
    for (unsigned first = 0; first < 256; first++) {
        for (unsigned at = 0; at < SCAN_WINDOW; at++)
            data[at] = (char)(uint8_t)(first + at * 37);
        struct scan_bits bits = scan_bits_read(data);
        for (unsigned at = 0; at < SCAN_WINDOW; at++)
            assert_byte(bits, at, (uint8_t)data[at]);
    }
}

/* Every end is one of the scanner's, none is left out before the last, and a single blank is a span of the scanner's. */
static void assert_window(const char *data, uint32_t size) {
    const struct scan_window window = scan_window_of(scan_bits_read(data));
    struct scanner scanner;
    struct span span;
    scanner_start(&scanner, view_of(data, size));
    assert_int_equal(window.starts_in_word,
                     byte_kinds[(uint8_t)data[0]] == KIND_LETTER || byte_kinds[(uint8_t)data[0]] == KIND_DIGIT);
    assert_int_equal(window.singles & ~window.ends, 0);
    bool is_word = window.starts_in_word;
    for (uint64_t ends = window.ends; ends; ends &= ends - 1) {
        const uint32_t end = (uint32_t)__builtin_ctzll(ends);
        assert_true(scanner_next(&scanner, &span));
        assert_int_equal(span.start + span.size, end);
        assert_int_equal(span.kind, is_word ? SPAN_WORD : SPAN_GAP);
        assert_true(span.ascii && !span.paragraph);
        is_word = !is_word;
        if (!(window.singles >> end & 1)) continue;
        assert_true(scanner_next(&scanner, &span));
        assert_int_equal(span.kind, SPAN_GAP);
        assert_int_equal(span.size, 1);
        assert_int_equal(data[span.start], ' ');
        is_word = true;
    }
}

/* Texts of what makes windows stop, behind one that does not matter, at every distance from the end of the window. */
static void ends_are_the_scanners(void **state) {
    (void)state;
    static const char alphabet[] = "aaaabcZ    199..,''``\"<&\n\r-;:\xC3\xA9\xE2\x80\x99\xC2\xAD";
    char data[4 * SCAN_WINDOW];
    uint64_t seed = 5;
    for (unsigned round = 0; round < 40000; round++) {
        for (unsigned at = 0; at < sizeof data;) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            unsigned drawn = (unsigned)(seed >> 33) % (sizeof alphabet - 1), length = 1;
            if ((uint8_t)alphabet[drawn] >= 0x80) { /* a whole character, and rarely */
                if (seed >> 60 || at + 3 > sizeof data) continue;
                while (((uint8_t)alphabet[drawn] & 0xC0) == 0x80)
                    drawn--;
                length = (uint8_t)alphabet[drawn] >= 0xE0 ? 3 : 2;
            }
            memcpy(data + at, alphabet + drawn, length);
            at += length;
        }
        assert_window(data, sizeof data);
    }
}

/* What is known of a window without anything beyond: all but what reaches its end. */
static void plain_text_is_certain(void **state) {
    (void)state;
    const char *text = "It's a 3.5 of 1,000, don't you think? -- \"Yes!\" he said, 'maybe' so on and on";
    const struct scan_window window = scan_window_of(scan_bits_read(text));
    assert_false(window.is_cut);
    assert_true(window.ends >> 50 != 0);
    assert_int_equal(window.ends & 15, 0); /* It's */
    assert_int_equal(window.ends >> 4 & 1, 1);
    assert_int_equal(window.singles >> 4 & 1, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_at_every_place),
        cmocka_unit_test(ends_are_the_scanners),
        cmocka_unit_test(plain_text_is_certain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
