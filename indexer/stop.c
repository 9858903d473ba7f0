/* stop.c - see stop.h. */
#include "indexer/stop.h"

#include <signal.h>

bool stop_may_go_on(void *stop) {
    struct stop *asked = stop;
    if (asked->signal == 0 && asked->should_stop) asked->signal = asked->should_stop(asked->context);
    return asked->signal == 0;
}

revue_status stop_status(const struct stop *stop, const char *outcome, revue_error *error) {
    if (stop->signal == 0) return REVUE_OK;
    bool was_interrupted = stop->signal == SIGINT;
    return error_set(error, was_interrupted ? REVUE_INTERRUPTED : REVUE_TERMINATED, "%s: %s",
                     was_interrupted ? "interrupted" : "terminated", outcome);
}
