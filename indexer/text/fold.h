/* fold.h - from a word as written to its form: what exact matching compares.
 *
 * Case, accents (on Latin, Greek and Cyrillic only), ligatures and width do not matter in a form, nor how an apostrophe
 * is written; entities are decoded, soft hyphens and zero-width characters dropped. Steps and tables: head of fold.c. */
#ifndef REVUE_TEXT_FOLD_H
#define REVUE_TEXT_FOLD_H

#include "indexer/text/language.h"

/* The longest form in bytes; a longer word is cut there (on a whole character), so that it fits an LMDB key. */
#define FORM_MAX 255

/* Folds word (a SPAN_WORD or a bigram) of a text in that language. Returns the size written to form, 0 when nothing is
 * left (a word of soft hyphens). Deterministic, thread-safe, no allocation that outlives it; never fails: should the
 * Unicode library refuse, the character stays as it is. ascii as in struct span. */
size_t fold_word(struct view word, bool ascii, enum language language, char form[FORM_MAX]);

#endif
