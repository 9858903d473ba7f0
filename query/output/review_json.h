/* review_json.h - a whole stored review in one line of JSON, as SCHEMA.md has it. */
#ifndef REVUE_OUTPUT_REVIEW_JSON_H
#define REVUE_OUTPUT_REVIEW_JSON_H

#include "indexer/base/bytes.h"
#include "revue.h"

void review_json(const revue_review *review, struct bytes *out);

#endif
