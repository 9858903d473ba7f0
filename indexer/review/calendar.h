/* calendar.h - days and dates of the proleptic Gregorian calendar. */
#ifndef REVUE_REVIEW_CALENDAR_H
#define REVUE_REVIEW_CALENDAR_H

#include <stdint.h>

#define SECONDS_PER_DAY 86400

/* Days since 1970-01-01, before it below 0. month: 1 to 12; day: from 1. */
int64_t calendar_days(int64_t year, unsigned month, unsigned day);
void calendar_civil(int64_t days, int64_t *year, unsigned *month, unsigned *day);
unsigned calendar_days_in_month(int64_t year, unsigned month);

#endif
