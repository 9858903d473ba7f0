/* date.c - see date.h. One tolerant scanner collects what a written date is made of (numbers, a month's name, a time of
 * day, a zone); one set of rules then says which number is which. Words that mean nothing in a date make it none: a text is
 * not searched for dates.
 *
 * Civil days are those of the proleptic Gregorian calendar: Howard Hinnant, "chrono-compatible low-level date algorithms".
 */
#include "indexer/review/date.h"

#include <stdio.h>

#define SECONDS_PER_DAY 86400
#define LAST_SECOND 253402300799    /* 9999-12-31T23:59:59Z */
#define FIRST_SECOND (-62135596800) /* 0001-01-01T00:00:00Z */

/* ---- the calendar ---- */

static int64_t days_from_civil(int64_t year, unsigned month, unsigned day) {
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (int64_t)(153 * (month + (month > 2 ? -3u : 9u)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void civil_from_days(int64_t days, int64_t *year, unsigned *month, unsigned *day) {
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted_month = (5 * day_of_year + 2) / 153;
    *day = (unsigned)(day_of_year - (153 * shifted_month + 2) / 5 + 1);
    *month = (unsigned)(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
    *year = year_of_era + era * 400 + (*month <= 2);
}

static unsigned days_in_month(int64_t year, unsigned month) {
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

/* ---- scanning ---- */

struct number {
    int64_t value;
    unsigned digits;
};

/* What was seen of a written date so far. */
struct written_date {
    const char *next, *end;
    struct number numbers[3]; /* of the day, month and year, in the order written */
    unsigned number_count;
    char separator;      /* between the first two of them: '/', '.', '-' or 0 */
    unsigned month_name; /* 1 to 12, 0 without */
    bool has_time, has_seconds, has_zone, has_half;
    int64_t hour, minute, second, zone_seconds;
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool is_letter(char c) {
    char l = lower(c);
    return l >= 'a' && l <= 'z';
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Reads digits, at most max_digits of them; false when there are none or more. */
static bool scan_number(struct written_date *w, unsigned max_digits, struct number *number) {
    struct number read = {0, 0};
    while (w->next < w->end && is_digit(*w->next)) {
        if (read.digits == max_digits) return false;
        read.value = read.value * 10 + (*w->next++ - '0');
        read.digits++;
    }
    *number = read;
    return read.digits > 0;
}

static bool take(struct written_date *w, char c) {
    if (w->next == w->end || *w->next != c) return false;
    w->next++;
    return true;
}

/* [:MM[:SS[.fraction]]] after the hour. */
static bool scan_time(struct written_date *w, int64_t hour) {
    struct number minute, second = {0, 0}, fraction;
    if (w->has_time || hour > 23) return false;
    if (!take(w, ':') || !scan_number(w, 2, &minute) || minute.value > 59) return false;
    if (take(w, ':')) {
        if (!scan_number(w, 2, &second) || second.value > 60) return false;
        w->has_seconds = true;
        if ((take(w, '.') || take(w, ',')) && !scan_number(w, 9, &fraction)) return false;
    }
    w->has_time = true;
    w->hour = hour;
    w->minute = minute.value;
    w->second = second.value;
    return true;
}

/* +hh:mm, +hhmm or +hh after a time; the sign is consumed. */
static bool scan_zone(struct written_date *w, int sign) {
    struct number hours, minutes = {0, 0};
    if (!w->has_time || w->has_zone || !scan_number(w, 4, &hours)) return false;
    if (hours.digits > 2) {
        minutes.value = hours.value % 100;
        hours.value /= 100;
    } else if (take(w, ':') && !scan_number(w, 2, &minutes)) {
        return false;
    }
    if (hours.value > 15 || minutes.value > 59) return false;
    w->has_zone = true;
    w->zone_seconds = sign * (hours.value * 3600 + minutes.value * 60);
    return true;
}

/* AM or PM after a time of 1 to 12 o'clock. */
static bool apply_half_day(struct written_date *w, bool afternoon) {
    if (!w->has_time || w->has_half || w->hour < 1 || w->hour > 12) return false;
    w->has_half = true;
    w->hour = w->hour % 12 + (afternoon ? 12 : 0);
    return true;
}

/* Does word begin the full name, with at least three letters? ("sep", "sept", "september") */
static bool abbreviates(const char *word, size_t size, const char *full) {
    return size >= 3 && size <= strlen(full) && memcmp(word, full, size) == 0;
}

static unsigned month_of(const char *word, size_t size) {
    static const char *const names[] = {"january", "february", "march",     "april",   "may",      "june",
                                        "july",    "august",   "september", "october", "november", "december"};
    for (unsigned i = 0; i < 12; i++) {
        if (abbreviates(word, size, names[i])) return i + 1;
    }
    return 0;
}

static bool is_weekday(const char *word, size_t size) {
    static const char *const names[] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
    for (unsigned i = 0; i < 7; i++) {
        if (abbreviates(word, size, names[i])) return true;
    }
    return false;
}

static bool word_is(const char *word, size_t size, const char *other) {
    return size == strlen(other) && memcmp(word, other, size) == 0;
}

static bool apply_word(struct written_date *w, const char *word, size_t size) {
    unsigned month = month_of(word, size);
    if (month) {
        if (w->month_name) return false;
        w->month_name = month;
        return true;
    }
    if (word_is(word, size, "am") || word_is(word, size, "a")) return apply_half_day(w, false);
    if (word_is(word, size, "pm") || word_is(word, size, "p")) return apply_half_day(w, true);
    if (word_is(word, size, "m")) return w->has_half; /* of "a.m." */
    if (word_is(word, size, "z") || word_is(word, size, "utc") || word_is(word, size, "gmt")) {
        if (!w->has_time || w->has_zone) return false;
        w->has_zone = true;
        return true;
    }
    return is_weekday(word, size) || word_is(word, size, "t") || word_is(word, size, "at") || word_is(word, size, "on") ||
           word_is(word, size, "of");
}

static bool scan_word(struct written_date *w) {
    char word[12];
    size_t size = 0;
    while (w->next < w->end && is_letter(*w->next)) {
        if (size == sizeof word) return false;
        word[size++] = lower(*w->next++);
        if (size == 1 && word[0] == 't' && w->next < w->end && is_digit(*w->next)) break; /* 2016-01-03T05 */
    }
    (void)take(w, '.');
    return apply_word(w, word, size);
}

/* "3rd", "21st": the two letters after a day. */
static void skip_ordinal(struct written_date *w) {
    if (w->end - w->next < 2) return;
    char a = lower(w->next[0]), b = lower(w->next[1]);
    bool ordinal = (a == 's' && b == 't') || (a == 'n' && b == 'd') || (a == 'r' && b == 'd') || (a == 't' && b == 'h');
    if (ordinal && (w->end - w->next == 2 || !is_letter(w->next[2]))) w->next += 2;
}

/* The sign of year, month and day in Chinese and Japanese dates: a separator. */
static void skip_cjk_unit(struct written_date *w) {
    static const char *const units[] = {"\xE5\xB9\xB4", "\xE6\x9C\x88", "\xE6\x97\xA5"};
    for (unsigned i = 0; i < 3; i++) {
        if (w->end - w->next >= 3 && memcmp(w->next, units[i], 3) == 0) w->next += 3;
    }
}

static bool scan_digits(struct written_date *w) {
    struct number number;
    if (!scan_number(w, 8, &number)) return false;
    if (w->next < w->end && *w->next == ':') return number.digits <= 2 && scan_time(w, number.value);
    if (number.digits > 4) return false;
    if (w->number_count == 3) return false;
    w->numbers[w->number_count++] = number;
    skip_ordinal(w);
    skip_cjk_unit(w);
    if (w->next < w->end && (*w->next == '/' || *w->next == '-' || *w->next == '.') && !w->has_time) {
        if (w->number_count == 1) w->separator = *w->next;
        w->next++;
    }
    return true;
}

static bool scan_written(struct written_date *w) {
    while (w->next < w->end) {
        char c = *w->next;
        if (is_blank(c) || c == ',')
            w->next++;
        else if (is_digit(c)) {
            if (!scan_digits(w)) return false;
        } else if (is_letter(c)) {
            if (!scan_word(w)) return false;
        } else if ((c == '+' || c == '-') && w->has_time) {
            w->next++;
            if (!scan_zone(w, c == '+' ? 1 : -1)) return false;
        } else if ((c == '-' || c == '/') && w->month_name && w->number_count < 3) {
            w->next++; /* 25-May-2019 */
        } else {
            return false;
        }
    }
    return true;
}

/* ---- which number is which ---- */

static bool year_of(struct number number, int64_t *year) {
    if (number.digits == 4)
        *year = number.value;
    else if (number.digits == 2)
        *year = number.value + (number.value < 70 ? 2000 : 1900);
    else
        return false;
    return *year >= 1 && *year <= 9999;
}

struct civil {
    int64_t year;
    int64_t month, day; /* 0 when not given */
};

/* Two numbers of which neither is the year. Slashes are month first unless that cannot be; dots are day first. */
static void day_and_month(const struct written_date *w, int64_t first, int64_t second, struct civil *civil) {
    bool day_first = w->separator == '.' ? second <= 12 : first > 12;
    civil->day = day_first ? first : second;
    civil->month = day_first ? second : first;
}

static bool resolve_named(const struct written_date *w, struct civil *civil) {
    const struct number *n = w->numbers;
    civil->month = w->month_name;
    civil->day = 0;
    if (w->number_count == 1) return n[0].digits == 4 && year_of(n[0], &civil->year);
    if (w->number_count != 2) return false;
    bool year_first = n[0].digits == 4;
    civil->day = year_first ? n[1].value : n[0].value;
    return civil->day >= 1 && year_of(year_first ? n[0] : n[1], &civil->year);
}

static bool resolve_numeric(const struct written_date *w, struct civil *civil) {
    const struct number *n = w->numbers;
    *civil = (struct civil){0, 0, 0};
    if (w->number_count == 1) return n[0].digits == 4 && year_of(n[0], &civil->year);
    if (w->number_count == 2) {
        bool year_first = n[0].digits == 4;
        if (!year_first && n[1].digits != 4) return false;
        civil->month = year_first ? n[1].value : n[0].value;
        return civil->month >= 1 && year_of(year_first ? n[0] : n[1], &civil->year);
    }
    if (w->number_count != 3) return false;
    if (n[0].digits == 4) {
        civil->month = n[1].value;
        civil->day = n[2].value;
        return civil->month >= 1 && civil->day >= 1 && year_of(n[0], &civil->year);
    }
    day_and_month(w, n[0].value, n[1].value, civil);
    return civil->month >= 1 && civil->day >= 1 && year_of(n[2], &civil->year);
}

static bool civil_is_valid(const struct civil *civil) {
    if (civil->month == 0) return civil->day == 0;
    if (civil->month > 12) return false;
    return civil->day <= days_in_month(civil->year, (unsigned)civil->month);
}

static bool date_of_civil(const struct written_date *w, const struct civil *civil, struct review_date *date) {
    if (!civil_is_valid(civil)) return false;
    if (w->has_time && civil->day == 0) return false;
    struct review_date made = {0, DATE_YEAR};
    if (civil->month) made.precision = civil->day ? DATE_DAY : DATE_MONTH;
    unsigned month = civil->month ? (unsigned)civil->month : 1, day = civil->day ? (unsigned)civil->day : 1;
    made.seconds = days_from_civil(civil->year, month, day) * SECONDS_PER_DAY;
    if (w->has_time) {
        made.seconds += w->hour * 3600 + w->minute * 60 + w->second - w->zone_seconds;
        made.precision = w->has_seconds ? DATE_SECOND : DATE_MINUTE;
    }
    if (made.seconds < FIRST_SECOND || made.seconds > LAST_SECOND) return false;
    *date = made;
    return true;
}

/* ---- bare numbers ---- */

/* Digits alone: a year (4), YYYYMMDD (8), Unix seconds (9 to 11), milliseconds (12 to 14) or microseconds (15 to 17). */
static bool date_of_digits(int64_t value, unsigned digits, struct review_date *date) {
    if (digits == 4 || digits == 8) {
        struct written_date none = {0};
        struct civil civil = {value, 0, 0};
        if (digits == 8) civil = (struct civil){value / 10000, value / 100 % 100, value % 100};
        if (civil.year < 1 || (digits == 8 && (civil.month == 0 || civil.day == 0))) return false;
        return date_of_civil(&none, &civil, date);
    }
    if (digits < 9 || digits > 17) return false;
    int64_t seconds = digits <= 11 ? value : digits <= 14 ? value / 1000 : value / 1000000;
    if (seconds > LAST_SECOND) return false;
    *date = (struct review_date){seconds, DATE_SECOND};
    return true;
}

/* True when text is digits with at most a fraction behind: then *is_date tells what became of it. */
static bool parse_bare_number(struct view text, struct review_date *date, bool *is_date) {
    struct written_date w = {.next = text.data, .end = text.data + text.size};
    struct number number = {0, 0}, fraction;
    while (w.next < w.end && is_digit(*w.next) && number.digits < 18) {
        number.value = number.value * 10 + (*w.next++ - '0');
        number.digits++;
    }
    if (number.digits == 0) return false;
    if (w.next < w.end && number.digits >= 9) {
        if (!take(&w, '.') || (w.next < w.end && !scan_number(&w, 9, &fraction))) return false;
    }
    if (w.next != w.end) return false;
    *is_date = date_of_digits(number.value, number.digits, date);
    return true;
}

static struct view trimmed(struct view text) {
    while (text.size > 0 && is_blank(text.data[0])) {
        text.data++;
        text.size--;
    }
    while (text.size > 0 && is_blank(text.data[text.size - 1]))
        text.size--;
    return text;
}

bool date_parse(struct view text, struct review_date *date) {
    bool is_date = false;
    text = trimmed(text);
    if (text.size < 4 || text.size > 64) return false;
    if (parse_bare_number(text, date, &is_date)) return is_date;
    struct written_date w = {.next = text.data, .end = text.data + text.size};
    if (!scan_written(&w)) return false;
    struct civil civil;
    if (!(w.month_name ? resolve_named(&w, &civil) : resolve_numeric(&w, &civil))) return false;
    return date_of_civil(&w, &civil, date);
}

/* ---- writing ---- */

static int64_t floor_days(int64_t seconds) {
    return seconds >= 0 ? seconds / SECONDS_PER_DAY : -((-seconds + SECONDS_PER_DAY - 1) / SECONDS_PER_DAY);
}

void date_civil(int64_t seconds, int64_t *year, unsigned *month, unsigned *day) {
    civil_from_days(floor_days(seconds), year, month, day);
}

size_t date_format(struct review_date date, char out[32]) {
    int64_t days = floor_days(date.seconds), year;
    unsigned month, day;
    civil_from_days(days, &year, &month, &day);
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
    civil_from_days(floor_days(date.seconds), &year, &month, &day);
    switch (date.precision) {
    case DATE_ABSENT: return date.seconds;
    case DATE_YEAR: return days_from_civil(year + 1, 1, 1) * SECONDS_PER_DAY;
    case DATE_MONTH:
        return days_from_civil(month == 12 ? year + 1 : year, month == 12 ? 1 : month + 1, 1) * SECONDS_PER_DAY;
    case DATE_DAY: return date.seconds + SECONDS_PER_DAY;
    case DATE_MINUTE: return date.seconds + 60;
    case DATE_SECOND: return date.seconds + 1;
    }
    return date.seconds;
}
