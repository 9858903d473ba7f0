/* keyword_order.h - the values of a keyword column in the order of their texts, for whoever sorts by them. */
#ifndef REVUE_KEYWORD_ORDER_H
#define REVUE_KEYWORD_ORDER_H

#include "query/searcher.h"

/* places[number]: how many values come before that of the number, by their bytes (which is the order of their characters).
 * Worked out at first use, for all searches of the snapshot; the searcher's. */
revue_status keyword_order(revue_searcher *searcher, uint16_t column, const uint32_t **places, uint32_t *count,
                           revue_error *error);
/* Where a text stands among the values: its place, or, when it is none of them, half before that of the next. */
revue_status keyword_place(revue_searcher *searcher, uint16_t column, struct view text, double *place, revue_error *error);

#endif
