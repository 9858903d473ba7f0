/* test_language.c - tags, codes and names of languages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libstemmer.h>

#include "indexer/text/language.h"

static void test_tags(void **state) {
    (void)state;
    static const struct {
        const char *tag;
        enum language language;
        bool known;
    } cases[] = {
        {"en", LANGUAGE_ENGLISH, true},
        {"EN-us", LANGUAGE_ENGLISH, true},
        {"en_GB", LANGUAGE_ENGLISH, true},
        {"eng", LANGUAGE_ENGLISH, true},
        {"English", LANGUAGE_ENGLISH, true},
        {"GERMAN", LANGUAGE_GERMAN, true},
        {"deu", LANGUAGE_GERMAN, true},
        {"ger", LANGUAGE_GERMAN, true},
        {"de-CH-1996", LANGUAGE_GERMAN, true},
        {"nb-NO", LANGUAGE_NORWEGIAN, true},
        {"nn", LANGUAGE_NORWEGIAN, true},
        {"pt-BR", LANGUAGE_PORTUGUESE, true},
        {"sr-Latn-RS", LANGUAGE_SERBIAN, true},
        {"yi", LANGUAGE_YIDDISH, true},
        {"zh_Hans", LANGUAGE_NONE, true},
        {"zh", LANGUAGE_NONE, true},
        {"Chinese", LANGUAGE_NONE, true},
        {"und", LANGUAGE_NONE, true},
        {"qaa", LANGUAGE_NONE, true},
        {"", LANGUAGE_NONE, false},
        {"e", LANGUAGE_NONE, false},
        {"elvish", LANGUAGE_NONE, false},
        {"en-", LANGUAGE_ENGLISH, false},
        {"en--US", LANGUAGE_ENGLISH, false},
        {"en-abcdefghi", LANGUAGE_ENGLISH, false},
        {"en-abcdefgh", LANGUAGE_ENGLISH, true},
        {"-en", LANGUAGE_NONE, false},
        {"e1", LANGUAGE_NONE, false},
        {" en", LANGUAGE_NONE, false},
        {"english german", LANGUAGE_NONE, false},
        {"German-AT", LANGUAGE_NONE, false},
        {"averyveryverylongname", LANGUAGE_NONE, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool known = !cases[i].known;
        enum language language = language_of_tag(view_of_string(cases[i].tag), &known);
        if (language != cases[i].language || known != cases[i].known) fail_msg("tag \"%s\"", cases[i].tag);
        assert_int_equal(language_of_tag(view_of_string(cases[i].tag), NULL), language);
    }
    bool known = true;
    assert_int_equal(language_of_tag(view_of("e\0n", 3), &known), LANGUAGE_NONE);
    assert_false(known);
}

/* Code and algorithm of each language lead back to it, and the linked libstemmer knows the algorithm. */
static void test_every_language(void **state) {
    (void)state;
    assert_null(language_algorithm(LANGUAGE_NONE));
    assert_null(language_algorithm(LANGUAGE_COUNT));
    assert_string_equal(language_code(LANGUAGE_NONE), "und");
    assert_string_equal(language_code(LANGUAGE_COUNT), "und");
    for (int i = LANGUAGE_ENGLISH; i < LANGUAGE_COUNT; i++) {
        enum language language = (enum language)i;
        assert_int_equal(language_of_tag(view_of_string(language_code(language)), NULL), language);
        assert_int_equal(language_of_tag(view_of_string(language_algorithm(language)), NULL), language);
        struct sb_stemmer *algorithm = sb_stemmer_new(language_algorithm(language), "UTF_8");
        assert_non_null(algorithm);
        sb_stemmer_delete(algorithm);
    }
}

/* The numbers are on disk. */
static void test_numbers_stay(void **state) {
    (void)state;
    assert_int_equal(LANGUAGE_NONE, 0);
    assert_int_equal(LANGUAGE_ENGLISH, 1);
    assert_int_equal(LANGUAGE_GERMAN, 10);
    assert_int_equal(LANGUAGE_RUSSIAN, 22);
    assert_int_equal(LANGUAGE_YIDDISH, 28);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tags),
        cmocka_unit_test(test_every_language),
        cmocka_unit_test(test_numbers_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
