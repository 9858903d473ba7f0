/* stem.h - from a form to its stem: libstemmer's Snowball algorithms behind a table of exceptions. */
#ifndef REVUE_TEXT_STEM_H
#define REVUE_TEXT_STEM_H

#include "indexer/base/error.h"
#include "indexer/text/fold.h"

typedef struct stemmer stemmer; /* one per thread: holds libstemmer's handles, opened when first needed */

revue_status stemmer_create(stemmer **created, revue_error *error);
void stemmer_free(stemmer *stemmer); /* NULL is fine */

/* From now on the stems of the last forms are kept: for who analyses stored texts again and again. It changes no stem. */
revue_status stemmer_remember(stemmer *stemmer, revue_error *error);

/* The stem of a form. Writes at most FORM_MAX bytes, never 0 of them; forms that are not words of letters (numbers,
 * bigrams) are their own stems. The only failure is REVUE_NO_MEMORY at a language's first use. */
revue_status stemmer_stem(stemmer *stemmer, struct view form, enum language language, char stem[FORM_MAX], size_t *size,
                          revue_error *error);

/* Fingerprint of the whole analysis (scanner, folding, exceptions, the linked libstemmer's stems of a fixed list of
 * words). Two builds with equal fingerprints make equal terms. 0 when out of memory. */
uint64_t text_fingerprint(void);

#endif
