/* test_text_cost.c - the estimate of spans: sixteen bytes at a time as one by one, and near enough to the truth. */
#include "indexer/invert/text_cost.h"
#include "indexer/text/scan.h"
#include "tests/unit/invert/invert_test.h"

static bool is_of_word(uint8_t byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte >= 0x80;
}

static struct text_spans one_by_one(struct view text) {
    struct text_spans spans = {0, 0};
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = (uint8_t)text.data[i];
        spans.tokens += is_of_word(byte) && (i == 0 || !is_of_word((uint8_t)text.data[i - 1]));
        spans.tokens += byte == 0xE0 || byte == 0xE1 || (byte >= 0xE3 && byte <= 0xE9);
        spans.gaps += !is_of_word(byte) && byte > ' ';
    }
    return spans;
}

static void assert_same(struct view text) {
    struct text_spans found = text_spans_estimate(text), expected = one_by_one(text);
    assert_int_equal(found.tokens, expected.tokens);
    assert_int_equal(found.gaps, expected.gaps);
}

static void as_one_by_one(void **state) {
    (void)state;
    uint64_t seed = 5;
    for (unsigned round = 0; round < 300; round++) {
        size_t size = round < 100 ? round : random_below(&seed, 30000);
        char *bytes = malloc(size + 1); /* exact, so that a sanitizer sees reading past the end */
        assert_non_null(bytes);
        uint32_t values = round % 3 ? 256 : 64;
        for (size_t i = 0; i < size; i++)
            bytes[i] = (char)(random_below(&seed, values) + (values == 64 ? ' ' : 0));
        char *exact = realloc(bytes, size ? size : 1);
        assert_non_null(exact);
        assert_same(view_of(exact, size));
        free(exact);
    }
}

static void near_what_the_scanner_finds(void **state) {
    (void)state;
    static const char *const texts[] = {
        "It's a quiet film, about 3.5 hours long; the keeper (Ann) never speaks. \"Bring a coat!\" she wrote. I didn't.",
        "Une histoire de phare et de mer, tourn\303\251e en hiver : la gardienne ne parle jamais.",
        "\xD0\xA4\xD0\xB8\xD0\xBB\xD1\x8C\xD0\xBC \xD0\xBE \xD0\xBC\xD0\xBE\xD1\x80\xD0\xB5",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        uint64_t tokens = 0;
        struct scanner scanner;
        struct span span;
        scanner_start(&scanner, view_of_string(texts[i]));
        while (scanner_next(&scanner, &span))
            tokens += span.kind == SPAN_WORD;
        assert_in_range(text_spans_estimate(view_of_string(texts[i])).tokens, tokens, tokens * 12 / 10);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_one_by_one),
        cmocka_unit_test(near_what_the_scanner_finds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
