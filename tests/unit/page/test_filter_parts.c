/* test_filter_parts.c - filters are cut, put together and named part by part, and keep their meaning. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "query/serve/page/filter_parts.h"

static void expect_made(struct bytes *out, const char *expected) {
    bytes_append_u8(out, 0);
    assert_false(out->failed);
    assert_string_equal((const char *)out->data, expected);
    bytes_free(out);
}

/* expected: the parts, a bar behind each. */
static void expect_parts(const char *filter, const char *expected) {
    struct filter_parts parts;
    struct bytes out = {0};
    filter_parts_read(filter, &parts);
    for (size_t i = 0; i < parts.count; i++) {
        bytes_append(&out, parts.parts[i].data, parts.parts[i].size);
        bytes_append_u8(&out, '|');
    }
    expect_made(&out, expected);
}

static void parts_are_cut_at_blanks(void **state) {
    (void)state;
    expect_parts(NULL, "");
    expect_parts("  ", "");
    expect_parts("date:2019", "date:2019|");
    expect_parts("(stars:>=3.5 stars:<4.5) product:=\"Swan (a) Protocol\"  date:2019",
                 "(stars:>=3.5 stars:<4.5)|product:=\"Swan (a) Protocol\"|date:2019|");
}

static void what_belongs_together_is_one(void **state) {
    (void)state;
    expect_parts("date:2019 OR date:2020", "date:2019 OR date:2020|");
    expect_parts("NOT lang:de", "NOT lang:de|");
    expect_parts("product:\"a b", "product:\"a b|");
    expect_parts("(a b", "(a b|");
    expect_parts("a) b", "a) b|");
    expect_parts("a b c d e f g h i j k l m n o p q", "a b c d e f g h i j k l m n o p q|");
}

static void expect_with(const char *filter, const char *part, size_t instead_of, const char *expected) {
    struct filter_parts parts;
    struct bytes out = {0};
    filter_parts_read(filter, &parts);
    filter_parts_with(&parts, view_of_string(part), instead_of, &out);
    expect_made(&out, expected);
}

static void parts_are_added(void **state) {
    (void)state;
    expect_with(NULL, "date:2019", FILTER_PART_NONE, "date:2019");
    expect_with("lang:\"de\"", "date:2019", FILTER_PART_NONE, "lang:\"de\" date:2019");
    expect_with("date:2018 lang:\"de\"", "date:2019", 0, "lang:\"de\" date:2019");
    expect_with("date:2019 OR date:2020", "lang:\"de\"", FILTER_PART_NONE, "(date:2019 OR date:2020) lang:\"de\"");
}

static void parts_are_taken_back(void **state) {
    (void)state;
    struct filter_parts parts;
    struct bytes out = {0};
    filter_parts_read("(stars:>=3.5 stars:<4.5) date:2019 lang:\"de\"", &parts);
    assert_int_equal(filter_parts_find(&parts, view_of_string("date:2019")), 1);
    assert_true(filter_parts_find(&parts, view_of_string("date:2020")) == FILTER_PART_NONE);
    filter_parts_without(&parts, 1, &out);
    expect_made(&out, "(stars:>=3.5 stars:<4.5) lang:\"de\"");
}

static void expect_choice(const char *name, const char *kind, const char *text, const char *part, const char *label) {
    const revue_facet facet = {.name = name, .kind = kind};
    const revue_facet_value value = {.text = text};
    struct bytes out = {0}, shown = {0};
    filter_part_of_value(&facet, &value, &out);
    filter_part_label(bytes_view(&out), &shown);
    expect_made(&out, part);
    expect_made(&shown, label);
}

static void values_become_parts_with_names(void **state) {
    (void)state;
    expect_choice("stars", "number", "4", "(stars:>=3.5 stars:<4.5)", "4 stars");
    expect_choice("stars", "number", "1", "(stars:>=0.5 stars:<1.5)", "1 star");
    expect_choice("stars", "number", "0", "stars:<0.5", "0 stars");
    expect_choice("stars", "number", "3..5", "stars:3..5", "<bdi>stars:3..5</bdi>");
    expect_choice("date", "date", "2019", "date:2019", "2019");
    expect_choice("lang", "keyword", "de", "lang:\"de\"", "Language: <bdi>German</bdi>");
    expect_choice("product", "keyword", "Ana \"A\" <b>", "product:=\"Ana  A  <b>\"",
                  "Product: <bdi>Ana  A  &lt;b&gt;</bdi>");
    expect_choice("colour", "keyword", "red", "colour:\"red\"", "colour: <bdi>red</bdi>");
    expect_choice("votes", "number", "10..", "votes:10..", "<bdi>votes:10..</bdi>");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_cut_at_blanks),
        cmocka_unit_test(what_belongs_together_is_one),
        cmocka_unit_test(parts_are_added),
        cmocka_unit_test(parts_are_taken_back),
        cmocka_unit_test(values_become_parts_with_names),
    };
    return cmocka_run_group_tests_name("filter_parts", tests, NULL, NULL);
}
