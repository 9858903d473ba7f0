/* date.c - dates as they are written out, and the moment they end (date.h); date_parse.c reads them. */
#include "indexer/review/date.h"

#include "indexer/review/calendar.h"

#include <stdio.h>

static int64_t floor_days(int64_t seconds) {
    return seconds >= 0 ? seconds / SECONDS_PER_DAY : -((-seconds + SECONDS_PER_DAY - 1) / SECONDS_PER_DAY);
}

void date_civil(int64_t seconds, int64_t *year, unsigned *month, unsigned *day) {
    calendar_civil(floor_days(seconds), year, month, day);
}

size_t date_format(struct review_date date, char out[32]) {
    int64_t days = floor_days(date.seconds), year;
    unsigned month, day;
    calendar_civil(days, &year, &month, &day);
    unsigned of_day = (unsigned)(date.seconds - days * SECONDS_PER_DAY);
    int hour = (int)(of_day / 3600), minute = (int)(of_day / 60 % 60), second = (int)(of_day % 60), size = 0;
    switch (date.precision) {
    case DATE_ABSENT: break;
    case DATE_YEAR: size = snprintf(out, 32, "%04d", (int)year); break;
    case DATE_MONTH: size = snprintf(out, 32, "%04d-%02u", (int)year, month); break;
    case DATE_DAY: size = snprintf(out, 32, "%04d-%02u-%02u", (int)year, month, day); break;
    case DATE_MINUTE: size = snprintf(out, 32, "%04d-%02u-%02uT%02d:%02dZ", (int)year, month, day, hour, minute); break;
    case DATE_SECOND:
        size = snprintf(out, 32, "%04d-%02u-%02uT%02d:%02d:%02dZ", (int)year, month, day, hour, minute, second);
        break;
    }
    if (size <= 0 || size > 31) size = 0;
    out[size] = '\0';
    return (size_t)size;
}

int64_t date_end(struct review_date date) {
    int64_t year;
    unsigned month, day;
    calendar_civil(floor_days(date.seconds), &year, &month, &day);
    switch (date.precision) {
    case DATE_ABSENT: return date.seconds;
    case DATE_YEAR: return calendar_days(year + 1, 1, 1) * SECONDS_PER_DAY;
    case DATE_MONTH: return calendar_days(month == 12 ? year + 1 : year, month == 12 ? 1 : month + 1, 1) * SECONDS_PER_DAY;
    case DATE_DAY: return date.seconds + SECONDS_PER_DAY;
    case DATE_MINUTE: return date.seconds + 60;
    case DATE_SECOND: return date.seconds + 1;
    }
    return date.seconds;
}
