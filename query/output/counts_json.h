/* counts_json.h - facets and the heads of groups as JSON, for hits_json.c. */
#ifndef REVUE_OUTPUT_COUNTS_JSON_H
#define REVUE_OUTPUT_COUNTS_JSON_H

#include "indexer/base/printer.h"
#include "query/output/hits.h"

void print_facets(struct printer *printer, const struct answer *answer);  /* the key and its map */
void print_group_head(struct printer *printer, const revue_group *group); /* keys of an open map */

#endif
