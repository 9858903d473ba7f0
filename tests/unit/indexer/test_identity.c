/* test_identity.c - what reviews are called, and what counts as a change. */
#include "indexer/base/utf8.h"
#include "indexer/identity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static struct bytes out;

static void assert_id(const char *expected) {
    assert_false(out.failed);
    assert_int_equal(out.size, strlen(expected));
    assert_memory_equal(out.data, expected, out.size);
}

static struct review review_of(const char *title, const char *body) {
    return (struct review){.text = {[FIELD_TITLE] = view_of_string(title), [FIELD_BODY] = view_of_string(body)}};
}

static void test_own_ids(void **state) {
    (void)state;
    identity_own(view_of_string("tt0042/7 é"), &out);
    assert_id("tt0042/7 é");
    identity_own(view_of("a\tb\nc\0d\x7f", 8), &out);
    assert_id("a_b_c_d_");
}

/* Long ids are cut between characters and stay different. */
static void test_long_ids(void **state) {
    (void)state;
    char id[1000], first[ID_MAX + 1];
    for (size_t i = 0; i + 1 < sizeof id; i += 2)
        memcpy(id + i, "é", 2);
    identity_own(view_of(id, ID_MAX), &out);
    assert_int_equal(out.size, ID_MAX);
    assert_memory_equal(out.data, id, ID_MAX);
    identity_own(view_of(id, ID_MAX + 2), &out);
    assert_true(out.size <= ID_MAX && out.size > ID_MAX - 4);
    assert_int_equal(utf8_valid_prefix((const char *)out.data, out.size), out.size);
    assert_memory_equal(out.data, id, 300);
    size_t size = out.size;
    memcpy(first, out.data, size);
    identity_own(view_of(id, ID_MAX + 4), &out);
    assert_false(out.size == size && memcmp(out.data, first, size) == 0);
}

static void test_records_without_ids(void **state) {
    (void)state;
    const struct review one = review_of("t", "b"), other = review_of("tb", "");
    char expected[64];
    identity_of_source(view_of_string("films/a.txt"), &out);
    assert_id("films/a.txt");
    (void)snprintf(expected, sizeof expected, "a.csv#%016llx", (unsigned long long)identity_record_hash(&one));
    identity_of_record(view_of_string("a.csv"), &one, 1, &out);
    assert_id(expected);
    strcat(expected, "~2");
    identity_of_record(view_of_string("a.csv"), &one, 2, &out);
    assert_id(expected);
    /* A word that moved to the next field is a change. */
    assert_true(identity_record_hash(&one) != identity_record_hash(&other));
}

static void test_what_counts_as_a_change(void **state) {
    (void)state;
    struct bytes scratch = {0};
    struct review review = review_of("t", "b"), changed = review;
    uint64_t text = identity_text_hash(&review, 1);
    uint32_t columns = identity_column_hash(&review, &scratch);
    assert_true(identity_text_hash(&review, 2) != text);
    changed.url = view_of_string("http://x");
    assert_true(identity_text_hash(&changed, 1) != text);
    assert_int_equal(identity_column_hash(&changed, &scratch), columns);
    changed = review;
    changed.has_votes = true;
    assert_true(identity_text_hash(&changed, 1) == text);
    uint32_t no_votes = identity_column_hash(&changed, &scratch); /* none, and a vote of 0, differ */
    assert_true(no_votes != columns);
    changed.votes = -0.0;
    assert_int_equal(identity_column_hash(&changed, &scratch), no_votes);
    changed.votes = 1;
    assert_true(identity_column_hash(&changed, &scratch) != no_votes);
    /* Values that are not there do not count. */
    changed = review;
    changed.rating = 3;
    assert_int_equal(identity_column_hash(&changed, &scratch), columns);
    const struct view tags[] = {view_of_string("ab"), view_of_string("c")};
    const struct view joined[] = {view_of_string("a"), view_of_string("bc")};
    changed.tags = tags;
    changed.tag_count = 2;
    uint32_t with_tags = identity_column_hash(&changed, &scratch);
    changed.tags = joined;
    assert_true(identity_column_hash(&changed, &scratch) != with_tags);
    bytes_free(&scratch);
}

static int free_out(void **state) {
    (void)state;
    bytes_free(&out);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own_ids),
        cmocka_unit_test(test_long_ids),
        cmocka_unit_test(test_records_without_ids),
        cmocka_unit_test(test_what_counts_as_a_change),
    };
    return cmocka_run_group_tests(tests, NULL, free_out);
}
