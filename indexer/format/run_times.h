/* run_times.h - when each run began (FORMAT.md, 3): records `runs` of the table index, 128 runs a record. */
#ifndef REVUE_FORMAT_RUN_TIMES_H
#define REVUE_FORMAT_RUN_TIMES_H

#include "indexer/store/store.h"

#define RUNS_IN_CHUNK 128u

/* Notes that a run began, in seconds. Runs are noted in their order. */
revue_status run_times_note(store_txn *txn, uint32_t run, int64_t began, revue_error *error);
/* The first run up to last that began at since or later; last + 1 when there is none. Unknown ones began before. */
revue_status run_times_find(store_txn *txn, uint32_t last, int64_t since, uint32_t *run, revue_error *error);
/* When a run began; 0: not known. */
revue_status run_times_get(store_txn *txn, uint32_t run, int64_t *began, revue_error *error);
/* All records of from, into another store. */
revue_status run_times_copy(store_txn *from, store_txn *to, revue_error *error);

/* Is it the key of such a record? *chunk is its number. */
bool run_times_key_parse(struct view key, uint32_t *chunk);
/* What is wrong with a record of a chunk, in an index whose last run was last (not 0): constant text, NULL for nothing.
 * *before is the newest time of the chunks before, and becomes that of this one. */
const char *run_times_check(struct view record, uint32_t chunk, uint32_t last, int64_t *before);

#endif
