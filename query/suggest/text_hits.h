/* text_hits.h - how many reviews a text would find, for those who offer texts. */
#ifndef REVUE_SUGGEST_TEXT_HITS_H
#define REVUE_SUGGEST_TEXT_HITS_H

#include "query/plan/plan.h"

/* What texts are read and counted by: one for all that one call offers. */
struct text_hits {
    revue_searcher *searcher;
    struct plan_options options; /* all of the words, leniently */
    struct arena fields;         /* of the names that a query may use */
    struct query_options query;
    struct arena arena; /* of one text at a time */
    uint64_t budget;    /* postings that may still be looked at */
    revue_error *error;
};
/* options: of the search that asks, with its filters; NULL: none asks. Free it also when this fails. */
revue_status text_hits_init(struct text_hits *hits, revue_searcher *searcher, const struct plan_options *options,
                            uint64_t budget, revue_error *error);
void text_hits_free(struct text_hits *hits);

/* The tree of a text, until the next call. */
revue_status text_hits_parse(struct text_hits *hits, struct view text, struct query *query);
/* Its plan, until the next call. *is_cheap: what its matches cost is within the budget, and was taken from it. */
revue_status text_hits_plan(struct text_hits *hits, struct view text, struct plan *plan, bool *is_cheap);
/* Reviews that have all of the words; *is_known false: to count them would cost more than is left. */
revue_status text_hits_count(struct text_hits *hits, struct view text, uint64_t *count, bool *is_known);

#endif
