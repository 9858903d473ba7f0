/* phrase_field.h - the reviews in one field of which a phrase stands, and how often: batch by batch.
 *
 * A batch is what a block of each word's list shares, as far as the words are rare enough to tell reviews apart
 * (phrase_gather.h). It passes phases that grow dearer, each of them for all of it that is left: the bound, of those
 * reviews that nothing else can lift over the threshold; of a phrase as written the masks, which tell without positions
 * that a form is missing; the positions, from the rarest word on; the words that are nearly everywhere; and the stored
 * text, where the masks say that other forms of a word stand in the field as well. */
#ifndef REVUE_MATCH_PHRASE_FIELD_H
#define REVUE_MATCH_PHRASE_FIELD_H

#include "query/match/phrase_gather.h"
#include "query/match/phrase_starts.h"

struct phrase_field {
    struct phrase *phrase;
    enum review_field field;
    struct phrase_word *words; /* the rarest first */
    uint32_t gathered;         /* how many words are looked for batch by batch; 0: none, review by review */
    /* The batch: of the gathered words, or a single review in which all lists stand; and what matches reach to. */
    struct phrase_gather batch;
    uint32_t at_once;     /* candidates of the next batch, at most: few where reviews are asked for that lie far apart */
    uint32_t alive_count; /* the candidates that are still in: */
    uint8_t alive[POSTINGS_BLOCK];
    struct phrase_starts starts;
    uint32_t start_from[POSTINGS_BLOCK], start_count[POSTINGS_BLOCK]; /* of a candidate, in positions of words[0] */
    bool is_mixed[POSTINGS_BLOCK];                                    /* the masks leave it open */
    /* Without positions: candidates whose texts are still to be looked at, many at a time. */
    uint32_t pending_count, pending[FIELD_TEXTS_MAX];
    /* Matches found and not yet passed. */
    uint32_t match_next, match_count;
    uint32_t matches[FIELD_TEXTS_MAX], frequencies[FIELD_TEXTS_MAX];
};
/* After a failure it must be closed all the same. False: out of memory. */
bool phrase_field_open(struct phrase *phrase, enum review_field number, struct phrase_field *field);
void phrase_field_close(struct phrase_field *field);

/* To the first match at or after target that is not behind last; DOC_END when there is none, or after a failure. Reviews
 * before last that floor (may be NULL) shows to be worth too little are passed over. */
uint32_t phrase_field_seek(struct phrase_field *field, uint32_t target, uint32_t last, struct phrase_floor *floor);
/* How often the phrase stands in the field of doc, which is not before the review sought last; 0: it is no match. */
static inline uint32_t phrase_field_frequency(const struct phrase_field *field, uint32_t doc) {
    const bool is_match = field->match_next < field->match_count && field->matches[field->match_next] == doc;
    return is_match ? field->frequencies[field->match_next] : 0;
}

#endif
