/* hostile.h - what an index that somebody made to do harm is asked, and which runs are let loose on it. Whatever its
 * records say, each call ends with an answer, or tells that the index is damaged. */
#ifndef REVUE_TESTS_CHECK_HOSTILE_H
#define REVUE_TESTS_CHECK_HOSTILE_H

#include "tests/unit/check/records.h"

/* What was done to the index, for the message of a test that fails. */
static char harm_done[192];

static inline void assert_decent(revue_status status, const char *what, const revue_error *error) {
    if (status == REVUE_BUG || status == REVUE_NO_MEMORY || status == REVUE_BUSY)
        fail_msg("%s of an index with %s: status %d: %s", what, harm_done, (int)status, error->message);
}

/* Who only reads finds no fault with anything but the question and the index. */
static inline void assert_answered(revue_status status, const char *what, const revue_error *error) {
    if (status != REVUE_OK && status != REVUE_NO_MATCH && status != REVUE_USAGE && status != REVUE_CORRUPT)
        fail_msg("%s of an index with %s: status %d: %s", what, harm_done, (int)status, error->message);
}

/* ---- what is asked ---- */

struct question {
    const char *query, *sort, *group, *prior;
    size_t n;
    bool count, exhaustive;
};

static inline void ask_question(revue_searcher *searcher, const struct question *question) {
    static const char *const facets[] = {"tags", "product", "rating", "date:year", "price"};
    revue_search_options options;
    revue_result *result;
    revue_error error = {0};
    revue_search_options_init(&options);
    options.n = question->n ? question->n : 20;
    options.sort = question->sort;
    options.group = question->group;
    options.prior = question->prior;
    options.count = question->count;
    options.exhaustive = question->exhaustive;
    if (!question->n) {
        options.facets = facets;
        options.facet_count = sizeof facets / sizeof *facets;
        options.explain = !question->sort && !question->group;
    }
    options.lenient = true;
    revue_status status = revue_search(searcher, question->query, strlen(question->query), &options, &result, &error);
    assert_answered(status, question->query, &error);
    if (status == REVUE_OK) revue_result_free(result);
}

/* With facets every match is looked at; few hits without them take the ways that leave matches out. */
static inline void ask_questions(revue_searcher *searcher) {
    static const struct question questions[] = {
        {.query = "dance films"},
        {.query = "\"the house\" OR \"quiet dances\"~4 OR =films"},
        {.query = "the OR a", .sort = "date:desc,stars"},
        {.query = "house tags:t3", .group = "product"},
        {.query = "da* OR h?use OR balet~ price:>1", .sort = "price"},
        {.query = "the", .n = 3},
        {.query = "dance films the", .n = 3},
        {.query = "+dance +quiet +plot", .n = 3, .count = true},
        {.query = "\"great film\"", .n = 3},
        {.query = "\"dance the house\"~6", .n = 3, .exhaustive = true},
        {.query = "running dances", .n = 5, .prior = "stars:0.2,votes:0.1,age:0.3"},
    };
    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
        ask_question(searcher, &questions[i]);
}

static inline void get_some(revue_searcher *searcher, unsigned last) {
    for (unsigned id = 0; id < last; id += 1 + last / 80) {
        char name[16];
        revue_review *review;
        revue_error error = {0};
        (void)snprintf(name, sizeof name, "r%u", id);
        revue_status status = revue_get(searcher, name, strlen(name), &review, &error);
        assert_answered(status, "get", &error);
        if (status == REVUE_OK) revue_review_free(review);
    }
}

static inline void ask_for_help(revue_searcher *searcher) {
    revue_completions *completions;
    revue_error error = {0};
    revue_status status = revue_complete(searcher, "danc", 4, 5, &completions, &error);
    assert_answered(status, "complete", &error);
    if (status == REVUE_OK) revue_completions_free(completions);
    status = revue_suggest(searcher, "balet films", 11, 5, &completions, &error);
    assert_answered(status, "suggest", &error);
    if (status == REVUE_OK) revue_completions_free(completions);
}

static inline void ask_for_similar(revue_searcher *searcher) {
    revue_search_options options;
    revue_result *result;
    revue_error error = {0};
    revue_search_options_init(&options);
    revue_status status = revue_similar(searcher, "r7", 2, &options, &result, &error);
    assert_answered(status, "similar", &error);
    if (status == REVUE_OK) revue_result_free(result);
}

