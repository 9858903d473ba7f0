/* test_search_count.c - counts without scores against the exhaustive search, which meets every match: over two segments,
 * the first longer than a window, with and without deleted reviews; and with every allocation failing once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "indexer/base/memory.h"
#include "indexer/format/scoring.h"
#include "query/rank/doc_window.h"
#include "query/rank/search_count.h"
#include "query/rank/search_exhaustive.h"
#include "tests/support/random_list.h"
#include "tests/support/small_archive.h"

#include <stdio.h>

#define REVIEWS (DOC_WINDOW + 5000u) /* of the first segment */
#define MORE 700u

/* Dense, sparse, in rows, only at the beginning or the end, in one review. */
static const char *const words[] = {"every", "half", "rows", "tenth", "forty", "seldom", "early", "late", "once"};
#define WORDS (sizeof words / sizeof *words)

static bool has_word(size_t word, uint32_t i, uint64_t *random) {
    switch (word) {
    case 0: return true;
    case 1: return random_below(random, 2) == 0;
    case 2: return i / 700 % 3 == 0 && random_below(random, 20) != 0;
    case 3: return random_below(random, 10) == 0;
    case 4: return random_below(random, 40) == 0;
    case 5: return random_below(random, 900) == 0;
    case 6: return i < 3000 && i % 2 == 0;
    case 7: return i > DOC_WINDOW + 1000 && i % 7 == 0;
    default: return i == DOC_WINDOW + 17;
    }
}

static void write_reviews(const struct small_archive *archive, const char *name, uint32_t first, uint32_t count) {
    struct bytes lines = {0};
    uint64_t random = first + 5;
    for (uint32_t i = first; i < first + count; i++) {
        bytes_append_format(&lines, "{\"id\":\"r%u\",\"title\":\"", (unsigned)i);
        if (i % 50 == 3) bytes_append_format(&lines, "%s", words[random_below(&random, WORDS)]);
        bytes_append_string(&lines, "\",\"text\":\"");
        for (size_t word = 0; word < WORDS; word++)
            if (has_word(word, i, &random)) bytes_append_format(&lines, "%s ", words[word]);
        bytes_append_string(&lines, "\"}\n");
    }
    assert_false(lines.failed);
    small_archive_write(archive, name, bytes_view(&lines));
    const char *const root = archive->root;
    const revue_update_options options = {.roots = &root, .root_count = 1, .threads = 1};
    revue_report *report = NULL;
    assert_int_equal(revue_update(archive->index, &options, &report, NULL), REVUE_OK);
    revue_report_free(report);
    bytes_free(&lines);
}

static void delete_reviews(const struct small_archive *archive) {
    static char names[2000][16];
    const char *ids[2000];
    uint64_t deleted;
    for (uint32_t i = 0; i < 2000; i++) {
        (void)snprintf(names[i], sizeof names[i], "r%u", (unsigned)(i < 1000 ? i * 67 : REVIEWS - 1 - (i - 1000) * 2));
        ids[i] = names[i];
    }
    const revue_delete_options options = {.ids = ids, .id_count = 2000};
    assert_int_equal(revue_delete(archive->index, &options, &deleted, NULL), REVUE_OK);
    assert_true(deleted > 1900);
}

static struct small_archive archive;

static int create(void **state) {
    (void)state;
    small_archive_create(&archive);
    write_reviews(&archive, "first.jsonl", 0, REVIEWS);
    write_reviews(&archive, "second.jsonl", REVIEWS, MORE);
    return 0;
}

static int drop(void **state) {
    (void)state;
    small_archive_remove(&archive);
    return 0;
}

/* The plan of a query of the language, with the title searched or not. */
static void make_plan(struct plan *plan, revue_searcher *searcher, const char *text, bool all, double title,
                      struct arena *arena) {
    struct query_options query_options = {.mode = QUERY_STRICT};
    const struct plan_options options = {.k1 = SCORING_K1, .b = SCORING_B, .weights = {1.0, title, 1.5, 0.0}, .all = all};
    struct query query;
    assert_int_equal(plan_fields(searcher, arena, &query_options.fields, &query_options.field_count, NULL), REVUE_OK);
    assert_int_equal(query_parse(view_of_string(text), &query_options, arena, &query, NULL), REVUE_OK);
    assert_int_equal(plan_make(plan, searcher, &query, &options, arena, NULL), REVUE_OK);
}

