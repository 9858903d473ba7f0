/* deadline.h - until when a search may go on.
 *
 * A search is one call in one thread, so its deadline is the thread's: every loop that may be long spends from it, without
 * having to be handed it. The clock is read once in a while only (some thousand postings). */
#ifndef REVUE_MATCH_DEADLINE_H
#define REVUE_MATCH_DEADLINE_H

#include "indexer/base/error.h"

/* Work until the clock is looked at again; INT64_MAX without a deadline. */
extern _Thread_local int64_t deadline_left;

/* So many seconds from now; 0: none, and every search ends with that. */
void deadline_set(double seconds);
/* Reads the clock. */
revue_status deadline_look(revue_error *error);

/* REVUE_TIMED_OUT once the deadline has passed. work: about how many postings. */
static inline revue_status deadline_spend(int64_t work, revue_error *error) {
    deadline_left -= work;
    return deadline_left >= 0 ? REVUE_OK : deadline_look(error);
}

#endif
