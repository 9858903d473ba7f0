/* written_date.c - see written_date.h. A tolerant scanner; but words that mean nothing in a date make it none: a text is
 * not searched for dates. */
#include "indexer/review/written_date.h"

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
static bool scan_number(struct written_date *w, unsigned max_digits, struct written_number *number) {
    struct written_number read = {0, 0};
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
    struct written_number minute, second = {0, 0}, fraction;
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
    struct written_number hours, minutes = {0, 0};
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
    struct written_number number;
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

bool written_date_read(struct view text, struct written_date *written) {
    struct written_date read = {.next = text.data, .end = text.data + text.size}, *w = &read;
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
    *written = read;
    return true;
}
