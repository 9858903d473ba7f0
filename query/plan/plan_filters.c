/* plan_filters.c - what all matches must pass: filters at the top of the query, those that stand beside it, the run that a
 * review came with. Out of the tree, they leave a plan of words. */
#include "query/plan/planner.h"

#include <math.h>
#include <string.h>

static bool is_test(const struct plan_node *node) {
    return node->kind == PLAN_COLUMN || node->kind == PLAN_ID;
}

/* The filters at the top of the tree are everybody's: taken out of it, they leave a plan of words that can be pruned. What
 * is left may be a group with filters of its own, (good lang:de) AND date:2020: those come to the top with it. */
static revue_status take_filters(struct planner *planner) {
    struct plan *plan = planner->plan;
    struct node_list filters = {0};
    for (struct plan_node *root; (root = plan->root) && (is_test(root) || root->filter_count > 0);) {
        struct node_list lists[ROLE_COUNT] = {{root->must, root->must_count, 0},
                                              {root->should, root->should_count, 0},
                                              {root->must_not, root->must_not_count, 0}};
        if (is_test(root)) TRY(planner_append(planner, &filters, root));
        for (uint32_t i = 0; i < root->filter_count; i++)
            TRY(planner_append(planner, &filters, root->filters[i]));
        TRY(planner_make_boolean(planner, lists, &plan->root));
    }
    plan->filters = filters.nodes;
    plan->filter_count = filters.count;
    return REVUE_OK;
}

/* What must all match is a filter each: columns are tested by the chunk, and may be left out one by one. */
static revue_status append_filters(struct planner *planner, struct plan_node *node, struct node_list *filters) {
    if (node->kind != PLAN_BOOLEAN || node->should_count + node->must_not_count > 0)
        return planner_append(planner, filters, node);
    for (uint32_t i = 0; i < node->must_count; i++)
        TRY(append_filters(planner, node->must[i], filters));
    for (uint32_t i = 0; i < node->filter_count; i++)
        TRY(append_filters(planner, node->filters[i], filters));
    return REVUE_OK;
}

/* What --filter asks for: all of it, and none of it scores. */
static revue_status add_filter(struct planner *planner, const struct query *query) {
    struct plan *plan = planner->plan;
    struct node_list filters = {plan->filters, plan->filter_count, plan->filter_count};
    struct node_list asked = {0};
    planner->all = true;
    planner->is_top = false;
    TRY(planner_exclude(planner, query->root, &asked));
    for (uint32_t i = 0; i < asked.count; i++)
        TRY(append_filters(planner, asked.nodes[i], &filters));
    plan->filters = filters.nodes;
    plan->filter_count = filters.count;
    return REVUE_OK;
}

/* What is new is a question of the column that says which run brought a review. */
static revue_status add_since_run(struct planner *planner, uint64_t since) {
    struct plan *plan = planner->plan;
    struct node_list filters = {plan->filters, plan->filter_count, plan->filter_count};
    struct plan_node *node = arena_alloc(planner->binder.arena, sizeof *node);
    if (!node) return error_no_memory(planner->binder.error);
    *node =
        (struct plan_node){.kind = PLAN_COLUMN, .test = {.column = COLUMN_OF_RUN, .low = (double)since, .high = HUGE_VAL}};
    TRY(planner_append(planner, &filters, node));
    plan->filters = filters.nodes;
    plan->filter_count = filters.count;
    return REVUE_OK;
}

/* Filters alone: every review that passes. */
static revue_status match_all(struct planner *planner) {
    struct plan_node *all = arena_alloc(planner->binder.arena, sizeof *all);
    if (!all) return error_no_memory(planner->binder.error);
    *all = (struct plan_node){.kind = PLAN_BOOLEAN};
    planner->plan->root = all;
    return REVUE_OK;
}

revue_status planner_filters(struct planner *planner) {
    struct plan *plan = planner->plan;
    const uint32_t segment_count = planner->binder.searcher->segment_count;
    TRY(take_filters(planner));
    if (planner->options->filter && planner->options->filter->root) TRY(add_filter(planner, planner->options->filter));
    if (planner->options->since_run > 0) TRY(add_since_run(planner, planner->options->since_run));
    if (plan->filter_count == 0 && !plan->left_out) return REVUE_OK;
    if (!plan->root && !plan->left_out) TRY(match_all(planner));
    plan->excluded = arena_alloc_array(planner->binder.arena, (size_t)segment_count + 1, sizeof *plan->excluded);
    if (!plan->excluded) return error_no_memory(planner->binder.error);
    memset(plan->excluded, 0, ((size_t)segment_count + 1) * sizeof *plan->excluded);
    return REVUE_OK;
}
