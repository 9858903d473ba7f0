/* expand.h - the forms of an index that a pattern means, over all segments. */
#ifndef REVUE_EXPAND_H
#define REVUE_EXPAND_H

#include "query/expand/pattern.h"
#include "query/searcher.h"

#define EXPANSION_WALKED_MAX 50000u /* forms that match, of one segment: what comes behind them is left out */

struct expansion {
    struct view form;  /* in the arena */
    uint64_t df;       /* reviews that have it, deleted ones included, at most */
    uint32_t distance; /* edits from what was asked for */
};
struct expansions {
    struct expansion *items; /* fewest edits first, then in the most reviews, then by their bytes */
    size_t count;            /* at most wanted */
    uint64_t total;          /* forms that match */
    bool cut;                /* there may be more than total */
};
/* Walks to so many forms that match, and looks at so many, of each segment; EXPANSION_WALKED_MAX, SIZE_MAX: as far as is
 * sensible. */
struct expansion_limits {
    size_t matching, tried;
};
#define EXPANSION_ALL ((struct expansion_limits){EXPANSION_WALKED_MAX, SIZE_MAX})
revue_status expand_pattern(revue_searcher *searcher, struct pattern *pattern, struct expansion_limits limits,
                            size_t wanted, struct arena *arena, struct expansions *expansions, revue_error *error);

#endif
