/* phrase_field.h - the reviews in one field of which a phrase stands, and how often: batch by batch.
 *
 * A batch is what two blocks of the rarest words' lists share. It passes phases that grow dearer, each of them for all of
 * it that is left: the other words, as far as they are rare enough to tell reviews apart; the bound, of those reviews that
 * nothing else can lift over the threshold; of a phrase as written the masks, which tell without positions that a form is
 * missing; the positions, from the rarest word on; the words that are nearly everywhere; and the stored text, where the
 * masks say that other forms of a word stand in the field as well. */
#ifndef REVUE_MATCH_PHRASE_FIELD_H
#define REVUE_MATCH_PHRASE_FIELD_H

#include "query/match/list_pair.h"
#include "query/match/phrase_starts.h"
#include "query/match/phrase_word.h"

/* What a review must be worth to matter (leaf_context.least): a bound over the frequencies and the length of one field. */
struct phrase_floor {
    const int32_t *least; /* NULL: every review matters */
    double scale, k1, b, weight, average;
    int32_t value_of; /* the least that value is for */
    double value;     /* scoring_field_value below this one stays below least */
};
struct phrase_field {
    struct phrase *phrase;
    enum review_field field;
    struct phrase_word *words; /* the rarest first */
    struct list_pair pair;     /* of the first two */
    uint32_t gathered;         /* how many words are looked for batch by batch; 0: no pair, review by review */
    /* A batch: candidates, and of the gathered words which posting of its block each of them is. */
    uint32_t pair_next, candidate_count;
    uint32_t at_once; /* candidates of the next batch, at most: few where reviews are asked for that lie far apart */
    uint32_t candidates[POSTINGS_BLOCK];
    uint8_t (*index)[POSTINGS_BLOCK]; /* by word */
    uint32_t alive_count;             /* the candidates that are still in: */
    uint8_t alive[POSTINGS_BLOCK];
    struct phrase_starts starts;
    uint32_t start_from[POSTINGS_BLOCK], start_count[POSTINGS_BLOCK]; /* of a candidate, in positions of words[0] */
    bool is_mixed[POSTINGS_BLOCK];                                    /* the masks leave it open */
    /* Without positions: candidates whose texts are still to be looked at, many at a time. */
    uint32_t pending_count, pending[FIELD_TEXTS_MAX];
    /* Matches found and not yet passed. */
    uint32_t match_next, match_count;
    uint32_t matches[FIELD_TEXTS_MAX], frequencies[FIELD_TEXTS_MAX];
    uint32_t known_end; /* all matches before this review have been found; DOC_END: all there are */
};
/* After a failure it must be closed all the same. False: out of memory. */
bool phrase_field_open(struct phrase *phrase, enum review_field number, struct phrase_field *field);
void phrase_field_close(struct phrase_field *field);

/* To the first match at or after target; DOC_END when there is none, or after a failure. Reviews that floor (may be NULL)
 * shows to be worth too little are passed over, but for those that may match in one of the others, which have been sought
 * to target before. */
uint32_t phrase_field_seek(struct phrase_field *field, uint32_t target, struct phrase_floor *floor,
                           const struct phrase_field *others, uint32_t other_count);
/* How often the phrase stands in the field of doc, which is not before the review sought last; 0: it is no match. */
static inline uint32_t phrase_field_frequency(const struct phrase_field *field, uint32_t doc) {
    const bool is_match = field->match_next < field->match_count && field->matches[field->match_next] == doc;
    return is_match ? field->frequencies[field->match_next] : 0;
}

#endif
