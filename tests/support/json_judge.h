/* json_judge.h - what json_flat reads, json-c reads as the same: for the fuzz target and the test. */
#ifndef REVUE_TEST_JSON_JUDGE_H
#define REVUE_TEST_JSON_JUDGE_H

#include "indexer/archive/json_flat.h"

/* NULL, or how the two differ. text: valid UTF-8. *is_taken: json_flat read it. */
const char *json_judge(struct json_flat *flat, struct view text, bool *is_taken);

#endif
