/* plan_column.c - tests of columns: ranges of numbers and dates, keywords, whole values. */
#include "query/plan/planner.h"

#include "indexer/review/date.h"
#include "query/column/keyword_find.h"

#include <math.h>

const struct schema_column *planner_tested_column(const struct planner *planner, const struct ast_node *ast) {
    bool is_leaf = ast->kind == AST_RANGE || ast->kind == AST_WORD || ast->kind == AST_PHRASE;
    if (!is_leaf || !ast->field) return NULL;
    const struct schema_column *column = schema_find(&planner->binder.searcher->schema, ast->field->name);
    bool is_whole = ast->kind == AST_PHRASE && ast->exact; /* product:="Ana de Armas"; product:=ana is a word of it */
    return planner_is_text(ast) && !is_whole ? NULL : column;
}

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

revue_status planner_column(struct planner *planner, const struct ast_node *ast, const struct schema_column *column,
                            struct plan_node **made) {
    const struct binder *binder = &planner->binder;
    struct plan_node *node = arena_alloc(binder->arena, sizeof *node);
    if (!node) return error_no_memory(binder->error);
    *node = (struct plan_node){.kind = PLAN_COLUMN, .test = {.column = column->number}};
    if (ast->kind == AST_RANGE)
        set_interval(ast, &node->test);
    else
        TRY(keyword_find(binder->searcher, column->number, ast->text,
                         column->number == COLUMN_OF_LANG ? KEYWORD_LANGUAGE : KEYWORD_EQUAL, binder->arena, &node->test,
                         binder->error));
    *made = node;
    return REVUE_OK;
}
