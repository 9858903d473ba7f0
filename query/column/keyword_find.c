/* keyword_find.c - see keyword_find.h. The value as it stands is found by its hash. Only when there is none, and for
 * patterns, are all values of the column looked at, as words folded by the analysis: "ana de armas" means "Ana de Armas",
 * and "rosé" "Rose". */
#include "query/column/keyword_find.h"

#include "query/parse/word.h"

#include <string.h>

struct finder {
    revue_searcher *searcher;
    keywords *table;
    struct view text;
    enum keyword_match match;
    struct pattern *pattern; /* NULL: match says what is meant */
    uint64_t *set;
    struct arena words; /* of one value */
    struct bytes wanted, folded, scratch;
    revue_error *error;
};

static void want(struct finder *finder, uint32_t number) {
    finder->set[number / 64] |= (uint64_t)1 << (number % 64);
}

/* ---- word for word ---- */

/* Appends the words of text with a blank between. */
static revue_status append_words(struct finder *finder, struct view text, struct bytes *folded) {
    struct tokens tokens = {0};
    arena_reset(&finder->words);
    TRY(analyze_field(finder->searcher->stemmer, text, finder->searcher->language, &finder->words, &tokens, finder->error));
    for (size_t i = 0; i < tokens.count; i++) {
        if (i > 0) bytes_append_u8(folded, ' ');
        bytes_append(folded, tokens.items[i].form.data, tokens.items[i].form.size);
    }
    return folded->failed ? error_no_memory(finder->error) : REVUE_OK;
}

static revue_status fold_words(struct finder *finder, struct view text, struct bytes *folded) {
    bytes_clear(folded);
    return append_words(finder, text, folded);
}

static revue_status has_same_words(struct finder *finder, struct view value, bool *is_same) {
    TRY(fold_words(finder, value, &finder->folded));
    *is_same = view_equal(bytes_view(&finder->folded), bytes_view(&finder->wanted));
    return REVUE_OK;
}

/* ---- patterns ---- */

/* The pieces between live wildcards are folded each for itself. */
static revue_status fold_pattern(struct finder *finder, enum pattern_kind kind) {
    const struct view text = finder->text;
    size_t from = 0, at = text.size;
    if (kind == PATTERN_WILDCARD) (void)word_find_wildcard(text, WORD_SIGNS_KEYWORD, &at);
    for (; at < text.size; at++) {
        if (text.data[at] != '*') continue;
        TRY(append_words(finder, view_of(text.data + from, at - from), &finder->wanted));
        bytes_append_u8(&finder->wanted, '*');
        from = at + 1;
    }
    return append_words(finder, view_of(text.data + from, text.size - from), &finder->wanted);
}

static revue_status fits_pattern(struct finder *finder, struct view value, bool *fits) {
    struct pattern_try tried;
    TRY(fold_words(finder, value, &finder->folded));
    pattern_try(finder->pattern, bytes_view(&finder->folded), &tried);
    *fits = tried.matches;
    return REVUE_OK;
}

/* ---- languages ---- */

static char tag_letter(char letter) {
    if (letter >= 'A' && letter <= 'Z') return (char)(letter - 'A' + 'a');
    return letter == '_' ? '-' : letter;
}

static bool is_language(struct view text, struct view tag) {
    if (tag.size < text.size) return false;
    for (size_t i = 0; i < text.size; i++)
        if (tag_letter(text.data[i]) != tag_letter(tag.data[i])) return false;
    return tag.size == text.size || tag_letter(tag.data[text.size]) == '-';
}

/* ---- all values of the column ---- */

static revue_status test_value(struct finder *finder, uint32_t number) {
    struct view value;
    bool is_meant;
    TRY(keywords_value(finder->table, number, &finder->scratch, &value, finder->error));
    if (finder->pattern)
        TRY(fits_pattern(finder, value, &is_meant));
    else if (finder->match == KEYWORD_LANGUAGE)
        is_meant = is_language(finder->text, value);
    else
        TRY(has_same_words(finder, value, &is_meant));
    if (is_meant) want(finder, number);
    return REVUE_OK;
}

