/* cells.h - counters by a whole number: keywords, days, ranges, groups. */
#ifndef REVUE_COLLECT_CELLS_H
#define REVUE_COLLECT_CELLS_H

#include "query/collect/summary.h"

struct cell {
    int64_t key;
    uint64_t count; /* 0: an empty place of the table */
    struct summary stars;
    void *more; /* of whoever counts; NULL in a new cell */
};
/* A hash table with open addressing, until a place for every key takes no more room. Zero bytes are ready for use. */
struct cells {
    struct cell *places;
    size_t count, capacity; /* capacity: 0 or a power of two; of a table with places for all keys, their number */
    size_t limit;           /* all keys are at least 0 and below it; 0: nobody knows */
    bool has_all;
};
/* The cell of key, whose count the caller raises at once. NULL: out of memory. Valid until the next call. */
struct cell *cells_at(struct cells *cells, int64_t key);
/* The next cell at or after *place, which moves behind it; NULL after the last. */
struct cell *cells_next(const struct cells *cells, size_t *place);
void cells_free(struct cells *cells);

#endif
