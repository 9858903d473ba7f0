/* plan_print.h - a plan as text in lines, for people and for tests: what `revue-query parse` shows. The form of the lines
 * is in GRAMMAR.md. */
#ifndef REVUE_PLAN_PRINT_H
#define REVUE_PLAN_PRINT_H

#include "query/plan/plan.h"

/* Appends the tree and the filters of a plan. Failure to allocate shows in out->failed. */
revue_status plan_print(struct bytes *out, const struct plan *plan, revue_searcher *searcher, revue_error *error);
/* Appends the stems of a word, with | between them. */
void plan_print_stems(struct bytes *out, const struct plan_word *word);

#endif
