/* ast.c - making and comparing trees. See ast.h. Trees are as deep as their query's parentheses (QUERY_DEPTH_MAX, at most
 * four nodes each), so the recursion here is bounded. */
#include "query/parse/ast.h"

#include "query/parse/fields.h"

struct ast_node *ast_node_create(struct arena *arena, enum ast_kind kind) {
    struct ast_node *node = arena_alloc(arena, sizeof *node);
    if (!node) return NULL;
    memset(node, 0, sizeof *node);
    node->kind = kind;
    node->boost = 1;
    return node;
}

/* Steps of a thousandth, so that a boost can be printed with three decimals and read back as the same double. */
double ast_boost_round(double value) {
    if (!(value > AST_BOOST_MIN)) return AST_BOOST_MIN;
    if (value > AST_BOOST_MAX) return AST_BOOST_MAX;
    return (double)(uint64_t)(value * 1000 + 0.5) / 1000;
}

/* The old array stays behind in the arena: doubling keeps that below the size of the new one. */
static bool items_grow(struct ast_items *list, struct arena *arena) {
    size_t capacity = list->capacity ? list->capacity * 2 : 4;
    struct ast_item *grown = arena_alloc_array(arena, capacity, sizeof *grown);
    if (!grown) return false;
    if (list->count) memcpy(grown, list->items, list->count * sizeof *grown);
    list->items = grown;
    list->capacity = capacity;
    return true;
}

bool ast_items_add(struct ast_items *list, struct arena *arena, enum ast_occurrence occurrence, struct ast_node *node) {
    if (list->count == list->capacity && !items_grow(list, arena)) return false;
    list->items[list->count].occurrence = occurrence;
    list->items[list->count++].node = node;
    return true;
}

static bool field_equal(const struct query_field *a, const struct query_field *b) {
    if (!a || !b) return a == b;
    return a->kind == b->kind && field_name_equal(a->name, b->name);
}

static bool bound_equal(const struct ast_bound *a, const struct ast_bound *b, enum query_field_kind kind) {
    if (a->present != b->present) return false;
    if (!a->present) return true;
    if (a->inclusive != b->inclusive) return false;
    if (kind == QUERY_FIELD_NUMBER) return a->number == b->number;
    return a->date.seconds == b->date.seconds && a->date.precision == b->date.precision;
}

static bool items_equal(const struct ast_node *a, const struct ast_node *b) {
    if (a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++) {
        if (a->items[i].occurrence != b->items[i].occurrence) return false;
        if (!ast_equal(a->items[i].node, b->items[i].node)) return false;
    }
    return true;
}

bool ast_equal(const struct ast_node *a, const struct ast_node *b) {
    if (a->kind != b->kind || a->boost != b->boost) return false;
    switch (a->kind) {
    case AST_LIST:
    case AST_AND:
    case AST_OR:
    case AST_NOT: return items_equal(a, b);
    case AST_RANGE:
        return field_equal(a->field, b->field) && bound_equal(&a->low, &b->low, a->field->kind) &&
               bound_equal(&a->high, &b->high, a->field->kind);
    case AST_WORD:
    case AST_PHRASE:
    case AST_PREFIX:
    case AST_WILDCARD:
    case AST_FUZZY: break;
    }
    return field_equal(a->field, b->field) && view_equal(a->text, b->text) && a->exact == b->exact &&
           a->has_slop == b->has_slop && a->slop == b->slop && a->distance == b->distance;
}
