/* test_hostile_index.c - indexes that somebody made to do harm: a bit of a record is flipped and its checksum made right,
 * so that nothing but the readers themselves stands between it and memory. Whatever is asked of such an index, and whatever
 * run is let loose on it, ends with a status; sanitizers see to the rest. */
#include "tests/unit/check/records.h"

#define REVIEWS 45

/* ---- what is asked ---- */

static bool is_decent(revue_status status) {
    return status != REVUE_BUG && status != REVUE_NO_MEMORY;
}

static void search(revue_searcher *searcher, const char *query, const char *sort, const char *group) {
    static const char *const facets[] = {"tags", "product", "rating", "date:year", "price"};
    revue_search_options options;
    revue_result *result;
    revue_search_options_init(&options);
    options.n = 20;
    options.sort = sort;
    options.group = group;
    options.facets = facets;
    options.facet_count = sizeof facets / sizeof *facets;
    options.explain = !sort && !group;
    options.lenient = true;
    revue_status status = revue_search(searcher, query, strlen(query), &options, &result, NULL);
    assert_true(is_decent(status));
    if (status == REVUE_OK) revue_result_free(result);
}

static void get_all(revue_searcher *searcher) {
    for (unsigned id = 0; id < REVIEWS + REVIEWS / 3; id++) {
        char name[16];
        revue_review *review;
        (void)snprintf(name, sizeof name, "r%u", id);
        revue_status status = revue_get(searcher, name, strlen(name), &review, NULL);
        assert_true(is_decent(status));
        if (status == REVUE_OK) revue_review_free(review);
    }
}

static void help_to_type(revue_searcher *searcher) {
    revue_completions *completions;
    if (revue_complete(searcher, "danc", 4, 5, &completions, NULL) == REVUE_OK) revue_completions_free(completions);
    if (revue_suggest(searcher, "balet films", 11, 5, &completions, NULL) == REVUE_OK) revue_completions_free(completions);
}

static void ask(const char *index) {
    revue_searcher *searcher;
    revue_stats *stats;
    revue_result *result;
    revue_search_options options;
    revue_search_options_init(&options);
    if (revue_stats_read(at(index), true, &stats, NULL) == REVUE_OK) revue_stats_free(stats);
    if (revue_searcher_open(&searcher, at(index), NULL) != REVUE_OK) return;
    search(searcher, "dance films", NULL, NULL);
    search(searcher, "\"the house\" OR \"quiet dances\"~4 OR =films", NULL, NULL);
    search(searcher, "the OR a", "date:desc,stars", NULL);
    search(searcher, "house tags:t3", NULL, "product");
    search(searcher, "da* OR h?use OR balet~ price:>1", "price", NULL);
    get_all(searcher);
    help_to_type(searcher);
    if (revue_similar(searcher, "r7", 2, &options, &result, NULL) == REVUE_OK) revue_result_free(result);
    revue_searcher_close(searcher);
}

/* ---- what is run ---- */

