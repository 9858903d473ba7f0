/* test_known_words.c - words that a searcher knows from earlier queries: copies, by form or not, forgotten when they are
 * many; allocations that fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "indexer/base/memory.h"
#include "query/plan/known_words.h"

#include <stdio.h>

#define SEGMENTS 3u

/* A word of two stems, of which segment i holds i, all made of number. */
struct sample {
    char text[32];
    struct view stems[2];
    struct term_entry_lists lists[SEGMENTS][2];
    struct segment_word in[SEGMENTS];
    struct known_word word;
};

static void sample_make(struct sample *sample, uint32_t number, bool by_form) {
    const int size = snprintf(sample->text, sizeof sample->text, "word%u", number);
    memset(sample->lists, 0, sizeof sample->lists);
    sample->stems[0] = view_of(sample->text, (size_t)size);
    sample->stems[1] = view_of(sample->text + 1, (size_t)size - 1);
    for (uint32_t segment = 0; segment < SEGMENTS; segment++) {
        sample->in[segment] = (struct segment_word){.stem_count = segment, .stems = sample->lists[segment]};
        for (uint32_t i = 0; i < segment; i++)
            sample->lists[segment][i] = (struct term_entry_lists){.stem = sample->stems[i], .df = number + segment};
    }
    sample->word = (struct known_word){
        view_of(sample->text, (size_t)size), by_form, by_form ? NULL : sample->stems, by_form ? 0 : 2, number, sample->in};
}

static void assert_same(const struct known_word *found, const struct sample *expected) {
    assert_non_null(found);
    assert_true(found != &expected->word && found->in != expected->in);
    assert_int_equal(found->by_form, expected->word.by_form);
    assert_int_equal(found->df, expected->word.df);
    assert_int_equal(found->stem_count, expected->word.stem_count);
    for (uint32_t i = 0; i < found->stem_count; i++)
        assert_true(view_equal(found->stems[i], expected->stems[i]));
    for (uint32_t segment = 0; segment < SEGMENTS; segment++) {
        assert_int_equal(found->in[segment].stem_count, segment);
        for (uint32_t i = 0; i < segment; i++) {
            const struct term_entry_lists *lists = &found->in[segment].stems[i];
            assert_true(view_equal(lists->stem, expected->stems[i]) && lists->stem.data != expected->stems[i].data);
            assert_int_equal(lists->df, expected->lists[segment][i].df);
        }
    }
}

static void forms_and_stems_are_two(void **state) {
    (void)state;
    struct known_words *words = NULL;
    struct sample by_form, by_stem, other;
    sample_make(&by_form, 1, true);
    sample_make(&by_stem, 1, false);
    sample_make(&other, 2, false);
    by_form.word.df = 77;
    assert_null(known_words_find(words, by_form.word.form, true));
    known_words_add(&words, &by_form.word, SEGMENTS);
    assert_null(known_words_find(words, by_form.word.form, false));
    known_words_add(&words, &by_stem.word, SEGMENTS);
    assert_same(known_words_find(words, by_form.word.form, true), &by_form);
    assert_same(known_words_find(words, by_stem.word.form, false), &by_stem);
    assert_null(known_words_find(words, other.word.form, false));
    known_words_trim(words); /* they are few */
    assert_same(known_words_find(words, by_form.word.form, true), &by_form);
    known_words_free(words);
    known_words_free(NULL);
}

/* Whatever is found is right, the newest always is, and trimming ends what many words take. */
static void many_come_and_go(void **state) {
    (void)state;
    struct known_words *words = NULL;
    struct sample sample;
    bool was_forgotten = false, was_full = false;
    for (uint32_t number = 0; number < 20000; number++) {
        sample_make(&sample, number, number % 3 == 0);
        known_words_add(&words, &sample.word, SEGMENTS);
        const struct known_word *found = known_words_find(words, sample.word.form, sample.word.by_form);
        if (found) assert_same(found, &sample);
        was_full |= !found;
        if (number % 5000 != 4999) continue;
        known_words_trim(words);
        found = known_words_find(words, sample.word.form, sample.word.by_form);
        was_forgotten |= !found;
    }
    assert_true(was_full && was_forgotten);
    sample_make(&sample, 7, false);
    known_words_trim(words);
    known_words_add(&words, &sample.word, SEGMENTS);
    assert_same(known_words_find(words, sample.word.form, false), &sample);
    known_words_free(words);
}

static uint32_t allocations_left;

static bool may_allocate(void *context) {
    (void)context;
    return allocations_left > 0 && allocations_left-- > 0;
}

static void without_memory_nothing_is_noted(void **state) {
    (void)state;
    struct sample sample;
    sample_make(&sample, 5, false);
    bool is_noted = false;
    uint32_t most = 0;
    for (; !is_noted && most < 100; most++) {
        struct known_words *words = NULL;
        allocations_left = most;
        memory_set_test_hook(may_allocate, NULL);
        known_words_add(&words, &sample.word, SEGMENTS);
        memory_set_test_hook(NULL, NULL);
        const struct known_word *found = known_words_find(words, sample.word.form, false);
        is_noted = found != NULL;
        if (is_noted) assert_same(found, &sample);
        known_words_free(words);
    }
    assert_true(is_noted && most > 2); /* the table, and a chunk at least */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_and_stems_are_two),
        cmocka_unit_test(many_come_and_go),
        cmocka_unit_test(without_memory_nothing_is_noted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
