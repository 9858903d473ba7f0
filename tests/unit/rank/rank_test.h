/* rank_test.h - what the tests of ranking share: an archive of two segments with deleted reviews whose words fill single
 * postings, blocks and groups of skip data, and plans of it. */
#ifndef REVUE_TESTS_RANK_TEST_H
#define REVUE_TESTS_RANK_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "indexer/format/scoring.h"
#include "query/plan/plan.h"
#include "tests/support/random_list.h"
#include "tests/support/small_archive.h"

#include <stdio.h>

#define RANK_REVIEWS 9000u /* of the first segment: "every" fills more than one group */

struct rank_archive {
    struct small_archive archive;
    revue_searcher *searcher;
    struct arena arena; /* of the plan */
    struct plan plan;
    struct cursor_failure failure;
};

/* In every review, in one of 3, 40, 700; in few. They stand in titles and products too, by other chances. */
static const char *const rank_words[] = {"every", "third", "forty", "seldom", "rarest"};
static const uint32_t rank_chances[] = {1, 3, 40, 700, 3000};
#define RANK_WORDS (sizeof rank_words / sizeof *rank_words)

static inline void rank_append_words(struct bytes *out, uint64_t *random, uint32_t rarer) {
    for (unsigned word = 0; word < RANK_WORDS; word++) {
        if (random_below(random, rank_chances[word] * rarer) != 0) continue;
        for (uint32_t n = 1 + (random_below(random, 4) == 0) * random_below(random, 9); n > 0; n--)
            bytes_append_format(out, "%s ", rank_words[word]);
    }
}

static inline void rank_append_review(struct bytes *out, uint64_t *random, uint32_t id) {
    bytes_append_format(out, "{\"id\":\"r%05u\",\"title\":\"", (unsigned)(id * 7919u % 100000u));
    rank_append_words(out, random, 4);
    bytes_append_string(out, "\",\"product\":\"");
    rank_append_words(out, random, 9);
    bytes_append_string(out, "\",\"author\":\"");
    rank_append_words(out, random, 20);
    bytes_append_string(out, "\",\"text\":\"");
    rank_append_words(out, random, 1);
    for (uint32_t n = random_below(random, random_below(random, 50) ? 12 : 500); n > 0; n--)
        bytes_append_format(out, "filler%u ", (unsigned)random_below(random, 30));
    bytes_append_string(out, "\"}\n");
}

static inline void rank_add_reviews(struct rank_archive *ranked, const char *source, uint32_t first, uint32_t count,
                                    uint64_t seed) {
    struct bytes lines = {0};
    for (uint32_t id = first; id < first + count; id++)
        rank_append_review(&lines, &seed, id);
    assert_false(lines.failed);
    small_archive_write(&ranked->archive, source, bytes_view(&lines));
    small_archive_update(&ranked->archive, NULL);
    bytes_free(&lines);
}

static inline void rank_delete_reviews(struct rank_archive *ranked) {
    static char names[300][16];
    const char *ids[300];
    uint64_t deleted;
    for (uint32_t i = 0; i < 300; i++) {
        (void)snprintf(names[i], sizeof names[i], "r%05u", (unsigned)(i * 11 * 7919u % 100000u));
        ids[i] = names[i];
    }
    const revue_delete_options options = {.ids = ids, .id_count = 300};
    assert_int_equal(revue_delete(ranked->archive.index, &options, &deleted, NULL), REVUE_OK);
    assert_int_equal(deleted, 300);
}

static inline int rank_archive_create(void **state) {
    static struct rank_archive ranked;
    small_archive_create(&ranked.archive);
    rank_add_reviews(&ranked, "first.jsonl", 0, RANK_REVIEWS, 11);
    rank_add_reviews(&ranked, "second.jsonl", RANK_REVIEWS, 700, 12);
    rank_delete_reviews(&ranked);
    ranked.searcher = small_archive_open(&ranked.archive);
    assert_true(ranked.searcher->segment_count >= 2);
    *state = &ranked;
    return 0;
}

