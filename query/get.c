/* get.c - revue_get: a review by its id, as it is stored. */
#include "indexer/base/memory.h"
#include "query/result/result.h"

struct owned_review {
    revue_review review; /* first: what the caller holds */
    struct arena arena;
};
struct get {
    const struct deletes *deletes;
    uint32_t doc;
    bool is_found;
};

static bool on_found(void *context, uint32_t doc) {
    struct get *get = context;
    if (deletes_has(get->deletes, doc)) return true;
    get->doc = doc;
    get->is_found = true;
    return false;
}

revue_status revue_get(revue_searcher *searcher, const char *id, size_t id_size, revue_review **review,
                       revue_error *error) {
    for (uint32_t i = searcher->segment_count; i-- > 0;) {
        struct get get = {0};
        TRY(searcher_deletes(searcher, i, &get.deletes, error));
        TRY(ids_find(segment_ids(searcher->segments[i].segment), view_of(id, id_size), on_found, &get, error));
        if (!get.is_found) continue;
        struct owned_review *owned = memory_alloc_zeroed(1, sizeof *owned);
        if (!owned) return error_no_memory(error);
        revue_status status = review_fill(&owned->review, searcher, i, get.doc, &owned->arena, error);
        if (status == REVUE_OK)
            *review = &owned->review;
        else
            revue_review_free(&owned->review);
        return status;
    }
    return error_set(error, REVUE_NO_MATCH, "no review has the id %.*s", (int)(id_size > 200 ? 200 : id_size), id);
}

void revue_review_free(revue_review *review) {
    if (!review) return;
    struct owned_review *owned = (struct owned_review *)review;
    arena_free(&owned->arena);
    memory_free(owned);
}
