/* symbol_notes.h - what the symbols of stored texts are to those who look for words: noted once for all queries of a
 * snapshot.
 *
 * A symbol always folds to the same form, and within a language to the same stem, so the bytes of each are looked at once
 * and a hash is noted beside its number. A mark is the same in a byte: what differs in its mark differs. */
#ifndef REVUE_MATCH_SYMBOL_NOTES_H
#define REVUE_MATCH_SYMBOL_NOTES_H

#include "indexer/format/word_marks.h"
#include "indexer/text/stem.h"

/* Notes: a hash from NOTE_FIRST_HASH on, or one of these; 0 is none yet. */
#define NOTE_NOT_A_TOKEN 1u /* a gap, or a word of which folding leaves nothing */
#define NOTE_UNCOUNTABLE 2u /* stands for several tokens */
#define NOTE_FIRST_HASH 3u
/* Marks, beside those of word_marks.h; one from MARK_FIRST_HASH on is of a hash. */
#define MARK_UNCOUNTABLE 2u
#define MARK_ANY 3u /* a token of which nothing more is known */
#define MARK_FIRST_HASH 4u

struct symbol_notes {
    struct symbol_tables *tables;
    stemmer *stemmer; /* NULL: of forms */
    enum language language;
    struct bytes *scratch;
    uint64_t *notes;
    uint8_t *marks;
    uint32_t count; /* of numbers that have room for a note and a mark */
};
/* The notes of forms, or of stems in that language. They are the tables', stemmer (NULL: of forms) and scratch the
 * caller's. */
revue_status symbol_notes_open(struct symbol_notes *notes, struct symbol_tables *tables, stemmer *shared,
                               enum language language, struct bytes *scratch, revue_error *error);
/* Of a symbol, which is noted. */
revue_status symbol_notes_of_number(const struct symbol_notes *notes, uint32_t number, uint64_t *note, revue_error *error);
/* Of a word as it stands in a text. */
revue_status symbol_notes_of_word(const struct symbol_notes *notes, struct view word, uint64_t *note, revue_error *error);
/* Of a form, or of a stem. */
uint64_t symbol_note_of(struct view form_or_stem);
uint8_t symbol_mark_of(uint64_t note);

#endif
