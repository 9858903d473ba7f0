/* complain.c - see complain.h. */
#include "query/serve/complain.h"

#include "indexer/base/clock.h"
#include "indexer/base/program.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>

#define LINES_A_SECOND 10u

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int64_t second;      /* the one at hand */
static unsigned long lines; /* in it */

/* Whether one more may be said; *left_out of the last second that had too many. */
static bool may_say(unsigned long *left_out) {
    const int64_t now = (int64_t)clock_monotonic();
    *left_out = 0;
    (void)pthread_mutex_lock(&mutex);
    if (now != second) {
        if (lines > LINES_A_SECOND) *left_out = lines - LINES_A_SECOND;
        second = now;
        lines = 0;
    }
    const bool may = lines++ < LINES_A_SECOND;
    (void)pthread_mutex_unlock(&mutex);
    return may;
}

void complain(const char *format, ...) {
    char message[1024];
    unsigned long left_out;
    va_list arguments;
    if (!may_say(&left_out)) return;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (left_out > 0) program_say("%lu more lines like these were left out", left_out);
    program_say("%s", message);
}
