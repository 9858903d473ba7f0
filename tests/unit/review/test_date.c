/* test_date.c - dates as archives write them, their precision, and what is none. */
#include "indexer/review/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>

struct date_case {
    const char *text, *iso; /* iso NULL: not a date */
};

static void check(const struct date_case *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct review_date date = {-7, DATE_ABSENT};
        char iso[32];
        bool parsed = date_parse(view_of_string(cases[i].text), &date);
        if (parsed) (void)date_format(date, iso);
        if (parsed != (cases[i].iso != NULL)) fail_msg("\"%s\": parsed %d", cases[i].text, parsed);
        if (parsed && strcmp(iso, cases[i].iso) != 0) fail_msg("\"%s\": %s, not %s", cases[i].text, iso, cases[i].iso);
        if (!parsed) assert_int_equal(date.seconds, -7);
    }
}
#define CHECK(cases) check(cases, sizeof(cases) / sizeof *(cases))

static void test_iso(void **state) {
    (void)state;
    static const struct date_case cases[] = {
        {"2016-01-03T05:00:00.000Z", "2016-01-03T05:00:00Z"},
        {"2019-05", "2019-05"},
        {"2019", "2019"},
        {"2011-01-26", "2011-01-26"},
        {"2019-05-25 15:54", "2019-05-25T15:54Z"},
        {"2019-05-25T15:54:07+02:00", "2019-05-25T13:54:07Z"},
        {"2019-05-25T15:54:07-0530", "2019-05-25T21:24:07Z"},
        {"2019-05-25T15:54:07+02", "2019-05-25T13:54:07Z"},
        {"2019/05/25", "2019-05-25"},
        {"20190525", "2019-05-25"},
        {"0001-01-01", "0001-01-01"},
        {"9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"},
        {"1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"},
        {"2020-02-29", "2020-02-29"},
    };
    CHECK(cases);
}

static void test_written(void **state) {
    (void)state;
    static const struct date_case cases[] = {
        {"06 17, 2018", "2018-06-17"},
        {"06 2, 2018", "2018-06-02"},
        {"5/25/2019 15:54", "2019-05-25T15:54Z"},
        {"25/5/2019", "2019-05-25"},
        {"5/25/19", "2019-05-25"},
        {"Nov 6 2009 ", "2009-11-06"},
        {"Nov 17 2009", "2009-11-17"},
        {"17 June 2018", "2018-06-17"},
        {"June 17, 2018", "2018-06-17"},
        {"June 17th, 2018", "2018-06-17"},
        {"1st of May 2018", "2018-05-01"},
        {"June 2018", "2018-06"},
        {"Sept. 3, 2012", "2012-09-03"},
        {"25-May-2019", "2019-05-25"},
        {"25-May-19", "2019-05-25"},
        {"Nov 30, 2014, 4:26PM", "2014-11-30T16:26Z"},
        {"Nov 30, 2014 at 12:05 a.m.", "2014-11-30T00:05Z"},
        {"Nov 30, 2014 at 12:05 am", "2014-11-30T00:05Z"},
        {"Tue, 03 Jan 2016 05:00:00 +0000", "2016-01-03T05:00:00Z"},
        {"Sun Jan  3 05:00:00 2016", "2016-01-03T05:00:00Z"},
        {"25.05.2019", "2019-05-25"},
        {"1.2.2019", "2019-02-01"},
        {"05/2019", "2019-05"},
        {"2019\xE5\xB9\xB4"
         "5\xE6\x9C\x88"
         "25\xE6\x97\xA5",
         "2019-05-25"},
    };
    CHECK(cases);
}

static void test_unix(void **state) {
    (void)state;
    static const struct date_case cases[] = {
        {"1529193600", "2018-06-17T00:00:00Z"},
        {"1529193600.0", "2018-06-17T00:00:00Z"},
        {"1529193600123", "2018-06-17T00:00:00Z"},
        {"999999999", "2001-09-09T01:46:39Z"},
    };
    CHECK(cases);
}

static void test_refused(void **state) {
    (void)state;
    static const struct date_case cases[] = {
        {"", NULL},
        {"yesterday", NULL},
        {"Like", NULL},
        {"5", NULL},
        {"2019-13-01", NULL},
        {"2019-02-29", NULL},
        {"0000-01-01", NULL},
        {"31/31/2019", NULL},
        {"2019-05-25T25:00", NULL},
        {"Nov 30", NULL},
        {"12345", NULL},
        {"a 2019 film", NULL},
        {"2019-05-25 rain", NULL},
        {"1 2 3 4", NULL},
        {"-2019", NULL},
        {"99999999999999999999", NULL},
        {"10:30", NULL},
        {"2019-00-10", NULL},
        {"2019-05-00", NULL},
        {"20191301", NULL},
        {"20190500", NULL},
        {"May May 2019 3", NULL},
        {"2019-05-25 13:00 PM", NULL},
        {"999999999999999999", NULL},
    };
    CHECK(cases);
}

static void test_end_is_first_second_after_the_span(void **state) {
    (void)state;
    static const struct {
        const char *text, *next;
    } cases[] = {
        {"2019", "2020-01-01T00:00:00Z"},
        {"2019-12", "2020-01-01T00:00:00Z"},
        {"2020-02-28", "2020-02-29T00:00:00Z"},
        {"2019-05-25 15:59", "2019-05-25T16:00:00Z"},
        {"2019-05-25 15:59:59", "2019-05-25T16:00:00Z"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct review_date date, next;
        assert_true(date_parse(view_of_string(cases[i].text), &date));
        assert_true(date_parse(view_of_string(cases[i].next), &next));
        assert_int_equal(date_end(date), next.seconds);
    }
}

/* Every day of some centuries survives being written and read. */
static void test_round_trip(void **state) {
    (void)state;
    struct review_date from, to;
    assert_true(date_parse(view_of_string("1899-12-31"), &from));
    assert_true(date_parse(view_of_string("2101-01-01"), &to));
    for (int64_t seconds = from.seconds; seconds <= to.seconds; seconds += 86400) {
        struct review_date date = {seconds, DATE_DAY}, read;
        char text[32];
        assert_int_equal(date_format(date, text), 10);
        assert_true(date_parse(view_of_string(text), &read));
        assert_int_equal(read.seconds, seconds);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_iso),        cmocka_unit_test(test_written),
        cmocka_unit_test(test_unix),       cmocka_unit_test(test_refused),
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_end_is_first_second_after_the_span),
    };
    return cmocka_run_group_tests_name("date", tests, NULL, NULL);
}
