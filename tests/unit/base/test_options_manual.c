/* test_options_manual.c - tables as items of a man page: arguments in the language of mdoc, nothing obeyed that is text. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "indexer/base/options.h"

static void expect_item(const struct option *row, const char *expected) {
    const struct options options = {
        .program = "revue-test", .command = "try", .operands = "", .about = "", .rows = row, .row_count = 1};
    struct bytes out = {0};
    options_manual(&options, &out);
    bytes_append_u8(&out, '\0');
    assert_false(out.failed);
    assert_string_equal((const char *)out.data, expected);
    bytes_free(&out);
}

static void test_arguments(void **state) {
    (void)state;
    static const char *const choices[] = {"any", "all", NULL};
    expect_item(&(struct option){"op", OPTION_CHOICE, NULL, NULL, "which", choices}, ".It Fl -op Cm any | all\nWhich.\n");
    expect_item(&(struct option){"-n", OPTION_COUNT, NULL, "N", "how many", NULL}, ".It Fl n Ar N\nHow many.\n");
    expect_item(&(struct option){"map", OPTION_LIST, NULL, "FIELD=NAME", "names", NULL},
                ".It Fl -map Ar FIELD Ns = Ns Ar NAME\nNames.\n");
    expect_item(&(struct option){"column", OPTION_LIST, NULL, "NAME[:KIND]", "names", NULL},
                ".It Fl -column Ar NAME Ns Op : Ns Ar KIND\nNames.\n");
    expect_item(&(struct option){"since", OPTION_TEXT, NULL, "N|DATE", "since", NULL},
                ".It Fl -since Ar N Ns | Ns Ar DATE\nSince.\n");
}

static void test_text_is_not_obeyed(void **state) {
    (void)state;
    expect_item(&(struct option){"quiet", OPTION_FLAG, NULL, NULL, ".dot first", NULL}, ".It Fl -quiet\n\\&.dot first.\n");
    expect_item(&(struct option){"quiet", OPTION_FLAG, NULL, NULL, "a\\fB b.", NULL}, ".It Fl -quiet\nA\\efB b.\n");
    expect_item(&(struct option){"quiet", OPTION_FLAG, NULL, NULL, "", NULL}, ".It Fl -quiet\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_arguments), cmocka_unit_test(test_text_is_not_obeyed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
