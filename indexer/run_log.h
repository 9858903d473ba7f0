/* run_log.h - INDEX/runs.jsonl, the diary of an index: a line a run, bounded, outside the store (FORMAT.md, 1). */
#ifndef REVUE_RUN_LOG_H
#define REVUE_RUN_LOG_H

#include "indexer/base/bytes.h"

/* Appends a line, which has no line end yet; a file over 1 MiB first loses its older half. The caller holds the index lock.
 * Trouble is no reason to fail a run: there is no status. */
void run_log_append(const char *index_path, struct view line);

#endif
