/* test_uax29.c - the conformance test of Unicode for word boundaries, from Debian's unicode-data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "indexer/base/utf8.h"
#include "indexer/text/scan.h"

#define TEST_FILE "/usr/share/unicode/auxiliary/WordBreakTest.txt"
#define TEST_COUNT 1823 /* of Unicode 15.0.0 */

/* One line: "÷ 0061 × 0308 ÷ # comment". Are the boundaries after each character where the line has ÷? */
static bool line_passes(char *line) {
    struct bytes text = {0};
    bool breaks[512] = {false}; /* by offset */
    line[strcspn(line, "#")] = '\0';
    for (char *word = strtok(line, " \t\n"); word; word = strtok(NULL, " \t\n")) {
        if (strcmp(word, "÷") == 0)
            breaks[text.size] = true;
        else if (strcmp(word, "×") != 0) {
            char encoded[4];
            bytes_append(&text, encoded, utf8_encode((uint32_t)strtoul(word, NULL, 16), encoded));
        }
    }
    uint32_t at = 0, size = (uint32_t)text.size;
    bool right = true;
    while (at < size && right) {
        uint32_t next = scan_uax29_next((const char *)text.data, size, at);
        right = next > at && next <= size && breaks[next];
        for (uint32_t inside = at + 1; inside < next && right; inside++)
            right = !breaks[inside];
        at = next;
    }
    bytes_free(&text);
    return right;
}

static void test_conformance(void **state) {
    (void)state;
    char line[4096], copy[4096];
    unsigned count = 0, failures = 0;
    FILE *file = fopen(TEST_FILE, "r");
    if (!file) {
        print_message(TEST_FILE " is absent (package unicode-data): skipped\n");
        skip();
    }
    while (fgets(line, sizeof line, file)) {
        if (line[0] == '#' || line[0] == '\n') continue;
        memcpy(copy, line, sizeof copy);
        count++;
        if (line_passes(line)) continue;
        failures++;
        print_error("fails: %s", copy);
    }
    fclose(file);
    assert_int_equal(count, TEST_COUNT);
    assert_int_equal(failures, 0);
}

static void test_end_of_text(void **state) {
    (void)state;
    assert_int_equal(scan_uax29_next("", 0, 0), 0);
    assert_int_equal(scan_uax29_next("ab", 2, 2), 2);
    assert_int_equal(scan_uax29_next("a'", 2, 0), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_conformance), cmocka_unit_test(test_end_of_text)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
