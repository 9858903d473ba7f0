/* test_update_moving.c - files that do not stand still: grown, cut off, rewritten or removed while a run reads them,
 * touched, copied, or of a time that has not come. Nothing is lost, what happened is said, and the next run makes it good.
 */
#include "tests/unit/indexer/index_test.h"

#include <time.h>

#define RECORDS 4000u /* some 600 KB: more than is read ahead */

static void append_records(struct bytes *out, unsigned first, unsigned count, const char *word) {
    for (unsigned i = first; i < first + count; i++)
        bytes_append_format(out, "{\"id\":\"r%u\",\"text\":\"room %u was %s, %0100u\"}\n", i, i, word, i);
    assert_false(out->failed);
}

static void put_records(const char *name, unsigned count, const char *word) {
    struct bytes content = {0};
    append_records(&content, 0, count, word);
    bytes_append_u8(&content, '\0');
    put_source(name, (const char *)content.data);
    bytes_free(&content);
}

/* ---- while it is read ---- */

struct meddling {
    unsigned polls; /* until it happens */
    void (*act)(void);
};

/* should_stop is asked between reviews: what others do to the files happens there. */
static int meddle(void *context) {
    struct meddling *meddling = context;
    if (meddling->polls > 0 && --meddling->polls == 0) meddling->act();
    return 0;
}

static struct run_counts run_meddled(unsigned polls, void (*act)(void)) {
    struct meddling meddling = {polls, act};
    return run_update_with("index", (revue_update_options){.should_stop = meddle, .context = &meddling});
}

static void cut_off(void) {
    assert_int_equal(truncate(at("archive/a.jsonl"), 300000), 0);
}

static void grow(void) {
    struct bytes more = {0};
    FILE *file = fopen(at("archive/a.jsonl"), "ab");
    assert_non_null(file);
    append_records(&more, RECORDS, 10, "late");
    assert_int_equal(fwrite(more.data, 1, more.size, file), more.size);
    assert_int_equal(fclose(file), 0);
    bytes_free(&more);
}

static void rewrite(void) {
    put_records("a.jsonl", RECORDS, "loud");
}

static void remove_it(void) {
    take_source("a.jsonl");
}

static void make_records(void) {
    put_records("a.jsonl", RECORDS, "calm");
    assert_int_equal(run_update("index").total, RECORDS);
    put_records("a.jsonl", RECORDS, "cold");
}

static void assert_kept(struct run_counts counts, const char *problem) {
    assert_int_equal(counts.status, REVUE_IO);
    assert_string_equal(counts.first_problem, problem);
    assert_int_equal(counts.total, RECORDS);
    assert_int_equal(counts.deleted, 0);
}

static void test_cut_off(void **state) {
    (void)state;
    make_records();
    assert_kept(run_meddled(5, cut_off), "a.jsonl: the end of the file cuts the record off: its object does not close");
    struct run_counts counts = run_update_with("index", (revue_update_options){.allow_shrink = true});
    assert_int_equal(counts.status, REVUE_OK);
    assert_true(counts.total > 1500 && counts.total < 2500);
    assert_int_equal(counts.total + counts.deleted, RECORDS);
}

static void test_rewritten(void **state) {
    (void)state;
    make_records();
    assert_kept(run_meddled(5, rewrite), "a.jsonl: it was changed while it was read");
    assert_int_equal(run_update("index").total, RECORDS);
    assert_non_null(strstr(body_in("index", "r3999"), "was loud"));
    assert_non_null(strstr(body_in("index", "r0"), "was loud"));
    assert_int_equal(run_update("index").read, 0);
}

static void test_grown(void **state) {
    (void)state;
    make_records();
    struct run_counts counts = run_meddled(5, grow);
    assert_int_equal(counts.status, REVUE_OK);
    assert_int_equal(counts.changed, RECORDS);
    uint64_t total = run_update("index").total;
    assert_int_equal(total, RECORDS + 10);
    assert_non_null(strstr(body_in("index", "r4009"), "was late"));
}

static void test_removed(void **state) {
    (void)state;
    make_records();
    struct run_counts counts = run_meddled(5, remove_it);
    assert_int_equal(counts.status, REVUE_OK); /* it was open, and whole */
    assert_int_equal(counts.total, RECORDS);
    assert_int_equal(run_update_with("index", (revue_update_options){.allow_shrink = true}).total, 0);
}

static void test_removed_before_it_is_opened(void **state) {
    (void)state;
    make_records();
    struct run_counts counts = run_meddled(1, remove_it);
    assert_int_equal(counts.status, REVUE_IO);
    assert_string_equal(counts.first_problem, "a.jsonl: it vanished after it was listed");
    assert_int_equal(counts.total, RECORDS);
}

/* ---- times ---- */

static void set_time(const char *name, time_t seconds) {
    const struct timespec times[2] = {{seconds, 0}, {seconds, 0}};
    assert_int_equal(utimensat(AT_FDCWD, at(name), times, 0), 0);
}

static void dump_store(struct bytes *out) {
    FILE *file = fopen(at("index/store.1/data.mdb"), "rb");
    uint8_t piece[4096];
    assert_non_null(file);
    bytes_clear(out);
    for (size_t got; (got = fread(piece, 1, sizeof piece, file)) > 0;)
        bytes_append(out, piece, got);
    assert_int_equal(fclose(file), 0);
    assert_false(out->failed);
}

