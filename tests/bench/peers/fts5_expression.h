/* fts5_expression.h - words to FTS5's language, for the programs that ask it. */
#ifndef FTS5_EXPRESSION_H
#define FTS5_EXPRESSION_H

#include <stdio.h>
#include <string.h>

enum { EXPRESSION_MAX = 4096 };

/* A phrase in one pair of quotes, else each word in its own. kind: phrase, or, anything else is and. */
static inline void write_expression(char expression[EXPRESSION_MAX], const char *kind, const char *words) {
    const char *between = strcmp(kind, "phrase") == 0 ? " " : strcmp(kind, "or") == 0 ? "\" OR \"" : "\" AND \"";
    size_t size = 0;
    expression[size++] = '"';
    for (const char *at = words; *at && size + 16 < EXPRESSION_MAX; at++) {
        if (*at == ' ')
            size += (size_t)sprintf(expression + size, "%s", between);
        else if (*at != '"')
            expression[size++] = *at;
    }
    memcpy(expression + size, "\"", 2);
}

#endif
