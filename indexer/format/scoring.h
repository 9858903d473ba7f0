/* scoring.h - BM25F in the one order of operations that every path uses (DESIGN: scores are exact integers).
 *
 * BM25 as Lucene defines it (no (k1 + 1) factor, idf = ln(1 + (N - df + 0.5) / (df + 0.5))), fields weighted the BM25F way,
 * each with its own length normalisation, before saturation (Robertson, Zaragoza, Taylor, "Simple BM25 extension to
 * multiple weighted fields", 2004): x = sum over fields f of  weight_f * frequency_f / (1 - b + b * length_f / average_f)
 * in the order of enum review_field contribution of a term = round(boost * idf * x / (k1 + x) / unit) an integer The unit
 * is 2^-20, doubled until the query's largest possible sum fits 31 bits. All in double, no contraction; each step but
 * x / (k1 + x) is monotone, so x of larger frequencies and shorter lengths bounds x, and scoring_contribution_most of that
 * bounds the contribution. Integers are added, so that order, threads, segments and vectors cannot change a score. */
#ifndef REVUE_FORMAT_SCORING_H
#define REVUE_FORMAT_SCORING_H

#include "indexer/review/review.h"

#include <float.h>
#include <math.h>

#define SCORING_K1 1.2
#define SCORING_B 0.75
#define SCORING_UNIT_BITS 20

static const double scoring_default_weights[FIELD_COUNT] = {1.0, 2.0, 1.5, 0.0};

/* Average length of a field over the reviews that have it; 1 when none has. */
static inline double scoring_average(uint64_t total_length, uint64_t docs_with_field) {
    return docs_with_field && total_length ? (double)total_length / (double)docs_with_field : 1.0;
}
static inline double scoring_norm(double b, uint32_t length, double average) {
    return 1.0 - b + b * (double)length / average;
}
static inline double scoring_field_value(double weight, uint32_t frequency, double norm) {
    return weight * (double)frequency / norm;
}
static inline double scoring_idf(uint64_t reviews, uint64_t df) {
    return log(1.0 + ((double)reviews - (double)df + 0.5) / ((double)df + 0.5));
}
/* scale = boost * idf / unit. x is over 0 and finite. */
static inline int32_t scoring_contribution(double scale, double x, double k1) {
    return (int32_t)(scale * (x / (k1 + x)) + 0.5);
}
/* No x up to this one, which may be 0 or infinite, contributes more. The sum and the quotient are each rounded, so that
 * x / (k1 + x) falls by its last bit for some larger x, and a contribution by 1; a scale with that much added cannot. */
static inline int32_t scoring_contribution_most(double scale, double x, double k1) {
    if (!(x > 0)) return 0;
    return x < INFINITY ? scoring_contribution(scale * (1 + 4 * DBL_EPSILON), x, k1) : (int32_t)(scale + 0.5);
}

#endif
