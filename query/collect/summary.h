/* summary.h - numbers as they are met, and what they come to. */
#ifndef REVUE_COLLECT_SUMMARY_H
#define REVUE_COLLECT_SUMMARY_H

#include "revue.h"

/* Zero bytes are ready for use. Sums are kept wider than the numbers, and means are rounded to a millionth, so that the
 * order in which segments come does not show. */
struct summary {
    uint64_t count;
    long double sum;
    double minimum, maximum;
};
static inline void summary_add(struct summary *summary, double number) {
    if (summary->count == 0 || number < summary->minimum) summary->minimum = number;
    if (summary->count == 0 || number > summary->maximum) summary->maximum = number;
    summary->sum += number;
    summary->count++;
}
revue_summary summary_of(const struct summary *summary);

/* The whole stars that a rating is shown as: from 1 to REVUE_STARS. */
unsigned whole_stars(double stars);

#endif
