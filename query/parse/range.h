/* range.h - the values of number and date fields: 4 >=4 <5 3..5 3.. ..2019-06 */
#ifndef REVUE_PARSE_RANGE_H
#define REVUE_PARSE_RANGE_H

#include "query/parse/ast.h"

enum comparison { COMPARE_EQUAL, COMPARE_LESS, COMPARE_LESS_EQUAL, COMPARE_GREATER, COMPARE_GREATER_EQUAL };

/* Takes > >= < <= (or the signs for at least and at most) off the front of *text; COMPARE_EQUAL when there is none. */
enum comparison range_comparison(struct view *text);

/* Fills the bounds of a range over range->field from a value. quoted: the value stood in quotes and is one value. False
 * when *bad, a part of value, is not a value of the field's kind; the bounds are then undefined. *swapped tells that the
 * ends came in the wrong order; the bounds are then in the right one. */
bool range_read(struct view value, bool quoted, enum comparison comparison, struct ast_node *range, struct view *bad,
                bool *swapped);

#endif
