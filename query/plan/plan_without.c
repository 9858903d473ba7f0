/* plan_without.c - a plan without the filters of one column: what other values there would be to choose. */
#include "query/plan/plan.h"

#include <string.h>

static bool is_about(const struct plan_node *node, uint16_t column);

static bool are_about(struct plan_node *const *nodes, uint32_t count, uint16_t column) {
    for (uint32_t i = 0; i < count; i++)
        if (!is_about(nodes[i], column)) return false;
    return true;
}

/* Tests of the column, and what is made of nothing else: product:="A" OR product:="B". Trees are as deep as their query's
 * parentheses, which the parser bounds. */
static bool is_about(const struct plan_node *node, uint16_t column) {
    if (node->kind == PLAN_COLUMN) return node->test.column == column;
    return node->kind == PLAN_BOOLEAN &&
           node->must_count + node->should_count + node->must_not_count + node->filter_count > 0 &&
           are_about(node->must, node->must_count, column) && are_about(node->should, node->should_count, column) &&
           are_about(node->must_not, node->must_not_count, column) && are_about(node->filters, node->filter_count, column);
}

revue_status plan_without_column(const struct plan *plan, const revue_searcher *searcher, uint16_t column,
                                 struct plan *without, bool *differs, revue_error *error) {
    struct plan made = *plan;
    made.filters = arena_alloc_array(plan->arena, (size_t)plan->filter_count + 1, sizeof(struct plan_node *));
    made.excluded = arena_alloc_array(plan->arena, (size_t)searcher->segment_count + 1, sizeof *made.excluded);
    if (!made.filters || !made.excluded) return error_no_memory(error);
    memset(made.excluded, 0, ((size_t)searcher->segment_count + 1) * sizeof *made.excluded);
    made.filter_count = 0;
    for (uint32_t i = 0; i < plan->filter_count; i++)
        if (!is_about(plan->filters[i], column)) made.filters[made.filter_count++] = plan->filters[i];
    *without = made;
    *differs = made.filter_count < plan->filter_count;
    return REVUE_OK;
}
