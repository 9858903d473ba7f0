/* plan_condition.c - what is asked of a review besides its words: ranges of numbers and dates, keywords, whole values, its
 * id.
 */
#include "query/plan/planner.h"

#include "indexer/review/date.h"
#include "query/column/keyword_find.h"

#include <math.h>
#include <string.h>

/* product:="Ana de Armas"; product:=ana is a word of it. */
static bool is_whole_value(const struct ast_node *ast) {
    return ast->kind == AST_PHRASE && ast->exact;
}

static const struct schema_column *column_of(const struct planner *planner, const struct ast_node *ast) {
    return schema_find(&planner->binder.searcher->schema, ast->field->name);
}

bool planner_is_test(const struct planner *planner, const struct ast_node *ast) {
    if (!ast->field) return false;
    return !planner_is_text(ast) || (is_whole_value(ast) && column_of(planner, ast));
}

/* ---- columns ---- */

/* Both ends as values that pass, whatever the query included. */
static void set_interval(const struct ast_node *ast, struct column_test *test) {
    const struct ast_bound *low = &ast->low, *high = &ast->high;
    test->low = -HUGE_VAL;
    test->high = HUGE_VAL;
    if (ast->field->kind == QUERY_FIELD_NUMBER) {
        if (low->present) test->low = low->inclusive ? low->number : nextafter(low->number, HUGE_VAL);
        if (high->present) test->high = high->inclusive ? high->number : nextafter(high->number, -HUGE_VAL);
        return;
    }
    if (low->present) test->low = (double)(low->inclusive ? low->date.seconds : date_end(low->date));
    if (high->present) test->high = (double)(high->inclusive ? date_end(high->date) : high->date.seconds) - 1;
}

static revue_status find_keywords(const struct binder *binder, const struct ast_node *ast, uint16_t column,
                                  struct column_test *test) {
    const bool is_pattern = ast->kind == AST_PREFIX || ast->kind == AST_WILDCARD || ast->kind == AST_FUZZY;
    if (is_pattern)
        return keyword_find_pattern(binder->searcher, column, ast->text, planner_pattern_kind(ast), ast->distance,
                                    binder->arena, test, binder->error);
    return keyword_find(binder->searcher, column, ast->text, column == COLUMN_OF_LANG ? KEYWORD_LANGUAGE : KEYWORD_EQUAL,
                        binder->arena, test, binder->error);
}

static revue_status plan_column(struct planner *planner, const struct ast_node *ast, const struct schema_column *column,
                                struct plan_node **made) {
    const struct binder *binder = &planner->binder;
    struct plan_node *node = arena_alloc(binder->arena, sizeof *node);
    if (!node) return error_no_memory(binder->error);
    *node = (struct plan_node){.kind = PLAN_COLUMN, .test = {.column = column->number}};
    if (ast->kind == AST_RANGE)
        set_interval(ast, &node->test);
    else
        TRY(find_keywords(binder, ast, column->number, &node->test));
    *made = node;
    return REVUE_OK;
}

/* ---- ids ---- */

struct id_search {
    const struct binder *binder;
    struct doc_list *list;
    uint32_t capacity;
    bool failed;
};

static bool add_doc(void *context, uint32_t doc) {
    struct id_search *search = context;
    struct doc_list *list = search->list;
    if (list->count == search->capacity) {
        const uint32_t capacity = search->capacity ? 2 * search->capacity : 4;
        uint32_t *grown = arena_alloc_array(search->binder->arena, capacity, sizeof *grown);
        search->failed = !grown;
        if (!grown) return false;
        if (list->count > 0) memcpy(grown, list->docs, list->count * sizeof *grown);
        list->docs = grown;
        search->capacity = capacity;
    }
    list->docs[list->count++] = doc;
    return true;
}

/* Deleted reviews may have the id too; they are left out as everywhere. */
static revue_status find_docs(const struct binder *binder, struct view id, struct doc_list *lists) {
    for (uint32_t i = 0; i < binder->searcher->segment_count; i++) {
        struct id_search search = {.binder = binder, .list = &lists[i]};
        TRY(ids_find(segment_ids(binder->searcher->segments[i].segment), id, add_doc, &search, binder->error));
        if (search.failed) return error_no_memory(binder->error);
    }
    return REVUE_OK;
}

static revue_status plan_id(struct planner *planner, const struct ast_node *ast, struct plan_node **made) {
    const struct binder *binder = &planner->binder;
    const uint32_t segment_count = binder->searcher->segment_count;
    if (ast->kind != AST_WORD && ast->kind != AST_PHRASE)
        return planner_not_executed(planner, ast, "a pattern of ids (quotes make its signs part of the id)", made);
    struct plan_node *node = arena_alloc(binder->arena, sizeof *node);
    struct doc_list *lists = arena_alloc_array(binder->arena, (size_t)segment_count + 1, sizeof *lists);
    if (!node || !lists) return error_no_memory(binder->error);
    memset(lists, 0, ((size_t)segment_count + 1) * sizeof *lists);
    *node = (struct plan_node){.kind = PLAN_ID, .docs = lists};
    TRY(find_docs(binder, ast->text, lists));
    *made = node;
    return REVUE_OK;
}

revue_status planner_test(struct planner *planner, const struct ast_node *ast, struct plan_node **made) {
    const struct schema_column *column = column_of(planner, ast);
    return column ? plan_column(planner, ast, column, made) : plan_id(planner, ast, made);
}
