/* test_patterns.c - patterns against the plain ways of asking the same: edits by rows, wildcards one character at a time;
 * and walks of the forms against a look at each of them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "indexer/base/utf8.h"
#include "query/expand/expand.h"
#include "query/parse/word.h"
#include "tests/support/small_archive.h"

#include <stdio.h>
#include <stdlib.h>

static uint64_t state = 20261123;

static uint32_t below(uint32_t limit) { /* splitmix64 (Sebastiano Vigna) */
    uint64_t z = state += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (uint32_t)((z ^ (z >> 31)) % limit);
}

/* Few letters, so that much is alike; one of two bytes. */
static size_t random_word(char *out, uint32_t most) {
    static const char *const letters[] = {"a", "b", "n", "s", "\xC3\xB1", "e"};
    size_t size = 0;
    for (uint32_t i = below(most) + 1; i > 0; i--) {
        const char *letter = letters[below(6)];
        memcpy(out + size, letter, strlen(letter));
        size += strlen(letter);
    }
    return size;
}

static int compare_words(const void *left, const void *right) {
    return view_compare(*(const struct view *)left, *(const struct view *)right);
}

#define WORDS 400u
struct words {
    char bytes[WORDS][32];
    struct view items[WORDS];
};

static void make_words(struct words *words) {
    for (uint32_t i = 0; i < WORDS; i++)
        words->items[i] = view_of(words->bytes[i], random_word(words->bytes[i], 8));
    qsort(words->items, WORDS, sizeof *words->items, compare_words);
}

/* Edits between whole words by a table: no part of a word is changed twice. */
static uint32_t edits_between(struct view a, struct view b) {
    uint32_t rows[40][40], x[40], y[40], m = 0, n = 0;
    size_t length;
    for (size_t i = 0; i < a.size; i += length)
        x[m++] = utf8_decode(a.data + i, a.size - i, &length);
    for (size_t i = 0; i < b.size; i += length)
        y[n++] = utf8_decode(b.data + i, b.size - i, &length);
    for (uint32_t i = 0; i <= m; i++)
        for (uint32_t j = 0; j <= n; j++) {
            uint32_t best = i == 0 ? j : i;
            if (i > 0 && j > 0) {
                best = rows[i - 1][j - 1] + (x[i - 1] != y[j - 1]);
                if (rows[i - 1][j] + 1 < best) best = rows[i - 1][j] + 1;
                if (rows[i][j - 1] + 1 < best) best = rows[i][j - 1] + 1;
                if (i > 1 && j > 1 && x[i - 1] == y[j - 2] && x[i - 2] == y[j - 1] && rows[i - 2][j - 2] + 1 < best)
                    best = rows[i - 2][j - 2] + 1;
            }
            rows[i][j] = best;
        }
    return rows[m][n];
}

static void try_word(struct pattern *pattern, struct view typed, struct view form, const char *way) {
    struct pattern_try tried;
    const uint32_t edits = edits_between(typed, form);
    pattern_try(pattern, form, &tried);
    if (tried.matches != (edits <= pattern->distance) || (tried.matches && tried.distance != edits))
        fail_msg("%s: %.*s and %.*s: %u edits, not %u", way, (int)typed.size, typed.data, (int)form.size, form.data,
                 (unsigned)tried.distance, (unsigned)edits);
    assert_false(tried.matches && tried.dead_size > 0);
}

/* What is said to be dead must be: all forms of the list are tried all the same. */
static void edits_are_counted(void **unused) {
    (void)unused;
    static struct words words;
    make_words(&words);
    for (uint32_t round = 0; round < 200; round++) {
        char typed[40];
        const struct view text = view_of(typed, random_word(typed, 9));
        const uint32_t distance = 1 + below(2);
        struct pattern bits = {0}, rows = {0};
        assert_int_equal(pattern_init_folded(&bits, PATTERN_FUZZY, text, distance, NULL), REVUE_OK);
        assert_int_equal(pattern_init_folded(&rows, PATTERN_FUZZY, text, distance, NULL), REVUE_OK);
        assert_int_equal(pattern_use_rows(&rows, NULL), REVUE_OK);
        assert_true(bits.states && !rows.states);
        for (uint32_t i = 0; i < WORDS; i++) {
            try_word(&bits, text, words.items[i], "bits");
            try_word(&rows, text, words.items[i], "rows");
        }
        pattern_free(&bits);
        pattern_free(&rows);
    }
}

static void dead_beginnings_are_dead(void **unused) {
    (void)unused;
    static struct words words;
    make_words(&words);
    for (uint32_t round = 0; round < 100; round++) {
        char typed[40];
        const struct view text = view_of(typed, random_word(typed, 9));
        struct pattern pattern = {0};
        assert_int_equal(pattern_init_folded(&pattern, PATTERN_FUZZY, text, 1 + below(2), NULL), REVUE_OK);
        for (uint32_t i = 0; i < WORDS; i++) {
            struct pattern_try tried;
            pattern_try(&pattern, words.items[i], &tried);
            for (uint32_t j = 0; j < WORDS && tried.dead_size > 0; j++)
                if (words.items[j].size >= tried.dead_size &&
                    memcmp(words.items[j].data, words.items[i].data, tried.dead_size) == 0)
                    assert_true(edits_between(text, words.items[j]) > pattern.distance);
        }
        pattern_free(&pattern);
    }
}

