/* candidate_functions.h - keeping those of some candidates that pass, and looking candidates up in a block of postings:
 * what compilers do not turn into vectors by themselves. Chosen for what the processor has; all give the same. */
#ifndef REVUE_RANK_CANDIDATE_FUNCTIONS_H
#define REVUE_RANK_CANDIDATE_FUNCTIONS_H

#include <stddef.h>
#include <stdint.h>

#define CANDIDATES_MAX 128u
#define SCORED_SLACK 16u
#define CANDIDATES_ROOM (CANDIDATES_MAX + 16u) /* whole vectors are read and written behind the last */

/* At most CANDIDATES_MAX reviews, ascending. */
struct candidates {
    uint32_t count;
    uint32_t docs[CANDIDATES_ROOM];
    uint32_t postings[CANDIDATES_ROOM]; /* which posting of the block they come from */
};

/* Postings of a block with what they are worth by. */
struct taken_postings {
    uint32_t count;
    uint32_t docs[CANDIDATES_ROOM], frequencies[CANDIDATES_ROOM], lengths[CANDIDATES_ROOM];
};
/* Reviews with a score: where they are put. */
struct scored_reviews {
    int32_t *scores;
    uint32_t *docs, *segments;
};

struct candidate_functions {
    const char *name; /* of the instructions used */
    /* kept becomes those of candidates whose passes is UINT32_MAX; of the others it is 0. */
    void (*keep)(const struct candidates *candidates, const uint32_t passes[CANDIDATES_ROOM], struct candidates *kept);
    /* kept becomes those of candidates whose bounds[i] * factor is at least least. */
    void (*keep_above)(const struct candidates *candidates, const float bounds[CANDIDATES_ROOM], float factor, float least,
                       struct candidates *kept);
    /* taken becomes the postings of a block, all ascending, whose frequency (below 2^31) is at least least. The arrays have
     * CANDIDATES_ROOM. */
    void (*take)(const uint32_t *docs, const uint32_t *frequencies, uint32_t count, uint32_t least,
                 struct candidates *taken);
    /* The same, with their frequencies; lengths are left alone. */
    void (*take_frequent)(const uint32_t *docs, const uint32_t *frequencies, uint32_t count, uint32_t least,
                          struct taken_postings *taken);
    /* Of taken go those whose frequency / norm, of floats, is below value. Frequencies and lengths are below 2^31. */
    void (*drop_long)(struct taken_postings *taken, float value, double b, double average);
    /* Those of count reviews that score least or more, in their order, to the beginning of others, or of the same, where
     * SCORED_SLACK more are writable; returns how many. segments: NULL leaves them alone. */
    uint32_t (*keep_scored)(const int32_t *scores, const uint32_t *docs, const uint32_t *segments, uint32_t count,
                            int32_t least, const struct scored_reviews *kept);
    /* How many of ascending docs are at most last; whole vectors behind the last are read. */
    uint32_t (*up_to)(const uint32_t *docs, uint32_t count, uint32_t last);
    /* Which of count targets (at most CANDIDATES_MAX) are among docs, and at which places: their numbers ascend in held,
     * their places in found, both of which have CANDIDATES_ROOM; returns how many they are. Targets ascend; docs are 128
     * that ascend, or INT32_MAX behind the last, and the last is not below any target. */
    uint32_t (*find)(const uint32_t *targets, uint32_t count, const uint32_t *docs, uint32_t *held, uint32_t *found);
    /* The same where the block is bits, of which bit 0 is review first, and ones_before[i] counts those before word i. No
     * target lies outside of the words. */
    uint32_t (*find_bits)(const uint32_t *targets, uint32_t count, uint32_t first, const uint8_t *bits,
                          const uint8_t *ones_before, uint32_t *held, uint32_t *found);
};
extern const struct candidate_functions candidate_functions_plain;
extern const struct candidate_functions candidate_functions_neon; /* of 64-bit ARM only */
/* The plain ones of those that have no better. */
void candidate_functions_keep_above(const struct candidates *candidates, const float *bounds, float factor, float least,
                                    struct candidates *kept);
void candidate_functions_take_frequent(const uint32_t *docs, const uint32_t *frequencies, uint32_t count, uint32_t least,
                                       struct taken_postings *taken);
void candidate_functions_drop_long(struct taken_postings *taken, float value, double b, double average);
uint32_t candidate_functions_keep_scored(const int32_t *scores, const uint32_t *docs, const uint32_t *segments,
                                         uint32_t count, int32_t least, const struct scored_reviews *kept);
uint32_t candidate_functions_find_bits(const uint32_t *targets, uint32_t count, uint32_t first, const uint8_t *bits,
                                       const uint8_t *ones_before, uint32_t *held, uint32_t *found);
/* Those that this processor can run, fastest first; NULL behind the last. */
const struct candidate_functions *candidate_functions_of(unsigned number);
static inline const struct candidate_functions *candidate_functions_best(void) {
    return candidate_functions_of(0);
}

#endif
