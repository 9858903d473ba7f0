/* stop.h - a caller's wish to stop, polled between pieces of work: what delete, compact and copy share. */
#ifndef REVUE_STOP_H
#define REVUE_STOP_H

#include "indexer/base/error.h"

struct stop {
    int (*should_stop)(void *context); /* a signal number, or 0; NULL: never */
    void *context;
    int signal; /* what was answered last that was not 0 */
};
/* Asks, unless it was answered already. Fits the polls of merging and copying, with the stop as their context. */
bool stop_may_go_on(void *stop);
#define STOPPED_WAITING "another run still holds the index"
/* REVUE_OK, or what the signal means, with what became of the work as the message. Does not ask. */
revue_status stop_status(const struct stop *stop, const char *outcome, revue_error *error);

#endif
