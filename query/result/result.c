/* result.c - what a caller asks of a result. */
#include "query/result/result.h"

#include "indexer/base/memory.h"

#include <string.h>

revue_status result_add_warning(struct revue_result *result, const char *text, revue_error *error) {
    char *copy = arena_copy(&result->arena, text, strlen(text));
    const char **grown = arena_alloc_array(&result->arena, result->warning_count + 1, sizeof *grown);
    if (!copy || !grown) return error_no_memory(error);
    if (result->warning_count) memcpy(grown, result->warnings, result->warning_count * sizeof *grown);
    grown[result->warning_count] = copy;
    result->warnings = grown;
    result->warning_count++;
    return REVUE_OK;
}

void revue_result_free(revue_result *result) {
    if (!result) return;
    arena_free(&result->arena);
    arena_free(&result->ids);
    memory_free(result);
}

size_t revue_result_count(const revue_result *result) {
    return result->hit_count;
}

const revue_hit *revue_result_hit(const revue_result *result, size_t index) {
    return index < result->hit_count ? &result->hits[index] : NULL;
}

size_t revue_result_facet_count(const revue_result *result) {
    return result->facet_count;
}

const revue_facet *revue_result_facet(const revue_result *result, size_t index) {
    return index < result->facet_count ? &result->facets[index] : NULL;
}

size_t revue_result_group_count(const revue_result *result) {
    return result->group_count;
}

const revue_group *revue_result_group(const revue_result *result, size_t index) {
    return index < result->group_count ? &result->groups[index] : NULL;
}

uint64_t revue_result_groups(const revue_result *result, uint64_t *ungrouped) {
    if (ungrouped) *ungrouped = result->ungrouped;
    return result->groups_total;
}

uint64_t revue_result_total(const revue_result *result, bool *exact) {
    if (exact) *exact = result->total_exact;
    return result->total;
}

const char *revue_result_next(const revue_result *result) {
    return result->next;
}

revue_operator revue_result_op(const revue_result *result) {
    return result->op;
}

double revue_result_took_us(const revue_result *result) {
    return result->took_us;
}

size_t revue_result_warning_count(const revue_result *result) {
    return result->warning_count;
}

const char *revue_result_suggestion(const revue_result *result) {
    return result->suggestion;
}

const char *revue_result_warning(const revue_result *result, size_t index) {
    return index < result->warning_count ? result->warnings[index] : NULL;
}
