/* test_near_words.c - what is found near a word by way of the symbol tables is what a walk of the whole dictionary finds,
 * of words that stand in these tables; and how unlikely a slip is taken to be. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "indexer/base/utf8.h"
#include "query/expand/expand.h"
#include "query/suggest/near_words.h"
#include "tests/support/random_list.h"
#include "tests/support/small_archive.h"

#define WORDS 6000u /* more than a dictionary that is walked whole has */
#define WORD_BYTES 24u

static char words[WORDS][WORD_BYTES];
static struct small_archive archive;
static revue_searcher *searcher;

/* Syllables, so that many words are near others; some with letters that are not ASCII. */
static void make_word(uint64_t *state, char word[WORD_BYTES]) {
    static const char *const parts[] = {"ba", "ne", "tor", "ri", "s", "la", "mu", "ke", "\303\251l", "\320\266\320\260",
                                        "th", "o"};
    word[0] = '\0';
    for (uint32_t left = 3 + random_below(state, 3); left > 0; left--)
        strcat(word, parts[random_below(state, sizeof parts / sizeof *parts)]);
}

/* Every word stands in a review twice or more, so that it has a symbol. */
static int make_index(void **state) {
    (void)state;
    uint64_t seed = 20261123;
    struct bytes lines = {0};
    for (uint32_t i = 0; i < WORDS; i++)
        make_word(&seed, words[i]);
    for (uint32_t review = 0; review < WORDS / 50; review++) {
        bytes_append_format(&lines, "{\"id\":\"%u\",\"text\":\"", (unsigned)review);
        for (uint32_t i = 0; i < 100; i++)
            bytes_append_format(&lines, "%s ", words[review * 50 + i % 50]);
        bytes_append_string(&lines, "\"}\n");
    }
    bytes_append_u8(&lines, 0);
    searcher = small_archive_of(&archive, (const char *)lines.data);
    bytes_free(&lines);
    return 0;
}

static int drop_index(void **state) {
    (void)state;
    revue_searcher_close(searcher);
    small_archive_remove(&archive);
    return 0;
}

static void near_words_of(struct view form, struct arena *arena, struct near_words *found) {
    assert_int_equal(near_words_find(searcher, &form, 1, arena, found, NULL), REVUE_OK);
}

static bool has(const struct near_words *found, struct view form) {
    for (size_t i = 0; i < found->count; i++)
        if (view_equal(found->items[i].form, form)) return true;
    return false;
}

/* With more near than are wanted only that those found are near can be told. */
static void near_words_are_those_of_the_dictionary(void **state) {
    (void)state;
    struct arena arena = {0};
    uint64_t seed = 7;
    uint32_t compared = 0;
    assert_true(searcher->segments[0].segment->meta.form_count > 4096);
    for (uint32_t round = 0; round < 200; round++) {
        char typed[WORD_BYTES + 8], form[FORM_MAX];
        struct pattern pattern;
        struct expansions all;
        struct near_words found;
        strcpy(typed, words[random_below(&seed, WORDS)]);
        typed[random_below(&seed, (uint32_t)strlen(typed))] = (char)('a' + random_below(&seed, 26));
        const size_t size = fold_word(view_of_string(typed), false, LANGUAGE_ENGLISH, form);
        if (utf8_valid_prefix(typed, strlen(typed)) < strlen(typed)) continue;
        assert_int_equal(pattern_init(&pattern, PATTERN_FUZZY, view_of(form, size), 1, LANGUAGE_ENGLISH, NULL), REVUE_OK);
        pattern.distance = pattern_usual_distance(pattern.count);
        assert_int_equal(expand_pattern(searcher, &pattern, EXPANSION_ALL, 1000, &arena, &all, NULL), REVUE_OK);
        near_words_of(view_of(form, size), &arena, &found);
        size_t near = 0;
        for (size_t i = 0; i < all.count; i++)
            near += all.items[i].distance > 0;
        if (near <= NEAR_WORDS_MAX) {
            assert_int_equal(found.count, near);
            compared++;
        }
        for (size_t i = 0; i < all.count && near <= NEAR_WORDS_MAX; i++)
            assert_true(all.items[i].distance == 0 || has(&found, all.items[i].form));
        for (size_t i = 0; i < found.count; i++) {
            struct pattern_try tried;
            pattern_try(&pattern, found.items[i].form, &tried);
            assert_true(tried.matches && tried.distance > 0 && found.items[i].count > 0);
        }
        pattern_free(&pattern);
        arena_reset(&arena);
    }
    assert_true(compared > 50);
    arena_free(&arena);
}

static double penalty(const char *typed, const char *meant) {
    struct small_archive own;
    struct near_words found;
    struct arena arena = {0};
    struct bytes line = {0};
    const struct view form = view_of_string(typed);
    double result = -1;
    bytes_append_format(&line, "{\"id\":\"1\",\"text\":\"%s\"}\n", meant);
    bytes_append_u8(&line, 0);
    revue_searcher *one = small_archive_of(&own, (const char *)line.data);
    assert_int_equal(near_words_find(one, &form, 1, &arena, &found, NULL), REVUE_OK);
    if (found.count > 0) result = found.items[0].penalty;
    revue_searcher_close(one);
    small_archive_remove(&own);
    arena_free(&arena);
    bytes_free(&line);
    return result;
}

static void slips_of_sound_are_likelier(void **state) {
    (void)state;
    assert_true(penalty("definately", "definitely") == 2.5); /* a vowel for another */
    assert_true(penalty("wierd", "weird") == 2.5);           /* vowels swapped */
    assert_true(penalty("horible", "horrible") == 2.5);      /* a letter not doubled */
    assert_true(penalty("acommodate", "accommodate") == 2.5);
    assert_true(penalty("cinematografy", "cinematography") == 5); /* two edits, one sound */
    assert_true(penalty("goverment", "government") == 4.5);
    assert_true(penalty("kafka", "pafka") == 6.5); /* the first letter besides */
    assert_true(penalty("horse", "house") == 4.5);
    assert_true(penalty("abc", "xyz") == -1);
}

/* Two bytes of these letters are the same, which is no doubled letter: what is near the other words is found. */
static void letters_stay_whole(void **state) {
    (void)state;
    static const char *const letters[] = {"\343\201\201", "\340\244\244", "\344\270\270"};
    struct arena arena = {0};
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++) {
        char typed[WORD_BYTES + 2];
        struct near_words found[2];
        strcpy(typed, words[0]);
        strcat(typed, "q");
        const struct view forms[] = {view_of_string(letters[i]), view_of_string(typed)};
        assert_int_equal(near_words_find(searcher, forms, 2, &arena, found, NULL), REVUE_OK);
        assert_int_equal(found[0].count, 0);
        assert_true(found[1].count > 0);
    }
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(near_words_are_those_of_the_dictionary),
        cmocka_unit_test(slips_of_sound_are_likelier),
        cmocka_unit_test(letters_stay_whole),
    };
    return cmocka_run_group_tests(tests, make_index, drop_index);
}
