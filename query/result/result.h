/* result.h - what a search found, made from candidates: between search.c and the files of result/. */
#ifndef REVUE_RESULT_H
#define REVUE_RESULT_H

#include "query/plan/plan.h"
#include "query/rank/topk.h"

struct revue_result {
    struct arena arena; /* owns everything below, but for the ids of hits that a topk has read */
    struct arena ids;
    const revue_hit *hits;
    size_t hit_count;
    revue_facet *facets;
    size_t facet_count;
    const revue_group *groups;
    size_t group_count;
    uint64_t groups_total, ungrouped;
    uint64_t total;
    bool total_exact;
    const char *next; /* NULL: there is no more */
    revue_operator op;
    double took_us;
    const char **warnings;
    size_t warning_count;
    const char *suggestion; /* NULL: none */
};
/* Copies the text. */
revue_status result_add_warning(struct revue_result *result, const char *text, revue_error *error);
/* The stored fields of one review into a hit, but for the id. */
revue_status hit_fill(revue_hit *hit, revue_searcher *searcher, const struct candidate *candidate, struct arena *arena,
                      revue_error *error);
/* The whole review. */
revue_status review_fill(revue_review *review, revue_searcher *searcher, uint32_t segment, uint32_t doc,
                         struct arena *arena, revue_error *error);

#endif
