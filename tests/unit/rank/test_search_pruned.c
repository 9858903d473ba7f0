/* test_search_pruned.c - the pruning search against the exhaustive one, over two segments with deleted reviews; on damaged
 * records with right checksums; and with every allocation failing once. */
#include "indexer/base/memory.h"
#include "query/rank/search_count.h"
#include "query/rank/search_exhaustive.h"
#include "query/rank/search_pruned.h"
#include "tests/unit/rank/rank_test.h"

static const char *const queries[] = {
    "every",        "third",        "seldom",        "rarest",        "every third",
    "forty seldom", "third forty",  "seldom rarest", "every seldom",  "every third forty seldom rarest",
    "third third",  "forty absent", "absent",        "rarest seldom",
};
#define QUERIES (sizeof queries / sizeof *queries)

typedef revue_status (*search_function)(const struct plan *plan, revue_searcher *searcher, struct topk *topk,
                                        uint64_t *total, revue_error *error);

static revue_status all_matches(const struct plan *plan, revue_searcher *searcher, struct topk *topk, uint64_t *total,
                                revue_error *error) {
    return search_exhaustive(plan, searcher, false, topk, total, error);
}

/* Free the topk with topk_free, also when this fails. */
static revue_status find(struct rank_archive *ranked, search_function search, size_t k, struct topk *topk, uint64_t *total,
                         revue_error *error) {
    TRY(topk_init(topk, ranked->searcher, k, error));
    TRY(search(&ranked->plan, ranked->searcher, topk, total, error));
    return topk_finish(topk);
}

static void compare(struct rank_archive *ranked, const char *query, size_t k) {
    struct topk pruned, judge;
    uint64_t met = 0, total = 0;
    assert_true(search_pruned_is_possible(&ranked->plan, ranked->searcher));
    assert_int_equal(find(ranked, search_pruned, k, &pruned, &met, NULL), REVUE_OK);
    assert_int_equal(find(ranked, all_matches, k, &judge, &total, NULL), REVUE_OK);
    if (pruned.count != judge.count) fail_msg("%s, k %zu: %zu hits instead of %zu", query, k, pruned.count, judge.count);
    for (size_t i = 0; i < judge.count; i++) {
        const struct candidate *a = &pruned.items[i], *b = &judge.items[i];
        if (a->score != b->score || a->segment != b->segment || a->doc != b->doc)
            fail_msg("%s, k %zu, hit %zu: review %u of %u with %d instead of %u of %u with %d", query, k, i, a->doc,
                     a->segment, a->score, b->doc, b->segment, b->score);
    }
    assert_true(met <= total && (met > 0) == (total > 0));
    if (pruned.threshold == INT32_MIN) assert_int_equal(met, total);
    topk_free(&pruned);
    topk_free(&judge);
}

static void hits_are_those_of_all_matches(void **state) {
    struct rank_archive *ranked = *state;
    static const size_t ks[] = {0, 1, 2, 10, 16, 17, 400, 20000};
    for (size_t query = 0; query < QUERIES; query++)
        for (unsigned scoring = 0; scoring < RANK_SCORINGS; scoring++)
            for (unsigned all = 0; all < 2; all++)
                for (size_t i = 0; i < sizeof ks / sizeof *ks; i++) {
                    rank_plan(ranked, queries[query], rank_options(scoring, all));
                    if (ranked->plan.root) compare(ranked, queries[query], ks[i]);
                }
}

static void fewer_are_met(void **state) {
    struct rank_archive *ranked = *state;
    struct topk topk;
    uint64_t met;
    rank_plan(ranked, "every", rank_options(0, true));
    assert_int_equal(find(ranked, search_pruned, 10, &topk, &met, NULL), REVUE_OK);
    assert_true(met < ranked->searcher->reviews / 4);
    topk_free(&topk);
}

static void other_plans_are_refused(void **state) {
    struct rank_archive *ranked = *state;
    static const char *const texts[] = {"\"every third\"", "=every", "every -third", "+every third (forty seldom)",
                                        "-every"};
    struct query_options options = {.mode = QUERY_STRICT};
    struct plan_options plan_options = rank_options(0, true);
    plan_options.plain = false;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct query query;
        arena_reset(&ranked->arena);
        assert_int_equal(
            plan_fields(ranked->searcher, &ranked->arena, &options.fields, &options.field_count, NULL), REVUE_OK);
        assert_int_equal(query_parse(view_of_string(texts[i]), &options, &ranked->arena, &query, NULL), REVUE_OK);
        assert_int_equal(plan_make(&ranked->plan, ranked->searcher, &query, &plan_options, &ranked->arena, NULL), REVUE_OK);
        assert_false(search_pruned_is_possible(&ranked->plan, ranked->searcher));
    }
    rank_plan(ranked, "every", rank_options(0, true));
    ranked->plan.root->scoring.weight[0] = 1e-300;
    assert_false(search_pruned_is_possible(&ranked->plan, ranked->searcher));
}

/* ---- damage ---- */

/* Puts the record with a checksum of its own. */
static void put_record(const struct rank_archive *ranked, const struct key *key, const struct bytes *record) {
    store *opened = NULL;
    store_txn *txn = NULL;
    assert_int_equal(store_open(&opened, ranked->archive.index, STORE_WRITE, NULL), REVUE_OK);
    assert_int_equal(store_begin_write(opened, &txn, NULL), REVUE_OK);
    assert_int_equal(store_put(txn, TABLE_SEGMENTS, key_view(key), bytes_view(record), NULL), REVUE_OK);
    assert_int_equal(store_commit(txn, NULL), REVUE_OK);
    store_close(opened);
}

