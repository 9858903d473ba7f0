/* plan.h - a query bound to the statistics of an index: what is searched, how it is weighed, and the cursors of a segment.
 */
#ifndef REVUE_PLAN_H
#define REVUE_PLAN_H

#include "query/match/cursor.h"
#include "query/parse/parser.h"
#include "query/searcher.h"

enum plan_kind { PLAN_WORD, PLAN_PHRASE, PLAN_BOOLEAN };

struct plan_word { /* one token of the query */
    struct view form;
    bool by_form;                      /* only this form, else any of its stems' */
    struct view stems[WORD_STEMS_MAX]; /* unless by_form */
    uint32_t stem_count;
    uint64_t df;
    struct segment_word *in; /* by segment */
};
struct plan_node {
    enum plan_kind kind;
    double boost, idf, scale;
    struct field_scoring scoring;
    struct plan_word *words; /* one of a PLAN_WORD, in order of a PLAN_PHRASE */
    uint32_t word_count, slop;
    struct view *forms; /* of a phrase as written, else NULL */
    struct plan_node **must, **should, **must_not;
    uint32_t must_count, should_count, must_not_count;
};
struct plan_options {
    double k1, b;
    double weights[FIELD_COUNT];
    bool all;    /* words side by side must all match */
    bool plain;  /* the text has no syntax */
    bool phrase; /* plain text: one phrase, by stem */
};
struct plan {
    struct plan_node *root;    /* NULL: nothing to search for */
    struct plan_node **leaves; /* that score, in the order of the query */
    uint32_t leaf_count;
    double unit;     /* of scores */
    bool has_choice; /* all and any differ */
};

/* What a query may name: for query_options.fields. */
extern const struct query_field plan_fields[];
extern const size_t plan_field_count;

/* REVUE_USAGE (with the column) for a part of the language that is not executed. Memory is the arena's. */
revue_status plan_make(struct plan *plan, revue_searcher *searcher, const struct query *query,
                       const struct plan_options *options, struct arena *arena, revue_error *error);
/* The cursor of the plan in one segment; the caller closes it. NULL: out of memory. */
struct cursor *plan_cursor(const struct plan *plan, const struct leaf_context *context, uint32_t segment);

#endif
