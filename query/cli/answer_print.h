/* answer_print.h - an answer on standard output in the format that was asked for, and what else there is to say about it on
 * standard error; of search and similar. */
#ifndef REVUE_QUERY_ANSWER_PRINT_H
#define REVUE_QUERY_ANSWER_PRINT_H

#include "query/output/hits.h"

/* in the order of their names */
enum answer_format { FORMAT_TERMINAL, FORMAT_JSON, FORMAT_JSONL, FORMAT_TSV, FORMAT_CSV, FORMAT_TREC };
extern const char *const answer_format_names[]; /* ends in NULL */

/* options: those it was asked for with. */
void answer_print(const struct answer *answer, enum answer_format format, const revue_search_options *options);

#endif
