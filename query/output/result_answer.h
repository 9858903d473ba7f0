/* result_answer.h - a result of the library as the printers see it. */
#ifndef REVUE_OUTPUT_RESULT_ANSWER_H
#define REVUE_OUTPUT_RESULT_ANSWER_H

#include "query/output/hits.h"

/* The answer borrows result and query. */
struct answer answer_of_result(const revue_result *result, struct view query, bool with_snippets, bool is_grouped);

#endif
