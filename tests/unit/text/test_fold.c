/* test_fold.c - the promises of fold.h over every character and over random text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "indexer/text/fold.h"
#include "indexer/text/scan.h"
#include "tests/unit/text/random_text.h"

/* Folds and checks what holds for every form; returns its size. */
static size_t checked_fold(struct view word, bool ascii, char form[FORM_MAX]) {
    char again[FORM_MAX];
    size_t size = fold_word(word, ascii, LANGUAGE_NONE, form);
    assert_true(size <= FORM_MAX);
    assert_int_equal(utf8_valid_prefix(form, size), size);
    size_t again_size = fold_word(view_of(form, size), false, LANGUAGE_NONE, again);
    assert_true(view_equal(view_of(form, size), view_of(again, again_size)));
    for (size_t i = 0; i < size; i++) {
        assert_true((uint8_t)form[i] > ' ' && !(form[i] >= 'A' && form[i] <= 'Z') && form[i] != '"' && form[i] != '\\');
    }
    return size;
}

static void test_every_character_is_stable(void **state) {
    (void)state;
    for (uint32_t character = 0; character <= 0x10FFFF; character++) {
        char bytes[6] = {'a'}, form[FORM_MAX];
        if (character >= 0xD800 && character <= 0xDFFF) continue;
        size_t length = utf8_encode(character, bytes + 1);
        checked_fold(view_of(bytes + 1, length), false, form);
        bytes[1 + length] = 'b';
        checked_fold(view_of(bytes, length + 2), false, form);
    }
}

static void test_random_text_is_stable(void **state) {
    (void)state;
    uint64_t seed = 20250902;
    for (unsigned round = 0; round < 20000; round++) {
        struct bytes text = {0};
        char form[FORM_MAX];
        random_text(&text, &seed, random_next(&seed) % 30);
        checked_fold(bytes_view(&text), false, form);
        bytes_free(&text);
    }
}

/* Words of random text: never nothing for a word with an ASCII letter, and the byte path agrees with the other. */
static void test_words_of_random_text(void **state) {
    (void)state;
    uint64_t seed = 20250903;
    struct bytes text = {0};
    random_text(&text, &seed, 100000);
    assert_false(text.failed);
    struct scanner scanner;
    struct span span;
    scanner_start(&scanner, bytes_view(&text));
    while (scanner_next(&scanner, &span)) {
        char form[FORM_MAX], other[FORM_MAX];
        struct view word = view_of((const char *)text.data + span.start, span.size);
        if (span.kind != SPAN_WORD) continue;
        size_t size = checked_fold(word, span.ascii, form);
        if (!span.ascii) continue;
        assert_true(size > 0);
        assert_true(view_equal(view_of(form, size), view_of(other, fold_word(word, false, LANGUAGE_NONE, other))));
    }
    bytes_free(&text);
}

static void test_long_words_are_cut_on_a_character(void **state) {
    (void)state;
    struct bytes text = {0};
    char form[FORM_MAX];
    for (unsigned i = 0; i < 1000; i++)
        bytes_append_string(&text, "A");
    assert_int_equal(checked_fold(bytes_view(&text), true, form), FORM_MAX);
    assert_int_equal(checked_fold(bytes_view(&text), false, form), FORM_MAX);
    bytes_clear(&text);
    for (unsigned i = 0; i < 1000; i++)
        bytes_append_string(&text, "ж");
    assert_int_equal(checked_fold(bytes_view(&text), false, form), FORM_MAX - 1);
    bytes_clear(&text);
    bytes_append_string(&text, "ह");
    for (unsigned i = 0; i < 5000; i++)
        bytes_append_string(&text, i % 2 ? "\xCC\x81" : "\xCC\xA3");
    assert_true(checked_fold(bytes_view(&text), false, form) > 250);
    bytes_free(&text);
}

static void test_every_language_folds_alike(void **state) {
    (void)state;
    const char *word = "Iİıißé";
    char form[FORM_MAX], other[FORM_MAX];
    size_t size = fold_word(view_of_string(word), false, LANGUAGE_NONE, form);
    assert_true(view_equal(view_of(form, size), view_of_string("iiiisse")));
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        size_t other_size = fold_word(view_of_string(word), false, (enum language)language, other);
        assert_true(view_equal(view_of(form, size), view_of(other, other_size)));
    }
}

static void test_nothing_left(void **state) {
    (void)state;
    char form[FORM_MAX];
    assert_int_equal(fold_word(view_of(NULL, 0), true, LANGUAGE_NONE, form), 0);
    assert_int_equal(fold_word(view_of(NULL, 0), false, LANGUAGE_NONE, form), 0);
    assert_int_equal(fold_word(view_of_string("\xC2\xAD&shy;"), false, LANGUAGE_NONE, form), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_character_is_stable),  cmocka_unit_test(test_random_text_is_stable),
        cmocka_unit_test(test_words_of_random_text),       cmocka_unit_test(test_long_words_are_cut_on_a_character),
        cmocka_unit_test(test_every_language_folds_alike), cmocka_unit_test(test_nothing_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
