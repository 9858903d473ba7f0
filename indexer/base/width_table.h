/* width_table.h - the characters that take no column or two on a terminal, ascending and not overlapping. The first table
 * goes before the second. */
#ifndef REVUE_BASE_WIDTH_TABLE_H
#define REVUE_BASE_WIDTH_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct width_range {
    uint32_t first, last;
};
extern const struct width_range width_zero[], width_wide[];
extern const size_t width_zero_count, width_wide_count;

#endif
