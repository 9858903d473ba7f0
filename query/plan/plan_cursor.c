/* plan_cursor.c - the cursors of a plan in one segment. What was opened is closed again when something cannot be. */
#include "query/plan/plan.h"

struct cursor_list {
    struct cursor **items; /* room for one more than the nodes it was opened from */
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

static bool open_list(struct plan_node *const *nodes, uint32_t count, const struct leaf_context *context, uint32_t segment,
                      struct cursor_list *list) {
    list->items = arena_alloc_array(context->arena, (size_t)count + 1, sizeof(struct cursor *));
    if (!list->items) return false;
    for (uint32_t i = 0; i < count; i++)
        if (!add_cursor(list, plan_node_cursor(nodes[i], context, segment))) return false;
    return true;
}

static struct cursor *open_boolean(const struct plan_node *node, const struct leaf_context *context, uint32_t segment) {
    struct cursor_list must = {0}, should = {0}, must_not = {0};
    bool is_open = open_list(node->must, node->must_count, context, segment, &must) &&
                   open_list(node->should, node->should_count, context, segment, &should) &&
                   open_list(node->must_not, node->must_not_count, context, segment, &must_not);
    if (is_open && must.count + should.count == 0) is_open = add_cursor(&must, cursor_all_create(context));
    if (is_open)
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

struct cursor *plan_node_cursor(const struct plan_node *node, const struct leaf_context *context, uint32_t segment) {
    switch (node->kind) {
    case PLAN_BOOLEAN: return open_boolean(node, context, segment);
    case PLAN_PHRASE: return open_phrase(node, context, segment);
    case PLAN_WORD: break;
    }
    const struct plan_word *word = &node->words[0];
    return cursor_term_create(context, &word->in[segment], &node->scoring, node->scale,
                              word->by_form ? word->form : view_of(NULL, 0));
}

struct cursor *plan_cursor(const struct plan *plan, const struct leaf_context *context, uint32_t segment) {
    return plan->root ? plan_node_cursor(plan->root, context, segment) : cursor_none_create(context);
}
