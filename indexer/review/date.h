/* date.h - dates as review archives write them. */
#ifndef REVUE_REVIEW_DATE_H
#define REVUE_REVIEW_DATE_H

#include "indexer/review/review.h"

/* Understands ISO 8601 ("2016-01-03T05:00:00.000Z", "2019-05", "2019"), Unix seconds and milliseconds, and the written
 * forms archives use ("06 17, 2018", "5/25/2019 15:54", "Nov 6 2009 ", "17 June 2018", "June 17, 2018" ...).
 * Without a zone the time is UTC. Day and month in slashes are month first, unless the first number is over 12.
 * False when it is none of these; *date is unchanged then. Years 1 to 9999. */
bool date_parse(struct view text, struct review_date *date);

/* Writes ISO 8601 at the date's own precision ("2019", "2019-05", "2019-05-25", "2019-05-25T15:54Z",
 * "2019-05-25T15:54:07Z") and a zero byte; returns the length. */
size_t date_format(struct review_date date, char out[32]);

/* The day that a second lies in. */
void date_civil(int64_t seconds, int64_t *year, unsigned *month, unsigned *day);

/* The first second after the span that the date's precision covers: date:2019 is [seconds, end). */
int64_t date_end(struct review_date date);

#endif
