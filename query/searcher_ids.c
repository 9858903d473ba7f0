/* searcher_ids.c - the review with an id, as the snapshot of a searcher has it; see searcher.h. */
#include "query/searcher.h"

struct looking {
    const struct deletes *deletes;
    uint32_t doc;
    bool is_found;
};

static bool on_found(void *context, uint32_t doc) {
    struct looking *looking = context;
    if (deletes_has(looking->deletes, doc)) return true;
    looking->doc = doc;
    looking->is_found = true;
    return false;
}

revue_status searcher_find_review(revue_searcher *searcher, struct view id, uint32_t *segment, uint32_t *doc,
                                  revue_error *error) {
    for (uint32_t i = searcher->segment_count; i-- > 0;) {
        struct looking looking = {0};
        TRY(searcher_deletes(searcher, i, &looking.deletes, error));
        TRY(ids_find(segment_ids(searcher->segments[i].segment), id, on_found, &looking, error));
        if (!looking.is_found) continue;
        *segment = i;
        *doc = looking.doc;
        return REVUE_OK;
    }
    return error_set(error, REVUE_NO_MATCH, "no review has the id %.*s", (int)(id.size > 200 ? 200 : id.size), id.data);
}
