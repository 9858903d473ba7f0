/* search_internal.h - one search, shared by search.c (what is asked for, and the best by score), search_collect.c (what
 * needs all matches) and search_fill.c (what the caller gets). */
#ifndef REVUE_SEARCH_INTERNAL_H
#define REVUE_SEARCH_INTERNAL_H

#include "query/collect/facets.h"
#include "query/collect/groups.h"
#include "query/collect/sorted.h"
#include "query/result/result.h"
#include "query/result/snippet.h"

struct search {
    revue_searcher *searcher;
    const revue_search_options *options;
    struct plan_options plan_options;
    struct query query, filter;
    struct plan plan;
    struct topk topk;
    /* What is made of all matches, when it is asked for. */
    struct sorted sorted;
    struct sort_order order;
    bool is_sorted; /* by order, instead of by score */
    struct groups *groups;
    struct facet *facets[FACETS_MAX];
    size_t facet_count;
    uint64_t total;
    bool total_exact;
    bool is_all_empty; /* no review has all of the words */
    struct arena arena; /* of query and plan; the result has its own */
    struct revue_result *result;
    revue_error *error;
};

/* Checks and takes over the options; nothing to free yet. error is not NULL. */
revue_status search_open(struct search *search, revue_searcher *searcher, const revue_search_options *options,
                         revue_error *error);
/* Answers the text, or, when search->query is made already (in its arena), that; frees what the search holds in any case. */
revue_status search_answer(struct search *search, const char *text, size_t size, revue_result **result);

/* Whether the plan at hand needs all of its matches; reads the order that was asked for. */
revue_status search_collects(struct search *search, bool *collects);
/* Orders, groups and counts all matches. */
revue_status search_collect(struct search *search);
void search_free_collectors(struct search *search);

/* Hits, groups and facets, out of what was found. */
revue_status search_fill(struct search *search);

#endif
