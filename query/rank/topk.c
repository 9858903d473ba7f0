/* topk.c - a flat buffer: reviews collect in the order they come, and when it is full those below the threshold go.
 * Only the best k are sorted, once, at the end, by score and, where scores are equal, by id. Ids are read then, of all that
 * are left, in the order of the reviews; before that only when so many tie for the last places that the buffer would not
 * hold them. */
#include "query/rank/topk.h"

#include "indexer/base/memory.h"

#include <stdlib.h>
#include <string.h>

#define COLLECTED_LEAST 256u
/* With SCORED_SLACK 1,008 bytes, all but the largest that glibc hands out again without a search (its thread cache ends at
 * 1,032). */
#define FOUND_FIRST 68u
#define FOUND_BYTES (sizeof(int32_t) + 2 * sizeof(uint32_t))
#define BATCH 128u /* that is offered at once: there is room for it behind make_room */

revue_status topk_init(struct topk *topk, revue_searcher *searcher, size_t k, revue_error *error) {
    *topk = (struct topk){.searcher = searcher,
                          .k = k,
                          .floor = INT32_MIN,
                          .threshold = INT32_MIN,
                          .functions = candidate_functions_best(),
                          .error = error};
    if (k > (SIZE_MAX - COLLECTED_LEAST) / 2 || k > (UINT32_MAX - COLLECTED_LEAST) / 2)
        return error_set(error, REVUE_USAGE, "too many hits are asked for");
    return k > 0 ? kth_score_init(&topk->kth, k, error) : REVUE_OK;
}

void topk_free(struct topk *topk) {
    memory_free(topk->scores);
    memory_free(topk->ordered);
    kth_score_free(&topk->kth);
    arena_free(&topk->ids);
    bytes_free(&topk->scratch);
    memset(topk, 0, sizeof *topk);
}

/* ---- order ---- */

/* A place in the order: how far the score is below the best, and which of those found it is. */
struct place {
    uint32_t below, index;
};
/* All that were found, in order as far as those are that are among the best k; all have ids. */
struct ordering {
    struct place *places, *other; /* the other is for the next step of sorting */
    const char **ids;             /* by index */
    unsigned shift;               /* bits of below that places are not sorted by yet */
};

#define FEW 48u      /* for which counting digits does not pay */
#define FEW_TIES 12u /* that are put in order without a call */
#define DIGIT 8u     /* bits */
#define DIGITS 256u
struct digit_starts {
    uint32_t low[DIGITS], high[DIGITS];
};

static void insert_places(struct place *places, size_t count) {
    for (size_t i = 1; i < count; i++) {
        const struct place moved = places[i];
        size_t at = i;
        for (; at > 0 && places[at - 1].below > moved.below; at--)
            places[at] = places[at - 1];
        places[at] = moved;
    }
}

/* Counts become where each digit begins. */
static void start_digits(uint32_t *starts) {
    uint32_t start = 0;
    for (unsigned digit = 0; digit < DIGITS; digit++) {
        const uint32_t here = starts[digit];
        starts[digit] = start;
        start += here;
    }
}

/* Stable, by the digit from shift on. */
static void place_by_digit(struct ordering *ordering, size_t count, unsigned shift, uint32_t *starts) {
    const struct place *from = ordering->places;
    struct place *to = ordering->other;
    start_digits(starts);
    for (size_t i = 0; i < count; i++)
        to[starts[from[i].below >> shift & (DIGITS - 1)]++] = from[i];
    ordering->other = ordering->places;
    ordering->places = to;
}

/* By the highest two digits of below: what they leave equal mostly is equal. */
static void place_by_digits(struct ordering *ordering, size_t count, uint32_t widest) {
    struct digit_starts starts = {0};
    for (; widest >> ordering->shift >= DIGITS * DIGITS; ordering->shift++)
        ;
    for (size_t i = 0; i < count; i++) {
        const uint32_t digits = ordering->places[i].below >> ordering->shift;
        starts.low[digits & (DIGITS - 1)]++;
        starts.high[digits >> DIGIT]++;
    }
    place_by_digit(ordering, count, ordering->shift, starts.low);
    if (widest >> ordering->shift >= DIGITS) place_by_digit(ordering, count, ordering->shift + DIGIT, starts.high);
}

/* By falling score. Scores of one query mostly differ in their highest bits, so that sorting by these beats comparing. */
static void sort_by_score(const struct topk *topk, struct ordering *ordering) {
    int32_t best = INT32_MIN, least = INT32_MAX;
    for (size_t i = 0; i < topk->count; i++) {
        if (topk->scores[i] > best) best = topk->scores[i];
        if (topk->scores[i] < least) least = topk->scores[i];
    }
    for (size_t i = 0; i < topk->count; i++)
        ordering->places[i] = (struct place){(uint32_t)best - (uint32_t)topk->scores[i], (uint32_t)i};
    ordering->shift = 0;
    if (topk->count <= FEW)
        insert_places(ordering->places, topk->count);
    else
        place_by_digits(ordering, topk->count, (uint32_t)best - (uint32_t)least);
}

