/* spellings.h - the likeliest ways to write a text, out of what each of its words may have been meant to be. */
#ifndef REVUE_SUGGEST_SPELLINGS_H
#define REVUE_SUGGEST_SPELLINGS_H

#include "query/suggest/near_words.h"
#include "query/suggest/typed_words.h"

#define CHOICES_MAX (NEAR_WORDS_MAX + 4u) /* with the word itself, two parts of it, and the next word joined */
#define SPELLINGS_MAX 12u                 /* of the whole text */

struct word_choice {
    struct view text;
    uint64_t count; /* reviews that have it, as far as that is known without a search */
    double penalty; /* how unlikely it is to slip so: halvings of the count */
    double others;  /* halvings from what a search finds to count, see near_words.h */
    uint32_t words; /* typed ones in whose place it stands: 1, or 2 */
};
struct word_choices {
    struct word_choice items[CHOICES_MAX]; /* the word as typed first */
    size_t count;
};
struct spelling {
    struct view text; /* in the arena */
    double worth;     /* of its words, each taken alone */
    double penalty, others;
    bool is_changed;
    uint32_t words; /* choices it is made of */
    uint32_t next;  /* word, while it is made */
    uint64_t count; /* reviews with all of its words, for whoever counts them */
};
struct spellings {
    struct spelling items[SPELLINGS_MAX * CHOICES_MAX];
    size_t count; /* at most SPELLINGS_MAX, the likeliest first */
};

/* choices: one for each word. False: out of memory. */
bool spellings_make(struct view text, const struct typed_words *words, const struct word_choices *choices,
                    struct arena *arena, struct spellings *made);
/* What a word in so many reviews is worth to a spelling. */
double spelling_worth(uint64_t count, double penalty);
/* Puts them in order of their worth. */
void spellings_sort(struct spellings *spellings);

#endif
