/* summary.c - see summary.h. */
#include "query/collect/summary.h"

#include <math.h>

#define ROUNDED_BELOW 1e9 /* larger means have no millionths to speak of */

unsigned whole_stars(double stars) {
    const double whole = floor(stars + 0.5);
    return whole <= 1 ? 1 : whole >= REVUE_STARS ? REVUE_STARS : (unsigned)whole;
}

revue_summary summary_of(const struct summary *summary) {
    if (summary->count == 0) return (revue_summary){0};
    double mean = (double)(summary->sum / (long double)summary->count);
    if (fabs(mean) < ROUNDED_BELOW) mean = round(mean * 1e6) / 1e6;
    return (revue_summary){summary->count, mean, summary->minimum, summary->maximum};
}
