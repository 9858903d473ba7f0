/* test_stem_memo.c - a stem that is found is the one kept last for that form and language, also when the table has grown
 * since, or could not grow. */
#include "indexer/base/memory.h"
#include "indexer/text/stem_memo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#define FORMS 30000u

static struct view form_of(char room[32], unsigned number) {
    return view_of(room, (size_t)snprintf(room, 32, "form%u", number));
}

static void keep(struct stem_memo *memo, unsigned number, enum language language) {
    char form[32], stem[32];
    int size = snprintf(stem, sizeof stem, "s%u-%d", number, (int)language);
    stem_memo_keep(memo, form_of(form, number), language, view_of(stem, (size_t)size));
}

/* Whether the stem is still known; if so it is the right one. */
static bool finds(const struct stem_memo *memo, unsigned number, enum language language) {
    char form[32], expected[32], stem[FORM_MAX];
    size_t size;
    if (!stem_memo_find(memo, form_of(form, number), language, stem, &size)) return false;
    assert_int_equal(size, snprintf(expected, sizeof expected, "s%u-%d", number, (int)language));
    assert_memory_equal(stem, expected, size);
    return true;
}

static void test_finds_what_was_kept(void **state) {
    (void)state;
    struct stem_memo *memo = stem_memo_create();
    unsigned found = 0;
    assert_non_null(memo);
    for (unsigned i = 0; i < FORMS; i++) {
        keep(memo, i, LANGUAGE_ENGLISH);
        assert_true(finds(memo, i, LANGUAGE_ENGLISH));
        assert_false(finds(memo, i, LANGUAGE_GERMAN));
    }
    for (unsigned i = 0; i < FORMS; i++)
        found += finds(memo, i, LANGUAGE_ENGLISH);
    assert_true(found > 4000 && found <= 8192);
    stem_memo_free(memo);
}

/* Few forms push few others out: a table that has grown keeps what a smaller one had. */
static void test_growing_keeps(void **state) {
    (void)state;
    struct stem_memo *memo = stem_memo_create();
    unsigned found = 0;
    assert_non_null(memo);
    for (unsigned i = 0; i < 2000; i++)
        keep(memo, i, LANGUAGE_ENGLISH);
    for (unsigned i = 0; i < 2000; i++)
        found += finds(memo, i, LANGUAGE_ENGLISH);
    assert_true(found > 1000);
    stem_memo_free(memo);
}

static bool refuse(void *context) {
    (void)context;
    return false;
}

static void test_no_memory(void **state) {
    (void)state;
    memory_set_test_hook(refuse, NULL);
    assert_null(stem_memo_create());
    memory_set_test_hook(NULL, NULL);
    struct stem_memo *memo = stem_memo_create();
    assert_non_null(memo);
    memory_set_test_hook(refuse, NULL);
    for (unsigned i = 0; i < FORMS; i++) {
        keep(memo, i, LANGUAGE_ENGLISH);
        assert_true(finds(memo, i, LANGUAGE_ENGLISH));
    }
    memory_set_test_hook(NULL, NULL);
    stem_memo_free(memo);
    stem_memo_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_finds_what_was_kept), cmocka_unit_test(test_growing_keeps),
                                       cmocka_unit_test(test_no_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
