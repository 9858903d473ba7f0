/* number.c - see number.h. */
#include "indexer/base/number.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define NUMBER_TEXT_MAX 400u /* of %.20f with the largest double: 309 digits before the point */
#define DECIMALS_MAX 20

/* ---- reading ---- */

struct decimal {
    const char *next, *end;
    uint64_t mantissa;
    int exponent; /* of ten */
    bool has_digits;
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static void take_digit(struct decimal *d, bool fraction) {
    if (d->mantissa < UINT64_MAX / 10 - 1) {
        d->mantissa = d->mantissa * 10 + (uint64_t)(*d->next - '0');
        if (fraction) d->exponent--;
    } else if (!fraction) {
        d->exponent++; /* more digits than a double can tell apart */
    }
    d->next++;
    d->has_digits = true;
}

/* Is there a group of exactly three digits after the comma at next? */
static bool thousands_follow(const struct decimal *d) {
    if (d->end - d->next < 4) return false;
    for (int i = 1; i <= 3; i++) {
        if (!is_digit(d->next[i])) return false;
    }
    return d->end - d->next == 4 || !is_digit(d->next[4]);
}

/* Digits, then a fraction after a point. With commas: digits with thousands commas, then a fraction after a point, or after
 * a comma that cannot be one of thousands ("4,5"). */
static bool scan_decimal(struct decimal *d, enum number_style style) {
    bool grouped = false;
    for (; d->next < d->end;) {
        if (is_digit(*d->next))
            take_digit(d, false);
        else if (style == NUMBER_WITH_COMMAS && *d->next == ',' && d->has_digits && thousands_follow(d)) {
            d->next++;
            grouped = true;
        } else
            break;
    }
    bool decimal_comma = style == NUMBER_WITH_COMMAS && d->next < d->end && *d->next == ',' && !grouped && d->has_digits &&
                         d->end - d->next > 1 && is_digit(d->next[1]);
    if (d->next < d->end && (*d->next == '.' || decimal_comma)) {
        d->next++;
        while (d->next < d->end && is_digit(*d->next))
            take_digit(d, true);
    }
    return d->has_digits;
}

static bool scan_exponent(struct decimal *d) {
    if (d->next == d->end || (*d->next != 'e' && *d->next != 'E')) return true;
    const char *at = d->next + 1;
    bool negative = at < d->end && *at == '-';
    if (at < d->end && (*at == '-' || *at == '+')) at++;
    if (at == d->end || !is_digit(*at)) return false;
    int exponent = 0;
    for (; at < d->end && is_digit(*at); at++) {
        if (exponent < 10000) exponent = exponent * 10 + (*at - '0');
    }
    d->exponent += negative ? -exponent : exponent;
    d->next = at;
    return true;
}

/* Exact (correctly rounded) for up to 15 digits and a power of ten up to 22, which is what ratings and votes have. */
static double decimal_value(const struct decimal *d) {
    double value = (double)d->mantissa, power = 1;
    int exponent = d->exponent;
    if (value == 0) return 0;
    if (exponent > 400) return (double)INFINITY;
    if (exponent < -400) return 0;
    for (; exponent < -DBL_MAX_10_EXP; exponent++)
        value /= 10; /* no double is as large as the power, yet the quotient may be one */
    for (int i = exponent < 0 ? -exponent : exponent; i > 0; i--)
        power *= 10;
    return exponent < 0 ? value / power : value * power;
}

bool number_take(struct view text, enum number_style style, double *number, struct view *rest) {
    if (text.size == 0) return false;
    struct decimal d = {.next = text.data, .end = text.data + text.size};
    bool negative = text.data[0] == '-';
    if (text.data[0] == '-' || text.data[0] == '+') d.next++;
    if (!scan_decimal(&d, style) || !scan_exponent(&d)) return false;
    double value = decimal_value(&d);
    if (!isfinite(value)) return false;
    *number = negative ? -value : value;
    *rest = view_of(d.next, (size_t)(d.end - d.next));
    return true;
}

bool number_parse(struct view text, double *number) {
    double value;
    struct view rest;
    if (!number_take(text, NUMBER_PLAIN, &value, &rest) || rest.size > 0) return false;
    *number = value;
    return true;
}

/* ---- writing ---- */

/* The library may run in a program whose locale writes 0,5: whatever stands where the point belongs becomes a point. */
static void append_number_text(struct bytes *out, const char *text) {
    bool in_point = false;
    for (; *text; text++) {
        bool is_number = (*text >= '0' && *text <= '9') || *text == '-' || *text == '+' || *text == 'e';
        if (is_number) {
            bytes_append_u8(out, (uint8_t)*text);
        } else if (!in_point) {
            bytes_append_u8(out, '.');
        }
        in_point = !is_number;
    }
}

/* 15 digits are the shortest form of whatever they read back as, except below the smallest normal double, where fewer may
 * do; 17 always suffice. */
static void format_shortest(double value, char *text, size_t capacity) {
    for (int digits = fabs(value) < DBL_MIN ? 1 : 15; digits <= 17; digits++) {
        (void)snprintf(text, capacity, "%.*g", digits, value);
        if (strtod(text, NULL) == value) return;
    }
}

void number_append(struct bytes *out, double value) {
    char text[NUMBER_TEXT_MAX];
    format_shortest(value, text, sizeof text);
    append_number_text(out, text);
}

void number_append_decimals(struct bytes *out, double value, int decimals) {
    char text[NUMBER_TEXT_MAX];
    if (decimals < 0) decimals = 0;
    (void)snprintf(text, sizeof text, "%.*f", decimals < DECIMALS_MAX ? decimals : DECIMALS_MAX, value);
    append_number_text(out, text);
}
