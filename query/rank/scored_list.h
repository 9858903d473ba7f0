/* scored_list.h - one posting list of a word: what its postings are worth, block by block, and bounds of that from the skip
 * data. Values are weight * frequency / norm (scoring.h); a word adds those of its fields up (scored_leaf.h).
 *
 * Moves forward only: from and target never descend from call to call, but that bounds may run ahead of the reader. */
#ifndef REVUE_RANK_SCORED_LIST_H
#define REVUE_RANK_SCORED_LIST_H

#include "query/match/cursor.h"
#include "query/rank/block_functions.h"
#include "query/rank/bound_table.h"
#include "query/rank/candidate_functions.h"

#define SCORE_WINDOW 8192u /* reviews whose scores are added up side by side */

/* The postings of a list in a window, kept because its reader has passed them. */
struct noted_postings {
    uint32_t count, at; /* at: the first that was not looked up yet */
    uint32_t docs[SCORE_WINDOW];
    double values[SCORE_WINDOW];
};
struct scored_list {
    struct postings_reader reader;
    struct lengths_reader lengths;
    enum review_field field;
    double weight, average, b;
    float weight_above;
    const struct posting_list *where;
    struct bound_table *bounds;
    bool is_started;
    const struct block_functions *functions;
    const struct candidate_functions *lookup;
    float bound;           /* of any posting, weight included */
    float range_bound;     /* of those of a range that scored_leaf_bound was asked for; negative: there is none */
    uint32_t group;        /* whose blocks are bounded below; UINT32_MAX: none */
    uint32_t group_before; /* the last review before it, UINT32_MAX for none (so that + 1 is 0) */
    uint32_t group_blocks;
    uint32_t group_last[SKIP_GROUP]; /* the blocks' last reviews */
    float group_bound[SKIP_GROUP];
    uint32_t near_group; /* of the reader, some of whose blocks are bounded below; UINT32_MAX: none */
    uint32_t near_known; /* which: a bit a block */
    float near_bound[SKIP_GROUP];
    bool is_noted; /* what it has in the range is in noted: it is looked up there */
    struct noted_postings *noted;
    uint32_t at;           /* of the posting looked at last, in the reader's block */
    uint32_t at_block;     /* the block that at is of */
    uint32_t valued_block; /* whose values are below; UINT32_MAX: none */
    double values[POSTINGS_BLOCK];
};

/* where and table must outlive the list. Nothing is read before scored_list_start; close it once it was opened. */
void scored_list_open(struct scored_list *list, struct segment *segment, enum review_field field,
                      const struct posting_list *where, const struct field_scoring *scoring, struct bound_table *table);
revue_status scored_list_start(struct scored_list *list, struct segment *segment, revue_error *error);
void scored_list_close(struct scored_list *list);

/* The largest bound of the blocks that reach into [from, to); negative when none does. */
revue_status scored_list_bound(struct scored_list *list, uint32_t from, uint32_t to, float *bound, revue_error *error);

/* A bound of what the list is worth in the reviews from the reader's block on up to last; of many blocks, or of two groups,
 * it is that of the list. */
revue_status scored_list_bound_near(struct scored_list *list, uint32_t last, float *bound, revue_error *error);

/* Of the reader's block alone. */
revue_status scored_list_block_bound(struct scored_list *list, float *bound, revue_error *error);

/* Whatever posting of the reader's block has a lower frequency is worth less than value, the weight divided out;
 * UINT32_MAX: all are. */
revue_status scored_list_least_frequency(struct scored_list *list, float value, uint32_t *least, revue_error *error);

/* Moves the reader from its block on to the first that may have a posting worth least: nothing is decoded. */
revue_status scored_list_pass_below(struct scored_list *list, float least, revue_error *error);
/* The last review of the blocks from the reader's on that all may, as far as it is known without leaving their group. */
revue_status scored_list_last_above(struct scored_list *list, float least, uint32_t *last, revue_error *error);

/* Decodes the reviews of the reader's block, with numbers behind the last that are above all. */
revue_status scored_list_decode(struct scored_list *list, revue_error *error);
/* Which of some reviews the reader's block has (candidate_functions.h, find): they ascend and lie in it. */
revue_status scored_list_find(struct scored_list *list, const uint32_t *docs, uint32_t count, uint32_t *held,
                              uint32_t *found, uint32_t *found_count, revue_error *error);
/* How many of ascending docs are at most last: from the first on one by one, for few. */
static inline uint32_t docs_up_to(const uint32_t *docs, uint32_t count, uint32_t last) {
    if (docs[count - 1] <= last) return count;
    uint32_t passed = 0;
    while (docs[passed] <= last)
        passed++;
    return passed;
}
/* Postings of a list that are among some reviews: which review of these each is, and its value. */
struct looked_up {
    uint32_t count;
    uint32_t which[CANDIDATES_ROOM];
    double values[POSTINGS_BLOCK];
};
/* Looks up ascending docs, at most CANDIDATES_MAX. */
revue_status scored_list_look_up(struct scored_list *list, const uint32_t *docs, uint32_t count, struct looked_up *found,
                                 revue_error *error);
/* To the first posting at or after target, list->at of the reader's block; false when there is none. */
revue_status scored_list_seek(struct scored_list *list, uint32_t target, bool *found, revue_error *error);
/* The postings [*first, *end) of one block whose reviews lie in [from, to), from the first there is; *end is *first when
 * there is none. *next: where to go on, DOC_END when the range is done. */
revue_status scored_list_run(struct scored_list *list, uint32_t from, uint32_t to, uint32_t *first, uint32_t *end,
                             uint32_t *next, revue_error *error);
/* All values of the block the reader stands at, into list->values. */
revue_status scored_list_values(struct scored_list *list, revue_error *error);
/* The values of some postings (at most 128, of any blocks). All are over 0 and finite: what would give another is damage.
 */
revue_status scored_list_values_of(struct scored_list *list, const uint32_t *docs, const uint32_t *frequencies,
                                   uint32_t count, double *values, revue_error *error);

#endif
