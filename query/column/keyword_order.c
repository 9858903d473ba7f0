/* keyword_order.c - see keyword_order.h. Values are read once and sorted by their bytes; what is kept of them is a number
 * each. */
#include "query/column/keyword_order.h"

#include "indexer/base/memory.h"

#include <stdlib.h>

struct placed {
    struct view value;
    uint32_t number;
};

static int compare_values(const void *left, const void *right) {
    return view_compare(((const struct placed *)left)->value, ((const struct placed *)right)->value);
}

static revue_status read_values(keywords *table, struct arena *arena, struct placed *placed, revue_error *error) {
    struct bytes scratch = {0};
    revue_status status = REVUE_OK;
    for (uint32_t i = 0; i < keywords_count(table) && status == REVUE_OK; i++) {
        struct view value;
        status = keywords_value(table, i, &scratch, &value, error);
        if (status != REVUE_OK) break;
        const char *copy = arena_copy(arena, value.data, value.size);
        if (!copy) status = error_no_memory(error);
        placed[i] = (struct placed){view_of(copy, value.size), i};
    }
    bytes_free(&scratch);
    return status;
}

static revue_status place_values(struct open_keywords *opened, struct arena *values, revue_error *error) {
    const uint32_t count = keywords_count(opened->table);
    struct placed *placed = arena_alloc_array(values, (size_t)count + 1, sizeof *placed);
    if (!placed) return error_no_memory(error);
    TRY(read_values(opened->table, values, placed, error));
    uint32_t *places = memory_alloc_array((size_t)count + 1, sizeof *places);
    if (!places) return error_no_memory(error);
    qsort(placed, count, sizeof *placed, compare_values);
    for (uint32_t i = 0; i < count; i++)
        places[placed[i].number] = i;
    opened->places = places;
    return REVUE_OK;
}

revue_status keyword_order(revue_searcher *searcher, uint16_t column, const uint32_t **places, uint32_t *count,
                           revue_error *error) {
    struct arena values = {0};
    struct open_keywords *opened = NULL;
    keywords *table;
    TRY(searcher_keywords(searcher, column, &table, error));
    for (size_t i = 0; i < searcher->keywords_count; i++)
        if (searcher->keywords[i].column == column) opened = &searcher->keywords[i];
    revue_status status = opened->places ? REVUE_OK : place_values(opened, &values, error);
    arena_free(&values);
    if (status != REVUE_OK) return status;
    *places = opened->places;
    *count = keywords_count(table);
    return REVUE_OK;
}

/* How many values come before the text. */
static revue_status count_before(keywords *table, struct view text, uint32_t *before, revue_error *error) {
    struct bytes scratch = {0};
    revue_status status = REVUE_OK;
    *before = 0;
    for (uint32_t i = 0; i < keywords_count(table) && status == REVUE_OK; i++) {
        struct view value = {0};
        status = keywords_value(table, i, &scratch, &value, error);
        *before += status == REVUE_OK && view_compare(value, text) < 0;
    }
    bytes_free(&scratch);
    return status;
}

revue_status keyword_place(revue_searcher *searcher, uint16_t column, struct view text, double *place, revue_error *error) {
    const uint32_t *places;
    uint32_t count, number, before;
    keywords *table;
    TRY(keyword_order(searcher, column, &places, &count, error));
    TRY(searcher_keywords(searcher, column, &table, error));
    revue_status status = keywords_number(table, text, &number, error);
    if (status == REVUE_OK) *place = places[number];
    if (status != REVUE_NO_MATCH) return status;
    TRY(count_before(table, text, &before, error));
    *place = before - 0.5;
    return REVUE_OK;
}