/* A run that found nothing to do leaves every byte of the store as it was. */
static void assert_nothing_is_written(uint64_t total) {
    struct bytes before = {0}, after = {0};
    dump_store(&before);
    struct run_counts counts = run_update("index");
    dump_store(&after);
    assert_int_equal(counts.unchanged, total);
    assert_int_equal(counts.read, 0);
    assert_int_equal(counts.bytes_read, 0);
    assert_true(view_equal(bytes_view(&before), bytes_view(&after)));
    bytes_free(&before);
    bytes_free(&after);
}

static void test_nothing_changed(void **state) {
    (void)state;
    put_records("a.jsonl", 10, "calm");
    put_source("note.txt", "a note about a room");
    put_source("README", "about these notes");
    assert_int_equal(run_update("index").total, 11);
    assert_nothing_is_written(11);
}

/* Nothing was opened: bytes changed behind the back of size and time are not seen, until all is to be proven. */
static void test_unchanged_files_are_not_opened(void **state) {
    (void)state;
    put_source("note.txt", "a note about a room");
    assert_int_equal(run_update("index").total, 1);
    FILE *file = fopen(at("archive/note.txt"), "r+b");
    struct stat about;
    assert_int_equal(stat(at("archive/note.txt"), &about), 0);
    assert_non_null(file);
    assert_int_equal(fputs("a tale", file) >= 0 && fclose(file) == 0, true);
    set_time("archive/note.txt", about.st_mtim.tv_sec);
    assert_nothing_is_written(1);
    assert_int_equal(run_update_with("index", (revue_update_options){.full = true}).changed, 1);
    assert_string_equal(body_in("index", "archive/note.txt"), "a tale about a room");
}

/* Of a time that has not come the bytes are compared in each run, and nothing is written for that. */
static void test_a_time_to_come(void **state) {
    (void)state;
    put_records("a.jsonl", 10, "calm");
    set_time("archive/a.jsonl", 4000000000);
    assert_int_equal(run_update("index").total, 10);
    assert_nothing_is_written(10);
    put_records("a.jsonl", 10, "loud");
    set_time("archive/a.jsonl", 4000000000);
    assert_int_equal(run_update("index").changed, 10);
}

/* A time just before the run may hide a change: the bytes are compared once more, and then trusted. */
static void test_a_time_just_now(void **state) {
    (void)state;
    put_records("a.jsonl", 10, "calm");
    set_time("archive/a.jsonl", time(NULL));
    assert_int_equal(run_update("index").total, 10);
    put_records("a.jsonl", 10, "cold");
    set_time("archive/a.jsonl", time(NULL));
    assert_int_equal(run_update("index").changed, 10);
}

static void test_touched_and_copied(void **state) {
    (void)state;
    put_records("a.jsonl", 10, "calm");
    assert_int_equal(run_update("index").total, 10);
    set_time("archive/a.jsonl", 1400000000); /* older than before: a backup put back */
    struct run_counts counts = run_update("index");
    assert_int_equal(counts.unchanged, 10);
    assert_int_equal(counts.bytes_read, 0);
    assert_nothing_is_written(10);
    take_source("a.jsonl");
    put_records("a.jsonl", 10, "calm");
    counts = run_update("index");
    assert_int_equal(counts.unchanged, 10);
    assert_int_equal(counts.bytes_read, 0);
    assert_nothing_is_written(10);
}

/* ---- short of memory ---- */

static uint64_t allowed;

static bool countdown(void *context) {
    (void)context;
    if (allowed == 0) return false;
    allowed--;
    return true;
}

/* Allocations fail of a run that reads on, knows a renamed file and proves a touched one; nothing is kept of such a run,
 * and the first one with enough does it all; or all is kept, of one that fell short behind its commit. */
static void test_short_of_memory(void **state) {
    (void)state;
    struct run_counts counts = {.status = REVUE_NO_MEMORY}, before = {0};
    put_records("a.jsonl", RECORDS, "calm");
    put_source("note.txt", "a note about a room");
    put_source("touched.txt", "a note about another room");
    assert_int_equal(run_update("index").total, RECORDS + 2);
    grow();
    set_time("archive/touched.txt", 1400000000);
    assert_int_equal(rename(at("archive/note.txt"), at("archive/renamed.txt")), 0);
    unsigned failures = 0;
    for (uint64_t most = 0; counts.status != REVUE_OK; most += 1 + most / 32) {
        allowed = most;
        before = counts;
        memory_set_test_hook(countdown, NULL);
        counts = run_update_with("index", (revue_update_options){0});
        memory_set_test_hook(NULL, NULL);
        failures++;
    }
    assert_true(failures > 50);
    assert_int_equal(counts.total, RECORDS + 12);
    assert_int_equal(counts.added > 0 ? counts.added : before.added, 10);
    assert_int_equal(counts.deleted, 0);
    assert_true(counts.bytes_read < 10000);
    assert_string_equal(body_in("index", "archive/note.txt"), "a note about a room");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_cut_off, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_rewritten, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_grown, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_removed, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_removed_before_it_is_opened, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_nothing_changed, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_unchanged_files_are_not_opened, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_a_time_to_come, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_a_time_just_now, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_touched_and_copied, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_short_of_memory, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
