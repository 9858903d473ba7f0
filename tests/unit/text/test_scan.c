/* test_scan.c - the promises of scan.h over random text, and what text.cases cannot say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "indexer/text/scan.h"
#include "tests/unit/text/random_text.h"

static bool is_plain_ascii(const char *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if ((signed char)data[i] <= 0) return false;
    }
    return true;
}

/* Bigrams start where the run starts, step by one character, end where it ends, and cover it. */
static void check_bigrams(struct view run) {
    uint32_t at = 0, start, size, last_start = 0, last_end = 0, count = 0;
    while (ideographs_next(run, &at, &start, &size)) {
        assert_true(size > 0 && start + size <= run.size);
        if (count == 0)
            assert_int_equal(start, 0);
        else {
            assert_true(start > last_start && start < last_end);
            assert_true(start + size > last_end);
        }
        last_start = start;
        last_end = start + size;
        count++;
    }
    assert_true(count > 0);
    assert_int_equal(last_end, run.size);
}

/* Scans text to its end, checking every span; returns the number of words. */
static unsigned check_spans(struct view text) {
    struct scanner scanner;
    struct span span;
    uint32_t at = 0;
    unsigned words = 0;
    enum span_kind before = SPAN_WORD;
    scanner_start(&scanner, text);
    for (bool first = true; scanner_next(&scanner, &span); first = false) {
        const char *data = text.data + span.start;
        assert_int_equal(span.start, at);
        assert_true(span.size > 0 && span.size <= text.size - at);
        assert_int_equal(utf8_valid_prefix(data, span.size), span.size);
        if (span.kind == SPAN_GAP)
            assert_true(first || before != SPAN_GAP);
        else
            assert_false(span.paragraph);
        if (span.kind == SPAN_IDEOGRAPHS) {
            assert_false(span.ascii);
            check_bigrams(view_of(data, span.size));
        }
        bool plain = is_plain_ascii(data, span.size) && (span.kind == SPAN_GAP || !memchr(data, '&', span.size));
        if (span.kind != SPAN_IDEOGRAPHS) assert_int_equal(span.ascii, plain);
        words += span.kind == SPAN_WORD;
        before = span.kind;
        at += span.size;
    }
    assert_int_equal(at, text.size);
    assert_false(scanner_next(&scanner, &span));
    return words;
}

static void test_spans_cover_random_text(void **state) {
    (void)state;
    uint64_t seed = 20250901;
    unsigned words = 0;
    for (unsigned round = 0; round < 20000; round++) {
        struct bytes text = {0};
        random_text(&text, &seed, random_next(&seed) % 40);
        /* An exact copy, so that a sanitizer sees a read past the end. */
        char *exact = malloc(text.size ? text.size : 1);
        assert_non_null(exact);
        if (text.size) memcpy(exact, text.data, text.size);
        words += check_spans(view_of(exact, text.size));
        free(exact);
        bytes_free(&text);
    }
    assert_true(words > 20000);
}

/* Cutting a text at a paragraph gap and scanning the halves gives the same spans: what stands behind a line end never
 * changes what stands before it (but for markup, which the text here has none of). */
static void test_line_ends_separate(void **state) {
    (void)state;
    const char *first = "Don't 3", *second = "5 wi-fi";
    char both[64];
    (void)snprintf(both, sizeof both, "%s\n%s", first, second);
    assert_int_equal(check_spans(view_of_string(both)),
                     check_spans(view_of_string(first)) + check_spans(view_of_string(second)));
}

static void fill(struct bytes *text, const char *piece, size_t size) {
    bytes_clear(text);
    while (text->size < size)
        bytes_append_string(text, piece);
    assert_false(text->failed);
}

/* Every piece is a way to make a careless scanner look to the end of the text again and again. With 4 MB of each, quadratic
 * time would be hours: that this test ends is the proof. */
static void test_hostile_input_is_linear(void **state) {
    (void)state;
    static const char *const pieces[] = {
        "<",
        "&",
        "<a",
        "<a ",
        "<!--",
        "<!-- <",
        "<script>",
        "<style>",
        "<script><style><!--",
        "<a b=\"",
        "<a b='",
        "<a b=\"<a b='",
        "<a \"=\"",
        "<a =\"'='",
        "&#",
        "&amp",
        "&aaaaaaaa",
        "'",
        "a'",
        "1.",
        "a\xCC\x81",
        "a'\xC2\xAD",
        "\xC2\xAD",
        "<!",
        "<?x",
        "</",
        "</script",
        "<script></scrip",
        "中\xCC\x81",
        "<a-",
        "<a:",
        "<b =",
        "&#x1",
        "-->",
        "<p a=\"\">",
        "<a =\"=\"='",
    };
    struct bytes text = {0};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        fill(&text, pieces[i], 4u << 20);
        (void)check_spans(bytes_view(&text));
    }
    bytes_free(&text);
}

static void test_long_words(void **state) {
    (void)state;
    struct bytes text = {0};
    fill(&text, "a", 100000);
    assert_int_equal(check_spans(bytes_view(&text)), 1);
    fill(&text, "e\xCC\x81", 100000);
    assert_int_equal(check_spans(bytes_view(&text)), 1);
    bytes_free(&text);
    struct scanner scanner;
    struct span span;
    scanner_start(&scanner, view_of(NULL, 0));
    assert_false(scanner_next(&scanner, &span));
}

/* The two ways through the scanner, eight bytes at a time and one by one, agree for every byte at every alignment. */
static void test_every_byte_at_every_place(void **state) {
    (void)state;
    for (unsigned byte = 1; byte < 0x80; byte++) {
        for (unsigned place = 0; place < 20; place++) {
            char text[20];
            struct scanner scanner;
            struct span span;
            memset(text, 'x', sizeof text);
            text[place] = (char)byte;
            bool is_word = (byte >= '0' && byte <= '9') || ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z');
            bool is_inside = is_word || ((byte == '\'' || byte == '`') && place > 0 && place < 19);
            scanner_start(&scanner, view_of(text, sizeof text));
            assert_true(scanner_next(&scanner, &span));
            assert_int_equal(span.size, is_inside ? 20 : place ? place : 1);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spans_cover_random_text),   cmocka_unit_test(test_line_ends_separate),
        cmocka_unit_test(test_hostile_input_is_linear),   cmocka_unit_test(test_long_words),
        cmocka_unit_test(test_every_byte_at_every_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
