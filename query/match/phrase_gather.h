/* phrase_gather.h - the reviews that hold some words in one field, batch by batch: what a phrase may stand in.
 *
 * The rarest word leads. Of a block of it those postings are left that may matter (phrase_floor.h); what of them lies in
 * one block of each other word is looked up there, many at a time (rank/candidate_functions.h). So a batch's postings are
 * all in the blocks that the lists stand at, where their frequencies, masks and positions can be read. */
#ifndef REVUE_MATCH_PHRASE_GATHER_H
#define REVUE_MATCH_PHRASE_GATHER_H

#include "query/match/phrase_floor.h"
#include "query/match/phrase_word.h"
#include "query/rank/candidate_functions.h"

struct phrase_gather {
    struct phrase_word *words; /* the caller's: of one list each, the rarest first */
    uint32_t word_count;
    uint32_t end;                   /* all candidates before this review have been found; DOC_END: all there are */
    uint32_t lead_block;            /* whose postings are in lead; UINT32_MAX: none */
    uint32_t lead_next;             /* the first of them that has not been looked up */
    uint32_t unasked;               /* so many blocks more whose lengths are not asked for: few fields were too long */
    struct candidates *lead, *kept; /* the other is for the next step */
    struct candidates rooms[2];
    const struct candidate_functions *functions;
    /* Of more than two words: what the first two share in their blocks. */
    struct phrase_pairs {
        uint32_t count, next, end; /* behind the last, all before this review is looked up */
        uint32_t docs[CANDIDATES_ROOM];
        uint8_t index[2][CANDIDATES_ROOM];
    } pairs;
    /* The batch: reviews, ascending, and which posting of its block each of them is, by word. */
    uint32_t count;
    uint32_t docs[CANDIDATES_ROOM];
    uint8_t (*index)[CANDIDATES_ROOM];
};
struct gather_limits {
    uint32_t at_once; /* no more candidates than this, 1 to CANDIDATES_MAX */
    uint32_t last;    /* none behind this review is looked for, and it matters in any case; DOC_END: there is no such one */
    struct phrase_floor *floor; /* NULL: every review matters */
};

/* Open lists that have not moved; two words at least, of a segment of at most INT32_MAX reviews. False: out of memory. */
bool phrase_gather_open(struct phrase_gather *gather, struct phrase_word *words, uint32_t word_count, struct arena *arena);
/* The next batch, of candidates at or after gather->end and not before from. It may be empty only when gather->end has
 * passed limits->last or is DOC_END. */
revue_status phrase_gather_next(struct phrase_gather *gather, uint32_t from, const struct gather_limits *limits,
                                revue_error *error);

#endif
