/* kth_largest.h - the number from which on the first k of many lie: so that only those are put in order. */
#ifndef REVUE_COLLECT_KTH_LARGEST_H
#define REVUE_COLLECT_KTH_LARGEST_H

#include "indexer/base/error.h"

/* At least k of the numbers (all, when they are fewer) are not below *kth, and fewer than k above it. */
revue_status kth_largest(const double *numbers, size_t count, size_t k, double *kth, revue_error *error);

#endif
