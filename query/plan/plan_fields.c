/* plan_fields.c - what a query may name before a colon: the fields that every review may have, and the columns that this
 * archive declared. */
#include "query/plan/plan.h"

#include <string.h>

static const struct query_field fields_of_all[] = {
    {{"title", 5}, QUERY_FIELD_TEXT},   {{"body", 4}, QUERY_FIELD_TEXT},     {{"product", 7}, QUERY_FIELD_TEXT},
    {{"author", 6}, QUERY_FIELD_TEXT},  {{"rating", 6}, QUERY_FIELD_NUMBER}, {{"stars", 5}, QUERY_FIELD_NUMBER},
    {{"votes", 5}, QUERY_FIELD_NUMBER}, {{"date", 4}, QUERY_FIELD_DATE},     {{"lang", 4}, QUERY_FIELD_KEYWORD},
    {{"tags", 4}, QUERY_FIELD_KEYWORD}, {{"id", 2}, QUERY_FIELD_KEYWORD},
};
#define FIELDS_OF_ALL (sizeof fields_of_all / sizeof *fields_of_all)

const char *const plan_field_names[FIELD_COUNT] = {"body", "title", "product", "author"};

static enum query_field_kind kind_of(enum column_kind kind) {
    switch (kind) {
    case COLUMN_NUMBER: return QUERY_FIELD_NUMBER;
    case COLUMN_DATE: return QUERY_FIELD_DATE;
    case COLUMN_KEYWORD: break;
    }
    return QUERY_FIELD_KEYWORD;
}

revue_status plan_fields(const revue_searcher *searcher, struct arena *arena, const struct query_field **fields,
                         size_t *count, revue_error *error) {
    const struct schema *schema = &searcher->schema;
    struct query_field *all = arena_alloc_array(arena, FIELDS_OF_ALL + schema->count, sizeof *all);
    if (!all) return error_no_memory(error);
    memcpy(all, fields_of_all, sizeof fields_of_all);
    *count = FIELDS_OF_ALL;
    for (uint32_t i = 0; i < schema->count; i++) {
        const struct schema_column *column = &schema->columns[i];
        if (column->number >= COLUMN_DECLARED)
            all[(*count)++] = (struct query_field){view_of_string(column->name), kind_of(column->kind)};
    }
    *fields = all;
    return REVUE_OK;
}
