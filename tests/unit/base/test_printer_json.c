/* test_printer_json.c - what the printer prints, read back by jansson. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "indexer/base/memory.h"
#include "indexer/base/printer.h"

#include <float.h>
#include <jansson.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>

/* One value, printed and parsed; the caller drops it. */
static json_t *parse(const struct bytes *out) {
    json_error_t error;
    json_t *value = json_loadb((const char *)out->data, out->size, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (!value) fail_msg("%.*s: %s", (int)out->size, (const char *)out->data, error.text);
    return value;
}

static void assert_printed(const struct bytes *out, const char *expected) {
    assert_int_equal(out->size, strlen(expected));
    assert_memory_equal(out->data, expected, out->size);
}

static void nests_maps_and_lists(void **state) {
    (void)state;
    struct bytes out = {0};
    struct printer printer;
    printer_start(&printer, &out);
    printer_begin_map(&printer);
    printer_key_unsigned(&printer, "revue", 1);
    printer_key(&printer, "list");
    printer_begin_list(&printer);
    printer_integer(&printer, INT64_MIN);
    printer_begin_list(&printer);
    printer_end_list(&printer);
    printer_begin_map(&printer);
    printer_end_map(&printer);
    printer_boolean(&printer, true);
    printer_unsigned(&printer, UINT64_MAX);
    printer_end_list(&printer);
    printer_key_string(&printer, "absent", NULL);
    printer_key_string(&printer, "text", "a\"b");
    printer_key_number(&printer, "half", 0.5);
    printer_key_boolean(&printer, "no", false);
    printer_key(&printer, "score");
    printer_decimals(&printer, 3.5, 6);
    printer_end_map(&printer);
    assert_false(out.failed);
    assert_printed(&out, "{\"revue\":1,\"list\":[-9223372036854775808,[],{},true,18446744073709551615],\"text\":\"a\\\"b\","
                         "\"half\":0.5,\"no\":false,\"score\":3.500000}");
    bytes_free(&out);
}

static void assert_text_survives(const char *text, size_t size, const char *expected, size_t expected_size) {
    struct bytes out = {0};
    struct printer printer;
    printer_start(&printer, &out);
    printer_string(&printer, view_of(text, size));
    json_t *value = parse(&out);
    assert_true(json_is_string(value));
    assert_int_equal(json_string_length(value), expected_size);
    assert_memory_equal(json_string_value(value), expected, expected_size);
    json_decref(value);
    bytes_free(&out);
}

static void every_character_reads_back(void **state) {
    (void)state;
    for (uint32_t character = 0; character < 0x110000; character += character < 0x3000 ? 1 : 97) {
        char text[8] = "x";
        size_t size = 1;
        if (character >= 0xD800 && character < 0xE000) continue;
        if (character < 0x80) {
            text[size++] = (char)character;
        } else if (character < 0x800) {
            text[size++] = (char)(0xC0 | character >> 6);
            text[size++] = (char)(0x80 | (character & 0x3F));
        } else if (character < 0x10000) {
            text[size++] = (char)(0xE0 | character >> 12);
            text[size++] = (char)(0x80 | (character >> 6 & 0x3F));
            text[size++] = (char)(0x80 | (character & 0x3F));
        } else {
            text[size++] = (char)(0xF0 | character >> 18);
            text[size++] = (char)(0x80 | (character >> 12 & 0x3F));
            text[size++] = (char)(0x80 | (character >> 6 & 0x3F));
            text[size++] = (char)(0x80 | (character & 0x3F));
        }
        text[size++] = 'y';
        assert_text_survives(text, size, text, size);
    }
}

static void bad_bytes_are_repaired(void **state) {
    (void)state;
    assert_text_survives("a\xFF"
                         "b",
                         3,
                         "a\xEF\xBF\xBD"
                         "b",
                         5);
    assert_text_survives("\xE2\x82", 2, "\xEF\xBF\xBD", 3);
    assert_text_survives("\xED\xA0\x80", 3, "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD", 9);
    assert_text_survives("", 0, "", 0);
}

static void harmful_characters_are_escaped(void **state) {
    (void)state;
    struct bytes out = {0};
    struct printer printer;
    printer_start(&printer, &out);
    printer_string(&printer, view_of_string("</script> a/b \033[2J \xC2\x9B \xE2\x80\xA8 \xE2\x80\xAE \x7F \t"));
    assert_printed(&out, "\"<\\/script> a/b \\u001b[2J \\u009b \\u2028 \\u202e \\u007f \\t\"");
    bytes_free(&out);
}

static double printed_number(double value) {
    struct bytes out = {0};
    struct printer printer;
    printer_start(&printer, &out);
    printer_number(&printer, value);
    json_t *parsed = parse(&out);
    double result = json_number_value(parsed);
    json_decref(parsed);
    bytes_free(&out);
    return result;
}

static void numbers_read_back_the_same(void **state) {
    (void)state;
    const double numbers[] = {0,    -0.0,       0.1, 1.0 / 3, 5e-324, DBL_MIN, DBL_MAX, 1e15, 123456789012345678.0,
                              -2.5, DBL_EPSILON};
    uint64_t random = 0x9E3779B97F4A7C15u;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        assert_true(printed_number(numbers[i]) == numbers[i]);
    for (int i = 0; i < 20000; i++) {
        double value;
        random = random * 6364136223846793005u + 1442695040888963407u;
        memcpy(&value, &random, sizeof value);
        if (isfinite(value)) assert_true(printed_number(value) == value);
    }
}

static void assert_number_text(double value, const char *expected) {
    struct bytes out = {0};
    struct printer printer;
    printer_start(&printer, &out);
    printer_number(&printer, value);
    assert_printed(&out, expected);
    bytes_free(&out);
}

static void numbers_are_short(void **state) {
    (void)state;
    assert_number_text(4.5, "4.5");
    assert_number_text(0.1, "0.1");
    assert_number_text(10, "10");
    assert_number_text(5e-324, "5e-324");
    assert_number_text(NAN, "null");
    assert_number_text(-INFINITY, "null");
}

/* The library runs inside programs that set a locale; JSON knows only the point. */
static void locale_does_not_reach_numbers(void **state) {
    (void)state;
    const char *const locales[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "ps_AF.UTF-8"};
    for (size_t i = 0; i < sizeof locales / sizeof *locales; i++) {
        struct bytes out = {0};
        struct printer printer;
        if (!setlocale(LC_NUMERIC, locales[i])) continue;
        printer_start(&printer, &out);
        printer_begin_list(&printer);
        printer_number(&printer, -1.25e300);
        printer_decimals(&printer, 2.5, 2);
        printer_end_list(&printer);
        assert_printed(&out, "[-1.25e+300,2.50]");
        bytes_free(&out);
    }
    (void)setlocale(LC_NUMERIC, "C");
}

static void depth_is_bounded(void **state) {
    (void)state;
    struct bytes out = {0};
    struct printer printer;
    printer_start(&printer, &out);
    for (int i = 0; i < 1000; i++)
        printer_begin_list(&printer);
    for (int i = 0; i < 1000; i++)
        printer_end_list(&printer);
    assert_true(out.failed);
    bytes_free(&out);
}

static bool nth_fails(void *context) {
    int *left = context;
    return --*left != 0;
}

static void out_of_memory_is_sticky(void **state) {
    (void)state;
    for (int n = 1; n < 4; n++) {
        struct bytes out = {0};
        struct printer printer;
        int left = n;
        memory_set_test_hook(nth_fails, &left);
        printer_start(&printer, &out);
        printer_begin_list(&printer);
        printer_string(&printer, view_of_string("long enough to grow the buffer, and bad: \xFF, and to grow it again"));
        printer_end_list(&printer);
        memory_set_test_hook(NULL, NULL);
        assert_true(out.failed);
        bytes_free(&out);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nests_maps_and_lists),          cmocka_unit_test(every_character_reads_back),
        cmocka_unit_test(bad_bytes_are_repaired),        cmocka_unit_test(harmful_characters_are_escaped),
        cmocka_unit_test(numbers_read_back_the_same),    cmocka_unit_test(numbers_are_short),
        cmocka_unit_test(locale_does_not_reach_numbers), cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(out_of_memory_is_sticky),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
