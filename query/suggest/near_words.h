/* near_words.h - the words of an archive that are a slip of the pen away from others. */
#ifndef REVUE_SUGGEST_NEAR_WORDS_H
#define REVUE_SUGGEST_NEAR_WORDS_H

#include "query/searcher.h"

#define NEAR_WORDS_MAX 8u /* of each */
#define NEAR_TYPED_MAX 4u /* looked for at once */

struct near_word {
    struct view form, written; /* as reviews mostly write it; in the arena */
    uint64_t count;            /* reviews that have the form, in any field */
    double penalty;            /* how unlikely it is to slip so: halvings of the count */
    double others;             /* halvings from what a search for it finds, with other forms of its stem, to count */
};
struct near_words {
    struct near_word items[NEAR_WORDS_MAX]; /* the likeliest first */
    size_t count;
};

/* What is near each of some forms, but for these themselves: with one letter put in, left out, changed or swapped with its
 * neighbour, or two in a word of six or more. */
revue_status near_words_find(revue_searcher *searcher, const struct view *forms, size_t count, struct arena *arena,
                             struct near_words *found, revue_error *error);

#endif
