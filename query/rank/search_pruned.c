/* search_pruned.c - see search_pruned.h. */
#include "query/rank/search_pruned.h"

#include "indexer/base/memory.h"
#include "indexer/format/scoring.h"
#include "query/rank/conjunction.h"
#include "query/rank/disjunction.h"
#include "query/rank/excluded.h"
#include "query/rank/word_search.h"

#include <string.h>

/* So many of the rarest word are looked up in other words one by one as fast as by windows, and so many are scored so. */
#define RARE_POSTINGS 512u
#define FEW_POSTINGS 256u

/* The words of a plan that is nothing but words. */
struct words {
    struct plan_node *const *nodes;
    uint32_t count;
    bool all;
};

static bool words_of(const struct plan *plan, struct words *words) {
    struct plan_node *const *root = &plan->root;
    if (!*root) return false;
    if ((*root)->kind == PLAN_WORD) {
        *words = (struct words){root, 1, true};
        return true;
    }
    if ((*root)->kind != PLAN_BOOLEAN || (*root)->must_not_count > 0 || (*root)->filter_count > 0 ||
        ((*root)->must_count > 0) == ((*root)->should_count > 0))
        return false;
    words->all = (*root)->must_count > 0 || (*root)->should_count == 1;
    words->nodes = (*root)->must_count > 0 ? (*root)->must : (*root)->should;
    words->count = (*root)->must_count + (*root)->should_count;
    return true;
}

bool search_pruned_is_possible(const struct plan *plan, const revue_searcher *searcher) {
    struct words words;
    if (!words_of(plan, &words)) return false;
    for (uint32_t i = 0; i < words.count; i++) {
        const struct plan_node *node = words.nodes[i];
        if (node->kind != PLAN_WORD || node->words[0].by_form || node->forms) return false;
        for (uint32_t segment = 0; segment < searcher->segment_count; segment++)
            if (!scored_leaf_is_possible(searcher->segments[segment].segment, &node->words[0].in[segment], &node->scoring))
                return false;
    }
    return true;
}

static bool has_several_lists(const struct plan_node *node, const revue_searcher *searcher) {
    for (uint32_t segment = 0; segment < searcher->segment_count; segment++) {
        const struct segment_word *word = &node->words[0].in[segment];
        unsigned lists = 0;
        for (unsigned field = 0; word->stem_count > 0 && field < FIELD_COUNT; field++)
            lists += (word->stems[0].fields >> field & 1) && node->scoring.weight[field] > 0;
        if (lists > 1) return true;
    }
    return false;
}

bool search_pruned_pays(const struct plan *plan, const revue_searcher *searcher) {
    struct words words;
    if (!words_of(plan, &words)) return true;
    if (plan_postings(plan) > (words.all && words.count > 1 ? RARE_POSTINGS : FEW_POSTINGS)) return true;
    for (uint32_t i = 0; i < words.count; i++)
        if (has_several_lists(words.nodes[i], searcher)) return false;
    return true;
}

/* The search of one segment. */
struct segment_search {
    const struct plan *plan;
    struct scored_leaf *leaves; /* all: by cost, cheapest first */
    uint32_t count;
    uint32_t doc_count, number;
    const struct deletes *deletes;
    struct topk *topk;
    uint64_t total;
    struct arena *arena;
    struct score_window *window;
    struct score_candidates *candidates;
    /* Of the window at hand. */
    int32_t *bounds;
    revue_error *error;
};

static void collect(struct segment_search *search, const uint32_t *docs, const int32_t *scores, uint32_t count) {
    topk_add_live(search->topk, search->number, search->deletes, docs, scores, count, &search->total);
}

static void collect_candidates(struct segment_search *search) {
    collect(search, search->candidates->docs, search->candidates->scores, search->candidates->count);
}

/* What the searches by windows need; some others are over before they do. */
static revue_status make_window(struct segment_search *search) {
    search->window = arena_alloc(search->arena, sizeof *search->window);
    search->candidates = arena_alloc(search->arena, sizeof *search->candidates);
    if (!search->window || !search->candidates) return error_no_memory(search->error);
    memset(search->window, 0, sizeof *search->window);
    return REVUE_OK;
}

/* ---- all ---- */

/* False when no review of the range can enter. */
static revue_status range_may_enter(struct segment_search *search, uint32_t from, uint32_t to, bool *may, int64_t *rest) {
    int64_t sum = 0;
    *may = false;
    TRY(deadline_spend(POSTINGS_BLOCK, search->error));
    for (uint32_t i = 0; i < search->count; i++) {
        TRY(scored_leaf_bound(&search->leaves[i], from, to, &search->bounds[i], search->error));
        if (search->bounds[i] == BOUND_ABSENT) return REVUE_OK;
        sum += search->bounds[i];
    }
    *may = sum >= search->topk->threshold;
    *rest = sum - search->bounds[0];
    return REVUE_OK;
}

