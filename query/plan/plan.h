/* plan.h - a query bound to the statistics of an index: what is searched, how it is weighed, and the cursors of a segment.
 *
 * plan.c makes the nodes of the parsed tree, bind.c finds the words of its leaves in the index, plan_cursor.c opens the
 * cursors. A plan belongs to one snapshot of one searcher; all its memory is the arena's that it was made with. */
#ifndef REVUE_PLAN_H
#define REVUE_PLAN_H

#include "query/match/cursor.h"
#include "query/parse/parser.h"
#include "query/searcher.h"

#define WORD_STEMS_MAX 8u /* of one word searched by stem: those in the most reviews are kept */

enum plan_kind { PLAN_WORD, PLAN_PHRASE, PLAN_COLUMN, PLAN_ID, PLAN_SEVERAL, PLAN_BOOLEAN };

struct plan_word { /* one token of the query */
    struct view form;
    bool by_form;       /* only forms, else any of the stems' */
    bool counts_stems;  /* by form, of a pattern: where one stands all words of their stems count */
    struct view *forms; /* by form: any of them; of a pattern several, of which form is none */
    uint32_t form_count;
    struct view *stems; /* unless by_form: in the most reviews first, then bytewise */
    uint32_t stem_count;
    struct view *synonyms; /* whose stems are among them, for people */
    uint32_t synonym_count;
    uint64_t df;             /* reviews that have it, deleted ones included; of several stems or fields at most */
    struct segment_word *in; /* by segment */
};
struct plan_node {
    enum plan_kind kind;
    /* Leaves. */
    double boost;
    double idf;   /* of a phrase the sum over its words */
    double scale; /* boost * idf in units */
    struct field_scoring scoring;
    struct plan_word *words; /* one of a PLAN_WORD, in order of a PLAN_PHRASE */
    uint32_t word_count, slop;
    uint64_t group_df;  /* of a leaf of a group of synonyms: that of the group, which its idf is of; 0: it is in none */
    struct view *forms; /* of a phrase as written, else NULL */
    struct column_test test; /* PLAN_COLUMN; scores nothing */
    struct doc_list *docs;   /* PLAN_ID: by segment; scores nothing */
    uint32_t least;          /* PLAN_SEVERAL: of should */
    /* PLAN_BOOLEAN. All of must and of filters, whose scores do not count. With neither must nor should every review
     * matches that the others let through. */
    struct plan_node **must, **should, **must_not, **filters;
    uint32_t must_count, should_count, must_not_count, filter_count;
};
/* What scores are worked out from, beside the reviews themselves. */
struct plan_statistics {
    uint64_t reviews;
    double average[FIELD_COUNT]; /* lengths */
    const uint64_t *dfs;         /* that the idf of the leaves are of, in their order: of the group, or of each word */
    size_t df_count;
};
struct plan_options {
    double k1, b;
    double weights[FIELD_COUNT];
    bool all;            /* words side by side must all match */
    struct min_match {   /* of the words side by side, where not all must match: so many, or so many of a hundred */
        uint32_t number; /* 0: one */
        bool is_percent;
    } min_match;
    bool plain;                 /* the text has no syntax */
    bool phrase;                /* plain text: one phrase, by stem */
    bool no_synonyms;           /* those of the index are not applied */
    bool lenient;               /* what is not executed is left out, with a warning */
    uint64_t since_run;         /* only what this run or a later one brought matches; 0: all */
    const uint64_t *left_out;   /* the hash of a text that no match may have; NULL: none */
    const struct query *filter; /* what reviews must match besides, without adding to the score; NULL: nothing */
    double score_factor;        /* that scores may be multiplied by, at most; 0: 1 */
    const struct plan_statistics *statistics; /* of an earlier moment; NULL: those of the snapshot */
};
struct plan {
    struct plan_node *root;    /* NULL: nothing to search for */
    struct plan_node **leaves; /* that score, in the order of the query */
    uint32_t leaf_count;
    double k1, b;
    uint64_t reviews; /* that idf is worked out from */
    double unit;      /* of scores */
    bool has_choice;  /* all and any differ */
    /* What all matches must pass, taken out of root, where it stood at the top; rank/excluded.h turns it into bits. */
    struct plan_node **filters;
    uint32_t filter_count;
    const uint64_t *left_out; /* the hash of a text: reviews that have it are excluded like those that do not pass */
    struct deletes *excluded; /* by segment, when there are filters: without words until it is asked for */
    struct arena *arena;
    const char **warnings;
    size_t warning_count;
};

/* What a query may name, for query_options: the fields of every review and the declared columns of the index. */
revue_status plan_fields(const revue_searcher *searcher, struct arena *arena, const struct query_field **fields,
                         size_t *count, revue_error *error);
/* The searched fields as queries, options and answers call them, by enum review_field. */
extern const char *const plan_field_names[FIELD_COUNT];

/* REVUE_USAGE (with the column) for a part of the language that is not executed, unless lenient. The texts of the queries
 * must outlive the plan. */
revue_status plan_make(struct plan *plan, revue_searcher *searcher, const struct query *query,
                       const struct plan_options *options, struct arena *arena, revue_error *error);

/* The statistics that the plan's scores are worked out from; dfs are in the arena. */
revue_status plan_statistics_of(const struct plan *plan, const revue_searcher *searcher, struct arena *arena,
                                struct plan_statistics *statistics, revue_error *error);

/* The same plan without the filters that ask about this column and nothing else; *differs: there were some. It shares all
 * else with the plan, and is of its arena. */
revue_status plan_without_column(const struct plan *plan, const revue_searcher *searcher, uint16_t column,
                                 struct plan *without, bool *differs, revue_error *error);

/* About how many postings searching for all matches looks at. */
uint64_t plan_postings(const struct plan *plan);
/* The cursor of the plan, or of one of its nodes, in one segment; the caller closes it. NULL: out of memory. */
struct cursor *plan_cursor(const struct plan *plan, const struct leaf_context *context, uint32_t segment);
struct cursor *plan_node_cursor(const struct plan_node *node, const struct leaf_context *context, uint32_t segment);

#endif
