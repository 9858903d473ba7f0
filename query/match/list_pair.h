/* list_pair.h - the reviews that two posting lists share, found block against block.
 *
 * Going from list to list for every review is a chain of steps that each wait for the last. Here the places of one block's
 * reviews are written into a table by the low bits of their numbers, and the reviews of the other block are looked up in
 * it: nothing waits, and nothing has to be predicted. */
#ifndef REVUE_MATCH_LIST_PAIR_H
#define REVUE_MATCH_LIST_PAIR_H

#include "query/match/list_cursor.h"

#define LIST_PAIR_WINDOW 8192u /* reviews that a table tells apart; a power of two */

struct list_pair {
    struct list_cursor *rare, *common; /* the caller's */
    uint32_t count;                    /* shared reviews found last, all in the blocks that the lists stand in: */
    uint8_t rare_index[POSTINGS_BLOCK], common_index[POSTINGS_BLOCK]; /* where they are there, ascending */
    uint32_t limit; /* up to this review, itself included, all have been found */
    uint8_t *table; /* LIST_PAIR_WINDOW places in the block of common; what is old in it is told by comparing */
};
/* Two open lists that have not moved; rare leads. The table comes from the arena. False: out of memory. */
bool list_pair_open(struct list_pair *pair, struct list_cursor *rare, struct list_cursor *common, struct arena *arena);
/* Finds the shared reviews of the next blocks that share any at or after target, which is over the last limit. False when
 * a list ends before. */
bool list_pair_next(struct list_pair *pair, uint32_t target, struct cursor_failure *failure);

#endif