static revue_status test_values(struct finder *finder) {
    for (uint32_t number = 0; number < keywords_count(finder->table); number++)
        TRY(test_value(finder, number));
    return REVUE_OK;
}

static revue_status find_equal(struct finder *finder) {
    uint32_t number;
    revue_status status = keywords_number(finder->table, finder->text, &number, finder->error);
    if (status == REVUE_OK) want(finder, number);
    if (status != REVUE_NO_MATCH) return status;
    TRY(fold_words(finder, finder->text, &finder->wanted));
    return finder->wanted.size > 0 ? test_values(finder) : REVUE_OK; /* no word in it: only as it stands */
}

static revue_status find(struct finder *finder) {
    const bool tests_all = finder->pattern || finder->match == KEYWORD_LANGUAGE;
    return tests_all ? test_values(finder) : find_equal(finder);
}

/* ---- the set ---- */

static revue_status make_set(struct finder *finder, struct arena *arena) {
    const size_t words = (size_t)keywords_count(finder->table) / 64 + 1;
    finder->set = arena_alloc_array(arena, words, sizeof *finder->set);
    if (!finder->set) return error_no_memory(finder->error);
    memset(finder->set, 0, words * sizeof *finder->set);
    return REVUE_OK;
}

static void close_finder(struct finder *finder) {
    arena_free(&finder->words);
    bytes_free(&finder->wanted);
    bytes_free(&finder->folded);
    bytes_free(&finder->scratch);
}

static void set_test(const struct finder *finder, uint16_t column, struct column_test *test) {
    const uint32_t count = keywords_count(finder->table);
    uint32_t wanted = 0;
    double last = 0;
    *test = (struct column_test){.column = column, .is_set = true, .keywords = finder->set, .keyword_count = count};
    for (uint32_t word = 0; word * 64 < count; word++) {
        if (finder->set[word] == 0) continue;
        wanted += (uint32_t)__builtin_popcountll(finder->set[word]);
        last = word * 64.0 + (63 - __builtin_clzll(finder->set[word]));
    }
    test->is_one = wanted == 1;
    test->low = test->high = last;
}

revue_status keyword_find(revue_searcher *searcher, uint16_t column, struct view text, enum keyword_match match,
                          struct arena *arena, struct column_test *test, revue_error *error) {
    struct finder finder = {.searcher = searcher, .text = text, .match = match, .error = error};
    TRY(searcher_keywords(searcher, column, &finder.table, error));
    revue_status status = make_set(&finder, arena);
    if (status == REVUE_OK) status = find(&finder);
    if (status == REVUE_OK) set_test(&finder, column, test);
    close_finder(&finder);
    return status;
}

/* Nothing that could be searched for: no value. */
static revue_status find_pattern(struct finder *finder, struct pattern *pattern, enum pattern_kind kind,
                                 uint32_t distance) {
    TRY(fold_pattern(finder, kind));
    revue_status status = pattern_init_folded(pattern, kind, bytes_view(&finder->wanted), distance, finder->error);
    if (status != REVUE_OK) return status == REVUE_NO_MATCH ? REVUE_OK : status;
    if (kind == PATTERN_FUZZY && distance == 0) pattern->distance = pattern_usual_distance(pattern->count);
    finder->pattern = pattern;
    return find(finder);
}

revue_status keyword_find_pattern(revue_searcher *searcher, uint16_t column, struct view text, enum pattern_kind kind,
                                  uint32_t distance, struct arena *arena, struct column_test *test, revue_error *error) {
    struct finder finder = {.searcher = searcher, .text = text, .error = error};
    struct pattern *pattern = arena_alloc(arena, sizeof *pattern);
    if (!pattern) return error_no_memory(error);
    *pattern = (struct pattern){0};
    TRY(searcher_keywords(searcher, column, &finder.table, error));
    revue_status status = make_set(&finder, arena);
    if (status == REVUE_OK) status = find_pattern(&finder, pattern, kind, distance);
    if (status == REVUE_OK) set_test(&finder, column, test);
    pattern_free(pattern);
    close_finder(&finder);
    return status;
}
