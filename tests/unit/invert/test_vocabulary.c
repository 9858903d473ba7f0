/* test_vocabulary.c - every symbol, form and stem once, and each what folding and stemming give. */
#include "tests/unit/invert/invert_test.h"

static uint32_t symbol_of(struct vocabulary *vocabulary, const char *word, enum symbol_kind kind, enum language language) {
    revue_error error;
    uint32_t symbol;
    bool ascii = utf8_valid_prefix(word, strlen(word)) == strlen(word);
    for (const char *at = word; *at; at++)
        ascii &= (signed char)*at > 0;
    assert_ok(vocabulary_symbol(vocabulary, view_of_string(word), kind, ascii, language, &symbol, &error));
    return symbol;
}

static void assert_stem(const struct vocabulary *vocabulary, uint32_t symbol, const char *form, const char *stem) {
    const struct vocabulary_form *found = &vocabulary->forms[vocabulary->uses[symbol].form];
    assert_int_equal(found->bytes.size, strlen(form));
    assert_memory_equal(found->bytes.data, form, strlen(form));
    struct view found_stem = vocabulary->stems[found->stem];
    assert_int_equal(found_stem.size, strlen(stem));
    assert_memory_equal(found_stem.data, stem, strlen(stem));
}

static void words_share_forms_and_stems(void **state) {
    (void)state;
    struct vocabulary vocabulary;
    revue_error error;
    assert_ok(vocabulary_init(&vocabulary, &error));
    uint32_t upper = symbol_of(&vocabulary, "Running", SYMBOL_WORD, LANGUAGE_ENGLISH);
    uint32_t lower = symbol_of(&vocabulary, "running", SYMBOL_WORD, LANGUAGE_ENGLISH);
    uint32_t run = symbol_of(&vocabulary, "run", SYMBOL_WORD, LANGUAGE_ENGLISH);
    uint32_t german = symbol_of(&vocabulary, "run", SYMBOL_WORD, LANGUAGE_GERMAN);
    uint32_t gap = symbol_of(&vocabulary, "run", SYMBOL_GAP, LANGUAGE_NONE);
    assert_int_equal(symbol_of(&vocabulary, "Running", SYMBOL_WORD, LANGUAGE_ENGLISH), upper);
    assert_int_equal(vocabulary.symbol_count, 5);
    assert_int_equal(vocabulary.form_count, 3);
    assert_int_equal(vocabulary.stem_count, 1);
    assert_int_equal(vocabulary.uses[upper].form, vocabulary.uses[lower].form);
    assert_int_not_equal(vocabulary.uses[run].form, vocabulary.uses[german].form);
    assert_int_equal(vocabulary.uses[gap].form, VOCABULARY_NONE);
    assert_stem(&vocabulary, upper, "running", "run");
    vocabulary_clear(&vocabulary);
    assert_int_equal(vocabulary.symbol_count, 0);
    assert_int_equal(symbol_of(&vocabulary, "Ingénue", SYMBOL_WORD, LANGUAGE_ENGLISH), 0);
    assert_stem(&vocabulary, 0, "ingenue", "ingenu");
    vocabulary_free(&vocabulary);
}

static void word_number(char word[300], unsigned number) {
    int size = snprintf(word, 300, "%u", number * 2654435761u);
    size_t wanted = number % 40 == 0 ? 200 + number % 90 : 1 + number % 24;
    for (size_t i = (size_t)size; i < wanted; i++)
        word[i] = (char)('a' + i % 26);
    word[(size_t)size > wanted ? (size_t)size : wanted] = '\0';
}

/* Short and long ones, through several growths of every table: found again under their numbers, bytes unharmed. */
static void many_words_are_found_again(void **state) {
    (void)state;
    struct vocabulary vocabulary;
    revue_error error;
    char word[300];
    const unsigned count = 40000;
    assert_ok(vocabulary_init(&vocabulary, &error));
    for (unsigned i = 0; i < count; i++) {
        word_number(word, i);
        assert_int_equal(symbol_of(&vocabulary, word, SYMBOL_WORD, LANGUAGE_ENGLISH), i);
    }
    for (unsigned i = 0; i < count; i++) {
        word_number(word, i);
        assert_int_equal(symbol_of(&vocabulary, word, SYMBOL_WORD, LANGUAGE_ENGLISH), i);
        assert_int_equal(vocabulary.symbols[i].size, strlen(word));
        assert_memory_equal(vocabulary.symbols[i].bytes, word, strlen(word));
    }
    assert_true(vocabulary_memory(&vocabulary) > count * 30);
    vocabulary_free(&vocabulary);
}

/* One letter changed in any place, any size around where short ends. */
static void sizes_and_letters_tell_apart(void **state) {
    (void)state;
    struct vocabulary vocabulary;
    revue_error error;
    char word[40];
    uint32_t expected = 0;
    assert_ok(vocabulary_init(&vocabulary, &error));
    for (unsigned round = 0; round < 2; round++, expected = 0)
        for (size_t size = 1; size < 36; size++)
            for (size_t place = 0; place < size; place++, expected++) {
                memset(word, 'x', size);
                word[size] = '\0';
                word[place] = 'y';
                assert_int_equal(symbol_of(&vocabulary, word, SYMBOL_WORD, LANGUAGE_ENGLISH), expected);
            }
    vocabulary_free(&vocabulary);
}

/* The key of a short symbol is the same whatever stands behind it, and however little may be read there. */
static void keys_do_not_see_what_follows(void **state) {
    (void)state;
    char word[64];
    for (size_t size = 1; size <= SHORT_SYMBOL_MAX; size++) {
        memset(word, 'q', sizeof word);
        struct short_symbol near_end = short_symbol_of(view_of(word, size), size, SYMBOL_WORD, LANGUAGE_ENGLISH);
        memset(word + size, 'z', sizeof word - size);
        struct short_symbol inside = short_symbol_of(view_of(word, size), sizeof word, SYMBOL_WORD, LANGUAGE_ENGLISH);
        assert_int_equal(near_end.low, inside.low);
        assert_int_equal(near_end.high, inside.high);
        assert_int_equal(near_end.about, inside.about);
        assert_int_not_equal(inside.about, 0);
    }
    assert_int_equal(short_symbol_of(view_of(word, 17), 17, SYMBOL_WORD, LANGUAGE_ENGLISH).about, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_share_forms_and_stems),
        cmocka_unit_test(many_words_are_found_again),
        cmocka_unit_test(sizes_and_letters_tell_apart),
        cmocka_unit_test(keys_do_not_see_what_follows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
