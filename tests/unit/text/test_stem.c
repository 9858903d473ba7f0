/* test_stem.c - stems over all languages, the table of exceptions, the fingerprint. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "indexer/base/memory.h"
#include "indexer/text/scan.h"
#include "indexer/text/stem.h"
#include "indexer/text/stem_exceptions.h"
#include "tests/unit/text/random_text.h"

static stemmer *stemmers;

static struct view stem_of(struct view form, enum language language, char stem[FORM_MAX]) {
    size_t size = 0;
    assert_int_equal(stemmer_stem(stemmers, form, language, stem, &size, NULL), REVUE_OK);
    assert_true(size <= FORM_MAX && (size > 0 || form.size == 0));
    assert_int_equal(utf8_valid_prefix(stem, size), size);
    return view_of(stem, size);
}

static bool same_stem(const char *a, const char *b) {
    char stem_a[FORM_MAX], stem_b[FORM_MAX];
    return view_equal(stem_of(view_of_string(a), LANGUAGE_ENGLISH, stem_a),
                      stem_of(view_of_string(b), LANGUAGE_ENGLISH, stem_b));
}

static void test_apart_and_together(void **state) {
    (void)state;
    static const char *const apart[][2] = {
        {"universe", "university"},
        {"universal", "universe"},
        {"organ", "organic"},
        {"organic", "organize"},
        {"past", "paste"},
        {"emerge", "emergency"},
        {"later", "lateral"},
        {"added", "ad"},
        {"international", "internal"},
        {"intern", "internal"},
        {"animal", "animated"},
        {"animal", "animation"},
        {"experience", "experiment"},
        {"import", "important"},
        {"news", "new"},
        {"marvel", "marvelous"},
        {"wonder", "wonderful"},
        {"keats", "keating"},
        {"even", "evening"},
        {"several", "severe"},
        {"suit", "suite"},
        {"police", "policy"},
        {"hospital", "hospitality"},
        {"bus", "business"},
        {"custom", "customer"},
        {"apart", "apartment"},
        {"well", "wells"},
        {"mary", "marie"},
        {"hero", "heroine"},
        {"heroin", "heroine"},
        {"cast", "caste"},
        {"quit", "quite"},
        {"except", "exceptional"},
    };
    static const char *const together[][2] = {
        {"universities", "university"},
        {"universities", "university's"},
        {"universe", "universes"},
        {"news", "news's"},
        {"organization", "organise"},
        {"animals", "animal's"},
        {"animation", "animated"},
        {"experience", "experienced"},
        {"experiments", "experimental"},
        {"evenings", "evening"},
        {"bored", "boring"},
        {"marvellous", "marvelously"},
        {"psychologists", "psychology"},
        {"psychologist's", "psychology"},
        {"add", "added"},
        {"paste", "pasted"},
        {"movie's", "movies"},
        {"ironic", "irony"},
        {"cooperation", "cooperate"},
        {"importance", "important"},
    };
    for (size_t i = 0; i < sizeof apart / sizeof apart[0]; i++) {
        if (same_stem(apart[i][0], apart[i][1])) fail_msg("%s and %s have one stem", apart[i][0], apart[i][1]);
    }
    for (size_t i = 0; i < sizeof together / sizeof together[0]; i++) {
        if (!same_stem(together[i][0], together[i][1])) fail_msg("%s and %s part", together[i][0], together[i][1]);
    }
}

static bool check_exception(void *context, const char *form, const char *stem) {
    char folded[FORM_MAX], got[FORM_MAX];
    unsigned *count = context;
    static struct stem_exception_filter filter;
    struct view found, filtered;
    assert_true(stem_exception_filtered(&filter, view_of_string(form), &filtered));
    assert_true(view_equal(filtered, view_of_string(stem)));
    /* bsearch finds it: its table is sorted, and no earlier table has another answer. */
    if (!stem_exception(view_of_string(form), &found) || !view_equal(found, view_of_string(stem))) {
        fail_msg("%s -> %s is not found", form, stem);
    }
    size_t size = fold_word(view_of_string(form), true, LANGUAGE_ENGLISH, folded);
    assert_true(view_equal(view_of(folded, size), view_of_string(form)));
    assert_true(view_equal(stem_of(view_of_string(form), LANGUAGE_ENGLISH, got), view_of_string(stem)));
    (*count)++;
    return true;
}

static void test_exceptions_are_found(void **state) {
    (void)state;
    unsigned count = 0;
    struct view stem;
    assert_true(stem_exceptions_visit(check_exception, &count));
    assert_true(count > 200);
    assert_false(stem_exception(view_of_string("film"), &stem));
    assert_false(stem_exception(view_of_string(""), &stem));
    assert_false(stem_exception(view_of_string("s"), &stem));
    assert_false(stem_exception(view_of_string("ologist"), &stem));
}