/* ---- ids ---- */

/* Those of one segment together. */
static revue_status read_ids(struct topk *topk, const char **ids) {
    arena_reset(&topk->ids);
    for (size_t from = 0, to; from < topk->count; from = to) {
        const uint32_t segment = topk->segments[from];
        for (to = from + 1; to < topk->count && topk->segments[to] == segment;)
            to++;
        const struct ids_streams streams = segment_ids(topk->searcher->segments[segment].segment);
        TRY(ids_get_many(streams, topk->docs + from, (uint32_t)(to - from), &topk->ids, ids + from, topk->error));
    }
    return REVUE_OK;
}

/* As strcmp, by eight bytes: so many are readable behind an id. */
static inline int compare_ids(const char *a, const char *b) {
    for (size_t at = 0;; at += sizeof(uint64_t)) {
        const uint64_t of_a = load_be64(a + at), of_b = load_be64(b + at);
        if (of_a != of_b) return of_a < of_b ? -1 : 1;
        if ((of_a - 0x0101010101010101u) & ~of_a & 0x8080808080808080u) return 0; /* they ended */
    }
}
_Static_assert(ID_SLACK >= sizeof(uint64_t), "ids are compared by words");

static inline int compare(const struct place *a, const struct place *b, const char *const *ids) {
    if (a->below != b->below) return a->below < b->below ? -1 : 1;
    return compare_ids(ids[a->index], ids[b->index]);
}

static int compare_places(const void *left, const void *right, void *ids) {
    return compare(left, right, ids);
}

/* Mostly two or three, or in order as they are: reviews of one length come as the archive has them. */
static void order_run(struct place *places, size_t count, const char *const *ids) {
    size_t sorted = 1;
    while (sorted < count && compare(&places[sorted - 1], &places[sorted], ids) <= 0)
        sorted++;
    if (sorted < count && count > FEW_TIES) {
        qsort_r(places, count, sizeof *places, compare_places, (void *)ids);
        return;
    }
    for (size_t i = sorted; i < count; i++) {
        const struct place moved = places[i];
        size_t at = i;
        for (; at > 0 && compare(&places[at - 1], &moved, ids) > 0; at--)
            places[at] = places[at - 1];
        places[at] = moved;
    }
}

/* What the digits left equal, as far as it begins among the best k. */
static void order_runs(const struct topk *topk, const struct ordering *ordering) {
    struct place *places = ordering->places;
    for (size_t from = 0, to; from < topk->count && from < topk->k; from = to) {
        const uint32_t digits = places[from].below >> ordering->shift;
        for (to = from + 1; to < topk->count && places[to].below >> ordering->shift == digits;)
            to++;
        if (to - from > 1) order_run(places + from, to - from, ordering->ids);
    }
}

/* Memory is topk->ordered: first there is room for as many items. */
static revue_status order(struct topk *topk, struct ordering *ordering) {
    const size_t count = topk->count, each = sizeof *topk->items + sizeof *ordering->ids + 2 * sizeof *ordering->places;
    memory_free(topk->ordered);
    topk->ordered = memory_alloc_array(count, each);
    if (!topk->ordered) return error_no_memory(topk->error);
    ordering->ids = (const char **)(void *)((struct candidate *)topk->ordered + count);
    ordering->places = (struct place *)(void *)(ordering->ids + count);
    ordering->other = ordering->places + count;
    sort_by_score(topk, ordering);
    TRY(read_ids(topk, ordering->ids));
    order_runs(topk, ordering);
    return REVUE_OK;
}

/* ---- dropping ---- */

static void move(struct topk *topk, size_t from, size_t to) {
    topk->scores[to] = topk->scores[from];
    topk->docs[to] = topk->docs[from];
    topk->segments[to] = topk->segments[from];
}

static void drop_below(struct topk *topk, int32_t least) {
    const struct scored_reviews kept = {topk->scores, topk->docs, topk->segments};
    topk->count =
        topk->functions->keep_scored(topk->scores, topk->docs, topk->segments, (uint32_t)topk->count, least, &kept);
}

/* Leaves the best k in the order they came in. */
static revue_status cut(struct topk *topk) {
    struct ordering ordering;
    size_t kept = 0;
    TRY(order(topk, &ordering));
    topk_raise(topk, topk->scores[ordering.places[topk->k - 1].index]);
    for (size_t i = topk->k; i < topk->count; i++)
        topk->segments[ordering.places[i].index] = UINT32_MAX;
    for (size_t i = 0; i < topk->count; i++)
        if (topk->segments[i] != UINT32_MAX) move(topk, i, kept++);
    topk->count = kept;
    return REVUE_OK;
}

/* What the threshold drops is mostly enough; where it is not, the rest ties, or falls into the range of the k-th best. */
static revue_status make_room(struct topk *topk) {
    drop_below(topk, topk->floor);
    return topk->count > topk->k + (topk->k + COLLECTED_LEAST) / 2 ? cut(topk) : REVUE_OK;
}

