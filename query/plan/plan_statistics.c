/* plan_statistics.c - the numbers that scores are worked out from, given away with a page and taken back for the next. */
#include "query/plan/planner.h"

#include "indexer/format/scoring.h"

#include <string.h>

static size_t count_dfs(const struct plan *plan) {
    size_t count = 0;
    for (uint32_t i = 0; i < plan->leaf_count; i++)
        count += plan->leaves[i]->group_df > 0 ? 1 : plan->leaves[i]->word_count;
    return count;
}

static const uint64_t *use_dfs(struct plan_node *leaf, uint64_t reviews, const uint64_t *df) {
    leaf->idf = 0;
    if (leaf->group_df > 0) {
        leaf->group_df = *df++;
        leaf->idf = scoring_idf(reviews, leaf->group_df);
        return df;
    }
    for (uint32_t word = 0; word < leaf->word_count; word++) {
        leaf->words[word].df = *df++;
        leaf->idf += scoring_idf(reviews, leaf->words[word].df);
    }
    return df;
}

revue_status planner_use_statistics(struct plan *plan, const struct plan_statistics *statistics, revue_error *error) {
    const uint64_t *df = statistics->dfs;
    if (count_dfs(plan) != statistics->df_count)
        return error_set(error, REVUE_USAGE,
                         "--after: the index has changed so much that the words of the query are other ones: ask for the "
                         "first page again");
    plan->reviews = statistics->reviews;
    for (uint32_t i = 0; i < plan->leaf_count; i++) {
        struct plan_node *leaf = plan->leaves[i];
        memcpy(leaf->scoring.average, statistics->average, sizeof leaf->scoring.average);
        df = use_dfs(leaf, statistics->reviews, df);
    }
    return REVUE_OK;
}

revue_status plan_statistics_of(const struct plan *plan, const revue_searcher *searcher, struct arena *arena,
                                struct plan_statistics *statistics, revue_error *error) {
    size_t count = 0;
    uint64_t *dfs = arena_alloc_array(arena, count_dfs(plan) + 1, sizeof *dfs);
    if (!dfs) return error_no_memory(error);
    for (uint32_t i = 0; i < plan->leaf_count; i++) {
        const struct plan_node *leaf = plan->leaves[i];
        if (leaf->group_df > 0) dfs[count++] = leaf->group_df;
        for (uint32_t word = 0; leaf->group_df == 0 && word < leaf->word_count; word++)
            dfs[count++] = leaf->words[word].df;
    }
    *statistics = (struct plan_statistics){.reviews = plan->reviews, .dfs = dfs, .df_count = count};
    const double *average = plan->leaf_count > 0 ? plan->leaves[0]->scoring.average : searcher->average;
    memcpy(statistics->average, average, sizeof statistics->average);
    return REVUE_OK;
}