static void check(revue_searcher *searcher, const char *text, bool all, double title) {
    struct arena arena = {0};
    struct plan plan;
    struct topk none;
    uint64_t counted = 0, met = 0;
    make_plan(&plan, searcher, text, all, title, &arena);
    assert_true(search_count_is_possible(&plan, searcher));
    assert_int_equal(topk_init(&none, searcher, 0, NULL), REVUE_OK);
    assert_int_equal(search_count(&plan, searcher, &counted, NULL), REVUE_OK);
    assert_int_equal(search_exhaustive(&plan, searcher, false, &none, &met, NULL), REVUE_OK);
    if (counted != met)
        fail_msg("%s (%s): %llu instead of %llu", text, all ? "all" : "any", (unsigned long long)counted,
                 (unsigned long long)met);
    topk_free(&none);
    arena_free(&arena);
}

static void check_query(revue_searcher *searcher, const char *text) {
    for (unsigned i = 0; i < 4; i++)
        check(searcher, text, i % 2, i / 2 ? 2.0 : 0.0);
}

static void check_words(revue_searcher *searcher) {
    static const char *const separators[] = {" ", " ", " -", " +", " title:", " OR "};
    uint64_t random = 31;
    for (size_t i = 0; i < WORDS; i++) {
        char text[64];
        (void)snprintf(text, sizeof text, "-%s", words[i]);
        check_query(searcher, text);
        check_query(searcher, text + 1);
    }
    for (unsigned round = 0; round < 60; round++) {
        char text[256] = "";
        for (uint32_t word = 0, count = 2 + random_below(&random, 4); word < count; word++) {
            const char *separator = word ? separators[random_below(&random, word == 1 && count == 2 ? 6 : 5)] : "";
            strcat(strcat(text, separator), random_below(&random, 12) ? words[random_below(&random, WORDS)] : "absent");
        }
        check_query(searcher, text);
    }
}

static void counts_are_those_of_all_matches(void **state) {
    (void)state;
    revue_searcher *searcher = small_archive_open(&archive);
    assert_int_equal(searcher->segments[0].segment->meta.doc_count, REVIEWS);
    check_words(searcher);
    revue_searcher_close(searcher);
    delete_reviews(&archive);
    searcher = small_archive_open(&archive);
    check_words(searcher);
    revue_searcher_close(searcher);
}

static void other_plans_are_refused(void **state) {
    (void)state;
    static const char *const texts[] = {"\"every half\"", "=every", "+every (forty seldom)", "every -\"half rows\""};
    revue_searcher *searcher = small_archive_open(&archive);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct arena arena = {0};
        struct plan plan;
        uint64_t total;
        make_plan(&plan, searcher, texts[i], true, 2, &arena);
        assert_false(search_count_is_possible(&plan, searcher));
        assert_true(search_count_postings(&plan) == UINT64_MAX);
        assert_int_equal(search_count(&plan, searcher, &total, NULL), REVUE_BUG);
        arena_free(&arena);
    }
    revue_searcher_close(searcher);
}

static int left;

static bool may_allocate(void *context) {
    (void)context;
    return left-- != 0;
}

static void memory_may_fail(void **state) {
    (void)state;
    static const char *const texts[] = {"every half -rows", "half tenth -early late", "+half +tenth +forty",
                                        "+body:half +body:forty"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        bool has_failed = true;
        for (int nth = 0; has_failed; nth++) {
            struct arena arena = {0};
            struct plan plan;
            uint64_t total = 7;
            revue_error error;
            revue_searcher *searcher = small_archive_open(&archive);
            make_plan(&plan, searcher, texts[i], false, 2, &arena);
            left = nth;
            memory_set_test_hook(may_allocate, NULL);
            const revue_status status = search_count(&plan, searcher, &total, &error);
            memory_set_test_hook(NULL, NULL);
            has_failed = left < 0;
            assert_int_equal(status, has_failed ? REVUE_NO_MEMORY : REVUE_OK);
            if (has_failed) assert_int_equal(total, 7);
            arena_free(&arena);
            revue_searcher_close(searcher);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_those_of_all_matches),
        cmocka_unit_test(other_plans_are_refused),
        cmocka_unit_test(memory_may_fail),
    };
    return cmocka_run_group_tests(tests, create, drop);
}