static inline int rank_archive_remove(void **state) {
    struct rank_archive *ranked = *state;
    revue_searcher_close(ranked->searcher);
    arena_free(&ranked->arena);
    small_archive_remove(&ranked->archive);
    return 0;
}

/* k1, b and weights: the defaults first, then others; the last ones search the author alone. */
#define RANK_SCORINGS 6u
static inline struct plan_options rank_options(unsigned scoring, bool all) {
    static const struct plan_options scorings[RANK_SCORINGS] = {
        {.k1 = SCORING_K1, .b = SCORING_B, .weights = {1.0, 2.0, 1.5, 0.0}},
        {.k1 = 0, .b = 1, .weights = {0.5, 3, 0, 1}},
        {.k1 = 3, .b = 0, .weights = {1, 0, 0, 0}},
        {.k1 = 1e-9, .b = 0.3, .weights = {1000, 1e-3, 1, 1}},
        {.k1 = SCORING_K1, .b = SCORING_B, .weights = {1.25, 0, 0, 0}},
        {.k1 = 0, .b = SCORING_B, .weights = {0, 0, 0, 1}},
    };
    struct plan_options options = scorings[scoring];
    options.all = all;
    options.plain = true;
    return options;
}

static inline void rank_plan(struct rank_archive *ranked, const char *text, struct plan_options options) {
    struct query query;
    arena_reset(&ranked->arena);
    assert_int_equal(query_parse_plain(view_of_string(text), &ranked->arena, &query, NULL), REVUE_OK);
    assert_int_equal(plan_make(&ranked->plan, ranked->searcher, &query, &options, &ranked->arena, NULL), REVUE_OK);
}

/* Of one segment, out of the arena of the plan. */
static inline struct leaf_context rank_context(struct rank_archive *ranked, uint32_t segment) {
    return (struct leaf_context){.segment = ranked->searcher->segments[segment].segment,
                                 .arena = &ranked->arena,
                                 .failure = &ranked->failure,
                                 .stemmer = ranked->searcher->stemmer};
}

/* What a word contributes to each review of a segment, by cursors; -1 where it does not stand. */
static inline int32_t *rank_contributions(struct rank_archive *ranked, const struct plan_node *node, uint32_t segment) {
    const struct leaf_context context = rank_context(ranked, segment);
    const uint32_t doc_count = context.segment->meta.doc_count;
    int32_t *contributions = arena_alloc_array(&ranked->arena, doc_count, sizeof *contributions);
    struct cursor *cursor = cursor_term_create(&context, &node->words[0].in[segment], &node->scoring, node->scale, NULL, 0);
    assert_non_null(contributions);
    assert_non_null(cursor);
    memset(contributions, 0xFF, doc_count * sizeof *contributions);
    for (cursor_next(cursor); cursor->doc != DOC_END; cursor_next(cursor))
        contributions[cursor->doc] = cursor_contribution(cursor);
    cursor_close(cursor);
    assert_int_equal(ranked->failure.status, REVUE_OK);
    return contributions;
}

/* Calls check for every word, scoring and segment that holds the word; the plan is of that one word. */
static inline void rank_each_leaf(struct rank_archive *ranked,
                                  void (*check)(struct rank_archive *ranked, const struct plan_node *node, uint32_t segment,
                                                uint64_t *random)) {
    uint64_t random = 20261123;
    unsigned checked = 0;
    for (unsigned word = 0; word < RANK_WORDS; word++)
        for (unsigned scoring = 0; scoring < RANK_SCORINGS; scoring++) {
            rank_plan(ranked, rank_words[word], rank_options(scoring, true));
            const struct plan_node *node = ranked->plan.leaves[0];
            assert_int_equal(ranked->plan.leaf_count, 1);
            for (uint32_t segment = 0; segment < ranked->searcher->segment_count; segment++) {
                if (node->words[0].in[segment].stem_count == 0) continue;
                check(ranked, node, segment, &random);
                checked++;
            }
        }
    assert_true(checked > 30);
}

#endif
