/* test_hostile_index.c - indexes that somebody made to do harm: a bit of a record is flipped and its checksum made right,
 * so that nothing but the readers themselves stands between it and memory. Whatever is asked of such an index, and whatever
 * run is let loose on it, ends with a status; sanitizers see to the rest. */
#include "tests/support/trial.h"
#include "tests/unit/check/hostile.h"

#define REVIEWS 45

static void make_archive(void) {
    make_hostile_archive(REVIEWS);
}

static void ask(const char *index) {
    ask_index(index, REVIEWS + REVIEWS / 3);
}

/* ---- the damage ---- */

static void harm(unsigned flips, uint64_t random, void (*use)(const char *index)) {
    struct all_records records = collect("index");
    for (size_t i = 0; i < records.count; i++) {
        struct record *record = &records.items[i];
        for (unsigned flip = 0; flip < flips && record->size > CHECKSUM_BYTES; flip++) {
            size_t byte;
            uint8_t *flipped = flip_record(record, &random, true, &byte);
            put_stored("index", record, flipped, record->size);
            (void)snprintf(harm_done, sizeof harm_done, "a bit of byte %zu of record %zu flipped", byte, i);
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
    harm(6, trial_seed(3), ask);
}

static void test_run(void **state) {
    (void)state;
    make_archive();
    harm(1, trial_seed(4), run_on_index);
}

/* Phrases read docs, frequencies, masks and positions of a block one after the other: each byte of the postings is wrong
 * once, with docs that are right before frequencies that are not. */
static void test_phrases_of_damaged_postings(void **state) {
    static const struct question questions[] = {{.query = "\"running house\"~3", .n = 5},
                                                {.query = "\"the house\"", .n = 5},
                                                {.query = "\"dances running quiet\"~9", .n = 5}};
    (void)state;
    make_archive();
    struct all_records records = collect("index");
    for (size_t i = 0; i < records.count; i++) {
        const struct record *record = &records.items[i];
        if (record->table != TABLE_SEGMENTS || record->key[4] != KIND_POSTINGS) continue;
        for (size_t byte = 0; byte < record->size - CHECKSUM_BYTES; byte++) {
            revue_searcher *searcher;
            uint8_t *harmed = change_byte(record, byte, record->stored[byte] ^ 0x20);
            (void)snprintf(harm_done, sizeof harm_done, "byte %zu of record %zu changed", byte, i);
            put_stored("index", record, harmed, record->size);
            assert_int_equal(revue_searcher_open(&searcher, at("index"), NULL), REVUE_OK);
            for (size_t question = 0; question < sizeof questions / sizeof *questions; question++)
                ask_question(searcher, &questions[question]);
            revue_searcher_close(searcher);
            free(harmed);
        }
        put_stored("index", record, record->stored, record->size);
    }
    forget(&records);
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
        ask_and_run("index", REVIEWS + REVIEWS / 3);
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
        ask_and_run("index", REVIEWS + REVIEWS / 3);
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

/* The manifest says that thousands of millions of sources had numbers: new ones take their turn behind them, and memory for
 * what there is. At the last number a run ends. */
static void test_far_numbers(void **state) {
    static const uint32_t next[] = {0x80000000u, UINT32_MAX};
    (void)state;
    make_archive();
    for (unsigned i = 0; i < 2; i++) {
        struct edit edit = edit_begin("index");
        struct manifest manifest = edit_read_manifest(&edit);
        manifest.next_source = next[i];
        edit_manifest(&edit, &manifest);
        edit_end(&edit);
        put_reviews(i ? "e.jsonl" : "d.jsonl", 15, 1000 * (i + 1), 30);
        struct run_counts counts = run_update_with("index", with_columns());
        assert_int_equal(counts.status, i ? REVUE_CORRUPT : REVUE_OK);
        if (i == 0) assert_true(counts.added >= 60);
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
    ask_and_run("index", REVIEWS + REVIEWS / 3);
    assert_int_equal(run_update_with("index", with_columns()).status, REVUE_CORRUPT);
    assert_true(rows_in("index", TABLE_SEGMENTS) > 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_asked, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_run, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_phrases_of_damaged_postings, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_another_column, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_other_counts, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_far_numbers, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_a_record_of_no_segment, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
