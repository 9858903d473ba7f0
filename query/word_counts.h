/* word_counts.h - how many reviews a dictionary says have a word: what it costs to look up, and nothing more. Deleted
 * reviews count until they are merged away. */
#ifndef REVUE_WORD_COUNTS_H
#define REVUE_WORD_COUNTS_H

#include "query/searcher.h"

/* That have the form, in any field. */
revue_status word_counts_form(revue_searcher *searcher, struct view form, uint64_t *reviews, revue_error *error);
/* That have the stem in a text, title or product. */
revue_status word_counts_stem(revue_searcher *searcher, struct view stem, uint64_t *reviews, revue_error *error);
/* The same of one segment. */
revue_status word_counts_stem_in(struct segment *segment, struct view stem, uint64_t *reviews, revue_error *error);
/* What an entry of the dictionary of forms tells. */
uint64_t word_counts_of_form(const struct form_entry *entry);

#endif
