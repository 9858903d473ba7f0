/* test_scored_leaf.c - one word in batches against its cursor: the same reviews, the same contributions, no bound below
 * them; over one field and several. */
#include "query/rank/scored_leaf.h"
#include "tests/unit/rank/rank_test.h"

struct leaf_test {
    struct rank_archive *ranked;
    const struct plan_node *node;
    uint32_t segment, doc_count;
    const int32_t *expected; /* by review; -1: none */
    uint64_t *random;
};

static struct score_window window; /* empty between uses */
static struct score_candidates candidates;

static void open_leaf(const struct leaf_test *test, struct scored_leaf *leaf) {
    const struct leaf_context context = rank_context(test->ranked, test->segment);
    assert_int_equal(scored_leaf_open(leaf, context.segment, context.arena, &test->node->words[0].in[test->segment],
                                      &test->node->scoring, test->node->scale, test->ranked->searcher->bounds, NULL),
                     REVUE_OK);
    assert_int_equal(scored_leaf_start(leaf, NULL), REVUE_OK);
    window.shorter = NULL; /* it is of the arena */
}

static int32_t largest_in(const struct leaf_test *test, uint32_t from, uint32_t to) {
    int32_t largest = BOUND_ABSENT;
    for (uint32_t doc = from; doc < to; doc++)
        if (test->expected[doc] > largest) largest = test->expected[doc];
    return largest;
}

/* The candidates are the reviews of [from, to) that contribute at least least. */
static void assert_candidates(const struct leaf_test *test, uint32_t from, uint32_t to, int32_t least) {
    uint32_t count = 0;
    for (uint32_t doc = from; doc < to; doc++) {
        if (test->expected[doc] < 0 || test->expected[doc] < least) continue;
        assert_true(count < candidates.count);
        assert_int_equal(candidates.docs[count], doc);
        assert_int_equal(candidates.scores[count++], test->expected[doc]);
    }
    assert_int_equal(candidates.count, count);
}

static void assert_window_empty(void) {
    static const struct score_window empty;
    assert_memory_equal(window.scores, empty.scores, sizeof empty.scores);
    assert_memory_equal(window.touched, empty.touched, sizeof empty.touched);
}

/* Bounds run ahead of scores, as in a search. */
static void check_windows(const struct leaf_test *test) {
    struct scored_leaf leaf;
    open_leaf(test, &leaf);
    assert_true(leaf.bound >= largest_in(test, 0, test->doc_count));
    for (uint32_t from = 0, to; from < test->doc_count; from = to) {
        int32_t bound, least = random_below(test->random, 3) ? INT32_MIN : largest_in(test, 0, test->doc_count) / 2;
        to = from + 1 + random_below(test->random, SCORE_WINDOW);
        if (to > test->doc_count) to = test->doc_count;
        assert_int_equal(scored_leaf_bound(&leaf, from, to, &bound, NULL), REVUE_OK);
        assert_true(bound >= largest_in(test, from, to));
        if (random_below(test->random, 4) == 0) continue;
        window.from = from;
        assert_int_equal(scored_leaf_add(&leaf, &window, to, least, NULL), REVUE_OK);
        score_window_drain(&window, least, &candidates);
        assert_candidates(test, from, to, least);
    }
    assert_window_empty();
    scored_leaf_close(&leaf);
}

static void check_ranges(const struct leaf_test *test) {
    struct scored_leaf leaf;
    uint32_t before = 0;
    open_leaf(test, &leaf);
    for (;;) {
        uint32_t first, end, least = random_below(test->random, 2) ? 0 : (uint32_t)leaf.bound / 2;
        assert_int_equal(scored_leaf_range(&leaf, before, &first, &end, NULL), REVUE_OK);
        assert_int_equal(largest_in(test, before, first < test->doc_count ? first : test->doc_count), BOUND_ABSENT);
        if (first == DOC_END) break;
        assert_true(first < end && end - first <= (leaf.list_count > 1 ? SCORE_WINDOW : LEAD_RANGE));
        assert_int_equal(scored_leaf_list(&leaf, first, end, (int32_t)least, &window, &candidates, NULL), REVUE_OK);
        assert_candidates(test, first, end < test->doc_count ? end : test->doc_count, (int32_t)least);
        before = end;
    }
    assert_window_empty();
    scored_leaf_close(&leaf);
}

