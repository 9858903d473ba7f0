/* The pruning search gives what the exhaustive one gives: the same ids in the same order with the same scores, ties
 * included, and the same totals where they are exact, over random archives of several segments with deletions, for several
 * k1, b and weights, and several numbers of hits. */
#include "include/revue.h"
#include "tests/support/temporary_index.h"
#include "tests/support/trial.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define WORDS 400
#define REVIEWS 9000 /* the most frequent words fill several groups of skip data */

static uint64_t random_state;
static uint32_t random_below(uint32_t bound) {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((random_state >> 33) % bound);
}

/* Zipf-like: word n about 1 / n as often as the first. "wb" + digits in letters, which no stemmer touches. */
static void append_word(char *text, uint32_t word) {
    char name[8] = "wb";
    for (unsigned i = 0; i < 3; i++, word /= 10)
        name[2 + i] = (char)('0' + word % 10);
    strcat(text, name);
}

/* Forms of a few stems, more of them than are listed with their stem. */
static const char *const forms[] = {"walk", "walks", "walked", "walking", "walker", "jump", "jumps", "jumped", "jumping"};
static const char *random_form(void) {
    return forms[random_below(sizeof forms / sizeof *forms)];
}

static uint32_t random_word(void) {
    double x = (double)(random_below(1u << 20) + 1) / (1u << 20);
    return (uint32_t)(pow(WORDS, x) - 1) % WORDS;
}

static void append_words(char *text, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (i) strcat(text, " ");
        if (random_below(12) == 0)
            strcat(text, random_form());
        else
            append_word(text, random_word());
    }
}

static void write_reviews(const char *path, uint32_t first, uint32_t count) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    for (uint32_t i = first; i < first + count; i++) {
        char body[4096] = "", title[256] = "", product[64] = "";
        /* Later parts have longer bodies, and titles that are shorter or missing: their segments differ in averages. */
        append_words(body, random_below(8) ? 1 + random_below(first > REVIEWS ? 120 : 40) : 200);
        if (random_below(3)) append_words(title, 1 + random_below(first > REVIEWS ? 2 : 6));
        if (first > REVIEWS + 500 && i % 4) title[0] = 0;
        append_word(product, random_below(30));
        /* Some reviews are the same as others but for their id, so that scores tie. */
        if (i % 9 == 0) strcpy(body, "wb000 wb100 wb200 wb300"), title[0] = 0, strcpy(product, "wb500");
        fprintf(file, "{\"id\":\"r%u\",\"product\":\"%s\",\"title\":\"%s\",\"text\":\"%s\"}\n", (i * 7919) % 100000,
                product, title, body);
    }
    assert_int_equal(fclose(file), 0);
}

static void update(const char *index, const char *archive, unsigned memory_mib) {
    revue_error error;
    revue_report *report = NULL;
    revue_update_options options = {.roots = &archive, .root_count = 1, .memory_mib = memory_mib};
    if (revue_update(index, &options, &report, &error) != REVUE_OK) fail_msg("update: %s", error.message);
    revue_report_free(report);
}

static void make_index(const char *folder, const char *index) {
    static const uint32_t parts[] = {0, REVIEWS, REVIEWS + 500, REVIEWS + 2500, REVIEWS + 2510};
    char archive[4][128];
    for (unsigned i = 0; i < 4; i++) {
        snprintf(archive[i], sizeof archive[i], "%s/reviews-%u.jsonl", folder, i);
        write_reviews(archive[i], parts[i], parts[i + 1] - parts[i]);
        update(index, archive[i], 0);
    }
    /* One in eleven of the first part is deleted. */
    static char names[1000][16];
    const char *ids[1000];
    size_t count = 0;
    for (uint32_t i = 0; i < REVIEWS && count < 1000; i += 11, count++) {
        snprintf(names[count], sizeof names[count], "r%u", (i * 7919) % 100000);
        ids[count] = names[count];
    }
    revue_error error;
    uint64_t deleted;
    revue_delete_options options = {.ids = ids, .id_count = count};
    assert_int_equal(revue_delete(index, &options, &deleted, &error), REVUE_OK);
    assert_int_equal(deleted, count);
}

static revue_result *search(revue_searcher *searcher, const char *query, const revue_search_options *options,
                            bool exhaustive) {
    revue_search_options chosen = *options;
    revue_result *result;
    revue_error error;
    chosen.exhaustive = exhaustive;
    if (revue_search(searcher, query, strlen(query), &chosen, &result, &error) != REVUE_OK)
        fail_msg("%s: %s", query, error.message);
    return result;
}

static void compare(revue_searcher *searcher, const char *query, const revue_search_options *options) {
    revue_result *pruned = search(searcher, query, options, false), *judge = search(searcher, query, options, true);
    const uint64_t total = revue_result_total(judge, NULL);
    bool exact;
    if (revue_result_count(pruned) != revue_result_count(judge))
        fail_msg("%s: %zu hits instead of %zu", query, revue_result_count(pruned), revue_result_count(judge));
    for (size_t i = 0; i < revue_result_count(judge); i++) {
        const revue_hit *a = revue_result_hit(pruned, i), *b = revue_result_hit(judge, i);
        if (strcmp(a->id, b->id) != 0 || a->score != b->score)
            fail_msg("%s, n %zu, hit %zu: %s %.6f instead of %s %.6f", query, options->n, i + 1, a->id, a->score, b->id,
                     b->score);
    }
    assert_true(revue_result_total(pruned, &exact) <= total);
    if (exact) assert_int_equal(revue_result_total(pruned, NULL), total);
    if (options->count) assert_true(exact);
    assert_int_equal(revue_result_op(pruned), revue_result_op(judge));
    revue_result_free(pruned);
    revue_result_free(judge);
}

