/* topk.c - a flat buffer: candidates collect in the order they come, and when it is full those below the threshold go.
 * Only the best k are sorted, once, at the end. Before that ids are read only when so many candidates tie for the last
 * places that the buffer would not hold them; at the end those of the best, in the order of the reviews. */
#include "query/rank/topk.h"

#include "indexer/base/memory.h"

#include <stdlib.h>
#include <string.h>

#define COLLECTED_LEAST 256u
/* 1,008 bytes, all but the largest that glibc hands out again without a search (its thread cache ends at 1,032). */
#define ITEMS_FIRST 42u

revue_status topk_init(struct topk *topk, revue_searcher *searcher, size_t k, revue_error *error) {
    *topk = (struct topk){.searcher = searcher, .k = k, .floor = INT32_MIN, .threshold = INT32_MIN, .error = error};
    if (k > (SIZE_MAX - COLLECTED_LEAST) / 2 || k > (UINT32_MAX - COLLECTED_LEAST) / 2)
        return error_set(error, REVUE_USAGE, "too many hits are asked for");
    return k > 0 ? kth_score_init(&topk->kth, k, error) : REVUE_OK;
}

void topk_free(struct topk *topk) {
    memory_free(topk->items);
    kth_score_free(&topk->kth);
    arena_free(&topk->ids);
    bytes_free(&topk->scratch);
    memset(topk, 0, sizeof *topk);
}

/* ---- ids ---- */

/* Candidates of one segment whose ids are read together. */
#define WISHES 256u
struct id_wishes {
    uint32_t segment, count;
    uint32_t docs[WISHES], items[WISHES];
};

static revue_status read_wished(struct topk *topk, struct id_wishes *wishes) {
    const char *ids[WISHES];
    if (wishes->count == 0) return REVUE_OK;
    const struct ids_streams streams = segment_ids(topk->searcher->segments[wishes->segment].segment);
    TRY(ids_get_many(streams, wishes->docs, wishes->count, &topk->ids, ids, topk->error));
    for (uint32_t i = 0; i < wishes->count; i++)
        topk->items[wishes->items[i]].id = ids[i];
    wishes->count = 0;
    return REVUE_OK;
}

