/* topk.c - a flat buffer: candidates collect behind the best k, and are sorted out when it is full. Ids are read only where
 * scores are equal and the place matters: a search whose hits all score the same keeps no more of them than others do. */
#include "query/rank/topk.h"

#include "indexer/base/memory.h"

#include <stdlib.h>
#include <string.h>

#define COLLECTED_LEAST 256u

revue_status topk_init(struct topk *topk, revue_searcher *searcher, size_t k, revue_error *error) {
    *topk = (struct topk){.searcher = searcher, .k = k, .threshold = INT32_MIN, .error = error};
    if (k > (SIZE_MAX - COLLECTED_LEAST) / 2) return error_set(error, REVUE_USAGE, "too many hits are asked for");
    return REVUE_OK;
}

void topk_free(struct topk *topk) {
    memory_free(topk->items);
    memory_free(topk->best);
    arena_free(&topk->ids);
    memset(topk, 0, sizeof *topk);
}

/* ---- order ---- */

static int compare_scores(const void *left, const void *right) {
    const struct candidate *a = left, *b = right;
    if (a->score != b->score) return a->score > b->score ? -1 : 1;
    if (a->segment != b->segment) return a->segment < b->segment ? -1 : 1;
    return a->doc < b->doc ? -1 : a->doc > b->doc;
}

static int compare_ids(const void *left, const void *right) {
    const struct candidate *a = left, *b = right;
    return strcmp(a->id, b->id);
}

static revue_status read_id(struct topk *topk, struct candidate *candidate) {
    struct bytes id = {0};
    if (candidate->id) return REVUE_OK;
    struct ids_streams ids = segment_ids(topk->searcher->segments[candidate->segment].segment);
    revue_status status = ids_get(ids, candidate->doc, &id, topk->error);
    if (status == REVUE_OK && !(candidate->id = arena_copy(&topk->ids, id.data, id.size)))
        status = error_no_memory(topk->error);
    bytes_free(&id);
    return status;
}

/* Equal scores that begin among the best k are put in the order of their ids. */
static revue_status order_ties(struct topk *topk) {
    for (size_t from = 0, to; from < topk->count && from < topk->k; from = to) {
        for (to = from + 1; to < topk->count && topk->items[to].score == topk->items[from].score;)
            to++;
        if (to == from + 1) continue;
        for (size_t i = from; i < to; i++)
            TRY(read_id(topk, &topk->items[i]));
        qsort(topk->items + from, to - from, sizeof *topk->items, compare_ids);
    }
    return REVUE_OK;
}

/* The ids of candidates that went are given back. */
static revue_status keep_ids(struct topk *topk) {
    struct arena kept = {0};
    for (size_t i = 0; i < topk->count; i++) {
        const char *id = topk->items[i].id;
        if (!id) continue;
        topk->items[i].id = arena_copy(&kept, id, strlen(id));
        if (topk->items[i].id) continue;
        arena_free(&kept);
        return error_no_memory(topk->error);
    }
    arena_free(&topk->ids);
    topk->ids = kept;
    return REVUE_OK;
}

static revue_status sort_out(struct topk *topk) {
    if (topk->count == 0) return REVUE_OK; /* there may be no items at all */
    qsort(topk->items, topk->count, sizeof *topk->items, compare_scores);
    TRY(order_ties(topk));
    if (topk->count < topk->k) return REVUE_OK;
    topk->count = topk->k;
    return topk->ids.total_bytes > 0 ? keep_ids(topk) : REVUE_OK;
}

/* ---- threshold ---- */

void topk_raise(struct topk *topk, int32_t floor) {
    if (floor > topk->threshold) topk->threshold = floor;
}

static bool heap_push(struct topk *topk, int32_t score) {
    if (!MEMORY_RESERVE(topk->best, topk->best_capacity, topk->best_count + 1)) return false;
    size_t at = topk->best_count++;
    for (; at > 0 && topk->best[(at - 1) / 2] > score; at = (at - 1) / 2)
        topk->best[at] = topk->best[(at - 1) / 2];
    topk->best[at] = score;
    return true;
}

static void heap_replace_least(struct topk *topk, int32_t score) {
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < topk->k; at = child) {
        child += child + 1 < topk->k && topk->best[child + 1] < topk->best[child];
        if (topk->best[child] >= score) break;
        topk->best[at] = topk->best[child];
    }
    topk->best[at] = score;
}

/* The threshold is the least of the k best scores, at once: pruning lives on it. */
static bool note_score(struct topk *topk, int32_t score) {
    if (topk->best_count < topk->k) {
        if (!heap_push(topk, score)) return false;
    } else if (score > topk->best[0]) {
        heap_replace_least(topk, score);
    }
    if (topk->best_count == topk->k) topk_raise(topk, topk->best[0]);
    return true;
}

void topk_add(struct topk *topk, uint32_t segment, uint32_t doc, int32_t score) {
    if (score < topk->threshold || topk->k == 0 || topk->status != REVUE_OK) return;
    if (topk->count == 2 * topk->k + COLLECTED_LEAST) {
        topk->status = sort_out(topk);
        if (score < topk->threshold || topk->status != REVUE_OK) return;
    }
    if (!note_score(topk, score) || !MEMORY_RESERVE(topk->items, topk->capacity, topk->count + 1)) {
        topk->status = error_no_memory(topk->error);
        return;
    }
    topk->items[topk->count++] = (struct candidate){score, segment, doc, NULL};
}

revue_status topk_finish(struct topk *topk) {
    if (topk->status == REVUE_OK) topk->status = sort_out(topk);
    return topk->status;
}