static void copy_file(const char *from, const char *to) {
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
static void copy_files(const char *from, const char *to) {
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

static void run(const char *index) {
    static const char *const ids[] = {"r5", "r44"}, *const sources[] = {"b.*"};
    const revue_delete_options by_id = {.ids = ids, .id_count = 2}, by_source = {.sources = sources, .source_count = 1};
    const revue_compact_options compaction = {0};
    copy_files(index, "victim");
    assert_true(is_decent(revue_copy(at("victim"), at("copy"), NULL, NULL)));
    if (path_exists(at("copy"))) temporary_folder_remove(at("copy"));
    assert_true(is_decent(run_update_with("victim", with_columns()).status));
    assert_true(is_decent(revue_delete(at("victim"), &by_id, NULL, NULL)));
    assert_true(is_decent(revue_delete(at("victim"), &by_source, NULL, NULL)));
    assert_true(is_decent(revue_compact(at("victim"), &compaction, NULL)));
    temporary_folder_remove(at("victim"));
}

/* ---- the damage ---- */

/* Sources that changed since: a run then compares, patches, deletes and merges. */
static void make_archive(void) {
    make_index("index", REVIEWS);
    put_reviews("a.jsonl", 13, 4, REVIEWS - 4);
    put_reviews("c.jsonl", 14, REVIEWS * 2, 30);
}

static void ask_and_run(const char *index) {
    ask(index);
    run(index);
}

static void harm(unsigned flips, uint64_t random, void (*use)(const char *index)) {
    struct all_records records = collect("index");
    for (size_t i = 0; i < records.count; i++) {
        struct record *record = &records.items[i];
        for (unsigned flip = 0; flip < flips && record->size > CHECKSUM_BYTES; flip++) {
            size_t byte;
            uint8_t *flipped = flip_record(record, &random, true, &byte);
            put_stored("index", record, flipped, record->size);
            use("index");
            put_stored("index", record, record->stored, record->size);
            free(flipped);
        }
    }
    forget(&records);
}

static void test_asked(void **state) {
    (void)state;
    make_archive();
    harm(6, 3, ask);
}

static void test_run(void **state) {
    (void)state;
    make_archive();
    harm(1, 4, run);
}

/* ---- records of others ---- */

/* A chunk of a column, sealed, in the place of another one's: numbers where lists should be, and the other way round. */
static void test_another_column(void **state) {
    (void)state;
    make_archive();
    struct all_records records = collect("index");
    const struct record *lists = NULL, *numbers = NULL;
    for (size_t i = 0; i < records.count; i++) {
        const struct record *record = &records.items[i];
        if (record->table != TABLE_COLUMNS) continue;
        if (record->key[5] == COLUMN_OF_SOURCE) numbers = record; /* the low byte of the column's number */
        if (record->key[5] == COLUMN_OF_TAGS) lists = record;
    }
    assert_non_null(lists);
    assert_non_null(numbers);
    const struct record *const pairs[2][2] = {{lists, numbers}, {numbers, lists}};
    for (unsigned i = 0; i < 2; i++) {
        struct edit edit = edit_begin("index");
        struct bytes other = {0};
        bytes_append(&other, pairs[i][1]->stored, pairs[i][1]->size - CHECKSUM_BYTES);
        edit_put(&edit, TABLE_COLUMNS, key_of(pairs[i][0]), &other);
        edit_end(&edit);
        ask_and_run("index");
        put_stored("index", pairs[i][0], pairs[i][0]->stored, pairs[i][0]->size);
    }
    forget(&records);
}

/* The manifest lists a segment with fewer reviews than it has, or with more. */
static void test_other_counts(void **state) {
    (void)state;
    make_archive();
    for (unsigned more = 0; more < 2; more++) {
        revue_error error;
        revue_stats *stats;
        revue_searcher *searcher;
        struct edit edit = edit_begin("index");
        struct manifest manifest = edit_read_manifest(&edit);
        const uint32_t before = manifest.segments[0].doc_count;
        manifest.segments[0].doc_count = more ? before + 1000000 : before - 1;
        manifest.segments[0].deleted = 0;
        memset(manifest.segments[0].fields, 0, sizeof manifest.segments[0].fields);
        edit_manifest(&edit, &manifest);
        edit_end(&edit);
        ask_and_run("index");
        assert_int_equal(revue_stats_read(at("index"), false, &stats, &error), REVUE_CORRUPT);
        assert_non_null(strstr(error.message, "its row of the manifest says"));
        assert_int_equal(revue_searcher_open(&searcher, at("index"), &error), REVUE_CORRUPT);
        assert_int_equal(run_update_with("index", with_columns()).status, REVUE_CORRUPT);
        edit = edit_begin("index");
        manifest = edit_read_manifest(&edit);
        manifest.segments[0].doc_count = before;
        edit_manifest(&edit, &manifest);
        edit_end(&edit);
    }
}

/* A key too short to name a segment is not taken for segment 0, whose symbols all texts need. */
static void test_a_record_of_no_segment(void **state) {
    (void)state;
    struct edit edit;
    struct bytes nothing = {0};
    make_archive();
    edit = edit_begin("index");
    bytes_append(&nothing, "", 1);
    edit_put(&edit, TABLE_SEGMENTS, view_of("\xFF\xFF", 2), &nothing);
    edit_end(&edit);
    ask_and_run("index");
    assert_int_equal(run_update_with("index", with_columns()).status, REVUE_CORRUPT);
    assert_true(rows_in("index", TABLE_SEGMENTS) > 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_asked, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_run, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_another_column, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_other_counts, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_a_record_of_no_segment, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
