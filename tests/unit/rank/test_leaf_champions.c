/* test_leaf_champions.c - what champions score, and that no other review of their segment passes what is said of the rest:
 * under the averages of several segments, other weights, k1 and b. */
#include "query/rank/scored_leaf.h"
#include "tests/unit/rank/rank_test.h"

static unsigned exact_count, other_count, bounding_count, nearer_count;

static bool is_champion(const struct champion_scores *champions, uint32_t doc) {
    for (uint32_t i = 0; i < champions->count; i++)
        if (champions->docs[i] == doc) return true;
    return false;
}

static void check_champions(const struct champion_scores *champions, const int32_t *expected, uint32_t doc_count) {
    for (uint32_t i = 0; i < champions->count; i++) {
        const int32_t score = champions->scores[i], whole = expected[champions->docs[i]];
        assert_true(i == 0 || champions->docs[i] > champions->docs[i - 1]);
        assert_true(champions->is_exact ? score == whole : score <= (whole < 0 ? 0 : whole));
    }
    exact_count += champions->is_exact;
    other_count += !champions->is_exact;
    if (!champions->is_exact) return;
    for (uint32_t doc = 0; doc < doc_count; doc++)
        if (!is_champion(champions, doc)) assert_true(expected[doc] <= champions->rest);
    for (uint32_t i = 0; i < champions->count; i++)
        bounding_count += champions->rest < champions->scores[i];
}

/* As the plan has it, and with averages that are larger or smaller than those the champions were chosen by. */
static void check_leaf(struct rank_archive *ranked, const struct plan_node *node, uint32_t segment, uint64_t *random) {
    const struct leaf_context context = rank_context(ranked, segment);
    for (unsigned round = 0; round < 6; round++) {
        struct plan_node changed = *node;
        struct scored_leaf leaf;
        struct champion_scores champions;
        for (unsigned field = 0; field < FIELD_COUNT && round > 0; field++)
            changed.scoring.average[field] *= 0.5 + random_below(random, 1000) / 500.0;
        const int32_t *expected = rank_contributions(ranked, &changed, segment);
        assert_int_equal(scored_leaf_open(&leaf, context.segment, context.arena, &node->words[0].in[segment],
                                          &changed.scoring, node->scale, ranked->searcher->bounds, NULL),
                         REVUE_OK);
        assert_int_equal(scored_leaf_champions(&leaf, &champions, NULL), REVUE_OK);
        if (champions.count > 0) check_champions(&champions, expected, context.segment->meta.doc_count);
        assert_int_equal(scored_leaf_start(&leaf, NULL), REVUE_OK);
        if (champions.count > 0 && champions.is_exact) {
            const int32_t rest = scored_leaf_champions_rest(&leaf, &champions);
            nearer_count += rest < champions.rest;
            champions.rest = rest;
            check_champions(&champions, expected, context.segment->meta.doc_count);
        }
        scored_leaf_close(&leaf);
    }
}

static void champions_are_the_best(void **state) {
    rank_each_leaf(*state, check_leaf);
    assert_true(exact_count > 5 && other_count > 5 && bounding_count > 10 && nearer_count > 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(champions_are_the_best)};
    return cmocka_run_group_tests(tests, rank_archive_create, rank_archive_remove);
}
