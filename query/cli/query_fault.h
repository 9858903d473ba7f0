/* query_fault.h - a mistake in a query, shown where it is. */
#ifndef REVUE_QUERY_QUERY_FAULT_H
#define REVUE_QUERY_QUERY_FAULT_H

#include "indexer/base/bytes.h"

/* Two lines: the query, harmless and cut to width columns around the place, and a caret below byte column (from 1) of it.
 * A column past the end stands behind the last character. */
void append_query_fault(struct bytes *out, struct view query, uint64_t column, size_t width);

#endif
