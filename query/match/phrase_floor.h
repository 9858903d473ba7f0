/* phrase_floor.h - what a review must be worth to matter, told by how often a phrase stands in one field and how long that
 * field is: without a look at where its words stand.
 *
 * A phrase does not stand more often than any of its words. So a posting of any word bounds it, and so do the impact pairs
 * of a block of any word: blocks are passed over that are not decoded, and postings whose positions are not read. */
#ifndef REVUE_MATCH_PHRASE_FLOOR_H
#define REVUE_MATCH_PHRASE_FLOOR_H

#include "query/match/cursor.h"
#include "query/rank/block_functions.h"
#include "query/rank/bound_table.h"

struct phrase_floor {
    const int32_t *least; /* leaf_context.least; NULL: every review matters */
    int32_t others;       /* what other leaves may add */
    double scale, k1, b, weight, average;
    struct bound_table *bounds; /* NULL: of blocks nothing is known */
    const struct block_functions *functions;
    int32_t value_of; /* the least that value is for */
    float value;      /* frequency / norm below this one stays below least; 0: anything will do */
};
/* Of one field; scale: of the phrase. */
void phrase_floor_open(struct phrase_floor *floor, const struct leaf_context *context, const struct field_scoring *scoring,
                       double scale, enum review_field field);
/* Looks what is the least now. False when every review matters; floor may be NULL. */
bool phrase_floor_look(struct phrase_floor *floor);
/* Of the block that a word's list stands at: a posting of a lower frequency than *least does not matter. PHRASE_FLOOR_NONE:
 * none does. */
#define PHRASE_FLOOR_NONE UINT32_MAX
revue_status phrase_floor_block(const struct phrase_floor *floor, struct postings_reader *reader, uint32_t *least,
                                revue_error *error);
/* passes[i] = UINT32_MAX where a review may matter in whose field of this length the phrase stands so often, else 0. */
static inline void phrase_floor_reach(const struct phrase_floor *floor, const uint32_t *frequencies,
                                      const uint32_t *lengths, uint32_t count, uint32_t *passes) {
    floor->functions->reach(frequencies, lengths, count, floor->value, floor->b, floor->average, passes);
}

#endif
