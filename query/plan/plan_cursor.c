/* plan_cursor.c - the cursors of a plan in one segment. What was opened is closed again when something cannot be. */
#include "query/plan/plan.h"

struct cursor_list {
    struct cursor **items; /* room for one more than the nodes it was opened for */
    uint32_t count;
};

static void close_list(struct cursor_list *list) {
    while (list->count > 0)
        cursor_close(list->items[--list->count]);
}

static bool add_cursor(struct cursor_list *list, struct cursor *cursor) {
    if (cursor) list->items[list->count++] = cursor;
    return cursor != NULL;
}

/* ---- what may be passed over ---- */

/* The most that a node adds to the score of a review. */
static int64_t node_most(const struct plan_node *node) {
    int64_t most = node->kind == PLAN_WORD || node->kind == PLAN_PHRASE ? (int64_t)node->scale + 1 : 0;
    for (uint32_t i = 0; i < node->must_count; i++)
        most += node_most(node->must[i]);
    for (uint32_t i = 0; i < node->should_count; i++)
        most += node_most(node->should[i]);
    return most;
}

/* What a leaf passes over stays below what matters with all that others add, so that the node may miss it as well. Of what
 * must not match, and of filters, nothing may be passed over. */
static struct leaf_context context_of_child(const struct leaf_context *context, const struct plan_node *node,
                                            const struct plan_node *child) {
    struct leaf_context of_child = *context;
    const int64_t others = context->others + node_most(node) - node_most(child);
    if (others < INT32_MAX / 2)
        of_child.others = (int32_t)others;
    else
        of_child.least = NULL;
    return of_child;
}

/* ---- lists of cursors ---- */

/* With room for more, and one. */
static bool open_list(const struct plan_node *node, struct plan_node *const *nodes, uint32_t count,
                      const struct leaf_context *context, uint32_t segment, uint32_t more, struct cursor_list *list) {
    list->items = arena_alloc_array(context->arena, (size_t)count + more + 1, sizeof *list->items);
    if (!list->items) return false;
    for (uint32_t i = 0; i < count; i++) {
        const struct leaf_context of_child = context->least ? context_of_child(context, node, nodes[i]) : *context;
        if (!add_cursor(list, plan_node_cursor(nodes[i], &of_child, segment))) return false;
    }
    return true;
}

/* Filters are cursors that must match, without their scores. */
static bool add_filters(const struct plan_node *node, const struct leaf_context *context, uint32_t segment,
                        struct cursor_list *must) {
    for (uint32_t i = 0; i < node->filter_count; i++) {
        struct cursor *filter = plan_node_cursor(node->filters[i], context, segment);
        if (!add_cursor(must, cursor_unscored_create(context, filter))) return false;
    }
    return true;
}

/* Where something must match, what should match may be absent: beside filters it is one cursor that must. */
static bool demand_any(const struct leaf_context *context, struct cursor_list *should, struct cursor_list *must) {
    struct cursor_list any = *should;
    *should = (struct cursor_list){0};
    return add_cursor(must, cursor_boolean_create(context, NULL, 0, any.items, any.count, NULL, 0));
}

static bool open_lists(const struct plan_node *node, const struct leaf_context *context, uint32_t segment,
                       struct cursor_list *must, struct cursor_list *should, struct cursor_list *must_not) {
    struct leaf_context unscored = *context;
    unscored.least = NULL;
    if (!open_list(node, node->must, node->must_count, context, segment, node->filter_count, must) ||
        !open_list(node, node->should, node->should_count, context, segment, 0, should) ||
        !open_list(node, node->must_not, node->must_not_count, &unscored, segment, 0, must_not))
        return false;
    if (node->must_count == 0 && node->should_count > 0 && node->filter_count > 0 && !demand_any(context, should, must))
        return false;
    if (!add_filters(node, &unscored, segment, must)) return false;
    return must->count + should->count > 0 || add_cursor(must, cursor_all_create(context));
}

static struct cursor *open_boolean(const struct plan_node *node, const struct leaf_context *context, uint32_t segment) {
    struct cursor_list must = {0}, should = {0}, must_not = {0};
    if (open_lists(node, context, segment, &must, &should, &must_not))
        return cursor_boolean_create(context, must.items, must.count, should.items, should.count, must_not.items,
                                     must_not.count);
    close_list(&must);
    close_list(&should);
    close_list(&must_not);
    return NULL;
}

static struct cursor *open_phrase(const struct plan_node *node, const struct leaf_context *context, uint32_t segment) {
    struct segment_word *words = arena_alloc_array(context->arena, node->word_count, sizeof *words);
    if (!words) return NULL;
    for (uint32_t i = 0; i < node->word_count; i++)
        words[i] = node->words[i].in[segment];
    return cursor_phrase_create(context, words, node->word_count, &node->scoring, node->scale, node->slop, node->forms);
}

static struct cursor *open_several(const struct plan_node *node, const struct leaf_context *context, uint32_t segment) {
    struct cursor_list should = {0};
    if (open_list(node, node->should, node->should_count, context, segment, 0, &should))
        return cursor_several_create(context, should.items, should.count, node->least);
    close_list(&should);
    return NULL;
}

struct cursor *plan_node_cursor(const struct plan_node *node, const struct leaf_context *context, uint32_t segment) {
    switch (node->kind) {
    case PLAN_BOOLEAN: return open_boolean(node, context, segment);
    case PLAN_SEVERAL: return open_several(node, context, segment);
    case PLAN_PHRASE: return open_phrase(node, context, segment);
    case PLAN_COLUMN: return cursor_column_create(context, &node->test);
    case PLAN_ID: return cursor_docs_create(context, &node->docs[segment]);
    case PLAN_WORD: break;
    }
    const struct plan_word *word = &node->words[0];
    return cursor_term_create(context, &word->in[segment], &node->scoring, node->scale, word->forms, word->form_count);
}

struct cursor *plan_cursor(const struct plan *plan, const struct leaf_context *context, uint32_t segment) {
    return plan->root ? plan_node_cursor(plan->root, context, segment) : cursor_none_create(context);
}
