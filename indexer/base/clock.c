/* clock.c - see clock.h. */
#include "indexer/base/clock.h"

#include <stdio.h>
#include <time.h>

int64_t clock_seconds(void) {
    return (int64_t)time(NULL);
}

int64_t clock_seconds_after(int64_t earlier) {
    int64_t now = clock_seconds();
    return now < earlier ? earlier : now;
}

double clock_monotonic(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void clock_format(int64_t seconds, char out[32]) {
    struct tm parts;
    time_t when = (time_t)seconds;
    if (!gmtime_r(&when, &parts) || strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
        (void)snprintf(out, 32, "%lld", (long long)seconds);
}
