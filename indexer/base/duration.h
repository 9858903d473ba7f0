/* duration.h - spans of time as people give them to options: "90", "15min", "26h", "2d", "1w". */
#ifndef REVUE_BASE_DURATION_H
#define REVUE_BASE_DURATION_H

#include "indexer/base/bytes.h"

/* Seconds of a number with a unit behind it: s (the default), min, h, d or w. False when it is none. */
bool duration_parse(const char *text, double *seconds);
/* "40 seconds", "26 hours", "3.5 days": the largest unit that fits. */
void duration_append(struct bytes *out, double seconds);

#endif
