/* prior.h - what is known of a review before anybody asks for words: its stars, its votes, its age. A factor of its score.
 *
 * Each part turns what a column says into a number x, and multiplies the score by 1 + weight * x:
 *     stars   x = (stars - 3) / 2, from -1 (one star) to 1 (five)
 *     votes   x = votes / (votes + 10), from 0 (none) towards 1
 *     age     x = (span - age) / (span + age), from 1 (new) over 0 (as old as the span) towards -1
 * A review that lacks a value is neither raised nor lowered by it. Weights are at most PRIOR_WEIGHT_MAX, so that the factor
 * stays within known bounds, and pruning goes on: a score is bounded by that of the words times the largest factor there
 * is, in the chunks of the columns at hand or anywhere.
 *
 * The factor is rounded to a 65,536th and multiplied in integers: with the divisions above, which are exact to the last bit
 * everywhere, scores stay the same on every machine. It grows with the score it is given, so bounds may be given as well.
 */
#ifndef REVUE_RANK_PRIOR_H
#define REVUE_RANK_PRIOR_H

#include "query/searcher.h"

#define PRIOR_WEIGHT_MAX 0.9
#define PRIOR_ONE 65536u

enum prior_part { PRIOR_STARS, PRIOR_VOTES, PRIOR_AGE, PRIOR_PARTS };
extern const char *const prior_names[PRIOR_PARTS];

struct prior_options {
    double weights[PRIOR_PARTS]; /* 0: not looked at; all 0: there is no prior */
    double span;                 /* of the age, in seconds */
    int64_t now;                 /* that ages count to */
};
/* Reads "stars:0.2,votes:0.1,age:0.3:180d", the span being a year unless told; now is left alone. REVUE_USAGE for anything
 * else. */
revue_status prior_options_read(struct view text, struct prior_options *options, revue_error *error);
static inline bool prior_is_wanted(const struct prior_options *options) {
    return options->weights[PRIOR_STARS] + options->weights[PRIOR_VOTES] + options->weights[PRIOR_AGE] > 0;
}
/* The largest factor there can be: what the unit of scores has to leave room for. */
double prior_factor_most(const struct prior_options *options);

/* The priors of the reviews of a snapshot. */
struct prior {
    struct prior_options options;
    revue_searcher *searcher;
    uint32_t segment; /* of the readers; UINT32_MAX: none yet */
    struct column_reader readers[PRIOR_PARTS];
    uint32_t most, least; /* the factors of all reviews lie between */
};
void prior_open(struct prior *prior, revue_searcher *searcher, const struct prior_options *options);

/* What a part says of a review. */
struct prior_value {
    bool has;
    double number; /* stars, votes, or the age in seconds */
    double x;
};
revue_status prior_values(struct prior *prior, uint32_t segment, uint32_t doc, struct prior_value values[PRIOR_PARTS],
                          revue_error *error);
/* In 65,536ths. */
revue_status prior_factor(struct prior *prior, uint32_t segment, uint32_t doc, uint32_t *factor, revue_error *error);
/* The largest of the reviews [from, to). */
revue_status prior_most(struct prior *prior, uint32_t segment, uint32_t from, uint32_t to, uint32_t *most,
                        revue_error *error);

/* A score under a factor. Scores of plans with a prior leave room for it (plan.h, unit). */
static inline int32_t prior_apply(int32_t score, uint32_t factor) {
    return (int32_t)(((int64_t)score * factor + PRIOR_ONE / 2) / PRIOR_ONE);
}
/* The least score that some factor up to most may lift to wanted. */
static inline int32_t prior_needed(int32_t wanted, uint32_t most) {
    if (wanted <= 0) return wanted;
    const int64_t least = (int64_t)wanted * PRIOR_ONE - PRIOR_ONE / 2;
    return (int32_t)((least + most - 1) / most);
}

#endif