static void long_words_have_rows(void **unused) {
    (void)unused;
    char typed[PATTERN_BITS + 2], form[PATTERN_BITS + 3];
    struct pattern_try tried;
    memset(typed, 'a', sizeof typed);
    memset(form, 'a', sizeof form);
    for (size_t size = PATTERN_BITS - 1; size <= sizeof typed; size++) {
        struct pattern pattern = {0};
        assert_int_equal(pattern_init_folded(&pattern, PATTERN_FUZZY, view_of(typed, size), 1, NULL), REVUE_OK);
        assert_true((pattern.states != NULL) == (size <= PATTERN_BITS));
        form[size / 2] = 'b';
        pattern_try(&pattern, view_of(form, size), &tried);
        assert_true(tried.matches && tried.distance == 1);
        form[0] = 'b';
        pattern_try(&pattern, view_of(form, size), &tried);
        assert_false(tried.matches);
        form[0] = form[size / 2] = 'a';
        pattern_free(&pattern);
    }
}

/* By recursion: * is nothing, or one character and * again. */
static bool fits(struct view pattern, struct view form) {
    size_t length;
    if (pattern.size == 0) return form.size == 0;
    const struct view rest = view_of(pattern.data + 1, pattern.size - 1);
    if (form.size > 0) (void)utf8_decode(form.data, form.size, &length);
    if (*pattern.data == '*')
        return fits(rest, form) || (form.size > 0 && fits(pattern, view_of(form.data + length, form.size - length)));
    if (form.size == 0) return false;
    if (*pattern.data == '?') return fits(rest, view_of(form.data + length, form.size - length));
    return *pattern.data == *form.data && fits(rest, view_of(form.data + 1, form.size - 1));
}

static void wildcards_fit(void **unused) {
    (void)unused;
    static struct words words;
    make_words(&words);
    for (uint32_t round = 0; round < 400; round++) {
        char typed[64];
        size_t size = 0;
        if (below(3) == 0) typed[size++] = below(2) ? '*' : '?';
        typed[size++] = 'a'; /* two letters: a sign before them means something */
        typed[size++] = 'n';
        for (uint32_t i = below(4); i > 0; i--) {
            typed[size++] = "**?"[below(3)];
            size += random_word(typed + size, 2);
        }
        if (below(2)) typed[size++] = '*';
        const struct view text = view_of(typed, size);
        struct pattern pattern = {0};
        size_t live;
        if (!word_find_wildcard(text, WORD_SIGNS_ALL, &live)) continue;
        assert_int_equal(pattern_init(&pattern, PATTERN_WILDCARD, text, 0, LANGUAGE_ENGLISH, NULL), REVUE_OK);
        for (uint32_t i = 0; i < WORDS; i++) {
            char folded[FORM_MAX], plain[64];
            struct pattern_try tried;
            size_t plain_size = 0;
            const size_t folded_size = fold_word(words.items[i], false, LANGUAGE_ENGLISH, folded);
            for (size_t at = 0; at < size; at++) /* as folding leaves the letters */
                if ((unsigned char)typed[at] < 128)
                    plain[plain_size++] = typed[at];
                else if (typed[at] == '\xC3')
                    plain[plain_size++] = 'n';
            pattern_try(&pattern, view_of(folded, folded_size), &tried);
            assert_int_equal(tried.matches, fits(view_of(plain, plain_size), view_of(folded, folded_size)));
        }
        pattern_free(&pattern);
    }
}

/* ---- in an index ---- */

static void walks_miss_nothing(void **unused) {
    (void)unused;
    static struct words words;
    struct small_archive archive;
    struct bytes lines = {0};
    make_words(&words);
    for (uint32_t i = 0; i < WORDS; i++)
        bytes_append_format(&lines, "{\"id\":\"%u\",\"text\":\"%.*s\"}\n", (unsigned)i, (int)words.items[i].size,
                            words.items[i].data);
    bytes_append_u8(&lines, 0);
    revue_searcher *searcher = small_archive_of(&archive, (const char *)lines.data);
    for (uint32_t round = 0; round < 60; round++) {
        char typed[40];
        const struct view text = view_of(typed, random_word(typed, 7));
        const enum pattern_kind kind = round % 2 ? PATTERN_FUZZY : PATTERN_PREFIX;
        struct pattern pattern = {0};
        struct expansions expansions;
        struct arena arena = {0};
        uint32_t expected = 0;
        assert_int_equal(pattern_init(&pattern, kind, text, 2, LANGUAGE_ENGLISH, NULL), REVUE_OK);
        assert_int_equal(expand_pattern(searcher, &pattern, EXPANSION_ALL, 1000, &arena, &expansions, NULL), REVUE_OK);
        forms_reader *forms;
        struct form_entry entry;
        assert_int_equal(segment_forms(searcher->segments[0].segment, &forms, NULL), REVUE_OK);
        revue_status status = forms_reader_seek(forms, view_of("", 0), &entry, NULL);
        for (; status == REVUE_OK; status = forms_reader_next(forms, &entry, NULL)) {
            struct pattern_try tried;
            pattern_try(&pattern, entry.form, &tried);
            expected += tried.matches;
        }
        assert_int_equal(expansions.total, expected);
        pattern_free(&pattern);
        arena_free(&arena);
    }
    bytes_free(&lines);
    revue_searcher_close(searcher);
    small_archive_remove(&archive);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edits_are_counted),    cmocka_unit_test(dead_beginnings_are_dead),
        cmocka_unit_test(long_words_have_rows), cmocka_unit_test(wildcards_fit),
        cmocka_unit_test(walks_miss_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
