/* update_answer.h - what a run came to: for people in a few lines, for programs in one. */
#ifndef REVUE_INDEXER_UPDATE_ANSWER_H
#define REVUE_INDEXER_UPDATE_ANSWER_H

#include "indexer/base/bytes.h"
#include "revue.h"

void update_answer_json(const revue_report *report, struct bytes *out);
void update_answer_summary(const revue_report *report, struct bytes *out);
void update_answer_dry(const revue_report *report, struct bytes *out);

#endif
