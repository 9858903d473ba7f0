/* written_date.h - what a written date is made of: numbers, a month's name, a time of day, a zone. Which number is the day
 * and which the month is not decided here (date_parse.c). */
#ifndef REVUE_REVIEW_WRITTEN_DATE_H
#define REVUE_REVIEW_WRITTEN_DATE_H

#include "indexer/base/bytes.h"

struct written_number {
    int64_t value;
    unsigned digits;
};

/* next and end: of what is left of the text. */
struct written_date {
    const char *next, *end;
    struct written_number numbers[3]; /* of the day, month and year, in the order written */
    unsigned number_count;
    char separator;      /* between the first two of them: '/', '.', '-' or 0 */
    unsigned month_name; /* 1 to 12, 0 without */
    bool has_time, has_seconds, has_zone, has_half;
    int64_t hour, minute, second, zone_seconds;
};

/* Reads all of text. False when something in it does not belong into a date. */
bool written_date_read(struct view text, struct written_date *written);

#endif
