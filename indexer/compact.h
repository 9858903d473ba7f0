/* compact.h - what else compact.c does: since it inverts all stored texts again, it also brings an index up to another
 * analysis of them. */
#ifndef REVUE_COMPACT_H
#define REVUE_COMPACT_H

#include "revue.h"

/* `update --reanalyse`: a run of its own, in which no archive is read. Of options: wait, memory, threads and the caller's
 * functions. *reviews: how many there are. REVUE_USAGE for an index without stored texts. */
revue_status compact_reanalysing(const char *index_path, const revue_update_options *options, uint64_t *reviews,
                                 revue_error *error);

#endif