static revue_status search_range(struct segment_search *search, uint32_t from, uint32_t to) {
    int64_t rest = 0;
    bool may;
    TRY(range_may_enter(search, from, to, &may, &rest));
    if (!may) return REVUE_OK;
    TRY(scored_leaf_list(&search->leaves[0], from, to, topk_threshold_less(search->topk, rest), search->window,
                         search->candidates, search->error));
    for (uint32_t i = 1; i < search->count && search->candidates->count > 0; i++) {
        rest -= search->bounds[i];
        TRY(scored_leaf_probe(&search->leaves[i], true, topk_threshold_less(search->topk, rest), search->candidates,
                              search->error));
    }
    collect_candidates(search);
    return REVUE_OK;
}

static revue_status search_any(struct segment_search *search) {
    return disjunction_search(search->leaves, search->count, search->number, search->doc_count, search->deletes,
                              search->arena, search->topk, &search->total, search->error);
}

static revue_status search_all(struct segment_search *search) {
    for (uint32_t i = 0; i < search->count; i++)
        if (search->leaves[i].list_count == 0) return REVUE_OK;
    if (search->count == 1 && search->leaves[0].list_count == 1)
        return word_search(&search->leaves[0], search->number, search->deletes, search->topk, &search->total,
                           search->error);
    if (search->count == 1) return search_any(search);
    if (conjunction_is_possible(search->leaves, search->count))
        return conjunction_search(search->leaves, search->count, search->number, search->deletes, search->arena,
                                  search->topk, &search->total, search->error);
    TRY(make_window(search));
    for (uint32_t from = 0, to;; from = to) {
        TRY(scored_leaf_range(&search->leaves[0], from, &from, &to, search->error));
        if (from == DOC_END) return REVUE_OK;
        TRY(topk_enter(search->topk, search->number, from, to < search->doc_count ? to : search->doc_count));
        TRY(search_range(search, from, to));
        topk_leave(search->topk);
    }
}

/* ---- champions ---- */

/* The k-th largest, or INT32_MIN when there are fewer. */
static int32_t kth_score(const struct segment_search *search, const struct champion_scores *champions) {
    int32_t best[CHAMPIONS_MAX];
    size_t count = 0, k = search->topk->k;
    if (k == 0 || k > champions->count) return INT32_MIN;
    for (uint32_t i = 0; i < champions->count; i++) {
        int32_t score = champions->scores[i];
        if (deletes_has(search->deletes, champions->docs[i])) continue;
        size_t at = count < k ? count++ : k;
        for (; at > 0 && best[at - 1] < score; at--)
            if (at < k) best[at] = best[at - 1];
        if (at < k) best[at] = score;
    }
    return count == k ? best[k - 1] : INT32_MIN;
}

/* What a word alone gives its champions is a floor for the k best, but not for the k best behind a page, which champions
 * may stand before. *champions are those of the last word. */
static revue_status use_champions(struct segment_search *search, struct champion_scores *champions) {
    for (uint32_t i = 0; i < search->count; i++) {
        TRY(scored_leaf_champions(&search->leaves[i], champions, search->error));
        if (champions->count > 0 && !search->topk->after.id)
            topk_raise_unweighed(search->topk, kth_score(search, champions));
    }
    return REVUE_OK;
}

/* One word's champions may be all there is to find. */
static bool take_champions(struct segment_search *search, const struct champion_scores *champions, int32_t rest) {
    if (rest >= search->topk->threshold) return false;
    collect(search, champions->docs, champions->scores, champions->count);
    return true;
}

/* ---- which segments, and in which order ---- */

#define FEW_SEGMENTS 8u /* as many as an index mostly has */

/* A segment by what its words could give a review at most, known from the dictionary alone. */
struct segment_place {
    uint32_t number;
    int64_t most;
};

static bool is_in_segment(const struct plan_node *node, uint32_t segment) {
    const struct segment_word *word = &node->words[0].in[segment];
    for (unsigned field = 0; word->stem_count > 0 && field < FIELD_COUNT; field++)
        if ((word->stems[0].fields >> field & 1) && node->scoring.weight[field] > 0) return true;
    return false;
}

/* A word gives less than its scale, however often it occurs. Nothing (-1): the segment has no match. */
static int64_t most_of_segment(const struct words *words, uint32_t segment) {
    int64_t most = 0;
    bool has_any = false;
    for (uint32_t i = 0; i < words->count; i++) {
        bool has = is_in_segment(words->nodes[i], segment);
        if (!has && words->all) return -1;
        if (has) most += scoring_contribution_most(words->nodes[i]->scale, INFINITY, words->nodes[i]->scoring.k1);
        has_any |= has;
    }
    return has_any ? most : -1;
}

/* Segments that may have the best reviews come first, the larger ones before the smaller: what they raise the threshold to
 * lets the others be passed over. Those without a match are left out. Answers do not depend on the order. */