/* Reads the ids of the candidates that score at least least. */
static revue_status read_ids(struct topk *topk, int32_t least) {
    struct id_wishes wishes; /* large: only what is used is filled in */
    wishes.segment = wishes.count = 0;
    for (size_t i = 0; i < topk->count; i++) {
        const struct candidate *candidate = &topk->items[i];
        if (candidate->score < least || candidate->id) continue;
        if (wishes.count == WISHES || candidate->segment != wishes.segment) TRY(read_wished(topk, &wishes));
        wishes.segment = candidate->segment;
        wishes.docs[wishes.count] = candidate->doc;
        wishes.items[wishes.count++] = (uint32_t)i;
    }
    return read_wished(topk, &wishes);
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

/* ---- order ---- */

/* A place in the order: how far the score is below the best, and which candidate it is. */
struct place {
    uint32_t below, index;
};

#define FEW 48u      /* for which counting digits does not pay */
#define FEW_TIES 12u /* that are put in order without a call */

static void insert_places(struct place *places, size_t count) {
    for (size_t i = 1; i < count; i++) {
        const struct place moved = places[i];
        size_t at = i;
        for (; at > 0 && places[at - 1].below > moved.below; at--)
            places[at] = places[at - 1];
        places[at] = moved;
    }
}

/* Stable, by the eight bits from shift on. */
static void place_by_digit(const struct place *from, struct place *to, size_t count, unsigned shift) {
    uint32_t starts[256] = {0}, start = 0;
    for (size_t i = 0; i < count; i++)
        starts[from[i].below >> shift & 255]++;
    for (unsigned digit = 0; digit < 256; digit++) {
        const uint32_t here = starts[digit];
        starts[digit] = start;
        start += here;
    }
    for (size_t i = 0; i < count; i++)
        to[starts[from[i].below >> shift & 255]++] = from[i];
}

/* The candidates by falling score: one of two arrays of count places. Scores of one query mostly differ in two or three
 * bytes, so that sorting by bytes beats comparing. */
static struct place *sort_by_score(const struct topk *topk, struct place *places, struct place *other) {
    int32_t best = INT32_MIN;
    uint32_t widest = 0;
    for (size_t i = 0; i < topk->count; i++)
        if (topk->items[i].score > best) best = topk->items[i].score;
    for (size_t i = 0; i < topk->count; i++) {
        places[i] = (struct place){(uint32_t)best - (uint32_t)topk->items[i].score, (uint32_t)i};
        widest |= places[i].below;
    }
    if (topk->count <= FEW) {
        insert_places(places, topk->count);
        return places;
    }
    for (unsigned shift = 0; shift < 32 && widest >> shift; shift += 8) {
        place_by_digit(places, other, topk->count, shift);
        struct place *sorted = other;
        other = places;
        places = sorted;
    }
    return places;
}

static int compare_ids(const void *left, const void *right, void *context) {
    const struct place *a = left, *b = right;
    const struct candidate *items = context;
    return strcmp(items[a->index].id, items[b->index].id);
}

/* Mostly two or three tie. */
static void order_few_ties(const struct topk *topk, struct place *places, size_t count) {
    for (size_t i = 1; i < count; i++) {
        const struct place moved = places[i];
        const char *id = topk->items[moved.index].id;
        size_t at = i;
        for (; at > 0 && strcmp(topk->items[places[at - 1].index].id, id) > 0; at--)
            places[at] = places[at - 1];
        places[at] = moved;
    }
}

/* Equal scores that begin among the best k are put in the order of their ids, which are there. */
static void order_ties(const struct topk *topk, struct place *places) {
    for (size_t from = 0, to; from < topk->count && from < topk->k; from = to) {
        for (to = from + 1; to < topk->count && places[to].below == places[from].below;)
            to++;
        if (to - from > FEW_TIES)
            qsort_r(places + from, to - from, sizeof *places, compare_ids, topk->items);
        else
            order_few_ties(topk, places + from, to - from);
    }
}

/* The best k first, in order, in one half of topk->scratch; all of them have ids. NULL after a failure. */
static const struct place *order(struct topk *topk) {
    bytes_clear(&topk->scratch);
    struct place *both = (struct place *)(void *)bytes_extend(&topk->scratch, 2 * topk->count * sizeof *both);
    if (!both) {
        topk->status = error_no_memory(topk->error);
        return NULL;
    }
    struct place *places = sort_by_score(topk, both, both + topk->count);
    const size_t last = topk->count < topk->k ? topk->count : topk->k;
    topk->status = read_ids(topk, topk->items[places[last - 1].index].score);
    if (topk->status != REVUE_OK) return NULL;
    order_ties(topk, places);
    return places;
}

/* ---- dropping ---- */

static void drop_below(struct topk *topk, int32_t least) {
    size_t kept = 0;
    for (size_t i = 0; i < topk->count; i++) {
        topk->items[kept] = topk->items[i];
        kept += topk->items[i].score >= least;
    }
    topk->count = kept;
}

/* Leaves the best k in the order they came in. */
static revue_status cut(struct topk *topk) {
    const struct place *places = order(topk);
    if (!places) return topk->status;
    topk_raise(topk, topk->items[places[topk->k - 1].index].score);
    for (size_t i = topk->k; i < topk->count; i++)
        topk->items[places[i].index].segment = UINT32_MAX;
    size_t kept = 0;
    for (size_t i = 0; i < topk->count; i++)
        if (topk->items[i].segment != UINT32_MAX) topk->items[kept++] = topk->items[i];
    topk->count = kept;
    return keep_ids(topk);
}

/* What the threshold drops is mostly enough; where it is not, the rest ties, or falls into the range of the k-th best. */
static revue_status make_room(struct topk *topk) {
    drop_below(topk, topk->floor);
    return topk->count > topk->k + (topk->k + COLLECTED_LEAST) / 2 ? cut(topk) : REVUE_OK;
}

/* The items never have more room than they may take, so that whoever adds need look at nothing else. */
static size_t items_most(const struct topk *topk) {
    return 2 * topk->k + COLLECTED_LEAST;
}

static revue_status grow(struct topk *topk) {
    size_t capacity = topk->capacity > 0 ? topk->capacity * 2 : ITEMS_FIRST;
    if (capacity > items_most(topk)) capacity = items_most(topk);
    struct candidate *items = memory_resize_array(topk->items, capacity, sizeof *items);
    if (!items) return error_no_memory(topk->error);
    topk->items = items;
    topk->capacity = capacity;
    return REVUE_OK;
}

/* Of those that score as much as the last of the page before, their ids tell. */
static bool is_wanted(struct topk *topk, uint32_t segment, uint32_t doc, int32_t score) {
    const struct topk_after *after = &topk->after;
    if (!after->id || score != after->score) return !after->id || score < after->score;
    topk->status = ids_get(segment_ids(topk->searcher->segments[segment].segment), doc, &topk->scratch, topk->error);
    bytes_append_u8(&topk->scratch, 0);
    if (topk->status == REVUE_OK && topk->scratch.failed) topk->status = error_no_memory(topk->error);
    return topk->status == REVUE_OK && strcmp((const char *)topk->scratch.data, after->id) > 0;
}

void topk_set_prior(struct topk *topk, struct prior *prior) {
    topk->prior = prior;
    if (prior) topk->prior_most = prior->most;
}

revue_status topk_enter(struct topk *topk, uint32_t segment, uint32_t from, uint32_t to) {
    if (!topk->prior || topk->floor == INT32_MIN) return REVUE_OK;
    TRY(prior_most(topk->prior, segment, from, to, &topk->prior_most, topk->error));
    topk->threshold = prior_needed(topk->floor, topk->prior_most);
    return REVUE_OK;
}

/* False when the prior puts it below the floor, and when it cannot be read. */
static bool weigh(struct topk *topk, uint32_t segment, uint32_t doc, int32_t *score) {
    uint32_t factor;
    if (!topk->prior) return true;
    topk->status = prior_factor(topk->prior, segment, doc, &factor, topk->error);
    if (topk->status != REVUE_OK) return false;
    *score = prior_apply(*score, factor);
    return *score >= topk->floor;
}

void topk_take(struct topk *topk, uint32_t segment, uint32_t doc, int32_t score) {
    if (topk->k == 0 || topk->status != REVUE_OK) return;
    if (!weigh(topk, segment, doc, &score) || !is_wanted(topk, segment, doc, score)) return;
    if (topk->count == items_most(topk)) {
        topk->status = make_room(topk);
        if (score < topk->floor || topk->status != REVUE_OK) return;
    }
    if (topk->count == topk->capacity) topk->status = grow(topk);
    if (topk->status != REVUE_OK) return;
    topk->items[topk->count++] = (struct candidate){score, segment, doc, NULL};
    kth_score_add(&topk->kth, score);
    topk_raise(topk, topk->kth.floor);
}

revue_status topk_finish(struct topk *topk) {
    if (topk->status != REVUE_OK) return topk->status;
    drop_below(topk, topk->floor);
    if (topk->count == 0) return REVUE_OK; /* there may be no items at all */
    const struct place *places = order(topk);
    if (!places) return topk->status;
    if (topk->count > topk->k) topk->count = topk->k;
    struct candidate *sorted = memory_alloc_array(topk->count, sizeof *sorted);
    if (!sorted) return topk->status = error_no_memory(topk->error);
    for (size_t i = 0; i < topk->count; i++)
        sorted[i] = topk->items[places[i].index];
    memory_free(topk->items);
    topk->items = sorted;
    topk->capacity = topk->count;
    return REVUE_OK;
}
