/* date_parse.c - date_parse of date.h: what was written (written_date.h) becomes a date by one set of rules, which say
 * which number is the day, the month and the year. Digits alone have rules of their own. */
#include "indexer/review/calendar.h"
#include "indexer/review/date.h"
#include "indexer/review/written_date.h"

#define LAST_SECOND 253402300799    /* 9999-12-31T23:59:59Z */
#define FIRST_SECOND (-62135596800) /* 0001-01-01T00:00:00Z */

/* ---- which number is which ---- */

static bool year_of(struct written_number number, int64_t *year) {
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
    const struct written_number *n = w->numbers;
    civil->month = w->month_name;
    civil->day = 0;
    if (w->number_count == 1) return n[0].digits == 4 && year_of(n[0], &civil->year);
    if (w->number_count != 2) return false;
    bool year_first = n[0].digits == 4;
    civil->day = year_first ? n[1].value : n[0].value;
    return civil->day >= 1 && year_of(year_first ? n[0] : n[1], &civil->year);
}

static bool resolve_numeric(const struct written_date *w, struct civil *civil) {
    const struct written_number *n = w->numbers;
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
    return civil->day <= calendar_days_in_month(civil->year, (unsigned)civil->month);
}

static bool date_of_civil(const struct written_date *w, const struct civil *civil, struct review_date *date) {
    if (!civil_is_valid(civil)) return false;
    if (w->has_time && civil->day == 0) return false;
    struct review_date made = {0, DATE_YEAR};
    if (civil->month) made.precision = civil->day ? DATE_DAY : DATE_MONTH;
    unsigned month = civil->month ? (unsigned)civil->month : 1, day = civil->day ? (unsigned)civil->day : 1;
    made.seconds = calendar_days(civil->year, month, day) * SECONDS_PER_DAY;
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

/* At most so many from at on. */
static size_t digits_at(struct view text, size_t at, size_t most) {
    size_t digits = 0;
    while (at + digits < text.size && digits < most && text.data[at + digits] >= '0' && text.data[at + digits] <= '9')
        digits++;
    return digits;
}

/* True when text is digits with at most a fraction behind: then *is_date tells what became of it. */
static bool parse_bare_number(struct view text, struct review_date *date, bool *is_date) {
    const size_t digits = digits_at(text, 0, 18);
    size_t end = digits;
    int64_t value = 0;
    if (digits >= 9 && end < text.size && text.data[end] == '.') end += 1 + digits_at(text, end + 1, 9);
    if (digits == 0 || end != text.size) return false;
    for (size_t i = 0; i < digits; i++)
        value = value * 10 + (text.data[i] - '0');
    *is_date = date_of_digits(value, (unsigned)digits, date);
    return true;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
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
    struct written_date w;
    struct civil civil;
    if (!written_date_read(text, &w)) return false;
    if (!(w.month_name ? resolve_named(&w, &civil) : resolve_numeric(&w, &civil))) return false;
    return date_of_civil(&w, &civil, date);
}
