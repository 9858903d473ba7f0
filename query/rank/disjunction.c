/* disjunction.c - see disjunction.h.
 *
 * In each window lists that together stay below the threshold bring no reviews in (MAXSCORE: Turtle, Flood, "Query
 * evaluation: strategies and optimizations", 1995): they are only asked about those that the others have. These are whole
 * words, and of the next word what it can do without: mostly the bodies, while its titles, few and worth much, bring
 * reviews in. A word of which all lists do is added to the window; of one of which some do, the reviews are only noted.
 *
 * Deciding list by list for all words was slower: of the bodies, or titles, of many words fewer fit below the threshold
 * than of all of a few words, whose bounds saturate. */
#include "query/rank/disjunction.h"

#include "query/rank/lead_search.h"

#include <string.h>

/* Where the most that a word gives is less than such a part of the threshold, it is not worked out window by window: of a
 * question of many words, the frequent ones, whose blocks are many. */
#define SMALL_PART 4

/* A word in the window at hand. */
struct window_word {
    int32_t bound;             /* what it gives at most, or BOUND_ABSENT */
    uint32_t lists, essential; /* a bit each: that are there; that bring reviews in */
};
struct disjunction {
    struct scored_leaf *leaves;
    uint32_t count, segment, doc_count;
    const struct deletes *deletes;
    struct topk *topk;
    uint64_t *total;
    revue_error *error;
    struct window_word *words;
    uint32_t *cheapest;          /* of the words, by rising bound of a posting: what leaving them out saves most for */
    uint32_t *order;             /* of the words, by falling bound in the window */
    struct score_window *window; /* NULL until it is needed, and the candidates */
    struct score_candidates *candidates;
    struct arena *arena;
    struct lead_search leads; /* where every word has one list */
    struct lead_word *led;    /* a window's words; NULL: not all have one list */
};

/* ---- the window ---- */

/* Bounds of the words in [from, to), and their order; *sum of those that are there. */
static revue_status bound_window(struct disjunction *search, uint32_t from, uint32_t to, int64_t *sum) {
    *sum = 0;
    for (uint32_t i = 0; i < search->count; i++) {
        struct scored_leaf *leaf = &search->leaves[i];
        struct window_word *word = &search->words[i];
        word->bound = leaf->bound;
        if (word->bound >= search->topk->threshold / SMALL_PART)
            TRY(scored_leaf_bound(leaf, from, to, &word->bound, search->error));
        else
            scored_leaf_bound_anywhere(leaf);
        if (word->bound > 0) *sum += word->bound;
        uint32_t at = i;
        for (; at > 0 && search->words[search->order[at - 1]].bound < word->bound; at--)
            search->order[at] = search->order[at - 1];
        search->order[at] = i;
    }
    return REVUE_OK;
}

/* Leaves out, of a word, the longest lists as long as what these give together with rest stays below the threshold. */
static void leave_out_lists(const struct disjunction *search, uint32_t number, int64_t rest) {
    const struct scored_leaf *leaf = &search->leaves[number];
    struct window_word *word = &search->words[number];
    float sum = 0;
    while (word->essential & (word->essential - 1)) {
        const uint32_t list = scored_leaf_longest(leaf, word->essential);
        sum += leaf->lists[list].range_bound;
        if (rest + scored_leaf_most(leaf, sum) >= search->topk->threshold) return;
        word->essential &= ~(1u << list);
    }
}

/* Leaves out words, those that cost most for what they give first, as long as what they give stays below the threshold;
 * then what it can of the next. */
static void choose_lists(struct disjunction *search) {
    int64_t rest = 0;
    for (uint32_t i = 0; i < search->count; i++) {
        const uint32_t lists = scored_leaf_lists_there(&search->leaves[i]);
        search->words[i].lists = search->words[i].essential = lists;
    }
    for (uint32_t i = 0; i < search->count; i++) {
        struct window_word *word = &search->words[search->cheapest[i]];
        if (word->bound == BOUND_ABSENT || rest + word->bound >= search->topk->threshold) continue;
        rest += word->bound;
        word->essential = 0;
    }
    for (uint32_t i = 0; i < search->count; i++) {
        if (search->words[search->cheapest[i]].essential == 0) continue;
        leave_out_lists(search, search->cheapest[i], rest);
        return;
    }
}

