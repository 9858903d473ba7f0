/* get.c - revue_get: a review by its id, as it is stored. */
#include "indexer/base/memory.h"
#include "query/result/result.h"

struct owned_review {
    revue_review review; /* first: what the caller holds */
    struct arena arena;
};

revue_status revue_get(revue_searcher *searcher, const char *id, size_t id_size, revue_review **review,
                       revue_error *error) {
    uint32_t segment, doc;
    TRY(searcher_is_awake(searcher, error));
    TRY(searcher_find_review(searcher, view_of(id, id_size), &segment, &doc, error));
    struct owned_review *owned = memory_alloc_zeroed(1, sizeof *owned);
    if (!owned) return error_no_memory(error);
    revue_status status = review_fill(&owned->review, searcher, segment, doc, &owned->arena, error);
    if (status == REVUE_OK)
        *review = &owned->review;
    else
        revue_review_free(&owned->review);
    return status;
}

void revue_review_free(revue_review *review) {
    if (!review) return;
    struct owned_review *owned = (struct owned_review *)review;
    arena_free(&owned->arena);
    memory_free(owned);
}
