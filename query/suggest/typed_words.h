/* typed_words.h - the words of a query that may be spelled otherwise. */
#ifndef REVUE_SUGGEST_TYPED_WORDS_H
#define REVUE_SUGGEST_TYPED_WORDS_H

#include "indexer/text/fold.h"
#include "query/parse/parser.h"

#define TYPED_WORDS_MAX 32u /* of a longer query none is */

struct typed_word {
    uint32_t start, end; /* bytes of query.text */
    struct view form;    /* in the arena */
    bool is_bare;        /* stands side by side with others, without sign, field or suffix: two words may take its place */
    bool joins_next;     /* nothing but blanks between it and the next, and both are bare */
};
struct typed_words {
    struct typed_word items[TYPED_WORDS_MAX];
    uint32_t count;
    uint32_t total; /* with those left out */
};

/* Words searched by stem that must or should match, in the order of the text: no phrases, =exact words, patterns, ranges or
 * keywords, and nothing behind NOT. False: out of memory. */
bool typed_words_find(const struct query *query, enum language language, struct arena *arena, struct typed_words *words);

#endif
