/* clock.h - time of day and elapsed time. */
#ifndef REVUE_BASE_CLOCK_H
#define REVUE_BASE_CLOCK_H

#include <stdint.h>

int64_t clock_seconds(void); /* since 1970, UTC */
/* The same, but never before earlier: for times that must not descend though a clock may go backwards. */
int64_t clock_seconds_after(int64_t earlier);
double clock_monotonic(void); /* seconds since some moment: for differences */
/* "2026-01-02T03:04:05Z" and a zero byte. */
void clock_format(int64_t seconds, char out[32]);

#endif
