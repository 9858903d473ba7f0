/* common_words.h - the words of an archive as people write them, the most frequent first. */
#ifndef REVUE_SUGGEST_COMMON_WORDS_H
#define REVUE_SUGGEST_COMMON_WORDS_H

#include "query/searcher.h"

/* Calls take for every word that the symbol tables of the snapshot hold, as written (so "Great" and "great" are two, and a
 * frequent word of several segments may come more than once), until it returns false: the base table first, then those of
 * the segments. Words that their segment has once are in no table, and of a large archive the rarest are not looked at.
 * first: an ASCII letter (small) that words which begin with another one are passed over for; 0: none are. The view lives
 * until take returns. */
revue_status common_words_walk(revue_searcher *searcher, char first, bool (*take)(void *context, struct view word),
                               void *context, revue_error *error);

/* What words are compared by before they are folded as the index does it, which takes a tenth of a microsecond for ASCII
 * and one for others: character by character, each looked up once. Good for telling what cannot match. Zero bytes are
 * ready. */
#define QUICK_CODES 0x800u
#define QUICK_BYTES 64u
struct quick_fold {
    uint8_t sizes[QUICK_CODES]; /* 0: not looked up yet; else one more than the bytes */
    char bytes[QUICK_CODES][4];
};
/* At most `most` bytes (to QUICK_BYTES) of what the word is folded to, nearly; returns how many. */
size_t quick_fold(struct quick_fold *quick, struct view word, size_t most, char out[QUICK_BYTES]);

/* Folds a word as the index does; returns the size of the form. */
size_t common_word_fold(struct view word, enum language language, char form[FORM_MAX]);
/* Whether it can be offered as it is written: it holds no entity and nothing that cannot be seen. */
bool common_word_is_clean(struct view word);

#endif
