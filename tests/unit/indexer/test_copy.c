/* test_copy.c - a copy is what the index was at one moment, also while a run writes; a copy that fails leaves nothing. */
#include "indexer/writer.h"
#include "tests/unit/indexer/index_test.h"

static revue_status copy(const char *to, revue_error *error) {
    return revue_copy(at("index"), at(to), NULL, error);
}

static void make_index(void) {
    put_source("a.jsonl", "{\"id\":\"a1\",\"text\":\"a quiet film\",\"product\":\"Lamp\",\"rating\":4}\n"
                          "{\"id\":\"a2\",\"text\":\"a loud film\",\"author\":\"Ann\"}\n");
    put_source("b.txt", "Nothing but a zebra.\n");
    (void)run_update("index");
    put_source("a.jsonl", "{\"id\":\"a1\",\"text\":\"a quiet film\",\"product\":\"Lamp\",\"rating\":5}\n");
    (void)run_update("index");
}

/* A copy goes its own way: what was cached of one index must not be taken for an answer of the other. */
static void assert_own_identity(const char *to) {
    revue_stats *ours, *theirs;
    revue_error error = {0};
    assert_done(revue_stats_read(at("index"), false, &ours, &error));
    assert_done(revue_stats_read(at(to), false, &theirs, &error));
    assert_string_not_equal(ours->uuid, theirs->uuid);
    assert_int_equal(ours->commit, theirs->commit);
    assert_int_equal(ours->text_bytes, theirs->text_bytes);
    revue_stats_free(ours);
    revue_stats_free(theirs);
}

static void assert_whole_copy(const char *to) {
    for (unsigned table = 0; table < TABLE_COUNT; table++)
        if (table != TABLE_INDEX) assert_same_table("index", to, (enum store_table)table);
    assert_own_identity(to);
    assert_string_equal(found_in(to, "film"), "a1");
    assert_string_equal(body_in(to, "a1"), "a quiet film");
    assert_string_equal(found_in(to, "zebra"), "archive/b.txt");
}

static void test_copies_everything(void **state) {
    (void)state;
    char *ours = NULL, *theirs = NULL;
    revue_error error = {0};
    make_index();
    assert_done(copy("copy", &error));
    assert_whole_copy("copy");
    assert_done(revue_runs_read(at("index"), 10, &ours, &error));
    assert_done(revue_runs_read(at("copy"), 10, &theirs, &error));
    assert_true(strlen(ours) > 100);
    assert_string_equal(ours, theirs);
    revue_string_free(ours);
    revue_string_free(theirs);
    /* It is an index like any other, and goes its own way. */
    assert_int_equal(run_update("copy").read, 0);
    put_source("c.txt", "A walrus.\n");
    assert_int_equal(run_update("copy").added, 1);
    assert_string_equal(found_in("index", "walrus"), "");
    assert_string_equal(found_in("copy", "walrus"), "archive/c.txt");
}

static void test_copies_a_later_generation(void **state) {
    (void)state;
    const revue_compact_options options = {0};
    revue_error error = {0};
    make_index();
    assert_done(revue_compact(at("index"), &options, &error));
    assert_done(copy("copy", &error));
    assert_whole_copy("copy");
    assert_true(path_exists(at("copy/store.1")));
}

/* A run that holds the lock and has written a segment, but not committed. */
static void test_does_not_see_a_run_at_work(void **state) {
    (void)state;
    const struct writer_options options = {.memory_bytes = (size_t)64 << 20};
    struct writer writer;
    struct review review = {.text[FIELD_BODY] = view_of_string("an unfinished yak")};
    struct pending_values values = {0};
    revue_error error = {0};
    make_index();
    size_t rows = rows_in("index", TABLE_SEGMENTS);
    assert_done(writer_open(&writer, at("index"), &options, &error));
    assert_done(writer_add(&writer, &review, view_of_string("y1"), LANGUAGE_ENGLISH, 1, &values, &error));
    assert_done(writer_flush(&writer, &error));
    assert_true(rows_in("index", TABLE_SEGMENTS) > rows);
    assert_done(copy("copy", &error));
    assert_int_equal(rows_in("copy", TABLE_SEGMENTS), rows);
    assert_string_equal(found_in("copy", "yak"), "");
    assert_done(writer_commit(&writer, NULL, NULL, &error));
    writer_close(&writer);
    assert_string_equal(found_in("index", "yak"), "y1");
    assert_string_equal(found_in("copy", "yak"), "");
}

static void test_refusals(void **state) {
    (void)state;
    revue_error error = {0};
    assert_int_equal(copy("copy", &error), REVUE_NO_INPUT);
    assert_false(path_exists(at("copy")));
    make_index();
    assert_int_equal(copy("archive", &error), REVUE_CANNOT_CREATE);
    assert_true(path_exists(at("archive/b.txt")));
    assert_int_equal(copy("index", &error), REVUE_CANNOT_CREATE);
    assert_string_equal(found_in("index", "film"), "a1");
    assert_int_equal(copy("archive/b.txt", &error), REVUE_CANNOT_CREATE);
    assert_int_equal(copy("no/such/folder", &error), REVUE_CANNOT_CREATE);
    assert_done(copy("copy", &error));
    assert_int_equal(copy("copy", &error), REVUE_CANNOT_CREATE);
    assert_whole_copy("copy");
}

/* A record that does not fit its checksum is not copied. */
static void test_damage_is_not_copied(void **state) {
    (void)state;
    revue_error error = {0};
    make_index();
    FILE *file = fopen(at("index/store.1/data.mdb"), "r+b");
    assert_non_null(file);
    struct bytes content = {0};
    for (int byte; (byte = fgetc(file)) != EOF;)
        bytes_append_u8(&content, (uint8_t)byte);
    /* The stem stands in the dictionary of the first segment and in no page header. */
    const char *stem = content.size ? memmem(content.data, content.size, "zebra", 5) : NULL;
    assert_non_null(stem);
    do {
        assert_int_equal(fseek(file, stem - (const char *)content.data, SEEK_SET), 0);
        assert_int_equal(fputc('Z', file), 'Z');
        size_t done = (size_t)(stem - (const char *)content.data) + 1;
        stem = memmem(content.data + done, content.size - done, "zebra", 5);
    } while (stem);
    assert_int_equal(fclose(file), 0);
    bytes_free(&content);
    assert_int_equal(copy("copy", &error), REVUE_CORRUPT);
    assert_false(path_exists(at("copy")));
}

static revue_status act(void) {
    return copy("copy", NULL);
}

static void check(revue_status status) {
    assert_string_equal(found_in("index", "film"), "a1");
    if (status == REVUE_OK) {
        assert_whole_copy("copy");
        temporary_folder_remove(at("copy"));
    }
    assert_false(path_exists(at("copy")));
}

static void test_faults(void **state) {
    (void)state;
    make_index();
    fail_each_call(act, check, 300);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_copies_everything, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_copies_a_later_generation, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_does_not_see_a_run_at_work, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_refusals, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_damage_is_not_copied, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_faults, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
