/* rewrite.h - the file of an index brought back to the size of what lives in it, at the end of a run (rewrite.c has the
 * rule and its reasons). */
#ifndef REVUE_REWRITE_H
#define REVUE_REWRITE_H

#include "indexer/copy_tables.h"

/* Room for what a rewrite brings along: holes of more than this part (a tenth) of what is used are not left in a file that
 * was made anew. */
#define REWRITE_HOLES_PART 10u

/* Writes the live records of *live into a new generation and makes that the live one, if the rule says so. *live is then a
 * store of the new one, open for writing, and the old one is closed; it stays as it was when there was nothing to do, when
 * it could not be done (no room, no memory, poll said no: all REVUE_OK) and after a failure. manifest: the newest of *live,
 * in which no transaction is open. is_first: this run made the index. The caller holds the lock. REVUE_CORRUPT: a record is
 * damaged. */
revue_status rewrite_as_needed(store **live, const struct manifest *manifest, bool is_first, const struct copy_poll *poll,
                               revue_error *error);

#endif
