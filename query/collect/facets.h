/* facets.h - matches counted by the values of a column. */
#ifndef REVUE_COLLECT_FACETS_H
#define REVUE_COLLECT_FACETS_H

#include "query/collect/collect.h"

#define FACETS_MAX 32u
#define FACET_VALUES_MAX 10000u /* that may be asked for */

struct facet;
/* Reads "product:5", "stars", "date:month", "votes:..9,10.." (see revue_search_options). */
revue_status facet_create(struct facet **created, revue_searcher *searcher, struct view text, revue_error *error);
uint16_t facet_column(const struct facet *facet); /* its number */
struct collector *facet_collector(struct facet *facet);
/* What was counted; everything is copied into the arena. */
revue_status facet_finish(struct facet *facet, struct arena *arena, revue_facet *out, revue_error *error);
void facet_free(struct facet *facet); /* NULL is fine */

#endif
