/* result_answer.c - see result_answer.h. */
#include "query/cli/result_answer.h"

static const revue_hit *hit_of(const void *context, size_t index) {
    return revue_result_hit(context, index);
}

static const char *warning_of(const void *context, size_t index) {
    return revue_result_warning(context, index);
}

struct answer answer_of_result(const revue_result *result, struct view query, bool with_snippets) {
    struct answer answer = {
        .query = query,
        .op = revue_result_op(result),
        .took_us = revue_result_took_us(result),
        .with_snippets = with_snippets,
        .context = result,
        .hit_count = revue_result_count(result),
        .warning_count = revue_result_warning_count(result),
        .hit = hit_of,
        .warning = warning_of,
    };
    answer.total = revue_result_total(result, &answer.total_exact);
    return answer;
}
