/* parts.h - work cut into parts that workers make, and that the caller uses in order: how what is written stays the same
 * whoever made it. A flush and a merge of segments are cut so. */
#ifndef REVUE_INVERT_PARTS_H
#define REVUE_INVERT_PARTS_H

#include "indexer/invert/workers.h"

struct parts {
    /* Makes part number `part` in slot number `slot`, by any worker; what it needs meanwhile may be the worker's, whose
     * number is below workers_threads. Parts of one slot follow each other, ascending. */
    revue_status (*make)(void *context, uint32_t part, unsigned slot, unsigned worker, revue_error *error);
    /* Uses it, in the calling thread, parts ascending. */
    revue_status (*use)(void *context, uint32_t part, unsigned slot, revue_error *error);
    void *context;
    uint32_t count;
    unsigned slots; /* as many parts are made ahead of the one being used */
};
/* The least number of slots that keeps these workers busy: one more than there are threads, so that none waits while the
 * caller uses a part; one where the caller is alone. More pay where the caller is sometimes long about it. */
unsigned parts_slots(const workers *pool);
revue_status parts_run(workers *pool, const struct parts *parts, revue_error *error);

#endif
