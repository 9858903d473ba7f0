/* column_name.h - the column that somebody named: in --sort, --facet, --group. */
#ifndef REVUE_COLUMN_NAME_H
#define REVUE_COLUMN_NAME_H

#include "query/searcher.h"

/* REVUE_USAGE, naming option and the columns there are, when there is none. *column is the searcher's. */
revue_status column_by_name(const revue_searcher *searcher, const char *option, struct view name,
                            const struct schema_column **column, revue_error *error);
/* The part of *list before the next separator, which is taken off it with the separator. */
struct view column_next_part(struct view *list, char separator);

#endif
