/* word.h - what the signs inside a raw word mean: pre* w?ld* fuzy~1 word^2. */
#ifndef REVUE_PARSE_WORD_H
#define REVUE_PARSE_WORD_H

#include "query/parse/ast.h"

struct word_reading {
    enum ast_kind kind; /* AST_WORD, AST_PREFIX, AST_WILDCARD or AST_FUZZY */
    struct view text;   /* of the raw word, without suffixes */
    double boost;
    uint32_t distance;
    const char *fault; /* NULL, or a constant message: the rest is then the lenient reading */
    const char *done;  /* with fault: what the lenient reading made of it */
};

enum word_signs {
    WORD_SIGNS_ALL,
    WORD_SIGNS_KEYWORD, /* of a keyword field: ? is no wildcard (url:http://x/?id=3), a digit is as good as a letter */
    WORD_SIGNS_BOOST    /* behind = and in text that was not meant as a query: only ^ is a sign */
};

/* Where the first * or ? is that means something, in a word without suffixes; false when there is none. */
bool word_find_wildcard(struct view text, enum word_signs signs, size_t *at);

void word_read(struct view raw, enum word_signs signs, struct word_reading *reading);

/* Reads what follows ^. False when it is not a number from AST_BOOST_MIN to AST_BOOST_MAX. */
bool boost_read(struct view text, double *boost);

/* Reads digits; more than nine of them stop at 999,999,999. False when text is empty or holds anything else. */
bool digits_read(struct view text, uint32_t *number);

#define BOOST_FAULT "^ takes a number from 0.001 to 1000, as in word^2"

#endif
