/* query_words.h - the query of a command line: its words put together, and what is said when it is wrong. */
#ifndef REVUE_QUERY_WORDS_H
#define REVUE_QUERY_WORDS_H

#include "indexer/base/options.h"

/* The operands behind INDEX joined by blanks, and made valid UTF-8 here already, so that the columns of errors are those of
 * what is shown. */
void join_query_words(struct bytes *query, const struct operands *operands);
/* Says the failure, with a caret under its place when the query is at fault; returns the exit code. */
int fail_query(revue_status status, const revue_error *error, struct view query);

#endif