/* The number alone, and beside the hits. */
static void compare_totals(revue_searcher *searcher, const char *query, const revue_search_options *options) {
    revue_search_options chosen = *options;
    chosen.count = true;
    compare(searcher, query, &chosen);
    chosen.n = 0;
    compare(searcher, query, &chosen);
}

/* Of frequent words, so that there are more matches than hits; in titles and bodies. */
static void append_phrase(char *query) {
    static const char *const ends[] = {"\"", "\"", "\"~0", "\"~0", "\"~2", "\"^2", "\"~4"};
    strcat(query, "\"");
    for (uint32_t words = 2 + random_below(random_below(3) ? 1 : 4); words > 0; words--) {
        append_word(query, random_below(random_below(3) ? 3 : 30));
        if (words > 1) strcat(query, " ");
    }
    strcat(query, ends[random_below(sizeof ends / sizeof *ends)]);
}

static void phrase_query(char *query) {
    static const char *const before[] = {"", "", "", "", "title:", "body:", "wb000 ", "+wb007 +", "wb001 +", "-wb002 "};
    strcpy(query, before[random_below(sizeof before / sizeof *before)]);
    append_phrase(query);
    if (random_below(6)) return;
    strcat(query, " ");
    append_phrase(query);
}

static void random_query(char *query) {
    static const char *const separators[] = {" ", " ", " ", " -", " OR ", " AND ", " title:", " +"};
    uint32_t words = 1 + random_below(random_below(10) ? 5 : 20);
    strcpy(query, random_below(15) ? "" : "-");
    if (random_below(4) == 0) {
        phrase_query(query);
        return;
    }
    if (random_below(6) == 0) {
        const char *const shapes[] = {"=%s", "\"%s %s\"", "\"%s %s\"~2", "\"%s wb000\"", "%s"};
        snprintf(query, 64, shapes[random_below(5)], random_form(), random_form());
        return;
    }
    for (uint32_t i = 0; i < words; i++) {
        if (i) strcat(query, separators[words > 6 ? 0 : random_below(sizeof separators / sizeof *separators)]);
        append_word(query, random_below(4) ? random_word() : random_below(WORDS));
        if (random_below(8) == 0) strcat(query, "^2.5");
    }
}

static const double k1[] = {1.2, 1.2, 0.4, 3, 0}, b[] = {0.75, 0.75, 0, 1, 0.3};

/* One word in one field: by the table of longest fields, for few hits and for nearly all. */
static void compare_single_words(revue_searcher *searcher) {
    static const size_t counts[] = {1, 10, 33, 100, 300, 1000, 4000, 20000};
    static const char *const fields[] = {"title", "body", "product"};
    for (unsigned round = 0; round < 400; round++) {
        char query[64] = "";
        revue_weight weights[] = {{"title", 0}, {"body", 0}, {"product", 0}};
        revue_search_options options;
        revue_search_options_init(&options);
        const unsigned choice = random_below(5), field = random_below(4) % 3;
        options.snippets = false;
        options.ids_only = true;
        options.n = counts[random_below(sizeof counts / sizeof *counts)];
        options.k1 = k1[choice];
        options.b = b[choice];
        weights[field] = (revue_weight){fields[field], 0.3 + random_below(4)};
        options.weights = weights;
        options.weight_count = 3;
        append_word(query, random_below(20));
        compare(searcher, query, &options);
    }
}

static void pruned_is_exhaustive(void **state) {
    (void)state;
    static const size_t counts[] = {1, 3, 10, 10, 10, 17, 100, 1000};
    char folder[TEMPORARY_PATH_SIZE], index[128];
    revue_searcher *searcher;
    revue_error error;
    random_state = trial_seed(424242);
    temporary_folder_create(folder);
    snprintf(index, sizeof index, "%s/index", folder);
    make_index(folder, index);
    assert_int_equal(revue_searcher_open(&searcher, index, &error), REVUE_OK);
    for (unsigned round = 0; round < 1800; round++) {
        char query[512];
        revue_weight weights[] = {{"title", random_below(4)}, {"body", 0.5 * (1 + random_below(3))}, {"author", 1}};
        static const revue_weight one_field[] = {{"title", 0}, {"body", 1.5}, {"product", 0}};
        revue_search_options options;
        revue_search_options_init(&options);
        options.snippets = false;
        options.ids_only = random_below(4) > 0; /* or all are counted */
        options.n = counts[random_below(sizeof counts / sizeof *counts)];
        options.op = (revue_operator)random_below(3);
        if (random_below(3) == 0) {
            unsigned choice = random_below(5);
            options.k1 = k1[choice];
            options.b = b[choice];
        }
        if (random_below(3) == 0) {
            options.weights = weights;
            options.weight_count = 3;
        } else if (random_below(2) == 0) { /* every word in one list */
            options.weights = one_field;
            options.weight_count = 3;
        }
        random_query(query);
        compare(searcher, query, &options);
        if (round % 3 == 0) compare_totals(searcher, query, &options);
    }
    compare_single_words(searcher);
    revue_searcher_close(searcher);
    temporary_folder_remove(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(pruned_is_exhaustive)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
