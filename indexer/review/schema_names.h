/* schema_names.h - the table of well-known keys: private to schema.c, and to the test that proves it sorted. */
#ifndef REVUE_REVIEW_SCHEMA_NAMES_H
#define REVUE_REVIEW_SCHEMA_NAMES_H

#include "indexer/review/schema.h"

#define SCHEMA_NAME_BYTES 40 /* longer keys are never known */

struct schema_name {
    const char *key; /* lower case, without blanks, '-', '_' and '.' */
    uint8_t slot, rank;
};

/* Sorted by key, bytewise. */
extern const struct schema_name schema_names[];
extern const size_t schema_name_count;

#endif
