/* identity.h - what a review is called and whether it changed (DESIGN: Identity; FORMAT.md, 10). */
#ifndef REVUE_IDENTITY_H
#define REVUE_IDENTITY_H

#include "indexer/format/ids.h"
#include "indexer/review/review.h"

/* The id of a record that names one itself: cleaned of control characters, cut to ID_MAX (the hash of the whole then stands
 * at its end). Replaces out. */
void identity_own(struct view id, struct bytes *out);
/* The id of the only review of a source: its full name. */
void identity_of_source(struct view source_name, struct bytes *out);
/* The id of a record without one: the source's name, '#' and 16 hex digits over its searched fields; repeat counts equal
 * records of the source, from 1. */
void identity_of_record(struct view source_name, const struct review *review, uint32_t repeat, struct bytes *out);

/* Title, body, product, author: equal records of a source have equal hashes. */
uint64_t identity_record_hash(const struct review *review);
/* What decides if a review must be inverted again: the searched fields, language and url. */
uint64_t identity_text_hash(const struct review *review, unsigned language);
/* All other values, 32 bits: a change of these only patches columns. scratch is replaced. */
uint32_t identity_column_hash(const struct review *review, struct bytes *scratch);

#endif