/* Adds words whose lists are all essential, notes the reviews of other essential lists. *rest: what words that were not
 * added give at most. */
static revue_status fill_window(struct disjunction *search, uint32_t from, uint32_t to, int64_t sum, int64_t *rest) {
    *rest = 0;
    search->window->from = from;
    for (uint32_t i = 0; i < search->count; i++) {
        const struct window_word *word = &search->words[i];
        struct scored_leaf *leaf = &search->leaves[i];
        if (word->lists == 0) continue;
        if (word->essential == word->lists) {
            TRY(scored_leaf_add(leaf, search->window, to, search->topk->threshold - (sum - word->bound), search->error));
            continue;
        }
        *rest += word->bound;
        TRY(scored_leaf_note(leaf, word->essential, search->window, to, search->error));
    }
    return REVUE_OK;
}

static revue_status make_window(struct disjunction *search) {
    if (search->window) return REVUE_OK;
    search->candidates = arena_alloc(search->arena, sizeof *search->candidates);
    search->window = arena_alloc(search->arena, sizeof *search->window);
    if (!search->window || !search->candidates) return error_no_memory(search->error);
    memset(search->window, 0, sizeof *search->window);
    return REVUE_OK;
}

/* One word alone brings reviews in. */
static bool has_lead(const struct disjunction *search, uint32_t *lead) {
    uint32_t leads = 0;
    for (uint32_t i = 0; i < search->count; i++) {
        if (!search->words[i].essential) continue;
        *lead = i;
        leads++;
    }
    return leads == 1;
}

static revue_status search_lead(struct disjunction *search, uint32_t lead, uint32_t from, uint32_t to) {
    uint32_t count = 0;
    search->led[count++] = (struct lead_word){lead, search->words[lead].bound};
    for (uint32_t i = 0; i < search->count; i++) {
        const uint32_t word = search->order[i];
        if (word != lead && search->words[word].lists)
            search->led[count++] = (struct lead_word){word, search->words[word].bound};
    }
    return lead_search_range(&search->leads, search->led, count, from, to);
}

static revue_status search_window(struct disjunction *search, uint32_t from, uint32_t to) {
    uint32_t lead;
    int64_t sum, rest;
    TRY(deadline_spend(to - from, search->error));
    TRY(bound_window(search, from, to, &sum));
    if (sum < search->topk->threshold) return REVUE_OK;
    choose_lists(search);
    if (search->led && has_lead(search, &lead)) return search_lead(search, lead, from, to);
    TRY(make_window(search));
    TRY(fill_window(search, from, to, sum, &rest));
    score_window_drain(search->window, topk_threshold_less(search->topk, rest), search->candidates);
    for (uint32_t i = 0; i < search->count && search->candidates->count > 0; i++) {
        const struct window_word *word = &search->words[search->order[i]];
        if (word->lists == word->essential) continue;
        rest -= word->bound;
        TRY(scored_leaf_probe(&search->leaves[search->order[i]], false, topk_threshold_less(search->topk, rest),
                              search->candidates, search->error));
    }
    topk_add_live(search->topk, search->segment, search->deletes, search->candidates->docs, search->candidates->scores,
                  search->candidates->count, search->total);
    return REVUE_OK;
}

/* ---- which windows ---- */

/* What a word alone needs of its longest list, beside the most that the others give; at most 0: it may do without. */
static float needed_of_longest(const struct disjunction *search, uint32_t longest) {
    const struct scored_leaf *leaf = &search->leaves[0];
    double needed = scored_leaf_value_needed(leaf, (double)search->topk->threshold);
    for (uint32_t i = 0; i < leaf->list_count; i++)
        if (i != longest) needed -= (double)leaf->lists[i].bound;
    return (float)needed * (2 - BOUND_ROUNDED_UP);
}

