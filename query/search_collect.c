/* search_collect.c - searches that need all matches: sorted by columns, grouped, counted by the values of columns. */
#include "query/rank/search_count.h"
#include "query/rank/search_pruned.h"
#include "query/search_internal.h"

#include <stdlib.h>

struct best { /* the best by score, of all matches */
    struct collector collector;
    struct topk *topk;
};

static revue_status take_best(struct collector *collector, const struct matches *matches, revue_error *error) {
    struct topk *topk = ((struct best *)collector)->topk;
    (void)error; /* the topk has it */
    for (uint32_t at = chunk_next(matches->bits, 0); at < COLUMN_CHUNK; at = chunk_next(matches->bits, at + 1))
        topk_add(topk, matches->segment, matches->chunk * COLUMN_CHUNK + at, matches->scores[at]);
    return topk->status;
}

void search_free_collectors(struct search *search) {
    if (search->has_sorted) sorted_free(&search->sorted);
    search->has_sorted = false;
    groups_free(search->groups);
    search->groups = NULL;
    while (search->facet_count > 0)
        facet_free(search->facets[--search->facet_count]);
}

static revue_status create_groups(struct search *search) {
    const revue_search_options *options = search->options;
    const struct group_options wanted = {.column = view_of_string(options->group),
                                         .sort = view_of_string(options->group_sort ? options->group_sort : ""),
                                         .hits = options->group_hits,
                                         .skipped = options->offset,
                                         .shown = options->n};
    return groups_create(&search->groups, search->searcher, &wanted, search->error);
}

/* An answer has one facet of a name. */
static revue_status add_facet(struct search *search, const char *text) {
    struct facet **added = &search->facets[search->facet_count];
    TRY(facet_create(added, search->searcher, view_of_string(text), search->error));
    search->facet_count++;
    for (size_t i = 0; i + 1 < search->facet_count; i++)
        if (facet_column(search->facets[i]) == facet_column(*added))
            return error_set(search->error, REVUE_USAGE, "--facet %.64s: this column has a facet already", text);
    return REVUE_OK;
}

static revue_status create_collectors(struct search *search) {
    const revue_search_options *options = search->options;
    search_free_collectors(search);
    search->has_sorted = search->is_sorted;
    if (search->is_sorted)
        TRY(sorted_init(&search->sorted, search->searcher, &search->order, search_wanted(search), search->error));
    if (options->group) TRY(create_groups(search));
    for (size_t i = 0; i < options->facet_count; i++)
        TRY(add_facet(search, options->facets[i]));
    return REVUE_OK;
}

/* Where words are matched on bits, the best of them are found by a search of its own, which passes most of them over. */
static bool finds_best_apart(const struct search *search) {
    return !search->groups && !search->is_sorted && !search->options->exhaustive &&
           search_count_is_possible(&search->plan, search->searcher) &&
           search_pruned_is_possible(&search->plan, search->searcher);
}

static bool needs_scores(const struct search *search) {
    if (search->options->exhaustive || search->groups) return true;
    return !search->is_sorted || sort_order_has_score(&search->order);
}

/* Facets that count the matches; the others are counted at once, over what matches without the filters of their column. */
static revue_status add_facets(struct search *search, struct collector **collectors, size_t *count) {
    for (size_t i = 0; i < search->facet_count; i++) {
        struct collector *collector = facet_collector(search->facets[i]);
        struct plan without;
        bool differs = false;
        uint64_t total;
        if (search->options->multi_select)
            TRY(plan_without_column(&search->plan, search->searcher, facet_column(search->facets[i]), &without, &differs,
                                    search->error));
        if (differs)
            TRY(collect_matches(&without, search->searcher, &collector, 1, false, NULL, &total, search->error));
        else
            collectors[(*count)++] = collector;
    }
    return REVUE_OK;
}

revue_status search_collect(struct search *search) {
    struct best best = {{take_best}, &search->topk};
    struct collector *collectors[2 + FACETS_MAX];
    size_t count = 0;
    uint64_t met;
    TRY(create_collectors(search));
    TRY(search_page_begin(search));
    const bool is_apart = finds_best_apart(search);
    if (!is_apart) topk_set_prior(&search->topk, NULL); /* scores are collected with theirs */
    if (is_apart)
        TRY(search_pruned(&search->plan, search->searcher, &search->topk, &met, search->error));
    else if (search->groups)
        collectors[count++] = groups_collector(search->groups);
    else
        collectors[count++] = search->is_sorted ? &search->sorted.collector : &best.collector;
    TRY(add_facets(search, collectors, &count));
    search->total_exact = true;
    search->has_scores = is_apart || needs_scores(search);
    return collect_matches(&search->plan, search->searcher, collectors, count, !is_apart && search->has_scores,
                           search->weighed, &search->total, search->error);
}

/* ---- scores of what is shown ---- */

static int compare_docs(const void *left, const void *right) {
    const struct candidate *a = *(struct candidate *const *)left, *b = *(struct candidate *const *)right;
    if (a->segment != b->segment) return a->segment < b->segment ? -1 : 1;
    return a->doc < b->doc ? -1 : a->doc > b->doc;
}

/* Those of one segment, ascending. */
static revue_status score_segment(struct search *search, struct candidate *const *candidates, size_t count) {
    struct arena arena = {0};
    struct cursor_failure failure = {0};
    const uint32_t segment = candidates[0]->segment;
    const struct leaf_context context = {.segment = search->searcher->segments[segment].segment,
                                         .arena = &arena,
                                         .failure = &failure,
                                         .stemmer = search->searcher->stemmer};
    struct cursor *cursor = plan_cursor(&search->plan, &context, segment);
    for (size_t i = 0; cursor && i < count; i++) {
        cursor_seek(cursor, candidates[i]->doc);
        if (cursor->doc == candidates[i]->doc) candidates[i]->score = cursor_contribution(cursor);
    }
    cursor_close(cursor);
    arena_free(&arena);
    if (!cursor) return error_no_memory(search->error);
    if (failure.status != REVUE_OK && search->error) *search->error = failure.error;
    return failure.status;
}

revue_status search_score(struct search *search, struct candidate *candidates, size_t count) {
    if (search->has_scores || search->plan.leaf_count == 0 || count == 0) return REVUE_OK;
    struct candidate **placed = arena_alloc_array(&search->arena, count, sizeof *placed);
    if (!placed) return error_no_memory(search->error);
    for (size_t i = 0; i < count; i++)
        placed[i] = &candidates[i];
    qsort(placed, count, sizeof *placed, compare_docs);
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && placed[to]->segment == placed[from]->segment;)
            to++;
        TRY(score_segment(search, placed + from, to - from));
    }
    for (size_t i = 0; i < count && search->weighed; i++) {
        uint32_t factor;
        TRY(prior_factor(search->weighed, placed[i]->segment, placed[i]->doc, &factor, search->error));
        placed[i]->score = prior_apply(placed[i]->score, factor);
    }
    return REVUE_OK;
}

/* What scores nothing comes newest first. */
static revue_status read_order(struct search *search) {
    const char *sort = search->options->sort;
    search->order = sort_order_newest();
    search->is_sorted = !search->options->group && (sort || (search->plan.root && search->plan.leaf_count == 0));
    return sort ? sort_order_read(search->searcher, view_of_string(sort), &search->order, search->error) : REVUE_OK;
}

revue_status search_collects(struct search *search, bool *collects) {
    TRY(read_order(search));
    *collects = search->is_sorted || search->options->group || search->options->facet_count > 0;
    return REVUE_OK;
}
