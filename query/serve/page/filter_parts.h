/* filter_parts.h - a filter as the page shows it: parts that are chosen and taken back one by one.
 *
 * A filter is a query (request.h); the page makes it of parts that must all match, side by side:
 *     (stars:>=3.5 stars:<4.5) product:="Swan Protocol" date:2019
 * What somebody else wrote is cut the same way, at blanks outside quotes and parentheses; where that would take apart what
 * belongs together (AND, OR, NOT; quotes or parentheses that do not end), the whole is one part. */
#ifndef REVUE_PAGE_FILTER_PARTS_H
#define REVUE_PAGE_FILTER_PARTS_H

#include "indexer/base/bytes.h"
#include "revue.h"

#define FILTER_PARTS_MAX 16u /* more are one */

struct filter_parts {
    struct view parts[FILTER_PARTS_MAX]; /* of the filter's bytes */
    size_t count;
    bool is_whole; /* the one part is a filter that cannot be cut */
};
void filter_parts_read(const char *filter, struct filter_parts *parts); /* NULL: none */

#define FILTER_PART_NONE SIZE_MAX
size_t filter_parts_find(const struct filter_parts *parts, struct view part); /* its number, or FILTER_PART_NONE */

/* The filter with a part more, in place of another (FILTER_PART_NONE: of none), or without one, and a zero byte behind it;
 * out is cleared first. */
void filter_parts_with(const struct filter_parts *parts, struct view part, size_t instead_of, struct bytes *out);
void filter_parts_without(const struct filter_parts *parts, size_t number, struct bytes *out);

/* Appends the part that means a value of a facet. */
void filter_part_of_value(const revue_facet *facet, const revue_facet_value *value, struct bytes *out);

/* Appends what a part means to a visitor, as HTML: "4 stars", "Product: Swan Protocol"; itself when it is not of ours. */
void filter_part_label(struct view part, struct bytes *out);

#endif
