/* word_parts.h - words that were run together, or torn apart. */
#ifndef REVUE_SUGGEST_WORD_PARTS_H
#define REVUE_SUGGEST_WORD_PARTS_H

#include "query/suggest/spellings.h"

/* Adds the likeliest ways to part a word in two that the archive has, at most two. */
revue_status word_parts_split(revue_searcher *searcher, struct view form, struct arena *arena, struct word_choices *choices,
                              revue_error *error);
/* Adds both words as one, when the archive has it. */
revue_status word_parts_join(revue_searcher *searcher, struct view form, struct view next, struct arena *arena,
                             struct word_choices *choices, revue_error *error);

#endif
