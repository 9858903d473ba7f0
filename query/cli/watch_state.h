/* watch_state.h - what `watch` remembers from call to call: for every saved query the last run whose reviews it has shown.
 *
 * A small file of text: a first line that says what it is, then `UUID TAB RUN TAB HASH TAB NAME` a line, HASH being that of
 * the query's words. It is replaced by rename, so that a call which was cut off repeats what it showed rather than leave it
 * out. */
#ifndef REVUE_QUERY_WATCH_STATE_H
#define REVUE_QUERY_WATCH_STATE_H

#include "indexer/base/bytes.h"
#include "revue.h"

struct watch_row {
    struct view uuid, name; /* into the text of the state, or the caller's */
    uint64_t run, hash;
};
struct watch_state {
    const char *path;
    struct bytes text; /* the file */
    struct watch_row *rows;
    size_t count, capacity;
};

/* A file that is not there is a state without rows. REVUE_INVALID: it is something else than a state. */
revue_status watch_state_read(struct watch_state *state, const char *path, revue_error *error);
/* The row of that name, NULL when there is none. */
const struct watch_row *watch_state_find(const struct watch_state *state, struct view name);
/* Puts a row behind the others; its views must live until the state is written. */
revue_status watch_state_add(struct watch_state *state, struct watch_row row, revue_error *error);
/* Replaces the file by these rows, on the disk when it returns. */
revue_status watch_state_write(const struct watch_state *state, const char *path, revue_error *error);
void watch_state_free(struct watch_state *state);

#endif
