/* test_update_renames.c - files that change their names: their reviews stay what they were, whatever comes to the old name
 * later, and no guard takes it for an archive that shrinks. */
#include "tests/unit/indexer/index_test.h"

/* Records without ids, each of them of its own. */
static void put_records(const char *name, const char *word, unsigned count) {
    struct bytes content = {0};
    for (unsigned i = 0; i < count; i++)
        bytes_append_format(&content, "{\"text\":\"a %s room, number %u\"}\n", word, i);
    bytes_append_u8(&content, '\0');
    assert_false(content.failed);
    put_source(name, (const char *)content.data);
    bytes_free(&content);
}

static void rename_source(const char *from, const char *to) {
    char old_path[64], new_path[64];
    (void)snprintf(old_path, sizeof old_path, "archive/%s", from);
    (void)snprintf(new_path, sizeof new_path, "archive/%s", to);
    assert_int_equal(rename(at(old_path), at(new_path)), 0);
}

static void assert_index_is_sound(void) {
    revue_error error = {0};
    assert_done(revue_check(at("index"), NULL, NULL, &error));
}

static void test_reviews_keep_their_ids(void **state) {
    (void)state;
    char ids[4096];
    put_records("a.jsonl", "calm", 150);
    put_source("note.txt", "a note about a loud room");
    assert_int_equal(run_update("index").total, 151);
    (void)snprintf(ids, sizeof ids, "%s", found_in("index", "room"));
    rename_source("a.jsonl", "b.jsonl");
    rename_source("note.txt", "notes.txt");
    struct run_counts counts = run_update("index");
    assert_int_equal(counts.unchanged, 151);
    assert_int_equal(counts.added + counts.deleted + counts.changed + counts.gone + counts.read + counts.bytes_read, 0);
    assert_string_equal(found_in("index", "room"), ids);
    assert_string_equal(body_in("index", "archive/note.txt"), "a note about a loud room");
    assert_int_equal(run_update("index").unchanged, 151);
    /* Read again, they are what they were; and their file may change its name again. */
    counts = run_update_with("index", (revue_update_options){.full = true});
    assert_int_equal(counts.unchanged, 151);
    assert_int_equal(counts.added + counts.deleted, 0);
    rename_source("b.jsonl", "a.jsonl");
    assert_int_equal(run_update("index").unchanged, 151);
    assert_string_equal(found_in("index", "room"), ids);
    assert_index_is_sound();
}

static void test_another_file_at_the_old_place(void **state) {
    (void)state;
    put_records("a.jsonl", "calm", 150);
    put_source("note.txt", "a calm note");
    assert_int_equal(run_update("index").total, 151);
    rename_source("a.jsonl", "a.jsonl.1");
    rename_source("note.txt", "old note.txt");
    put_records("a.jsonl", "calm", 20); /* equal to the first of the others */
    put_source("note.txt", "a loud note");
    struct run_counts counts = run_update("index");
    assert_int_equal(counts.total, 172);
    assert_int_equal(counts.added, 21);
    assert_int_equal(counts.deleted + counts.bad, 0);
    assert_string_equal(body_in("index", "archive/note.txt"), "a calm note");
    assert_string_equal(body_in("index", "archive/note.txt~2"), "a loud note");
    /* The same once more, a place further. */
    rename_source("a.jsonl.1", "a.jsonl.2");
    rename_source("a.jsonl", "a.jsonl.1");
    put_records("a.jsonl", "calm", 10);
    counts = run_update("index");
    assert_int_equal(counts.total, 182);
    assert_int_equal(counts.added, 10);
    assert_int_equal(counts.deleted + counts.bad, 0);
    counts = run_update_with("index", (revue_update_options){.full = true});
    assert_int_equal(counts.unchanged, 182);
    assert_int_equal(counts.added + counts.deleted + counts.bad, 0);
    assert_index_is_sound();
}

static void test_equal_files_are_told_apart(void **state) {
    (void)state;
    put_records("a.jsonl", "calm", 3);
    put_records("b.jsonl", "calm", 3);
    assert_int_equal(run_update("index").total, 6);
    rename_source("a.jsonl", "c.jsonl");
    rename_source("b.jsonl", "d.jsonl");
    put_records("e.jsonl", "calm", 3);
    struct run_counts counts = run_update("index");
    assert_int_equal(counts.total, 9);
    assert_int_equal(counts.added, 3);
    assert_int_equal(counts.unchanged, 6);
    assert_int_equal(counts.deleted, 0);
    assert_index_is_sound();
}

/* A renamed file with other bytes is another one. */
static void test_a_changed_file_is_another(void **state) {
    (void)state;
    put_records("a.jsonl", "calm", 3);
    assert_int_equal(run_update("index").total, 3);
    take_source("a.jsonl");
    put_records("b.jsonl", "loud", 3);
    struct run_counts counts = run_update("index");
    assert_int_equal(counts.added, 3);
    assert_int_equal(counts.deleted, 3);
    assert_int_equal(counts.gone, 1);
}

/* A file whose reviews were deleted by hand stays deleted under its new name only when the pattern says so; one that was
 * blocked by id stays what it is. */
static void test_what_was_deleted_by_id_stays_deleted(void **state) {
    (void)state;
    const char *const ids[] = {"archive/note.txt"};
    const revue_delete_options deletion = {.ids = ids, .id_count = 1};
    revue_error error = {0};
    uint64_t deleted;
    put_source("note.txt", "a calm note");
    put_source("other.txt", "another note");
    assert_int_equal(run_update("index").total, 2);
    assert_done(revue_delete(at("index"), &deletion, &deleted, &error));
    assert_int_equal(deleted, 1);
    rename_source("note.txt", "renamed.txt");
    assert_int_equal(run_update("index").total, 1);
    assert_int_equal(run_update_with("index", (revue_update_options){.full = true}).total, 1);
    assert_index_is_sound();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_reviews_keep_their_ids, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_another_file_at_the_old_place, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_equal_files_are_told_apart, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_a_changed_file_is_another, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_what_was_deleted_by_id_stays_deleted, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
