/* topk.c - a flat buffer: candidates collect behind the best k, and are sorted out when it is full. Ids are read only where
 * scores are equal. */
#include "query/rank/topk.h"

#include "indexer/base/memory.h"

#include <stdlib.h>
#include <string.h>

revue_status topk_init(struct topk *topk, revue_searcher *searcher, struct arena *arena, size_t k, revue_error *error) {
    *topk = (struct topk){.searcher = searcher, .arena = arena, .k = k, .threshold = INT32_MIN, .error = error};
    if (k > (SIZE_MAX - 256) / 2) return error_set(error, REVUE_USAGE, "too many hits are asked for");
    return REVUE_OK;
}

void topk_free(struct topk *topk) {
    memory_free(topk->items);
}

static const char *id_of(struct topk *topk, struct candidate *candidate) {
    if (candidate->id) return candidate->id;
    struct bytes id = {0};
    revue_status status =
        ids_get(segment_ids(topk->searcher->segments[candidate->segment].segment), candidate->doc, &id, topk->error);
    candidate->id = status == REVUE_OK ? arena_copy(topk->arena, id.data, id.size) : NULL;
    if (status == REVUE_OK && !candidate->id) status = error_no_memory(topk->error);
    bytes_free(&id);
    if (status != REVUE_OK && topk->status == REVUE_OK) topk->status = status;
    return candidate->id ? candidate->id : "";
}

static int compare_candidates(const void *left, const void *right, void *context) {
    struct candidate *a = (struct candidate *)(uintptr_t)left, *b = (struct candidate *)(uintptr_t)right;
    if (a->score != b->score) return a->score > b->score ? -1 : 1;
    if (a->segment == b->segment && a->doc == b->doc) return 0;
    return strcmp(id_of(context, a), id_of(context, b));
}

static void sort_out(struct topk *topk) {
    qsort_r(topk->items, topk->count, sizeof *topk->items, compare_candidates, topk);
    if (topk->count > topk->k) topk->count = topk->k;
    if (topk->count == topk->k && topk->k > 0) topk->threshold = topk->items[topk->k - 1].score;
}

void topk_add(struct topk *topk, uint32_t segment, uint32_t doc, int32_t score) {
    if (score < topk->threshold || topk->k == 0 || topk->status != REVUE_OK) return;
    if (topk->count == 2 * topk->k + 256) {
        sort_out(topk);
        if (score < topk->threshold) return;
    }
    if (!MEMORY_RESERVE(topk->items, topk->capacity, topk->count + 1)) {
        topk->status = error_no_memory(topk->error);
        return;
    }
    topk->items[topk->count++] = (struct candidate){score, segment, doc, NULL};
}

revue_status topk_finish(struct topk *topk) {
    sort_out(topk);
    return topk->status;
}
