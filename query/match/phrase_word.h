/* phrase_word.h - one word of a phrase in one field: its posting lists, which reviews they hold, and where it stands there.
 *
 * Most words are one stem and so one list; a group of synonyms, or a form that languages stem differently, is several. */
#ifndef REVUE_MATCH_PHRASE_WORD_H
#define REVUE_MATCH_PHRASE_WORD_H

#include "query/match/field_text.h"
#include "query/match/list_cursor.h"

/* What the words and fields of a phrase share in one segment. */
struct phrase {
    struct segment *segment;
    struct arena *arena;
    struct cursor_failure *failure;
    const struct segment_word *words; /* in the order of the phrase */
    uint32_t word_count, slop;
    const struct view *forms; /* as written; NULL: any of the stems', as always with slop */
    struct field_text text;
};
struct phrase_word {
    enum review_field field;
    uint32_t place; /* in the phrase, from 0 */
    uint64_t cost;
    struct list_cursor *lists; /* of its stems */
    uint32_t list_count;
    uint32_t *positions; /* of the review looked at, ascending; of a batch, one review after the other */
    size_t count, capacity;
    size_t at; /* of a sloppy match */
};
/* The word at that place of the phrase. After a failure what was opened is in the word: it must be closed all the same.
 * False: out of memory. */
bool phrase_word_open(struct phrase *phrase, enum review_field field, uint32_t place, struct phrase_word *word);
void phrase_word_close(struct phrase_word *word);

/* To the first review at or after target that has the word. */
uint32_t phrase_word_seek(struct phrase_word *word, uint32_t target, struct cursor_failure *failure);
/* Of a phrase as written: may the word's form stand in the review its lists were sought to? *is_mixed is set when other
 * forms may stand there too. */
bool phrase_word_may_stand(struct phrase_word *word, uint32_t doc, struct cursor_failure *failure, bool *is_mixed);
/* Room for count positions. False: out of memory, which is noted. */
bool phrase_word_reserve(struct phrase_word *word, size_t count, struct cursor_failure *failure);
/* word->positions in the review its lists were sought to. False after a failure. */
bool phrase_word_read(struct phrase *phrase, struct phrase_word *word, uint32_t doc);

#endif
