/* figures.c - see figures.h. */
#include "indexer/cli/figures.h"

#include <inttypes.h>
#include <stdio.h>

void append_count(struct bytes *out, uint64_t count) {
    char digits[24];
    int length = snprintf(digits, sizeof digits, "%" PRIu64, count);
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) bytes_append_u8(out, ',');
        bytes_append_u8(out, (uint8_t)digits[i]);
    }
}

void append_size(struct bytes *out, uint64_t bytes) {
    static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
    double scaled = (double)bytes / 1000;
    size_t unit = 0;
    if (bytes < 1000) {
        bytes_append_format(out, "%" PRIu64 " B", bytes);
        return;
    }
    while (scaled >= 999.95 && unit + 1 < sizeof units / sizeof *units) {
        scaled /= 1000;
        unit++;
    }
    bytes_append_format(out, "%.1f %s", scaled, units[unit]);
}

void append_clock(struct bytes *out, double seconds) {
    uint64_t whole = seconds >= 0 && seconds < 1e15 ? (uint64_t)(seconds + 0.5) : 0;
    uint64_t minutes = whole / 60, hours = minutes / 60;
    if (hours > 0) {
        bytes_append_format(out, "%" PRIu64 ":%02u:%02u", hours, (unsigned)(minutes % 60), (unsigned)(whole % 60));
    } else {
        bytes_append_format(out, "%u:%02u", (unsigned)minutes, (unsigned)(whole % 60));
    }
}

void append_duration(struct bytes *out, double seconds) {
    if (seconds < 10) {
        bytes_append_format(out, "%.2f s", seconds > 0 ? seconds : 0);
    } else {
        append_clock(out, seconds);
    }
}

void append_counted(struct bytes *out, uint64_t count, const char *one, const char *many) {
    append_count(out, count);
    bytes_append_format(out, " %s", count == 1 ? one : many);
}
