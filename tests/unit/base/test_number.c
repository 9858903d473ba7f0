/* test_number.c - decimal numbers as text, whatever the locale. */
#include "indexer/base/number.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static double parsed(const char *text) {
    double number = -77;
    assert_true(number_parse(view_of_string(text), &number));
    return number;
}

static void plain_numbers(void **state) {
    static const char *const none[] = {"",   " ",   "x",     "-",    ".",   "1e",  "1 ",
                                       " 1", "1,5", "1,234", "0x10", "nan", "inf", "1e999"};
    double number = 5;
    (void)state;
    assert_true(parsed("4") == 4 && parsed("4.5") == 4.5 && parsed(".5") == 0.5 && parsed("-0.25") == -0.25);
    assert_true(parsed("1e3") == 1000 && parsed("12.5E-1") == 1.25 && parsed("+7.") == 7);
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_false(number_parse(view_of_string(none[i]), &number));
    assert_true(number == 5);
}

static void numbers_as_people_write_them(void **state) {
    double number;
    struct view rest;
    (void)state;
    assert_true(number_take(view_of_string("1,234 stars"), NUMBER_WITH_COMMAS, &number, &rest));
    assert_true(number == 1234);
    assert_true(view_equal(rest, view_of_string(" stars")));
    assert_true(number_take(view_of_string("4,5"), NUMBER_WITH_COMMAS, &number, &rest));
    assert_true(number == 4.5 && rest.size == 0);
    assert_true(number_take(view_of_string("4,5"), NUMBER_PLAIN, &number, &rest));
    assert_true(number == 4);
    assert_true(view_equal(rest, view_of_string(",5")));
}

static void reads_and_writes_the_same(void) {
    static const double values[] = {0, 1, -1, 0.1, 4.5, 1234.5678, 1e15, 2.5e-7, 7.3};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct bytes text = {0};
        number_append(&text, values[i]);
        assert_false(text.failed);
        assert_null(memchr(text.data, ',', text.size));
        double back;
        assert_true(number_parse(bytes_view(&text), &back));
        assert_true(back == values[i]);
        bytes_free(&text);
    }
    struct bytes text = {0};
    number_append_decimals(&text, 2.5, 3);
    assert_true(view_equal(bytes_view(&text), view_of_string("2.500")));
    bytes_free(&text);
}

/* Where a German or French locale is installed, their comma must not matter; the others are tried all the same. */
static void any_locale(void **state) {
    static const char *const locales[] = {"C", "C.UTF-8", "de_DE.UTF-8", "fr_FR.UTF-8"};
    (void)state;
    for (size_t i = 0; i < sizeof locales / sizeof *locales; i++)
        if (setlocale(LC_ALL, locales[i])) {
            reads_and_writes_the_same();
            assert_true(parsed("0.5") == 0.5);
        }
    (void)setlocale(LC_ALL, "C");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_numbers),
        cmocka_unit_test(numbers_as_people_write_them),
        cmocka_unit_test(any_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
