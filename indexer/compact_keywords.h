/* compact_keywords.h - keyword values numbered afresh where reviews are not written anew: those that no review has go. */
#ifndef REVUE_COMPACT_KEYWORDS_H
#define REVUE_COMPACT_KEYWORDS_H

#include "indexer/format/manifest.h"

/* Writes the keyword tables of to, with the values that the reviews of the listed segments have, and the chunks of keyword
 * columns with the new numbers. to holds a copy of all other records of from, and no transaction is open there. No review
 * of the segments is deleted. */
revue_status compact_keywords(store_txn *from, const struct manifest *manifest, const struct schema *schema, store *to,
                              revue_error *error);

#endif