/* Any reviews with any scores, as another word may have brought them in. */
static void draw_candidates(const struct leaf_test *test, uint32_t from) {
    const uint32_t step = 1 + random_below(test->random, 40);
    candidates.count = 0;
    for (uint32_t doc = from; doc < test->doc_count && doc < from + SCORE_WINDOW;
         doc += 1 + random_below(test->random, step)) {
        candidates.docs[candidates.count] = doc;
        candidates.scores[candidates.count++] = (int32_t)random_below(test->random, 1000);
    }
}

static void check_probes(const struct leaf_test *test) {
    struct scored_leaf leaf;
    open_leaf(test, &leaf);
    for (uint32_t from = 0; from < test->doc_count; from += SCORE_WINDOW) {
        static struct score_candidates drawn;
        const bool is_required = random_below(test->random, 2);
        const int32_t least = random_below(test->random, 2) ? INT32_MIN : leaf.bound / 2;
        uint32_t kept = 0;
        draw_candidates(test, from);
        drawn = candidates;
        assert_int_equal(scored_leaf_probe(&leaf, is_required, least, &candidates, NULL), REVUE_OK);
        for (uint32_t i = 0; i < drawn.count; i++) {
            const int32_t contribution = test->expected[drawn.docs[i]];
            const int32_t score = drawn.scores[i] + (contribution < 0 ? 0 : contribution);
            if ((contribution < 0 && is_required) || score < least) continue;
            assert_true(kept < candidates.count);
            assert_int_equal(candidates.docs[kept], drawn.docs[i]);
            assert_int_equal(candidates.scores[kept++], score);
        }
        assert_int_equal(candidates.count, kept);
    }
    scored_leaf_close(&leaf);
}

/* Lists that bring reviews in, which their word is asked about then: each review once, for what all lists give. */
static void check_notes(const struct leaf_test *test) {
    struct scored_leaf leaf;
    open_leaf(test, &leaf);
    for (uint32_t from = 0, to; from < test->doc_count; from = to) {
        int32_t bound;
        to = from + 1 + random_below(test->random, SCORE_WINDOW);
        if (to > test->doc_count) to = test->doc_count;
        assert_int_equal(scored_leaf_bound(&leaf, from, to, &bound, NULL), REVUE_OK);
        const uint32_t lists = random_below(test->random, 1u << leaf.list_count) & scored_leaf_lists_there(&leaf);
        window.from = from;
        assert_int_equal(scored_leaf_note(&leaf, lists, &window, to, NULL), REVUE_OK);
        score_window_drain(&window, INT32_MIN, &candidates);
        static struct score_candidates noted;
        noted = candidates;
        const bool is_required = random_below(test->random, 2);
        assert_int_equal(scored_leaf_probe(&leaf, is_required, INT32_MIN, &candidates, NULL), REVUE_OK);
        assert_int_equal(candidates.count, noted.count);
        for (uint32_t i = 0; i < noted.count; i++) {
            assert_int_equal(noted.scores[i], 0);
            assert_int_equal(candidates.docs[i], noted.docs[i]);
            assert_int_equal(candidates.scores[i], test->expected[noted.docs[i]]);
        }
        if (lists == scored_leaf_lists_there(&leaf)) assert_candidates(test, from, to, INT32_MIN);
    }
    assert_window_empty();
    scored_leaf_close(&leaf);
}

