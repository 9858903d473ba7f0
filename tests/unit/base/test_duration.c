/* test_duration.c - spans of time, read and written. */
#include "indexer/base/duration.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static void test_read(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double seconds;
    } good[] = {{"0", 0},       {"90", 90},     {"90s", 90},    {"15min", 900}, {"26h", 93600},
                {"2d", 172800}, {"1w", 604800}, {"1.5h", 5400}, {".5min", 30}};
    static const char *const bad[] = {"",     "h",       "26 h", "26hours", "-1h", "+1h",
                                      "1e3h", "1h30min", "26H",  "1.2.3h",  "nan", " 1"};
    double seconds;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        seconds = -1;
        if (!duration_parse(good[i].text, &seconds)) fail_msg("%s", good[i].text);
        assert_true(seconds == good[i].seconds);
    }
    seconds = 7;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (duration_parse(bad[i], &seconds)) fail_msg("%s", bad[i]);
    assert_true(seconds == 7);
}

static void assert_written(double seconds, const char *expected) {
    struct bytes out = {0};
    duration_append(&out, seconds);
    bytes_append_u8(&out, 0);
    assert_false(out.failed);
    assert_string_equal((const char *)out.data, expected);
    bytes_free(&out);
}

static void test_written(void **state) {
    (void)state;
    assert_written(0, "0 seconds");
    assert_written(179, "179 seconds");
    assert_written(180, "3.0 minutes");
    assert_written(93600, "26 hours");
    assert_written(3 * 86400 + 43200, "3.5 days");
    assert_written(4000 * 86400.0, "4000 days");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_read), cmocka_unit_test(test_written)};
    return cmocka_run_group_tests_name("duration", tests, NULL, NULL);
}
