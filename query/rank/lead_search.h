/* lead_search.h - any-of words where one of them has to be there: in a range of reviews in which the others together stay
 * below the threshold, only the reviews of that one, the lead, are looked at. */
#ifndef REVUE_RANK_LEAD_SEARCH_H
#define REVUE_RANK_LEAD_SEARCH_H

#include "query/rank/scored_leaf.h"
#include "query/rank/topk.h"

struct deletes;
struct lead_search {
    struct scored_leaf *leaves; /* of one list each */
    uint32_t leaf_count, segment;
    const struct deletes *deletes;
    struct topk *topk;
    uint64_t *total; /* grows by the reviews that were offered to topk */
    revue_error *error;
    struct lead_room *room; /* made by lead_search_open */
};
/* False where a leaf has several lists. */
bool lead_search_is_possible(const struct scored_leaf *leaves, uint32_t count);
/* The room is the arena's. */
revue_status lead_search_open(struct lead_search *search, struct arena *arena);
/* A leaf in a range of reviews, where it gives bound at most. */
struct lead_word {
    uint32_t leaf;
    int32_t bound;
};
/* Searches the reviews [from, to) that the leaf of words[0], the lead, holds. The others stand there by falling bound;
 * those that have none of the reviews are not among them. Ranges follow each other. */
revue_status lead_search_range(struct lead_search *search, const struct lead_word *words, uint32_t count, uint32_t from,
                               uint32_t to);

#endif
