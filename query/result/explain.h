/* explain.h - what the score of a hit is made of. */
#ifndef REVUE_RESULT_EXPLAIN_H
#define REVUE_RESULT_EXPLAIN_H

#include "query/result/result.h"

/* Explains the score of a hit: the leaves of the plan that match its review and count there, in the order of the query
 * but for those that must match, which come first in their group. Their contributions, in units, sum exactly to the
 * candidate's score before its prior (NULL: none), which is explained beside them. Memory is the arena's. */
revue_status explain_fill(revue_hit *hit, const struct plan *plan, revue_searcher *searcher, struct prior *prior,
                          const struct candidate *candidate, struct arena *arena, revue_error *error);

#endif
