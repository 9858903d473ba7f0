/* result_answer.c - see result_answer.h. */
#include "query/output/result_answer.h"

/* Those of the groups, one group after the other, when there are groups. */
static const revue_hit *hit_of(const void *context, size_t index) {
    for (size_t i = 0; i < revue_result_group_count(context); i++) {
        const revue_group *group = revue_result_group(context, i);
        if (index < group->hit_count) return &group->hits[index];
        index -= group->hit_count;
    }
    return revue_result_hit(context, index);
}

static size_t count_hits(const revue_result *result) {
    size_t count = revue_result_count(result);
    for (size_t i = 0; i < revue_result_group_count(result); i++)
        count += revue_result_group(result, i)->hit_count;
    return count;
}

static const revue_facet *facet_of(const void *context, size_t index) {
    return revue_result_facet(context, index);
}

static const revue_group *group_of(const void *context, size_t index) {
    return revue_result_group(context, index);
}

static const char *warning_of(const void *context, size_t index) {
    return revue_result_warning(context, index);
}

struct answer answer_of_result(const revue_result *result, struct view query, bool with_snippets, bool is_grouped) {
    struct answer answer = {
        .query = query,
        .op = revue_result_op(result),
        .took_us = revue_result_took_us(result),
        .with_snippets = with_snippets,
        .context = result,
        .hit_count = count_hits(result),
        .warning_count = revue_result_warning_count(result),
        .facet_count = revue_result_facet_count(result),
        .group_count = revue_result_group_count(result),
        .hit = hit_of,
        .warning = warning_of,
        .facet = facet_of,
        .group = group_of,
        .suggestion = revue_result_suggestion(result),
        .is_grouped = is_grouped,
        .next = revue_result_next(result),
    };
    answer.groups_total = revue_result_groups(result, &answer.ungrouped);
    answer.total = revue_result_total(result, &answer.total_exact);
    return answer;
}
