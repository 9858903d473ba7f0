/* stats_answer.h - the figures of an index, for people and for programs. runs are lines of JSON, newest last, or NULL. */
#ifndef REVUE_INDEXER_STATS_ANSWER_H
#define REVUE_INDEXER_STATS_ANSWER_H

#include "indexer/base/bytes.h"
#include "revue.h"

/* With the newest of runs as "last_run", and all of them as "runs" when asked. */
void stats_answer_json(const revue_stats *stats, const char *runs, bool all_runs, struct bytes *out);
void stats_answer_text(const char *index_path, const revue_stats *stats, const char *runs, struct bytes *out);

/* Whether a line can stand in JSON as a value: an object whose brackets and strings are closed. A line that a crash cut off
 * is left out by this; other damage is not looked for. */
bool stats_is_whole_object(struct view line);

#endif
