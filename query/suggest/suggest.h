/* suggest.h - other spellings of a query that find more, between suggest.c and the search that found nothing. */
#ifndef REVUE_SUGGEST_SUGGEST_H
#define REVUE_SUGGEST_SUGGEST_H

#include "query/plan/plan.h"
#include "query/suggest/completions.h"

/* Adds at most n. options: of the search that asks, with its filters; NULL: none asks. */
revue_status suggest_spellings(revue_searcher *searcher, struct view text, const struct plan_options *options, size_t n,
                               revue_completions *completions, revue_error *error);

#endif
