/* fields.h - the names of fields as people type them. */
#ifndef REVUE_PARSE_FIELDS_H
#define REVUE_PARSE_FIELDS_H

#include "query/parse/parser.h"

/* Without regard to the case of ASCII letters. */
bool field_name_equal(struct view a, struct view b);

/* The field whose name is nearest to a mistyped one, NULL when none is near enough to be worth a guess. */
const struct query_field *field_nearest(const struct query_field *fields, size_t count, struct view name);

/* Edits between two names of at most FIELD_DISTANCE_NAME_MAX bytes each: one byte put in, taken out or changed, or two
 * neighbours swapped. More than either length when a name is longer than that. */
#define FIELD_DISTANCE_NAME_MAX 48u
size_t field_distance(struct view a, struct view b);

#endif
