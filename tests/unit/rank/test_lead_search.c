/* test_lead_search.c - what a lead brings in against the cursors' contributions: in ranges of any size, over some words and
 * floors, all reviews that reach the floor are found, with their exact scores. */
#include "query/rank/lead_search.h"
#include "query/rank/excluded.h"
#include "tests/unit/rank/rank_test.h"

#define WORDS 3u

struct lead_test {
    struct rank_archive *ranked;
    struct scored_leaf leaves[WORDS];
    const int32_t *contributions[WORDS]; /* by review; -1: none */
    struct lead_search search;
    struct topk topk;
    uint64_t total;
    uint32_t doc_count, searched; /* ranges */
    uint8_t *expected;            /* by review: it should be found */
    uint64_t random;
};

static void open_leaves(struct lead_test *test, uint32_t segment) {
    const struct leaf_context context = rank_context(test->ranked, segment);
    const struct plan *plan = &test->ranked->plan;
    for (uint32_t i = 0; i < WORDS; i++) {
        const struct plan_node *node = plan->leaves[i];
        assert_int_equal(scored_leaf_open(&test->leaves[i], context.segment, context.arena, &node->words[0].in[segment],
                                          &node->scoring, node->scale, test->ranked->searcher->bounds, NULL),
                         REVUE_OK);
        assert_int_equal(scored_leaf_start(&test->leaves[i], NULL), REVUE_OK);
        test->contributions[i] = rank_contributions(test->ranked, node, segment);
    }
    test->doc_count = context.segment->meta.doc_count;
    test->expected = arena_alloc(context.arena, test->doc_count);
    assert_non_null(test->expected);
    memset(test->expected, 0, test->doc_count);
}

static void open_search(struct lead_test *test, uint32_t segment, int32_t floor) {
    assert_int_equal(topk_init(&test->topk, test->ranked->searcher, 20000, NULL), REVUE_OK);
    topk_raise(&test->topk, floor);
    test->search = (struct lead_search){
        .leaves = test->leaves, .leaf_count = WORDS, .segment = segment, .topk = &test->topk, .total = &test->total};
    assert_int_equal(excluded_reviews(&test->ranked->plan, test->ranked->searcher, segment, &test->search.deletes, NULL),
                     REVUE_OK);
    assert_true(lead_search_is_possible(test->leaves, WORDS));
    assert_int_equal(lead_search_open(&test->search, &test->ranked->arena), REVUE_OK);
}

static int32_t score_of(const struct lead_test *test, uint32_t doc) {
    int32_t score = 0;
    for (uint32_t i = 0; i < WORDS; i++)
        if (test->contributions[i][doc] > 0) score += test->contributions[i][doc];
    return score;
}

static void search_range(struct lead_test *test, uint32_t from, uint32_t to) {
    struct lead_word words[WORDS];
    uint32_t count = 0;
    for (uint32_t i = 0; i < WORDS; i++) {
        struct lead_word word = {.leaf = i};
        assert_int_equal(scored_leaf_bound(&test->leaves[i], from, to, &word.bound, NULL), REVUE_OK);
        if (word.bound == BOUND_ABSENT) continue;
        uint32_t at = count++;
        for (; at > 0 && words[at - 1].bound < word.bound; at--)
            words[at] = words[at - 1];
        words[at] = word;
    }
    if (count == 0 || random_below(&test->random, 5) == 0) return;
    /* Any word may lead. */
    const uint32_t lead = random_below(&test->random, 2) ? 0 : random_below(&test->random, count);
    const struct lead_word leading = words[lead];
    memmove(words + 1, words, lead * sizeof *words);
    words[0] = leading;
    assert_int_equal(lead_search_range(&test->search, words, count, from, to), REVUE_OK);
    test->searched++;
    for (uint32_t doc = from; doc < to; doc++)
        test->expected[doc] = test->contributions[words[0].leaf][doc] >= 0 && score_of(test, doc) >= test->topk.floor &&
                              !deletes_has(test->search.deletes, doc);
}

static void assert_found(struct lead_test *test) {
    assert_int_equal(topk_finish(&test->topk), REVUE_OK);
    for (size_t i = 0; i < test->topk.count; i++) {
        const struct candidate *hit = &test->topk.items[i];
        assert_int_equal(hit->score, score_of(test, hit->doc));
        assert_int_equal(test->expected[hit->doc], 1);
        test->expected[hit->doc] = 0;
    }
    for (uint32_t doc = 0; doc < test->doc_count; doc++)
        assert_int_equal(test->expected[doc], 0);
}

/* The floor is a share of the best score; 0: there is none. */
static uint32_t check(struct rank_archive *ranked, const char *text, unsigned scoring, uint32_t segment, int32_t share) {
    struct lead_test test = {.ranked = ranked, .random = 20261124};
    int32_t best = 0;
    rank_plan(ranked, text, rank_options(scoring, false));
    assert_int_equal(ranked->plan.leaf_count, WORDS);
    open_leaves(&test, segment);
    for (uint32_t doc = 0; doc < test.doc_count; doc++)
        if (score_of(&test, doc) > best) best = score_of(&test, doc);
    open_search(&test, segment, share > 0 ? best / 4 * share : INT32_MIN);
    for (uint32_t from = 0, to; from < test.doc_count; from = to) {
        to = from + 1 + random_below(&test.random, random_below(&test.random, 2) ? 100 : 5000);
        if (to > test.doc_count) to = test.doc_count;
        search_range(&test, from, to);
    }
    assert_found(&test);
    topk_free(&test.topk);
    for (uint32_t i = 0; i < WORDS; i++)
        scored_leaf_close(&test.leaves[i]);
    return test.searched;
}

static void leads_bring_in_what_they_hold(void **state) {
    static const char *const texts[] = {"every third forty", "third forty seldom", "rarest seldom third"};
    static const unsigned scorings[] = {2, 4, 5}; /* of one field */
    uint32_t searched = 0;
    for (unsigned text = 0; text < 3; text++)
        for (unsigned scoring = 0; scoring < 3; scoring++)
            for (uint32_t segment = 0; segment < 2; segment++)
                for (int32_t share = 0; share < 4; share++)
                    searched += check(*state, texts[text], scorings[scoring], segment, share);
    assert_true(searched > 100);
}

static void several_lists_have_no_lead(void **state) {
    (void)state;
    const struct scored_leaf leaves[] = {{.list_count = 1}, {.list_count = 0}, {.list_count = 2}};
    assert_true(lead_search_is_possible(leaves, 2));
    assert_false(lead_search_is_possible(leaves, 3));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leads_bring_in_what_they_hold),
        cmocka_unit_test(several_lists_have_no_lead),
    };
    return cmocka_run_group_tests(tests, rank_archive_create, rank_archive_remove);
}
