/* keyword_find.c - see keyword_find.h. The value as it stands is found by its hash. Only when there is none are all values
 * of the column looked at, as words folded by the analysis: "ana de armas" means "Ana de Armas", and "rosé" "Rose". */
#include "query/column/keyword_find.h"

#include <string.h>

struct finder {
    revue_searcher *searcher;
    keywords *table;
    struct view text;
    enum keyword_match match;
    uint64_t *set;
    struct arena words; /* of one value */
    struct bytes wanted, folded, scratch;
    revue_error *error;
};

static void want(struct finder *finder, uint32_t number) {
    finder->set[number / 64] |= (uint64_t)1 << (number % 64);
}

/* ---- word for word ---- */

static revue_status fold_words(struct finder *finder, struct view text, struct bytes *folded) {
    struct tokens tokens = {0};
    bytes_clear(folded);
    arena_reset(&finder->words);
    TRY(analyze_field(finder->searcher->stemmer, text, finder->searcher->language, &finder->words, &tokens, finder->error));
    for (size_t i = 0; i < tokens.count; i++)
        bytes_append_view(folded, tokens.items[i].form);
    return folded->failed ? error_no_memory(finder->error) : REVUE_OK;
}

static revue_status has_same_words(struct finder *finder, struct view value, bool *is_same) {
    TRY(fold_words(finder, value, &finder->folded));
    *is_same = view_equal(bytes_view(&finder->folded), bytes_view(&finder->wanted));
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
    if (finder->match == KEYWORD_LANGUAGE)
        is_meant = is_language(finder->text, value);
    else
        TRY(has_same_words(finder, value, &is_meant));
    if (is_meant) want(finder, number);
    return REVUE_OK;
}

static revue_status test_all(struct finder *finder) {
    if (finder->match == KEYWORD_EQUAL) TRY(fold_words(finder, finder->text, &finder->wanted));
    if (finder->match == KEYWORD_EQUAL && finder->wanted.size == 0) return REVUE_OK; /* no word in it: only as it stands */
    for (uint32_t number = 0; number < keywords_count(finder->table); number++)
        TRY(test_value(finder, number));
    return REVUE_OK;
}

static revue_status find(struct finder *finder) {
    uint32_t number;
    if (finder->match == KEYWORD_LANGUAGE) return test_all(finder);
    revue_status status = keywords_number(finder->table, finder->text, &number, finder->error);
    if (status == REVUE_NO_MATCH) return test_all(finder);
    if (status == REVUE_OK) want(finder, number);
    return status;
}

revue_status keyword_find(revue_searcher *searcher, uint16_t column, struct view text, enum keyword_match match,
                          struct arena *arena, struct column_test *test, revue_error *error) {
    struct finder finder = {.searcher = searcher, .text = text, .match = match, .error = error};
    TRY(keywords_open(&finder.table, searcher->txn, column, error));
    uint32_t count = keywords_count(finder.table);
    size_t words = (size_t)count / 64 + 1;
    revue_status status = REVUE_OK;
    finder.set = arena_alloc_array(arena, words, sizeof *finder.set);
    if (!finder.set) status = error_no_memory(error);
    if (status == REVUE_OK) {
        memset(finder.set, 0, words * sizeof *finder.set);
        status = find(&finder);
    }
    keywords_close(finder.table);
    arena_free(&finder.words);
    bytes_free(&finder.wanted);
    bytes_free(&finder.folded);
    bytes_free(&finder.scratch);
    if (status != REVUE_OK) return status;
    *test = (struct column_test){.column = column, .is_set = true, .keywords = finder.set, .keyword_count = count};
    return REVUE_OK;
}
