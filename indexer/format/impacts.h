/* impacts.h - the Pareto sets of (frequency, length) that bound the score of a block under any k1, b and weight
 * (FORMAT.md, 6.5; Lucene's impacts, after Ding and Suel, "Faster top-k document retrieval using block-max indexes", 2011).
 */
#ifndef REVUE_FORMAT_IMPACTS_H
#define REVUE_FORMAT_IMPACTS_H

#include "indexer/base/bytes.h"

#define IMPACTS_MAX 12u
#define IMPACT_ANY 255u /* a frequency code without upper end */

struct impact {
    uint8_t frequency_code, length_code;
};
struct impacts {
    uint32_t count;
    struct impact pairs[IMPACTS_MAX]; /* ascending in both */
};

uint8_t impact_code_up(uint32_t value);   /* the smallest code whose value is at least value; IMPACT_ANY beyond */
uint8_t impact_code_down(uint32_t value); /* the largest code whose value is at most value */
uint32_t impact_value(uint8_t code);      /* what a code stands for */

/* The Pareto set of count postings (count > 0), joined down to IMPACTS_MAX. */
void impacts_of(const uint32_t *frequencies, const uint32_t *lengths, uint32_t count, struct impacts *impacts);
void impacts_join(struct impacts *into, const struct impacts *other); /* the set of both together */

#endif
