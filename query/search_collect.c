/* search_collect.c - searches that need all matches: sorted by columns, grouped, counted by the values of columns. */
#include "query/search_internal.h"

struct best { /* the best by score, of all matches */
    struct collector collector;
    struct topk *topk;
};

static revue_status take_best(struct collector *collector, const struct matches *matches, revue_error *error) {
    struct topk *topk = ((struct best *)collector)->topk;
    (void)error; /* the topk has it */
    for (uint32_t i = 0; i < matches->count; i++)
        topk_add(topk, matches->segment, matches->docs[i], matches->scores[i]);
    return topk->status;
}

void search_free_collectors(struct search *search) {
    sorted_free(&search->sorted);
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
        if (facet_same_column(search->facets[i], *added))
            return error_set(search->error, REVUE_USAGE, "--facet %.64s: this column has a facet already", text);
    return REVUE_OK;
}

static revue_status create_collectors(struct search *search) {
    const revue_search_options *options = search->options;
    search_free_collectors(search);
    if (search->is_sorted)
        TRY(sorted_init(&search->sorted, search->searcher, &search->order, search_wanted(search), search->error));
    if (options->group) TRY(create_groups(search));
    for (size_t i = 0; i < options->facet_count; i++)
        TRY(add_facet(search, options->facets[i]));
    return REVUE_OK;
}

revue_status search_collect(struct search *search) {
    struct best best = {{take_best}, &search->topk};
    struct collector *collectors[2 + FACETS_MAX];
    size_t count = 0;
    TRY(create_collectors(search));
    TRY(search_page_begin(search));
    if (search->groups)
        collectors[count++] = groups_collector(search->groups);
    else
        collectors[count++] = search->is_sorted ? &search->sorted.collector : &best.collector;
    for (size_t i = 0; i < search->facet_count; i++)
        collectors[count++] = facet_collector(search->facets[i]);
    search->total_exact = true;
    return collect_matches(&search->plan, search->searcher, collectors, count, &search->total, search->error);
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
