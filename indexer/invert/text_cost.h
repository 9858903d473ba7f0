/* text_cost.h - how much a text will weigh once it is taken in, told from its bytes alone. */
#ifndef REVUE_INVERT_TEXT_COST_H
#define REVUE_INVERT_TEXT_COST_H

#include "indexer/base/bytes.h"

/* An estimate of the spans the scanner will find: tokens get a position, the others are only stored. */
struct text_spans {
    uint64_t tokens, gaps;
};
/* Tokens: starts of runs of letters, digits and bytes over 0x7F, and every character from U+0800 to U+1FFF and U+3000 to
 * U+9FFF, since those scripts may come without blanks. Gaps: bytes of punctuation. Texts of words come out about a tenth
 * too high. */
struct text_spans text_spans_estimate(struct view text);

#endif
