/* search_internal.h - one search, shared by search.c (what is asked for, and the best by score), search_collect.c (what
 * needs all matches), search_page.c (where pages begin and end) and search_fill.c (what the caller gets). */
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
    bool has_sorted; /* sorted is made */
    struct sort_order order;
    bool is_sorted;  /* by order, instead of by score */
    bool has_scores; /* matches were collected with theirs */
    struct groups *groups;
    struct facet *facets[FACETS_MAX];
    size_t facet_count;
    /* Where the page before ended, and its statistics; after is NULL of a first page. */
    const struct page_token *after;
    struct plan_statistics statistics;
    uint64_t query_hash; /* of what was asked, the page apart */
    bool gives_next;     /* one hit more than is shown is looked for */
    struct prior_options prior_options;
    struct prior prior;
    struct prior *weighed; /* by: prior, or NULL */
    uint64_t total;
    bool total_exact;
    bool is_all_empty;  /* no review has all of the words */
    struct arena arena; /* of query and plan; the result has its own */
    struct revue_result *result;
    revue_error *error;
    struct sorted sorted; /* large, and last: not even zeroed where it is not asked for */
};

/* Checks and takes over the options. error is not NULL. When this fails there is nothing to free; else the arena is. */
revue_status search_open(struct search *search, revue_searcher *searcher, const revue_search_options *options,
                         revue_error *error);
/* The text, and that of the filter, into query and filter. */
revue_status search_parse(struct search *search, const char *text, size_t size);
/* Answers the text, or, when search->query is made already (in its arena), that; frees what the search holds in any case.
 */
revue_status search_answer(struct search *search, const char *text, size_t size, revue_result **result);

/* How many of the best are looked for. */
static inline size_t search_wanted(const struct search *search) {
    return search->options->offset + search->options->n + search->gives_next;
}

/* Whether the plan at hand needs all of its matches; reads the order that was asked for. */
revue_status search_collects(struct search *search, bool *collects);
/* Orders, groups and counts all matches. */
revue_status search_collect(struct search *search);
/* The scores of hits that were found without. */
revue_status search_score(struct search *search, struct candidate *candidates, size_t count);
void search_free_collectors(struct search *search);

/* Reads the token of the page before, when there is one: behind the parsing, before a plan is made. */
revue_status search_page_open(struct search *search);
/* Lets the collectors of the plan at hand begin where the page before ended. */
revue_status search_page_begin(struct search *search);
/* The token for the page behind the best[last], whose rank is given: into the result. */
revue_status search_page_end(struct search *search, const struct candidate *best, size_t last, uint64_t rank);

/* Hits, groups and facets, out of what was found. */
revue_status search_fill(struct search *search);

#endif
