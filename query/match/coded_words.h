/* coded_words.h - where some words stand in a field kept in word codes, without decoding or analysing the field.
 *
 * A symbol always folds to the same form, and within a language to the same stem, so the bytes of each are looked at once
 * and its hash is noted beside its number, for all queries of the snapshot. Where a field repeats a paragraph, or has a
 * script without blanks, positions cannot be counted from its symbols alone: then the answer is that it is not known. */
#ifndef REVUE_MATCH_CODED_WORDS_H
#define REVUE_MATCH_CODED_WORDS_H

#include "indexer/format/stored_text.h"
#include "query/match/cursor.h"

#define CODED_WORDS_MAX 64u

struct coded_place {
    uint32_t position; /* tokens are counted from 0 */
    uint64_t words;    /* bit n: words[n], or forms[n], stands there */
};
struct coded_words {
    /* The caller's: what is looked for is forms, or, when these are NULL, any of the stems of words. */
    const struct view *forms;
    const struct segment_word *words;
    uint32_t count;
    stemmer *stemmer;
    struct coded_target { /* the different forms or stems */
        uint64_t hash, words;
    } * targets; /* in the arena; made at the first walk */
    uint32_t target_count;
    struct coded_place *places; /* of the field walked last, ascending */
    size_t place_count, place_capacity;
    struct bytes scratch;
};
/* Zero bytes with the first members set are ready for use; what those point to must outlive it. */
void coded_words_free(struct coded_words *coded);
/* Walks a field of length tokens. *is_known: coded->places says where the words stand; never with over CODED_WORDS_MAX of
 * them. The language counts for stems only. */
revue_status coded_words_walk(struct coded_words *coded, struct symbol_tables *tables, struct view codes, uint32_t length,
                              enum language language, struct arena *arena, bool *is_known, revue_error *error);
/* At how many places the words stand one after the other. */
uint32_t coded_words_count_phrase(const struct coded_words *coded);

#endif
