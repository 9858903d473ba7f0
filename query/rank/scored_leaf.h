/* scored_leaf.h - one word of a query in one segment over its fields: bounds and contributions, in batches. What the
 * pruning searches are built on; cursors (match/cursor.h) are the plain way.
 *
 * Everything moves forward only: from and docs never descend from call to call, but that bounds may run ahead of scores.
 * Contributions are those of scoring.h, to the last bit. */
#ifndef REVUE_RANK_SCORED_LEAF_H
#define REVUE_RANK_SCORED_LEAF_H

#include "indexer/format/champions_record.h"
#include "query/rank/scored_list.h"

/* Of a leaf that leads: the bounds of wider ranges say little, and those of many narrow ones cost more than they save. */
#define LEAD_RANGE 8192u
#define BOUND_ABSENT (-1) /* the leaf has no posting there */

struct scored_leaf {
    struct segment *segment;
    struct champions_place {
        uint64_t address;
        uint32_t size; /* 0: none */
        uint8_t fields;
    } champions;
    bool has_default_scoring;  /* the weights and b that champions were chosen under */
    struct scored_list *lists; /* in the order of enum review_field */
    uint32_t list_count;
    double scale, k1;
    int32_t bound;                                /* of any review of the segment */
    uint64_t cost;                                /* postings */
    uint32_t contributed_list, contributed_block; /* whose contributions, alone, are below; UINT32_MAX: none */
    int32_t contributions[POSTINGS_BLOCK];
    struct arena *arena;
};

/* Scores of the reviews [from, from + SCORE_WINDOW). Zero bytes are an empty one. */
struct score_window {
    uint32_t from;
    int32_t scores[SCORE_WINDOW]; /* 0 where not touched */
    uint64_t touched[SCORE_WINDOW / 64];
    struct short_postings *shorter; /* scratch of leaf_add.c; NULL: not made yet */
};
/* Reviews that may enter, ascending, with what they score so far. */
struct score_candidates {
    uint32_t count;
    uint32_t docs[SCORE_WINDOW];
    int32_t scores[SCORE_WINDOW];
};

/* The leaf's champions under the scoring of the query. */
struct champion_scores {
    uint32_t count; /* 0: it has none */
    uint32_t docs[CHAMPIONS_MAX];
    int32_t scores[CHAMPIONS_MAX]; /* at most what the leaf gives; just that when is_exact */
    bool is_exact;                 /* then no other review of the segment gets more than rest */
    int32_t rest;
    double least; /* value of the least of them, under the averages of the segment */
};

/* False for what only cursors know: several stems, more reviews than a signed number counts, and weights so small that
 * floats could not bound what they give. Of one form of a stem leaves know nothing. */
bool scored_leaf_is_possible(const struct segment *segment, const struct segment_word *word,
                             const struct field_scoring *scoring);
/* tables: one by field. Memory is the arena's. Then its champions may be asked for; the rest once it is started. Close it
 * once it was opened. */
revue_status scored_leaf_open(struct scored_leaf *leaf, struct segment *segment, struct arena *arena,
                              const struct segment_word *word, const struct field_scoring *scoring, double scale,
                              struct bound_table *tables, revue_error *error);
/* Opens its posting lists, and knows its bound. */
revue_status scored_leaf_start(struct scored_leaf *leaf, revue_error *error);
void scored_leaf_close(struct scored_leaf *leaf);

revue_status scored_leaf_champions(struct scored_leaf *leaf, struct champion_scores *scores, revue_error *error);
/* Of a leaf that is started, and whose champions are exact: a rest that is nearer where the averages of the query differ
 * from those of the segment. */
int32_t scored_leaf_champions_rest(const struct scored_leaf *leaf, const struct champion_scores *scores);

/* What the leaf gives at most when its lists are worth no more than sum together, floats that were rounded as they were
 * added. */
