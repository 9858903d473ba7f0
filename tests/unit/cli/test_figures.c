/* test_figures.c - numbers for people, and the progress line made of them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "indexer/cli/figures.h"
#include "indexer/cli/progress_line.h"

static struct bytes out;

static void assert_text(const char *expected) {
    bytes_append_u8(&out, '\0');
    assert_string_equal((const char *)out.data, expected);
    bytes_free(&out);
}

static void counts_are_grouped(void **state) {
    (void)state;
    append_count(&out, 0);
    assert_text("0");
    append_count(&out, 999);
    assert_text("999");
    append_count(&out, 1000);
    assert_text("1,000");
    append_count(&out, UINT64_MAX);
    assert_text("18,446,744,073,709,551,615");
    append_counted(&out, 1, "review", "reviews");
    assert_text("1 review");
    append_counted(&out, 0, "review", "reviews");
    assert_text("0 reviews");
}

static void sizes_have_units(void **state) {
    (void)state;
    append_size(&out, 0);
    assert_text("0 B");
    append_size(&out, 999);
    assert_text("999 B");
    append_size(&out, 1000);
    assert_text("1.0 kB");
    append_size(&out, 999949);
    assert_text("999.9 kB");
    append_size(&out, 999951);
    assert_text("1.0 MB");
    append_size(&out, UINT64_MAX);
    assert_text("18.4 EB");
}

static void durations_grow_into_clocks(void **state) {
    (void)state;
    append_duration(&out, 0.416);
    assert_text("0.42 s");
    append_duration(&out, -1);
    assert_text("0.00 s");
    append_duration(&out, 65.2);
    assert_text("1:05");
    append_clock(&out, 7384);
    assert_text("2:03:04");
    append_clock(&out, 1e300);
    assert_text("0:00");
}

static void progress_tells_what_is_known(void **state) {
    (void)state;
    revue_progress progress = {
        .reviews = 12345, .bytes_done = 25000000, .bytes_total = 100000000, .seconds = 2, .doing = "reading"};
    progress_append(&out, &progress);
    assert_text("reading: 12,345 reviews, 12.5 MB/s, 25 %, 0:06 left");
    progress.bytes_total = 0;
    progress_append(&out, &progress);
    assert_text("reading: 12,345 reviews, 12.5 MB/s");
    progress.bytes_total = 1000;
    progress.seconds = 0;
    progress_append(&out, &progress);
    assert_text("reading: 12,345 reviews");
    progress.bytes_done = 0;
    progress.doing = "merging";
    progress.reviews = 1;
    progress_append(&out, &progress);
    assert_text("merging: 1 review, 0 %");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_grouped),
        cmocka_unit_test(sizes_have_units),
        cmocka_unit_test(durations_grow_into_clocks),
        cmocka_unit_test(progress_tells_what_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
