/* completions.h - texts that are offered to whoever types, with how many reviews they find: between complete.c, suggest.c
 * and the caller. */
#ifndef REVUE_SUGGEST_COMPLETIONS_H
#define REVUE_SUGGEST_COMPLETIONS_H

#include "indexer/base/arena.h"
#include "indexer/base/bytes.h"
#include "indexer/base/error.h"

struct revue_completions {
    struct arena arena; /* of the texts */
    revue_completion *items;
    size_t count, capacity;
};

/* NULL: out of memory. */
revue_completions *completions_create(void);
/* A text put together of three pieces goes behind the others; one that is there already does not. False: out of memory. */
bool completions_add(revue_completions *completions, struct view before, struct view text, struct view after,
                     uint64_t count);
/* n as a caller gave it. */
revue_status completions_check(size_t n, revue_error *error);

#endif