/* Block by block, and in two parts: what is asked for is among what is taken, which are postings of the block. */
static void check_taken(const struct leaf_test *test) {
    struct scored_leaf leaf;
    open_leaf(test, &leaf);
    for (uint32_t from = 0; leaf.list_count == 1;) {
        static struct taken_postings taken;
        const struct postings_reader *reader = &leaf.lists->reader;
        const int32_t least = random_below(test->random, 3)   ? leaf.bound / 2
                              : random_below(test->random, 2) ? 0
                                                              : INT32_MAX;
        uint32_t at = 0, posting = 0;
        assert_int_equal(postings_reader_seek_block(&leaf.lists->reader, from, NULL), REVUE_OK);
        if (reader->count == 0) break;
        const uint32_t to = reader->last_doc + 1 - (reader->last_doc - from) / 2 * random_below(test->random, 2);
        assert_int_equal(scored_leaf_take(&leaf, from, to, scored_leaf_value_needed(&leaf, (double)least), &taken, NULL),
                         REVUE_OK);
        for (uint32_t doc = from; doc < to; doc++) {
            const bool is_taken = at < taken.count && taken.docs[at] == doc;
            assert_true(is_taken || test->expected[doc] < 0 || test->expected[doc] < least);
            if (!is_taken) continue;
            while (reader->docs[posting] < doc)
                posting++;
            assert_int_equal(reader->docs[posting], doc);
            assert_int_equal(reader->frequencies[posting], taken.frequencies[at++]);
        }
        assert_int_equal(at, taken.count);
        if (least == INT32_MAX && reader->directory) assert_int_equal(taken.count, 0);
        from = to;
    }
    scored_leaf_close(&leaf);
}

static void check_leaf(struct rank_archive *ranked, const struct plan_node *node, uint32_t segment, uint64_t *random) {
    const struct leaf_test test = {.ranked = ranked,
                                   .node = node,
                                   .segment = segment,
                                   .doc_count = ranked->searcher->segments[segment].segment->meta.doc_count,
                                   .expected = rank_contributions(ranked, node, segment),
                                   .random = random};
    check_windows(&test);
    check_ranges(&test);
    check_probes(&test);
    check_taken(&test);
    check_notes(&test);
}

static void leaves_are_cursors(void **state) {
    rank_each_leaf(*state, check_leaf);
}

/* Windows of few touched reviews and of all, with scores of either sign: the same candidates, and nothing left behind. */
static void drained_is_what_passes(void **state) {
    (void)state;
    static struct score_window other;
    static struct score_candidates expected;
    uint64_t random = 20261124;
    for (unsigned round = 0; round < 60; round++) {
        const uint32_t apart = 1 + random_below(&random, round % 3 ? 300 : 2);
        const int32_t least = round % 4 == 0 ? INT32_MIN : (int32_t)random_below(&random, 1000) - 200;
        window.from = random_below(&random, 1u << 30);
        for (uint32_t at = random_below(&random, apart); at < SCORE_WINDOW; at += 1 + random_below(&random, apart)) {
            window.scores[at] = (int32_t)random_below(&random, 1000) - 300;
            window.touched[at / 64] |= (uint64_t)1 << at % 64;
        }
        other = window;
        score_window_drain_plain(&other, least, &expected);
        score_window_drain(&window, least, &candidates);
        assert_int_equal(candidates.count, expected.count);
        assert_memory_equal(candidates.docs, expected.docs, expected.count * sizeof *expected.docs);
        assert_memory_equal(candidates.scores, expected.scores, expected.count * sizeof *expected.scores);
        assert_window_empty();
    }
}

static void what_leaves_can_do(void **state) {
    (void)state;
    struct field_scoring scoring = {.weight = {1, 0, 0, 1e-300}};
    struct segment segment = {.meta.doc_count = INT32_MAX};
    struct segment_word word = {.stem_count = 1};
    assert_false(scored_leaf_is_possible(&segment, &word, &scoring));
    scoring.weight[3] = 1e-9;
    assert_true(scored_leaf_is_possible(&segment, &word, &scoring));
    word.stem_count = 2;
    assert_false(scored_leaf_is_possible(&segment, &word, &scoring));
    word.stem_count = 0;
    assert_true(scored_leaf_is_possible(&segment, &word, &scoring));
    segment.meta.doc_count++;
    assert_false(scored_leaf_is_possible(&segment, &word, &scoring));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(leaves_are_cursors), cmocka_unit_test(drained_is_what_passes),
                                       cmocka_unit_test(what_leaves_can_do)};
    return cmocka_run_group_tests(tests, rank_archive_create, rank_archive_remove);
}
