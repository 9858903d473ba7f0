/* field_text.h - the tokens of a stored field, for what masks and positions cannot decide: which form stands where. */
#ifndef REVUE_MATCH_FIELD_TEXT_H
#define REVUE_MATCH_FIELD_TEXT_H

#include "indexer/base/arena.h"
#include "indexer/format/segment.h"
#include "indexer/text/analyzer.h"
#include "query/match/coded_words.h"

/* Remembers the field analysed last, and the one walked last. */
struct field_text {
    stemmer *stemmer; /* the caller's */
    struct segment *segment;
    uint32_t doc;
    enum review_field field;
    bool is_loaded;
    struct arena arena;
    struct tokens tokens;
    struct bytes raw, scratch;
    struct coded_words coded;
    struct arena *coded_arena; /* the caller's; NULL: no words are looked for */
    struct walked_field {
        const struct segment *segment; /* NULL: none yet */
        uint32_t doc;
        enum review_field field;
        bool is_known; /* coded.places are of that field */
    } walked;
    struct review_languages { /* of a segment */
        const struct segment *segment;
        struct column_reader reader;
        int64_t number; /* of the keyword looked up last, -1: none yet; and what language it names */
        enum language language;
    } languages;
    struct sifted_text { /* what field_text_count_phrases has read of each review */
        struct bytes scratch;
        struct coded_field field;
        uint32_t number; /* among the reviews asked for */
        enum language language;
    } * sifted; /* FIELD_TEXTS_MAX of them, NULL until they are needed */
};
void field_text_init(struct field_text *text, stemmer *stemmer);
void field_text_free(struct field_text *text);
/* Loads and analyses; afterwards text->tokens and text->raw are of that field. Product and author come from their columns.
 */
revue_status field_text_load(struct field_text *text, struct segment *segment, uint32_t doc, enum review_field field,
                             revue_error *error);
/* What the following calls look for: count forms, or when forms is NULL words by any of their stems; these and the arena
 * stay the caller's and must live as long. */
void field_text_look_for(struct field_text *text, const struct view *forms, const struct segment_word *words,
                         uint32_t count, struct arena *arena);
/* Where they stand in the field (repeated paragraphs left out): text->coded.places when *is_known, else
 * text->tokens tell, which then have been loaded. */
revue_status field_text_find(struct field_text *text, struct segment *segment, uint32_t doc, enum review_field field,
                             bool *is_known, revue_error *error);
/* How often any of the forms stands in the field. */
revue_status field_text_count(struct field_text *text, struct segment *segment, uint32_t doc, enum review_field field,
                              uint32_t *count, revue_error *error);
/* Whether a token is the word, or form, that is looked for at this place of them. */
bool field_text_is_word(const struct field_text *text, uint32_t place, const struct token *token);
/* At how many positions the words, or forms, stand one after the other. */
revue_status field_text_count_phrase(struct field_text *text, struct segment *segment, uint32_t doc,
                                     enum review_field field, uint32_t *count, revue_error *error);
/* The same of the field of count reviews (FIELD_TEXTS_MAX at most), into counts. */
#define FIELD_TEXTS_MAX 160u
revue_status field_text_count_phrases(struct field_text *text, struct segment *segment, const uint32_t *docs,
                                      uint32_t count, enum review_field field, uint32_t *counts, revue_error *error);

#endif
