/* number.h - decimal numbers as text, the same under every locale: strtod and printf follow the one of whoever linked the
 * library, and would read or write "0,5" there. */
#ifndef REVUE_BASE_NUMBER_H
#define REVUE_BASE_NUMBER_H

#include "indexer/base/bytes.h"

enum number_style {
    NUMBER_PLAIN,      /* 4, 4.5, .5, 1e3: options, what programs write */
    NUMBER_WITH_COMMAS /* also 1,234 and 4,5: what people write */
};
/* A finite number at the start of text, a sign before it or not; *rest is what follows it. False when there is none. Exact
 * (correctly rounded) for up to 15 digits and a power of ten up to 22. */
bool number_take(struct view text, enum number_style style, double *number, struct view *rest);
/* The whole of text as a plain number. */
bool number_parse(struct view text, double *number);

/* Appends a finite value in the shortest form that reads back the same, or with a fixed number of decimals, 0 to 20. */
void number_append(struct bytes *out, double value);
void number_append_decimals(struct bytes *out, double value, int decimals);

#endif
