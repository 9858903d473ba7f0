/* planner.h - what the files that make a plan share: plan.c the tree, plan_leaves.c words and phrases, plan_condition.c
 * tests of columns and ids, plan_synonyms.c words that have synonyms, plan_pattern.c words of which a part or a letter is
 * missing, plan_filters.c what all matches must pass, plan_statistics.c what scores are worked out from. */
#ifndef REVUE_PLANNER_H
#define REVUE_PLANNER_H

#include "query/expand/pattern.h"
#include "query/plan/bind.h"

struct planner {
    struct plan *plan;
    struct binder binder; /* searcher, arena and error are in it */
    const struct plan_options *options;
    const struct synonyms *synonyms; /* to be applied; without keys: none */
    uint32_t leaf_capacity;
    double boost; /* of the groups around */
    bool all;     /* words side by side must all match */
    bool is_top;  /* the list at hand is that of the whole query: min_match counts its words */
};

/* ---- lists of nodes ---- */

struct node_list {
    struct plan_node **nodes;
    uint32_t count, capacity;
};
enum { MUST, SHOULD, MUST_NOT, FILTER, ROLE_COUNT };
revue_status planner_append(struct planner *planner, struct node_list *list, struct plan_node *node);
/* NULL when there is nothing in the lists; a node that stands alone is itself. */
revue_status planner_make_boolean(struct planner *planner, const struct node_list lists[ROLE_COUNT],
                                  struct plan_node **made);

/* ---- the whole ---- */

/* A node that must not match, or filters: its leaves score nothing. */
revue_status planner_exclude(struct planner *planner, const struct ast_node *ast, struct node_list *list);
/* The filters at the top of the tree, and those that the options add, out of it and into plan->filters. */
revue_status planner_filters(struct planner *planner);
/* Scores as they were under earlier statistics: an unchanged review keeps its own. REVUE_USAGE: they are not of this plan.
 */
revue_status planner_use_statistics(struct plan *plan, const struct plan_statistics *statistics, revue_error *error);

/* ---- warnings ---- */

/* What was done otherwise than asked, with the column of the part of the query. */
revue_status planner_warn(struct planner *planner, const struct ast_node *ast, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* What is not executed: a warning and nothing made in a lenient plan, else REVUE_USAGE. */
revue_status planner_not_executed(struct planner *planner, const struct ast_node *ast, const char *what,
                                  struct plan_node **made);

/* ---- leaves ---- */

static inline bool planner_is_text(const struct ast_node *ast) {
    return !ast->field || ast->field->kind == QUERY_FIELD_TEXT;
}
/* The words of a text, in the arena of the plan. */
revue_status planner_analyse(struct planner *planner, struct view text, struct tokens *tokens);
/* A leaf with room for its words, which are not known yet. */
revue_status planner_create_leaf(struct planner *planner, enum plan_kind kind, const struct ast_node *ast,
                                 uint32_t word_count, struct plan_node **made);
/* Finds the words of a leaf, which are resolved, in the index. */
revue_status planner_bind_leaf(struct planner *planner, struct plan_node *leaf);
/* The words of a text, each into the list, in which all must match or not. */
revue_status planner_add_words(struct planner *planner, const struct ast_node *ast, bool all, struct node_list *list);
/* One of them, without its synonyms. */
revue_status planner_add_word(struct planner *planner, const struct ast_node *ast, const struct token *token,
                              struct node_list *list);
/* A word whose lists are known into the list, unless it stands there already and counts once more. */
revue_status planner_append_word(struct planner *planner, struct plan_node *leaf, struct node_list *list);
/* The group of synonyms that begins at a word of a text: *taken words of it, 0 when there is none. */
revue_status planner_add_synonyms(struct planner *planner, const struct ast_node *ast, const struct tokens *tokens,
                                  size_t at, bool all, struct node_list *list, uint32_t *taken);
/* How many items of a list from one on are words that are looked at together, for synonyms of several; at least 1. */
size_t planner_word_run(const struct planner *planner, const struct ast_node *list, size_t from);
/* As written, that is by form, unless it has a slop. */
revue_status planner_phrase(struct planner *planner, const struct ast_node *ast, struct plan_node **made);
/* Whether a leaf asks about a column or the id instead of the words of a text: it filters. */
bool planner_is_test(const struct planner *planner, const struct ast_node *ast);
revue_status planner_test(struct planner *planner, const struct ast_node *ast, struct plan_node **made);
enum pattern_kind planner_pattern_kind(const struct ast_node *ast); /* of pre*, w?ld* and fuzy~ */
/* pre*, w?ld* and fuzy~ in text: any of the forms that are meant. */
revue_status planner_pattern(struct planner *planner, const struct ast_node *ast, struct plan_node **made);

#endif
