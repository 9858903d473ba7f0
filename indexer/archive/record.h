/* record.h - one review in the making: values are put under their keys, the strongest key of each slot wins, and the result
 * is a struct review. Every format goes through here, so that all of them agree on what a key means.
 *
 * Views put in are not copied: they must live until the record is started again. Failure to allocate is sticky and told by
 * record_finish. Not thread-safe. */
#ifndef REVUE_ARCHIVE_RECORD_H
#define REVUE_ARCHIVE_RECORD_H

#include "indexer/archive/archive.h"
#include "indexer/review/date.h"

struct record;

/* options must outlive the record. */
revue_status record_create(struct record **record, const struct archive_options *options, revue_error *error);
void record_free(struct record *record); /* NULL is fine */

/* What a key of the archive fills. By --map it is as the user says, and its rank 0; else as schema.h knows it. */
struct record_key {
    enum schema_slot slot; /* SLOT_NONE: no slot */
    unsigned rank;
    bool mapped; /* by --map: nothing else fills the slot once this key is present */
    bool has_column;
    uint32_t column; /* declared with --column */
};
struct record_key record_key_of(struct record *record, struct view key); /* remembered: the same few keys come again */
/* A column by its 1-based number, for rows without a header: --map and --column only. */
struct record_key record_key_of_number(struct record *record, size_t number);

void record_start(struct record *record, uint64_t line);
/* Puts text under a key. Blank text is an absent value, and so is a rating, date or count that cannot be read. */
void record_put(struct record *record, struct record_key key, struct view text);
void record_put_tag(struct record *record, struct record_key key, struct view text); /* one tag, taken whole */
void record_set_rating_max(struct record *record, double max);
/* A copy of text that lives as long as the record; a view of no bytes when out of memory. */
struct view record_keep(struct record *record, struct view text);

bool record_has(const struct record *record, enum schema_slot slot);
bool record_has_any(const struct record *record); /* some slot is filled */

/* Completes the record. *review is valid until the next start. REVUE_NO_MEMORY only. */
revue_status record_finish(struct record *record, struct review *review, revue_error *error);

/* Which slots the keys of a record or table name, and whether they are those of a review: review text, or a weak name for
 * it
 * ("description") beside a rating or an author. */
struct record_outline {
    bool has_body, has_weak_body, has_rating, has_author;
};
void record_outline_add(struct record_outline *outline, struct record_key key);
static inline bool record_outline_is_review(const struct record_outline *outline) {
    return outline->has_body || (outline->has_weak_body && (outline->has_rating || outline->has_author));
}

#endif