/* There never is more room than may be taken, so that whoever adds need look at nothing else. */
static size_t found_most(const struct topk *topk) {
    return 2 * topk->k + COLLECTED_LEAST;
}

/* To so many at least. */
static revue_status grow(struct topk *topk, size_t least) {
    size_t capacity = topk->capacity > 0 ? topk->capacity * 2 : FOUND_FIRST;
    if (capacity < least) capacity = least;
    if (capacity > found_most(topk)) capacity = found_most(topk);
    int32_t *scores = memory_alloc_array(capacity + SCORED_SLACK, FOUND_BYTES);
    if (!scores) return error_no_memory(topk->error);
    uint32_t *docs = (uint32_t *)scores + capacity + SCORED_SLACK, *segments = docs + capacity + SCORED_SLACK;
    if (topk->count > 0) {
        memcpy(scores, topk->scores, topk->count * sizeof *scores);
        memcpy(docs, topk->docs, topk->count * sizeof *docs);
        memcpy(segments, topk->segments, topk->count * sizeof *segments);
    }
    memory_free(topk->scores);
    topk->scores = scores;
    topk->docs = docs;
    topk->segments = segments;
    topk->capacity = capacity;
    return REVUE_OK;
}

/* ---- adding ---- */

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
    if (topk->count == found_most(topk)) {
        topk->status = make_room(topk);
        if (score < topk->floor || topk->status != REVUE_OK) return;
    }
    if (topk->count == topk->capacity) topk->status = grow(topk, topk->count + 1);
    if (topk->status == REVUE_OK) topk_put(topk, segment, doc, score);
}

/* Of at most BATCH those that are not deleted. */
static uint32_t keep_live(const struct deletes *deletes, const uint32_t *docs, const int32_t *scores, uint32_t count,
                          uint32_t *live_docs, int32_t *live_scores) {
    uint32_t live = 0;
    for (uint32_t i = 0; i < count; i++) {
        live_docs[live] = docs[i];
        live_scores[live] = scores[i];
        live += !deletes_has(deletes, docs[i]);
    }
    return live;
}

/* At most BATCH, which the threshold is raised by together. */
static void add_batch(struct topk *topk, uint32_t segment, const uint32_t *docs, const int32_t *scores, uint32_t count) {
    if (topk->count + count > found_most(topk)) topk->status = make_room(topk);
    if (topk->status == REVUE_OK && topk->count + count > topk->capacity) topk->status = grow(topk, topk->count + count);
    if (topk->status != REVUE_OK) return;
    const struct scored_reviews kept = {topk->scores + topk->count, topk->docs + topk->count, NULL};
    const size_t end = topk->count + topk->functions->keep_scored(scores, docs, NULL, count, topk->threshold, &kept);
    for (; topk->count < end; topk->count++) {
        topk->segments[topk->count] = segment;
        kth_score_add(&topk->kth, topk->scores[topk->count]);
    }
    topk_raise(topk, topk->kth.floor);
}

/* Each has to be weighed or compared, or k is so small that the next score may raise the threshold. */
static void add_singly(struct topk *topk, uint32_t segment, const uint32_t *docs, const int32_t *scores, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        topk_add(topk, segment, docs[i], scores[i]);
}

void topk_add_live(struct topk *topk, uint32_t segment, const struct deletes *deletes, const uint32_t *docs,
                   const int32_t *scores, uint32_t count, uint64_t *total) {
    uint32_t live_docs[BATCH];
    int32_t live_scores[BATCH];
    for (uint32_t i = 0, live; i < count && topk->status == REVUE_OK; i += BATCH, *total += live) {
        const bool has_deletes = deletes->words;
        live = count - i < BATCH ? count - i : BATCH;
        if (has_deletes) live = keep_live(deletes, docs + i, scores + i, live, live_docs, live_scores);
        (topk->prior || topk->after.id || topk->k <= KTH_HEAP_MAX ? add_singly : add_batch)(
            topk, segment, has_deletes ? live_docs : docs + i, has_deletes ? live_scores : scores + i, live);
    }
}

revue_status topk_finish(struct topk *topk) {
    struct ordering ordering;
    if (topk->status != REVUE_OK) return topk->status;
    drop_below(topk, topk->floor);
    if (topk->count == 0) return REVUE_OK; /* there may be no memory at all */
    topk->status = order(topk, &ordering);
    if (topk->status != REVUE_OK) return topk->status;
    topk->items = topk->ordered;
    if (topk->count > topk->k) topk->count = topk->k;
    for (size_t i = 0; i < topk->count; i++) {
        const uint32_t index = ordering.places[i].index;
        topk->items[i] =
            (struct candidate){topk->scores[index], topk->segments[index], topk->docs[index], ordering.ids[index]};
    }
    return REVUE_OK;
}
