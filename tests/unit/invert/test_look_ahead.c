/* test_look_ahead.c - every way to find the spans of a text gives those of the scanner, with the keys that look them up. */
#include "indexer/invert/look_ahead.h"

#include "indexer/base/memory.h"
#include "tests/unit/invert/invert_test.h"

/* One span of those found against the scanner, which sees the blank that a word may have taken along. */
static void assert_span(struct scanner *scanner, const struct waiting_span *found, struct look_ahead ahead) {
    struct span span;
    assert_true(scanner_next(scanner, &span));
    const char *data = scanner->data + span.start;
    assert_int_equal(found->size, span.size);
    assert_memory_equal(found->data, data, span.size);
    assert_int_equal(found->about.kind, span.kind);
    assert_int_equal(found->about.ascii, span.ascii);
    const bool is_blank = span.kind == SPAN_GAP && span.size == 1 && data[0] == ' ';
    assert_int_equal(found->about.gap, span.paragraph ? GAP_PARAGRAPH : is_blank ? GAP_BLANK : GAP_PLAIN);
    if (span.kind == SPAN_WORD || (span.kind == SPAN_GAP && ahead.store)) {
        const bool is_word = span.kind == SPAN_WORD;
        const struct short_symbol key =
            short_symbol_of(view_of(data, span.size), span.size, is_word ? SYMBOL_WORD : SYMBOL_GAP,
                            is_word ? ahead.language : LANGUAGE_NONE);
        assert_int_equal(found->key.about, key.about);
        if (key.about) assert_int_equal(found->hash, short_symbol_hash(ahead.look_up, key));
    }
    if (!found->about.blank_follows) return;
    assert_int_equal(span.kind, SPAN_WORD);
    assert_true(scanner_next(scanner, &span));
    assert_true(span.kind == SPAN_GAP && span.size == 1 && scanner->data[span.start] == ' ');
    const struct scanner behind = *scanner;
    assert_true(scanner_next(scanner, &span) && span.kind == SPAN_WORD);
    *scanner = behind;
}

static void assert_found(find_spans *find, struct view text, struct look_ahead ahead) {
    struct waiting_span waiting[SPANS_ROOM];
    struct text_ahead scanned;
    struct scanner scanner;
    struct span span;
    uint32_t count;
    scanner_start(&scanner, text);
    text_ahead_start(&scanned, text);
    while ((count = find(ahead, &scanned, waiting)) > 0) {
        assert_true(count <= SPANS_ROOM);
        for (uint32_t i = 0; i < count; i++)
            assert_span(&scanner, &waiting[i], ahead);
    }
    assert_false(scanner_next(&scanner, &span));
}

static void append_random(struct bytes *text, unsigned pieces_count, uint64_t *seed) {
    static const char *const pieces[] = {"a",     "film",         "The",   " ",        " ",   " ",      ", ", ". ",
                                         "3.5",   "9.",           "don't", "it's,",    "'",   "\"q\" ", "\n", "<br />",
                                         "&amp;", "caf\xC3\xA9",  "x<3 ",  "\t",       "--",  "1,000",  "`",  "wi-fi",
                                         "&",     "\xE2\x80\x94", "U.S.",  "\r\n\r\n", "8's", "?! ",    "''", "<!-- "};
    const unsigned count = sizeof pieces / sizeof *pieces;
    for (unsigned i = 0; i < pieces_count; i++) {
        const unsigned drawn = (unsigned)random_below(seed, count + 3);
        for (unsigned j = 0; drawn >= count && j < 10 + pieces_count % 60; j++)
            bytes_append_u8(text, drawn % 2 ? 'z' : '.'); /* longer than a key, or than a window */
        if (drawn == count) bytes_append_u8(text, 0);
        if (drawn < count) bytes_append_string(text, pieces[drawn]);
    }
}

static void every_way_finds_the_scanners_spans(void **state) {
    (void)state;
    struct vocabulary vocabulary;
    struct bytes text = {0};
    revue_error error;
    uint64_t seed = 91;
    unsigned ways = 0;
    assert_ok(vocabulary_init(&vocabulary, &error));
    for (find_spans *find; (find = find_spans_of(ways)) != NULL; ways++)
        for (unsigned round = 0; round < 1500; round++) {
            const struct look_ahead ahead = {vocabulary_look_up(&vocabulary), LANGUAGE_ENGLISH, round % 3 > 0};
            bytes_clear(&text);
            append_random(&text, round % 170, &seed);
            /* Copied to its size, so that a byte read too much is seen. */
            char *copy = memory_copy_bytes(text.size ? (const char *)text.data : "", text.size);
            assert_non_null(copy);
            char *exact = memory_resize(copy, text.size);
            assert_non_null(exact);
            assert_found(find, view_of(exact, text.size), ahead);
            memory_free(exact);
        }
    assert_true(ways >= 1);
    assert_null(find_spans_of(ways + 1));
    bytes_free(&text);
    vocabulary_free(&vocabulary);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_way_finds_the_scanners_spans)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