static void test_own_stems(void **state) {
    (void)state;
    static const char *const forms[] = {"3.5", "1,000", "mp5", "2nd", "running2", "中文", "½", "'", "ไท", "１"};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        for (int language = 0; language < LANGUAGE_COUNT; language++) {
            char stem[FORM_MAX];
            struct view form = view_of_string(forms[i]);
            assert_true(view_equal(stem_of(form, (enum language)language, stem), form));
        }
    }
    char stem[FORM_MAX];
    assert_true(view_equal(stem_of(view_of_string("movies"), LANGUAGE_NONE, stem), view_of_string("movies")));
    assert_true(view_equal(stem_of(view_of_string("movies"), LANGUAGE_COUNT, stem), view_of_string("movies")));
}

/* Every algorithm over forms of random words of every script: stems stay within their bounds and are valid UTF-8. */
static void test_random_forms(void **state) {
    (void)state;
    uint64_t seed = 20250904;
    struct bytes text = {0};
    random_text(&text, &seed, 20000);
    struct scanner scanner;
    struct span span;
    scanner_start(&scanner, bytes_view(&text));
    while (scanner_next(&scanner, &span)) {
        char form[FORM_MAX], stem[FORM_MAX];
        if (span.kind == SPAN_GAP) continue;
        struct view word = view_of((const char *)text.data + span.start, span.size);
        size_t size = fold_word(word, span.ascii, LANGUAGE_NONE, form);
        for (int language = 0; language < LANGUAGE_COUNT && size > 0; language++) {
            stem_of(view_of(form, size), (enum language)language, stem);
        }
    }
    bytes_free(&text);
}

/* A stemmer that remembers gives every stem that one without memory does, when it is first asked and when it is asked
 * again; forms are so many that some take the places of others. */
static void test_remembered_stems(void **state) {
    (void)state;
    stemmer *remembering;
    char form[32], stem[FORM_MAX], again[FORM_MAX];
    static const char *const endings[] = {"", "s", "ing", "ational", "'s"};
    assert_int_equal(stemmer_create(&remembering, NULL), REVUE_OK);
    assert_int_equal(stemmer_remember(remembering, NULL), REVUE_OK);
    for (unsigned i = 0; i < 60000; i++) {
        const unsigned number = i % 3 ? i / 2 : i * 7919 % 50;
        const enum language language = i % 5 ? LANGUAGE_ENGLISH : LANGUAGE_GERMAN;
        const int length = snprintf(form, sizeof form, "%c%c%cerat%s", 'a' + (int)(number % 26),
                                    'a' + (int)(number / 26 % 26), 'a' + (int)(number / 676 % 26), endings[number % 5]);
        size_t size, size_again;
        assert_int_equal(stemmer_stem(stemmers, view_of(form, (size_t)length), language, stem, &size, NULL), REVUE_OK);
        assert_int_equal(stemmer_stem(remembering, view_of(form, (size_t)length), language, again, &size_again, NULL),
                         REVUE_OK);
        assert_int_equal(size, size_again);
        assert_memory_equal(stem, again, size);
    }
    stemmer_free(remembering);
}

static void test_long_forms(void **state) {
    (void)state;
    char form[2 * FORM_MAX], stem[FORM_MAX];
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        for (size_t i = 0; i < sizeof form; i++)
            form[i] = "eioulnsg"[i % 8];
        stem_of(view_of(form, FORM_MAX), (enum language)language, stem);
        stem_of(view_of(form, sizeof form), (enum language)language, stem);
    }
}

static bool refuse(void *context) {
    (void)context;
    return false;
}

static void test_out_of_memory(void **state) {
    (void)state;
    stemmer *created = NULL;
    revue_error error;
    memory_set_test_hook(refuse, NULL);
    assert_int_equal(stemmer_create(&created, &error), REVUE_NO_MEMORY);
    assert_int_equal(text_fingerprint(), 0);
    memory_set_test_hook(NULL, NULL);
    assert_null(created);
    assert_int_equal(error.status, REVUE_NO_MEMORY);
    stemmer_free(NULL);
}

/* The same in every call; with another libstemmer or utf8proc it may differ, which is what it is for. */
static void test_fingerprint(void **state) {
    (void)state;
    uint64_t fingerprint = text_fingerprint();
    assert_true(fingerprint != 0);
    assert_true(fingerprint == text_fingerprint());
}

static int setup(void **state) {
    (void)state;
    return stemmer_create(&stemmers, NULL) == REVUE_OK ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    stemmer_free(stemmers);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_apart_and_together), cmocka_unit_test(test_exceptions_are_found),
        cmocka_unit_test(test_own_stems),          cmocka_unit_test(test_random_forms),
        cmocka_unit_test(test_long_forms),         cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_fingerprint),        cmocka_unit_test(test_remembered_stems),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