static bool read_record(const struct rank_archive *ranked, const struct key *key, struct bytes *record) {
    struct view value;
    if (store_get(ranked->searcher->txn, TABLE_SEGMENTS, key_view(key), &value, NULL) != REVUE_OK) return false;
    bytes_clear(record);
    bytes_append(record, value.data, value.size);
    return value.size > 0;
}

static void flip(struct bytes *record, uint64_t *random, unsigned count) {
    for (; count > 0; count--) {
        uint32_t at = random_below(random, (uint32_t)record->size);
        /* A bit, or a whole byte of the extremes. */
        switch (random_below(random, 3)) {
        case 0: record->data[at] ^= (uint8_t)(1u << random_below(random, 8)); break;
        case 1: record->data[at] = 0; break;
        default: record->data[at] = 0xFF;
        }
    }
}

/* An error, or some answer: what is looked for is what sanitizers see. */
static unsigned ask_all(const struct rank_archive *ranked) {
    struct rank_archive other = {.archive = ranked->archive};
    unsigned refused = 0;
    other.searcher = small_archive_open(&other.archive);
    for (size_t i = 0; i < 4 * QUERIES; i++) {
        struct topk topk;
        uint64_t total;
        revue_error error;
        rank_plan(&other, queries[i / 4], rank_options(i / 2 % 2, i % 2));
        if (!other.plan.root) continue;
        revue_status status = find(&other, i % 3 ? search_pruned : all_matches, 10, &topk, &total, &error);
        if (status != REVUE_OK) assert_int_equal(status, REVUE_CORRUPT);
        refused += status != REVUE_OK;
        const revue_status counted = search_count(&other.plan, other.searcher, &total, &error);
        if (counted != REVUE_OK) assert_int_equal(counted, REVUE_CORRUPT);
        for (size_t hit = 0; hit < topk.count && status == REVUE_OK; hit++)
            assert_true(topk.items[hit].score >= 0);
        topk_free(&topk);
    }
    revue_searcher_close(other.searcher);
    arena_free(&other.arena);
    return refused;
}

static unsigned damage_kind(const struct rank_archive *ranked, enum segment_kind kind, uint64_t *random) {
    const uint32_t segment = ranked->searcher->segments[0].segment->number;
    const struct key key = key_extent(segment, kind, 0);
    struct bytes whole = {0}, damaged = {0};
    unsigned refused = 0;
    if (!read_record(ranked, &key, &whole)) return 0;
    for (unsigned round = 0; round < 12; round++) {
        bytes_clear(&damaged);
        bytes_append(&damaged, whole.data, whole.size);
        flip(&damaged, random, 1u << random_below(random, 10));
        put_record(ranked, &key, &damaged);
        refused += ask_all(ranked);
    }
    /* Every length 0, the shortest and the longest there can be. */
    for (unsigned round = 0; round < 3; round++) {
        memset(damaged.data, round == 0 ? 0 : round == 1 ? 1 : 0xFF, damaged.size);
        put_record(ranked, &key, &damaged);
        refused += ask_all(ranked);
    }
    put_record(ranked, &key, &whole);
    bytes_free(&whole);
    bytes_free(&damaged);
    return refused;
}

static void damage_is_survived(void **state) {
    struct rank_archive *ranked = *state;
    uint64_t random = 20261123;
    const enum segment_kind kinds[] = {KIND_POSTINGS, KIND_SKIPS, KIND_LENGTHS, KIND_LENGTHS + 1, KIND_LENGTHS + 3};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        assert_true(damage_kind(ranked, kinds[i], &random) > 0);
    assert_int_equal(ask_all(ranked), 0);
}

/* ---- memory ---- */

static int left;

static bool may_allocate(void *context) {
    (void)context;
    return left-- != 0;
}

/* The nth allocation of a search fails, with a searcher that has read nothing yet. True when there was one. */
static bool search_failing(struct rank_archive *ranked, const char *query, int nth) {
    struct topk topk = {0};
    struct rank_archive other = {.archive = ranked->archive};
    uint64_t total;
    revue_error error;
    other.searcher = small_archive_open(&other.archive);
    rank_plan(&other, query, rank_options((unsigned)nth % 2, false));
    left = nth;
    memory_set_test_hook(may_allocate, NULL);
    revue_status status = find(&other, search_pruned, 40, &topk, &total, &error);
    memory_set_test_hook(NULL, NULL);
    const bool has_failed = left < 0;
    assert_int_equal(status, has_failed ? REVUE_NO_MEMORY : REVUE_OK);
    topk_free(&topk);
    revue_searcher_close(other.searcher);
    arena_free(&other.arena);
    return has_failed;
}

static void memory_may_fail(void **state) {
    static const char *const texts[] = {"every", "every third forty"};
    for (unsigned i = 0; i < 2; i++) {
        int nth = 0;
        /* Until both of the scorings that take turns come to their end. */
        while (search_failing(*state, texts[i], nth) || search_failing(*state, texts[i], nth + 1))
            nth += 1 + nth / 25; /* those of single ids, many alike, come last */
        assert_in_range(nth, 5, 50000);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hits_are_those_of_all_matches),
        cmocka_unit_test(fewer_are_met),
        cmocka_unit_test(other_plans_are_refused),
        cmocka_unit_test(memory_may_fail),
        cmocka_unit_test(damage_is_survived),
    };
    return cmocka_run_group_tests(tests, rank_archive_create, rank_archive_remove);
}
