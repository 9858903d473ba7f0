/* duration.c - see duration.h. */
#include "indexer/base/duration.h"

#include "indexer/base/number.h"

#include <string.h>

static const struct unit {
    const char *suffix, *name;
    double seconds;
} units[] = {
    {"s", "second", 1}, {"min", "minute", 60}, {"h", "hour", 3600}, {"d", "day", 86400}, {"w", "week", 604800},
};
#define UNIT_COUNT (sizeof units / sizeof *units)

bool duration_parse(const char *text, double *seconds) {
    size_t size = strspn(text, "0123456789."), unit = 0;
    double number;
    if (!number_parse(view_of(text, size), &number)) return false;
    while (unit < UNIT_COUNT && strcmp(text + size, units[unit].suffix) != 0)
        unit++;
    if (unit == UNIT_COUNT && text[size] != '\0') return false;
    *seconds = number * (unit < UNIT_COUNT ? units[unit].seconds : 1);
    return true;
}

/* Weeks are for those who write: who reads sees days. A unit is left when there are three of the next. */
void duration_append(struct bytes *out, double seconds) {
    size_t unit = 0;
    while (unit + 2 < UNIT_COUNT && seconds >= 3 * units[unit + 1].seconds)
        unit++;
    double count = seconds / units[unit].seconds;
    number_append_decimals(out, count, count < 10 && unit > 0 ? 1 : 0);
    bytes_append_format(out, " %ss", units[unit].name);
}
