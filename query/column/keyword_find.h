/* keyword_find.h - which values of a keyword column a query means. */
#ifndef REVUE_KEYWORD_FIND_H
#define REVUE_KEYWORD_FIND_H

#include "query/column/column_test.h"
#include "query/expand/pattern.h"
#include "query/searcher.h"

enum keyword_match {
    KEYWORD_EQUAL,   /* the whole value: as it stands, or else word for word, case and accents apart */
    KEYWORD_LANGUAGE /* a BCP 47 tag, or one that begins with it: en finds en-GB */
};

/* Fills test->keywords, which is the arena's; an empty set when no value is meant. */
revue_status keyword_find(revue_searcher *searcher, uint16_t column, struct view text, enum keyword_match match,
                          struct arena *arena, struct column_test *test, revue_error *error);

/* The same for a pattern of the whole value, which is compared as its words, folded, with a blank between: tags:old*.
 * distance counts for PATTERN_FUZZY, 0: by the length of text. In text every * is a wildcard of PATTERN_WILDCARD. */
revue_status keyword_find_pattern(revue_searcher *searcher, uint16_t column, struct view text, enum pattern_kind kind,
                                  uint32_t distance, struct arena *arena, struct column_test *test, revue_error *error);

#endif
