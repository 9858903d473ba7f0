/* pattern.h - which forms a pattern of a query means: the beginning of a word, wildcards, a word with a slip or two. */
#ifndef REVUE_EXPAND_PATTERN_H
#define REVUE_EXPAND_PATTERN_H

#include "indexer/base/bytes.h"
#include "indexer/text/fold.h"
#include "revue.h"

#define PATTERN_DISTANCE_MAX 2u

enum pattern_kind { PATTERN_PREFIX, PATTERN_WILDCARD, PATTERN_FUZZY };

/* Tried on forms in ascending order it looks at little more than where they differ. Zero bytes may be freed. */
struct pattern {
    enum pattern_kind kind;
    uint32_t distance;        /* at most, of PATTERN_FUZZY */
    uint32_t text[FORM_MAX];  /* folded characters, */
    uint32_t signs[FORM_MAX]; /* and what they are in PATTERN_WILDCARD */
    uint32_t count;
    char literal[FORM_MAX]; /* every match begins with it */
    size_t literal_size;
    /* Of PATTERN_WILDCARD without ?: what stands between its *, as bytes; the first is literal, the last ends every match.
     */
    bool is_pieces;
    char pieces[FORM_MAX * 4];
    struct piece {
        uint16_t at, size;
    } piece[FORM_MAX + 1];
    uint32_t piece_count;
    /* Of PATTERN_FUZZY: the form tried last, and how far each of its beginnings is from those of text. */
    char tried_bytes[FORM_MAX];
    uint32_t tried[FORM_MAX];
    size_t ends[FORM_MAX + 1]; /* byte offsets behind the characters of tried */
    uint32_t tried_count;
    uint64_t places[128];       /* of up to PATTERN_BITS characters: bit n of an ASCII character: text[n] is it */
    struct edit_states *states; /* tried_count + 1; NULL: rows are used */
    uint8_t *rows;              /* tried_count + 1 of count + 1 each; row 0 is before the first character */
};
#define PATTERN_BITS 62u /* a longer text is compared by rows: the plain way, and the judge of the other */
struct pattern_try {
    bool matches;
    uint32_t distance; /* of a match: edits */
    size_t dead_size;  /* not 0: no form that begins with so many bytes of this one matches */
};

/* text: valid UTF-8 without markup, folded here; in PATTERN_WILDCARD its ? and * are wildcards from the first live one on
 * (word_find_wildcard). REVUE_NO_MATCH when nothing is left of it that could be searched for. */
revue_status pattern_init(struct pattern *pattern, enum pattern_kind kind, struct view text, uint32_t distance,
                          enum language language, revue_error *error);
/* Of PATTERN_FUZZY: only forms match that begin with as many characters of the text as it is given. */
void pattern_keep_beginning(struct pattern *pattern, uint32_t characters);
/* The same for text that is folded already, of which every * is a wildcard and no ?. */
revue_status pattern_init_folded(struct pattern *pattern, enum pattern_kind kind, struct view text, uint32_t distance,
                                 revue_error *error);
void pattern_free(struct pattern *pattern);
/* Edits are counted by rows from here on: for tests. */
revue_status pattern_use_rows(struct pattern *pattern, revue_error *error);
void pattern_try(struct pattern *pattern, struct view form, struct pattern_try *result);

/* Edits that a word of so many characters may have to be meant still: 0, 1 or 2. */
uint32_t pattern_usual_distance(uint32_t characters);

#endif
