/* deadline.c - see deadline.h. */
#include "query/match/deadline.h"

#include "indexer/base/clock.h"

/* Fifty microseconds of the slowest loops; the clock costs thirty nanoseconds. */
#define WORK_BETWEEN_LOOKS 2048

_Thread_local int64_t deadline_left = INT64_MAX;
static _Thread_local double deadline_at; /* clock_monotonic; 0: none */
static _Thread_local double deadline_seconds;

void deadline_set(double seconds) {
    deadline_seconds = seconds;
    deadline_at = seconds > 0 ? clock_monotonic() + seconds : 0;
    deadline_left = seconds > 0 ? 0 : INT64_MAX;
}

revue_status deadline_look(revue_error *error) {
    if (deadline_at > 0 && clock_monotonic() >= deadline_at) {
        deadline_left = -1; /* whoever asks next is told, too */
        return error_set(error, REVUE_TIMED_OUT, "the search took longer than %g s", deadline_seconds);
    }
    deadline_left = deadline_at > 0 ? WORK_BETWEEN_LOOKS : INT64_MAX;
    return REVUE_OK;
}
