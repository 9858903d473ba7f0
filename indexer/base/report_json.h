/* report_json.h - the shape of `update --json`, which is also a line of runs.jsonl. */
#ifndef REVUE_BASE_REPORT_JSON_H
#define REVUE_BASE_REPORT_JSON_H

#include "indexer/base/bytes.h"
#include "revue.h"

/* Appends one line of JSON without its end. at: seconds since 1970 when the run began, 0 to leave it out. */
void report_json(struct bytes *out, const revue_report *report, int64_t at);

#endif
