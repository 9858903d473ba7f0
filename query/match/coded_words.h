/* coded_words.h - where some words stand in a field kept in word codes, without decoding or analysing the field.
 *
 * What a symbol is, is noted for all queries (symbol_notes.h). Where a field repeats a paragraph, or has a script without
 * blanks, positions cannot be counted from its symbols alone: then the answer is that it is not known. */
#ifndef REVUE_MATCH_CODED_WORDS_H
#define REVUE_MATCH_CODED_WORDS_H

#include "query/match/coded_sift.h"
#include "query/match/cursor.h"
#include "query/match/symbol_notes.h"

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
    uint64_t sieve[16];         /* bit n of 1024: a target has these bits in its hash */
    struct coded_place *places; /* of the field walked last, ascending */
    size_t place_count, place_capacity;
    struct bytes scratch;
    struct coded_sift sift; /* see coded_words_sift */
};
/* Zero bytes with the first members set are ready for use; what those point to must outlive it. */
void coded_words_free(struct coded_words *coded);
/* Walks a field of length tokens. *is_known: coded->places says where the words stand; never with over CODED_WORDS_MAX of
 * them. The language counts for stems only. */
revue_status coded_words_walk(struct coded_words *coded, struct symbol_tables *tables, struct view codes, uint32_t length,
                              enum language language, struct arena *arena, bool *is_known, revue_error *error);
/* At how many places the words stand one after the other. */
uint32_t coded_words_count_phrase(const struct coded_words *coded);
/* The notes by which words are known in a language. */
revue_status coded_words_notes(struct coded_words *coded, struct symbol_tables *tables, enum language language,
                               struct symbol_notes *notes, revue_error *error);
/* Of many fields, all of one language, in which the words surely do not stand one after the other: their may_stand becomes
 * false, that of the others true. At a fraction of the cost of walking them. */
revue_status coded_words_sift(struct coded_words *coded, struct symbol_tables *tables, enum language language,
                              struct coded_field *fields, uint32_t count, revue_error *error);

#endif