int32_t scored_leaf_most(const struct scored_leaf *leaf, float sum);
/* No value of a review, summed over its lists, that is below this contributes least; lowered by more than it is rounded. 0:
 * any may, infinite: none does. */
double scored_leaf_value_needed(const struct scored_leaf *leaf, double least);
/* The most it adds to any review of [from, to), or BOUND_ABSENT. */
revue_status scored_leaf_bound(struct scored_leaf *leaf, uint32_t from, uint32_t to, int32_t *bound, revue_error *error);
/* Forgets the range: bounds of its lists are those of the whole segment. So they are after scored_leaf_start. */
void scored_leaf_bound_anywhere(struct scored_leaf *leaf);
/* The lists, a bit each, that may have a posting in the range bounded last. */
static inline uint32_t scored_leaf_lists_there(const struct scored_leaf *leaf) {
    uint32_t lists = 0;
    for (uint32_t i = 0; i < leaf->list_count; i++)
        lists |= (uint32_t)(leaf->lists[i].range_bound >= 0) << i;
    return lists;
}
/* Of some of its lists, a bit each, at least one, that with the most postings. */
static inline uint32_t scored_leaf_longest(const struct scored_leaf *leaf, uint32_t lists) {
    uint32_t longest = (uint32_t)__builtin_ctz(lists);
    for (lists &= lists - 1; lists; lists &= lists - 1) {
        const uint32_t other = (uint32_t)__builtin_ctz(lists);
        if (leaf->lists[other].where->df > leaf->lists[longest].where->df) longest = other;
    }
    return longest;
}
/* Of a leaf of one list: takes the postings of the reader's block in [from, to) that may have this value. Their lengths are
 * not read yet. */
revue_status scored_leaf_take(struct scored_leaf *leaf, uint32_t from, uint32_t to, double value,
                              struct taken_postings *taken, revue_error *error);
/* Where to look next from from on: a range [*first, *end) such that none of its reviews lies in [from, *first). Of a leaf
 * of several lists it has SCORE_WINDOW reviews, of one list those of a block, at most LEAD_RANGE. *first is DOC_END when
 * there is no more. */
revue_status scored_leaf_range(struct scored_leaf *leaf, uint32_t from, uint32_t *first, uint32_t *end, revue_error *error);
/* What follows asks for reviews of the range bounded last only.
 *
 * Adds its contributions to the window's reviews in [window->from, to), all that are not below least, and maybe others. */
revue_status scored_leaf_add(struct scored_leaf *leaf, struct score_window *window, uint32_t to, int64_t least,
                             revue_error *error);
/* Touches the reviews there of some of its lists, a bit each, without scores. Their postings are kept for a probe. */
revue_status scored_leaf_note(struct scored_leaf *leaf, uint32_t lists, struct score_window *window, uint32_t to,
                              revue_error *error);
/* What the postings of the block that a list's reader stands at would give alone, into leaf->contributions. */
revue_status scored_leaf_contributions(struct scored_leaf *leaf, uint32_t number, revue_error *error);
/* Its reviews of [from, to), a range of scored_leaf_range, that it gives at least least. window is scratch, left empty. */
revue_status scored_leaf_list(struct scored_leaf *leaf, uint32_t from, uint32_t to, int32_t least,
                              struct score_window *window, struct score_candidates *candidates, revue_error *error);
/* Adds its contributions to the candidates. Dropped are those it does not hold when it is required, and those that stay
 * below least. */
revue_status scored_leaf_probe(struct scored_leaf *leaf, bool is_required, int32_t least,
                               struct score_candidates *candidates, revue_error *error);
/* Moves the touched reviews of the window that score at least least to the candidates, and empties the window. The plain
 * one is the judge of what the processor can do faster (window_drain.c). */
void score_window_drain(struct score_window *window, int32_t least, struct score_candidates *candidates);
void score_window_drain_plain(struct score_window *window, int32_t least, struct score_candidates *candidates);

#endif