/* The next window from *from on, [*from, *to). Of a word alone they are runs of blocks of its longest list that may do. */
static revue_status next_window(const struct disjunction *search, uint32_t *from, uint32_t *to) {
    const uint32_t left = search->doc_count - *from;
    *to = *from + (left < SCORE_WINDOW ? left : SCORE_WINDOW);
    if (search->count > 1) return REVUE_OK;
    const struct scored_leaf *leaf = &search->leaves[0];
    const uint32_t longest = scored_leaf_longest(leaf, (1u << leaf->list_count) - 1);
    struct scored_list *list = &leaf->lists[longest];
    const float needed = needed_of_longest(search, longest);
    if (!(needed > 0)) return REVUE_OK;
    TRY(postings_reader_seek_block(&list->reader, *from, search->error));
    TRY(scored_list_pass_below(list, needed, search->error));
    uint32_t last;
    TRY(scored_list_last_above(list, needed, &last, search->error));
    *to = list->reader.count > 0 ? last + 1 : search->doc_count;
    if (list->reader.count == 0) *from = search->doc_count;
    if (list->reader.count > 0 && list->reader.previous_last + 1 > *from) *from = list->reader.previous_last + 1;
    if (*to - *from > SCORE_WINDOW) *to = *from + SCORE_WINDOW;
    return REVUE_OK;
}

/* ---- the search ---- */

static double price_of(const struct scored_leaf *leaf) {
    return leaf->cost > 0 ? (double)leaf->bound / (double)leaf->cost : 0;
}

static void order_by_price(struct disjunction *search) {
    for (uint32_t i = 0; i < search->count; i++) {
        uint32_t at = i;
        for (; at > 0 && price_of(&search->leaves[search->cheapest[at - 1]]) > price_of(&search->leaves[i]); at--)
            search->cheapest[at] = search->cheapest[at - 1];
        search->cheapest[at] = i;
    }
}

static revue_status make_room(struct disjunction *search) {
    search->words = arena_alloc_array(search->arena, search->count, sizeof *search->words);
    search->order = arena_alloc_array(search->arena, search->count, sizeof *search->order);
    search->cheapest = arena_alloc_array(search->arena, search->count, sizeof *search->cheapest);
    return search->words && search->order && search->cheapest ? REVUE_OK : error_no_memory(search->error);
}

static revue_status open_leads(struct disjunction *search) {
    if (!lead_search_is_possible(search->leaves, search->count)) return REVUE_OK;
    search->leads = (struct lead_search){.leaves = search->leaves,
                                         .leaf_count = search->count,
                                         .segment = search->segment,
                                         .deletes = search->deletes,
                                         .topk = search->topk,
                                         .total = search->total,
                                         .error = search->error};
    search->led = arena_alloc_array(search->arena, search->count, sizeof *search->led);
    return search->led ? lead_search_open(&search->leads, search->arena) : error_no_memory(search->error);
}

revue_status disjunction_search(struct scored_leaf *leaves, uint32_t count, uint32_t segment, uint32_t doc_count,
                                const struct deletes *deletes, struct arena *arena, struct topk *topk, uint64_t *total,
                                revue_error *error) {
    struct disjunction search = {.leaves = leaves,
                                 .count = count,
                                 .segment = segment,
                                 .doc_count = doc_count,
                                 .deletes = deletes,
                                 .arena = arena,
                                 .topk = topk,
                                 .total = total,
                                 .error = error};
    TRY(make_room(&search));
    TRY(open_leads(&search));
    order_by_price(&search);
    for (uint32_t from = 0, to; from < doc_count; from = to) {
        TRY(next_window(&search, &from, &to));
        if (from == doc_count) break;
        TRY(topk_enter(topk, segment, from, to));
        TRY(search_window(&search, from, to));
        topk_leave(topk);
    }
    return REVUE_OK;
}