static inline void ask_for_records(const char *index) {
    revue_stats *stats;
    char *text;
    revue_error error = {0};
    revue_status status = revue_stats_read(at(index), true, &stats, &error);
    assert_answered(status, "stats", &error);
    if (status == REVUE_OK) revue_stats_free(stats);
    status = revue_synonyms_read(at(index), &text, &error);
    assert_answered(status, "synonyms", &error);
    if (status == REVUE_OK) revue_string_free(text);
}

/* last: one more than the highest number of a review. */
static inline void ask_index(const char *index, unsigned last) {
    revue_searcher *searcher;
    struct said said;
    uint64_t run;
    revue_error error = {0};
    ask_for_records(index);
    assert_answered(check_here(index, &said, &error), "check", &error);
    revue_status status = revue_searcher_open(&searcher, at(index), &error);
    assert_answered(status, "opening", &error);
    if (status != REVUE_OK) return;
    ask_questions(searcher);
    get_some(searcher, last);
    ask_for_help(searcher);
    ask_for_similar(searcher);
    assert_answered(revue_searcher_find_run(searcher, "2026-01-01", &run, &error), "the first run since", &error);
    revue_searcher_close(searcher);
}

/* ---- what is run ---- */

static inline void copy_file(const char *from, const char *to) {
    struct bytes content = {0};
    uint8_t part[65536];
    size_t got;
    FILE *file = fopen(from, "rb");
    assert_non_null(file);
    while ((got = fread(part, 1, sizeof part, file)) > 0)
        bytes_append(&content, part, got);
    assert_int_equal(fclose(file), 0);
    file = fopen(to, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(content.data, 1, content.size, file), content.size);
    assert_int_equal(fclose(file), 0);
    bytes_free(&content);
}

/* The files as they are: revue_copy would refuse some. */
static inline void copy_files(const char *from, const char *to) {
    char inner[64], other[64];
    assert_int_equal(mkdir(at(to), 0777), 0);
    (void)snprintf(inner, sizeof inner, "%s/store.1", to);
    assert_int_equal(mkdir(at(inner), 0777), 0);
    (void)snprintf(inner, sizeof inner, "%s/store.1/data.mdb", from);
    (void)snprintf(other, sizeof other, "%s/store.1/data.mdb", to);
    copy_file(at(inner), at(other));
    (void)snprintf(inner, sizeof inner, "%s/CURRENT", from);
    (void)snprintf(other, sizeof other, "%s/CURRENT", to);
    copy_file(at(inner), at(other));
}

static inline void update_victim(revue_update_options options, const char *what) {
    revue_error error = {0};
    struct run_counts counts = run_update_with("victim", options);
    (void)snprintf(error.message, sizeof error.message, "%s", counts.message);
    assert_decent(counts.status, what, &error);
}

static inline void delete_from_victim(const revue_delete_options *deletion, const char *what) {
    revue_error error = {0};
    assert_decent(revue_delete(at("victim"), deletion, NULL, &error), what, &error);
}

/* Each run finds what the one before it left. */
static inline void run_on_index(const char *index) {
    static const char *const ids[] = {"r5", "r44"}, *const sources[] = {"b.*"};
    const revue_compact_options compaction = {0};
    revue_update_options again = with_columns();
    revue_error error = {0};
    again.reanalyse = true;
    copy_files(index, "victim");
    assert_decent(revue_copy(at("victim"), at("copy"), NULL, &error), "copy", &error);
    if (path_exists(at("copy"))) temporary_folder_remove(at("copy"));
    update_victim(with_columns(), "update");
    delete_from_victim(&(revue_delete_options){.ids = ids, .id_count = 2}, "delete of ids");
    delete_from_victim(&(revue_delete_options){.sources = sources, .source_count = 1}, "delete of a source");
    assert_decent(revue_synonyms_set(at("victim"), "film, movie\n", 12, 0, &error), "synonyms", &error);
    assert_decent(revue_compact(at("victim"), &compaction, &error), "compact", &error);
    update_victim(again, "reanalyse");
    temporary_folder_remove(at("victim"));
}

/* ---- the index ---- */

/* Sources that changed since: a run then compares, patches, deletes and merges. */
static inline void make_hostile_archive(unsigned reviews) {
    revue_error error = {0};
    make_index("index", reviews);
    assert_done(revue_synonyms_set(at("index"), "film, dance\n", 12, 0, &error));
    put_reviews("a.jsonl", 13, 4, reviews - 4);
    put_reviews("c.jsonl", 14, reviews * 2, 30);
}

static inline void ask_and_run(const char *index, unsigned last) {
    ask_index(index, last);
    run_on_index(index);
}

#endif
