/* known_words.h - what the words of the last queries are in the snapshot of a searcher: their stems, and where the lists of
 * those lie in every segment. To look that up in the dictionaries is most of what a short query takes. */
#ifndef REVUE_PLAN_KNOWN_WORDS_H
#define REVUE_PLAN_KNOWN_WORDS_H

#include "query/match/cursor.h"

struct known_word { /* as struct plan_word has them */
    struct view form;
    bool by_form;
    struct view *stems; /* unless by_form */
    uint32_t stem_count;
    uint64_t df;             /* by form; else it depends on the fields that are searched */
    struct segment_word *in; /* by segment */
};
/* Belongs to one snapshot. Words live until known_words_trim or _free. */
struct known_words;

/* NULL when the word is not known; words may be NULL. */
const struct known_word *known_words_find(const struct known_words *words, struct view form, bool by_form);
/* Copies the word, in place of another one perhaps. *words is made at the first. Nothing is noted when memory is short, or
 * much is noted already: the word will be looked up again. */
void known_words_add(struct known_words **words, const struct known_word *word, uint32_t segment_count);
/* Forgets all words when they are much. No plan of the snapshot may be in use. */
void known_words_trim(struct known_words *words);
void known_words_free(struct known_words *words);

#endif