static uint32_t order_segments(const struct words *words, const revue_searcher *searcher, struct segment_place *places) {
    uint32_t count = 0;
    for (uint32_t segment = 0; segment < searcher->segment_count; segment++) {
        struct segment_place place = {segment, most_of_segment(words, segment)};
        uint32_t size = searcher->segments[segment].segment->meta.doc_count, at = count;
        if (place.most < 0) continue;
        for (; at > 0; at--) {
            const struct segment_place *before = &places[at - 1];
            if (before->most > place.most) break;
            if (before->most == place.most && searcher->segments[before->number].segment->meta.doc_count >= size) break;
            places[at] = *before;
        }
        places[at] = place;
        count++;
    }
    return count;
}

/* ---- a segment ---- */

static void sort_by_cost(struct scored_leaf *leaves, uint32_t count) {
    for (uint32_t i = 1; i < count; i++) {
        if (leaves[i - 1].cost <= leaves[i].cost) continue;
        const struct scored_leaf moved = leaves[i];
        uint32_t at = i;
        for (; at > 0 && leaves[at - 1].cost > moved.cost; at--)
            leaves[at] = leaves[at - 1];
        leaves[at] = moved;
    }
}

/* False when no review of the whole segment can enter: later segments of an index of many are often passed over so. */
static bool segment_may_enter(const struct segment_search *search) {
    int64_t sum = 0;
    for (uint32_t i = 0; i < search->count; i++)
        if (search->leaves[i].bound > 0) sum += search->leaves[i].bound;
    return sum >= search->topk->threshold;
}

static revue_status open_leaves(const struct words *words, revue_searcher *searcher, struct segment_search *search) {
    struct segment *segment = searcher->segments[search->number].segment;
    for (uint32_t i = 0; i < words->count; i++) {
        const struct plan_node *node = words->nodes[i];
        TRY(scored_leaf_open(&search->leaves[i], segment, search->arena, &node->words[0].in[search->number], &node->scoring,
                             node->scale, searcher->bounds, search->error));
        search->count++;
    }
    return REVUE_OK;
}

/* The champions come first: nothing else may be read. */
static revue_status search_leaves(struct segment_search *search, bool all) {
    struct champion_scores champions = {.count = 0};
    if (!all || search->count == 1) TRY(use_champions(search, &champions));
    const bool may_be_all = search->count == 1 && champions.count > 0 && champions.is_exact;
    if (may_be_all && take_champions(search, &champions, champions.rest)) return REVUE_OK;
    for (uint32_t i = 0; i < search->count; i++)
        TRY(scored_leaf_start(&search->leaves[i], search->error));
    if (!segment_may_enter(search)) return REVUE_OK;
    if (may_be_all && take_champions(search, &champions, scored_leaf_champions_rest(&search->leaves[0], &champions)))
        return REVUE_OK;
    if (all) sort_by_cost(search->leaves, search->count);
    return all ? search_all(search) : search_any(search);
}

static revue_status search_segment(const struct words *words, revue_searcher *searcher, struct segment_search *search) {
    search->doc_count = searcher->segments[search->number].segment->meta.doc_count;
    search->count = 0;
    TRY(excluded_reviews(search->plan, searcher, search->number, &search->deletes, search->error));
    revue_status status = open_leaves(words, searcher, search);
    if (status == REVUE_OK) status = search_leaves(search, words->all);
    for (uint32_t i = 0; i < search->count; i++)
        scored_leaf_close(&search->leaves[i]);
    return status;
}

static revue_status make_room(struct segment_search *search, const struct words *words, struct arena *arena) {
    search->leaves = arena_alloc_array(arena, words->count, sizeof *search->leaves);
    search->bounds = arena_alloc_array(arena, words->count, sizeof *search->bounds);
    search->arena = arena;
    return search->leaves && search->bounds ? REVUE_OK : error_no_memory(search->error);
}

revue_status search_pruned(const struct plan *plan, revue_searcher *searcher, struct topk *topk, uint64_t *total,
                           revue_error *error) {
    struct words words = {0};
    struct segment_search search = {.plan = plan, .topk = topk, .error = error};
    revue_status status = REVUE_OK;
    *total = 0;
    if (!words_of(plan, &words)) return error_set(error, REVUE_BUG, "a plan that cannot be pruned");
    struct segment_place few[FEW_SEGMENTS], *places = few;
    if (searcher->segment_count > FEW_SEGMENTS) places = memory_alloc_array(searcher->segment_count, sizeof *places);
    if (!places) return error_no_memory(error);
    struct arena arena = searcher_take_arena(searcher);
    uint32_t count = order_segments(&words, searcher, places);
    for (uint32_t i = 0; i < count && status == REVUE_OK && places[i].most >= topk->threshold; i++) {
        search.number = places[i].number;
        status = make_room(&search, &words, &arena);
        if (status == REVUE_OK) status = search_segment(&words, searcher, &search);
        if (status == REVUE_OK) status = topk->status;
        arena_reset(&arena);
    }
    searcher_give_arena(searcher, &arena);
    if (places != few) memory_free(places);
    *total = search.total;
    return status;
}
