/* test_analyzer.c - tokens, their places and repeated paragraphs; the set of paragraphs; every allocation failing once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "indexer/base/memory.h"
#include "indexer/text/analyzer.h"

static void test_tokens(void **state) {
    (void)state;
    stemmer *stemmers;
    struct arena arena = {0};
    struct tokens tokens = {0};
    revue_error error;
    const char *text = "Two movies.\nTWO movies!\n中文字 caf&eacute;";
    assert_int_equal(stemmer_create(&stemmers, &error), REVUE_OK);
    assert_int_equal(analyze_field(stemmers, view_of_string(text), LANGUAGE_ENGLISH, &arena, &tokens, &error), REVUE_OK);
    static const struct {
        const char *form, *stem;
        uint32_t start, size, position;
        bool repeated;
    } expected[] = {
        {"two", "two", 0, 3, 0, false},     {"movies", "movi", 4, 6, 1, false}, {"two", "two", 12, 3, 0, true},
        {"movies", "movi", 16, 6, 0, true}, {"中文", "中文", 24, 6, 2, false},  {"文字", "文字", 27, 6, 3, false},
        {"cafe", "cafe", 34, 11, 4, false},
    };
    assert_int_equal(tokens.count, sizeof expected / sizeof expected[0]);
    assert_int_equal(tokens.length, 5);
    for (size_t i = 0; i < tokens.count; i++) {
        const struct token *token = &tokens.items[i];
        assert_string_equal(token->form.data, expected[i].form);
        assert_string_equal(token->stem.data, expected[i].stem);
        assert_int_equal(token->form.size, strlen(expected[i].form));
        assert_int_equal(token->start, expected[i].start);
        assert_int_equal(token->size, expected[i].size);
        assert_int_equal(token->position, expected[i].position);
        assert_int_equal(token->repeated, expected[i].repeated);
    }
    assert_int_equal(analyze_field(stemmers, view_of(NULL, 0), LANGUAGE_ENGLISH, &arena, &tokens, &error), REVUE_OK);
    assert_int_equal(tokens.count, 0);
    assert_int_equal(tokens.length, 0);
    arena_free(&arena);
    stemmer_free(stemmers);
}

static void test_order_matters_in_a_paragraph(void **state) {
    (void)state;
    stemmer *stemmers;
    struct arena arena = {0};
    struct tokens tokens = {0};
    assert_int_equal(stemmer_create(&stemmers, NULL), REVUE_OK);
    const char *text = "a b\nb a\na\nb\na b c\nab\n\n...\n---\na";
    assert_int_equal(analyze_field(stemmers, view_of_string(text), LANGUAGE_NONE, &arena, &tokens, NULL), REVUE_OK);
    assert_int_equal(tokens.count, 11);
    assert_int_equal(tokens.length, 10);
    assert_true(tokens.items[10].repeated);
    arena_free(&arena);
    stemmer_free(stemmers);
}

static void test_paragraph_set(void **state) {
    (void)state;
    struct paragraph_set *set = paragraph_set_create();
    assert_non_null(set);
    for (unsigned round = 0; round < 3; round++) {
        bool seen;
        for (uint64_t i = 0; i < 1000; i++) {
            assert_true(paragraph_set_add(set, i * 64, &seen));
            assert_false(seen);
        }
        for (uint64_t i = 0; i < 1000; i++) {
            assert_true(paragraph_set_add(set, i * 64, &seen));
            assert_true(seen);
        }
        paragraph_set_clear(set);
    }
    paragraph_set_free(set);
    paragraph_set_free(NULL);
}

struct countdown {
    unsigned allowed, asked;
};

static bool count_down(void *context) {
    struct countdown *countdown = context;
    return countdown->asked++ < countdown->allowed;
}

/* Fails the n-th allocation for every n until none is left to fail: never a crash, never a leak, always the status. */
static void test_out_of_memory(void **state) {
    (void)state;
    struct bytes text = {0};
    for (unsigned i = 0; i < 300; i++)
        bytes_append_format(&text, "word%u some 中文字 text\n", i);
    assert_false(text.failed);
    for (unsigned allowed = 0;; allowed++) {
        struct countdown countdown = {allowed, 0};
        struct arena arena = {0};
        struct tokens tokens = {0};
        stemmer *stemmers = NULL;
        revue_error error = {0};
        memory_set_test_hook(count_down, &countdown);
        revue_status status = stemmer_create(&stemmers, &error);
        if (status == REVUE_OK) {
            status = analyze_field(stemmers, bytes_view(&text), LANGUAGE_ENGLISH, &arena, &tokens, &error);
        }
        memory_set_test_hook(NULL, NULL);
        bool whole = countdown.asked <= allowed;
        assert_int_equal(status, whole ? REVUE_OK : REVUE_NO_MEMORY);
        assert_int_equal(tokens.count, whole ? 300 * 5 : 0);
        arena_free(&arena);
        stemmer_free(stemmers);
        if (whole) break;
        assert_true(allowed < 1000);
    }
    bytes_free(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_order_matters_in_a_paragraph),
        cmocka_unit_test(test_paragraph_set),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
