/* test_rewrite.c - a run leaves no file that is mostly holes: the first one none at all, others not more than half of it;
 * readers lose nothing, nor does anybody when the rewrite fails or stops at any of its calls. */
#include "indexer/rewrite.h"
#include "tests/unit/merge/merge_answers.h"

#include <limits.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIECE 300u /* reviews, of some 200 KiB in the index */

static const struct sample_shape shape = {.roots = 2000, .suffixes = 8, .words = 220, .first = 9 * PIECE, .runs = 1};

struct index {
    struct archive archive;
    char path[TEMPORARY_PATH_SIZE];
};

static uint64_t file_bytes(const char *path) {
    char data[256];
    uint32_t generation;
    struct stat about;
    revue_error error;
    assert_ok(store_live_generation(path, &generation, &error));
    (void)snprintf(data, sizeof data, "%s/store.%u/data.mdb", path, generation);
    assert_int_equal(stat(data, &about), 0);
    return (uint64_t)about.st_size;
}

static uint32_t live_generation(const char *path) {
    uint32_t generation = 0;
    revue_error error;
    assert_ok(store_live_generation(path, &generation, &error));
    return generation;
}

static bool has_generation(const char *path, uint32_t generation) {
    char folder[256];
    struct stat about;
    (void)snprintf(folder, sizeof folder, "%s/store.%u", path, generation);
    return lstat(folder, &about) == 0;
}

/* ---- the first run ---- */

static void test_the_first_run_leaves_no_holes(void **state) {
    (void)state;
    const revue_compact_options options = {0};
    revue_error error;
    struct index index = {.archive = {.shape = shape, .random = 3}};
    temporary_folder_create(index.path);
    archive_run(&index.archive, index.path, 1, 9, NULL); /* all pieces are merged, which leaves holes as large as they */
    struct manifest manifest;
    read_manifest(index.path, &manifest);
    assert_int_equal(manifest.segment_count, 1);
    manifest_free(&manifest);
    assert_int_equal(live_generation(index.path), 2);
    assert_false(has_generation(index.path, 1));
    compare_texts(&index.archive, index.path);
    uint64_t bytes = file_bytes(index.path);
    assert_ok(revue_compact(index.path, &options, &error));
    /* Two segments with a table of symbols and a code from their first ninth take an eighth more than one with its own. */
    assert_in_range(bytes, 1, file_bytes(index.path) * 12 / 10);
    compare_texts(&index.archive, index.path);
    temporary_folder_remove(index.path);
    archive_free(&index.archive);
}

static void test_few_pieces_stay_where_they_are(void **state) {
    (void)state;
    struct index index = {.archive = {.shape = shape, .random = 4}};
    temporary_folder_create(index.path);
    archive_run(&index.archive, index.path, 1, 2, NULL);
    assert_int_equal(live_generation(index.path), 1);
    compare_texts(&index.archive, index.path);
    temporary_folder_remove(index.path);
    archive_free(&index.archive);
}

/* ---- later runs ---- */

/* Deletes the next count live reviews, in a run of its own. */
static void delete_next(struct index *index, size_t count) {
    revue_error error;
    struct writer writer;
    sample_open(&writer, index->path, &shape, NULL);
    for (size_t i = 0; i < index->archive.count && count > 0; i++) {
        struct sample *sample = &index->archive.samples[i];
        if (!sample->is_live) continue;
        delete_sample(&writer, sample);
        count--;
    }
    assert_ok(writer_commit(&writer, NULL, NULL, &error));
    writer_close(&writer);
}

/* Nine pieces, none of them merged: who deletes all reviews of one frees a ninth of the file. */
static void index_open(struct index *index) {
    *index = (struct index){.archive = {.shape = shape, .random = 5}};
    temporary_folder_create(index->path);
    archive_run(&index->archive, index->path, 1, 9, never);
}

static void index_close(struct index *index) {
    temporary_folder_remove(index->path);
    archive_free(&index->archive);
}

static void test_half_a_file_of_holes_is_rewritten(void **state) {
    (void)state;
    struct index index;
    index_open(&index);
    uint64_t bytes = file_bytes(index.path);
    delete_next(&index, 3 * (PIECE + 1)); /* a third is borne: it serves again */
    assert_int_equal(live_generation(index.path), 1);
    assert_in_range(file_bytes(index.path), bytes, 2 * bytes);
    compare_texts(&index.archive, index.path);
    delete_next(&index, 3 * (PIECE + 1));
    assert_int_equal(live_generation(index.path), 2);
    assert_false(has_generation(index.path, 1));
    assert_in_range(file_bytes(index.path), 1, bytes / 2);
    compare_texts(&index.archive, index.path);
    delete_next(&index, 1); /* nothing more to be had */
    assert_int_equal(live_generation(index.path), 2);
    compare_texts(&index.archive, index.path);
    index_close(&index);
}

/* ---- readers ---- */

static void check_answers(revue_searcher *searcher, const struct archive *archive, size_t first) {
    revue_error error;
    for (size_t i = first; i < archive->count; i += 97) {
        revue_review *review;
        assert_ok(revue_get(searcher, archive->samples[i].id, strlen(archive->samples[i].id), &review, &error));
        revue_review_free(review);
    }
}

static void test_nothing_is_rewritten_under_a_reader(void **state) {
    (void)state;
    struct index index;
    revue_searcher *searcher;
    revue_error error;
    index_open(&index);
    assert_ok(revue_searcher_open(&searcher, index.path, &error));
    check_answers(searcher, &index.archive, 0);
    delete_next(&index, 6 * (PIECE + 1));
    assert_int_equal(live_generation(index.path), 1);
    check_answers(searcher, &index.archive, 0); /* the deleted ones, too: it is of before */
    revue_searcher_close(searcher);
    delete_next(&index, 1); /* the next run makes up for it */
    assert_int_equal(live_generation(index.path), 2);
    compare_texts(&index.archive, index.path);
    index_close(&index);
}

/* Opens a searcher as soon as the rewrite is at work. */
struct latecomer {
    const char *path;
    revue_searcher *searcher;
};

static bool come_late(void *context) {
    struct latecomer *latecomer = context;
    revue_error error;
    if (!latecomer->searcher && has_generation(latecomer->path, 2))
        assert_ok(revue_searcher_open(&latecomer->searcher, latecomer->path, &error));
    return true;
}

static void rewrite_now(const char *path, const struct copy_poll *poll) {
    struct manifest manifest;
    revue_error error;
    store *opened;
    read_manifest(path, &manifest);
    assert_ok(store_open(&opened, path, STORE_WRITE, &error));
    assert_ok(rewrite_as_needed(&opened, &manifest, false, poll, &error));
    assert_int_equal(store_generation(opened), live_generation(path));
    store_close(opened);
    manifest_free(&manifest);
}

/* An index whose rewrite is due: a reader was in the way until now. */
static void index_open_loose(struct index *index) {
    revue_searcher *searcher;
    revue_error error;
    *index = (struct index){.archive = {.shape = shape, .random = 6}};
    index->archive.shape.words = 400;
    temporary_folder_create(index->path);
    archive_run(&index->archive, index->path, 1, 7, never);
    assert_ok(revue_searcher_open(&searcher, index->path, &error));
    delete_next(index, 4 * (index->archive.shape.first / 7 + 1));
    revue_searcher_close(searcher);
    assert_int_equal(live_generation(index->path), 1);
}

static void test_a_reader_that_comes_meanwhile_loses_nothing(void **state) {
    (void)state;
    struct index index;
    revue_error error;
    bool moved;
    index_open_loose(&index);
    struct latecomer latecomer = {.path = index.path};
    const struct copy_poll poll = {come_late, &latecomer};
    rewrite_now(index.path, &poll);
    assert_non_null(latecomer.searcher);
    assert_int_equal(live_generation(index.path), 2);
    assert_true(has_generation(index.path, 1));
    size_t first_live = 4 * (index.archive.shape.first / 7 + 1);
    check_answers(latecomer.searcher, &index.archive, first_live);
    assert_ok(revue_searcher_refresh(latecomer.searcher, &moved, &error));
    assert_true(moved);
    check_answers(latecomer.searcher, &index.archive, first_live);
    delete_next(&index, 1);
    assert_false(has_generation(index.path, 1));
    revue_searcher_close(latecomer.searcher);
    compare_texts(&index.archive, index.path);
    index_close(&index);
}

static bool say_no(void *context) {
    (void)context;
    return false;
}

static void test_stopping_leaves_it_for_later(void **state) {
    (void)state;
    struct index index;
    index_open_loose(&index);
    const struct copy_poll poll = {say_no, NULL};
    rewrite_now(index.path, &poll);
    assert_int_equal(live_generation(index.path), 1);
    assert_false(has_generation(index.path, 2));
    compare_texts(&index.archive, index.path);
    rewrite_now(index.path, NULL);
    assert_int_equal(live_generation(index.path), 2);
    compare_texts(&index.archive, index.path);
    index_close(&index);
}

/* ---- a disk that has no room ---- */

static unsigned long free_bytes_told = ULONG_MAX; /* ULONG_MAX: what the system says */
static bool statvfs_fails;

/* Stands before the system's, which the library calls. */
int statvfs(const char *path, struct statvfs *about) {
    struct statfs found;
    if (statvfs_fails || statfs(path, &found) != 0) return -1;
    memset(about, 0, sizeof *about);
    about->f_frsize = free_bytes_told == ULONG_MAX ? (unsigned long)found.f_bsize : 1;
    about->f_bavail = free_bytes_told == ULONG_MAX ? found.f_bavail : free_bytes_told;
    return 0;
}

static uint64_t used_bytes(const char *path) {
    store *opened;
    struct store_sizes sizes = {0};
    revue_error error;
    assert_ok(store_open(&opened, path, STORE_READ, &error));
    assert_ok(store_measure(opened, &sizes, &error));
    store_close(opened);
    return sizes.used_bytes;
}

/* What is used and an eighth must be free beside the old file; a byte less, and all stays where it is. */
static void test_no_room_no_rewrite(void **state) {
    (void)state;
    struct index index;
    index_open_loose(&index);
    uint64_t used = used_bytes(index.path);
    free_bytes_told = (unsigned long)(used + used / 8);
    rewrite_now(index.path, NULL);
    assert_int_equal(live_generation(index.path), 1);
    assert_false(has_generation(index.path, 2));
    compare_texts(&index.archive, index.path);
    free_bytes_told++;
    rewrite_now(index.path, NULL);
    assert_int_equal(live_generation(index.path), 2);
    free_bytes_told = ULONG_MAX;
    compare_texts(&index.archive, index.path);
    index_close(&index);
}

/* A file system that cannot tell is tried. */
static void test_room_that_nobody_knows(void **state) {
    (void)state;
    struct index index;
    index_open_loose(&index);
    statvfs_fails = true;
    rewrite_now(index.path, NULL);
    statvfs_fails = false;
    assert_int_equal(live_generation(index.path), 2);
    compare_texts(&index.archive, index.path);
    index_close(&index);
}

/* ---- faults ---- */

static void copy_file(const char *from_folder, const char *to_folder, const char *name) {
    char path[256];
    static char buffer[1 << 16];
    (void)snprintf(path, sizeof path, "%s/%s", from_folder, name);
    FILE *from = fopen(path, "rb");
    (void)snprintf(path, sizeof path, "%s/%s", to_folder, name);
    FILE *to = fopen(path, "wb");
    assert_non_null(from);
    assert_non_null(to);
    for (size_t got; (got = fread(buffer, 1, sizeof buffer, from)) > 0;)
        assert_int_equal(fwrite(buffer, 1, got, to), got);
    assert_int_equal(fclose(from) | fclose(to), 0);
}

/* The loose index again, in a new folder; nobody has it open. */
static void copy_index(const struct index *index, char path[TEMPORARY_PATH_SIZE]) {
    char folder[256];
    temporary_folder_create(path);
    copy_file(index->path, path, "CURRENT");
    (void)snprintf(folder, sizeof folder, "%s/store.1", path);
    assert_int_equal(mkdir(folder, 0777), 0);
    copy_file(index->path, path, "store.1/data.mdb");
}

struct fault {
    unsigned until, seen;
    bool kills;
};

static bool pass_until(void *context) {
    struct fault *fault = context;
    if (fault->seen++ != fault->until) return true;
    if (fault->kills) _exit(9);
    return false;
}

static revue_status rewrite_with_fault(const char *path, bool of_store, struct fault *fault) {
    struct manifest manifest;
    revue_error error;
    store *opened;
    fault->seen = 0;
    read_manifest(path, &manifest);
    assert_ok(store_open(&opened, path, STORE_WRITE, &error));
    if (of_store)
        store_set_test_hook(pass_until, fault);
    else
        memory_set_test_hook(pass_until, fault);
    revue_status status = rewrite_as_needed(&opened, &manifest, false, NULL, &error);
    store_set_test_hook(NULL, NULL);
    memory_set_test_hook(NULL, NULL);
    assert_non_null(opened);
    store_close(opened);
    manifest_free(&manifest);
    return status;
}

/* Whatever happened: one generation is live and whole, and the next run leaves no other. */
static void check_left(const struct index *index, const char *path) {
    revue_error error;
    struct writer writer;
    sample_open(&writer, path, &shape, never);
    writer_close(&writer);
    uint32_t dead = 0;
    assert_ok(store_count_dead(path, &dead, &error));
    assert_int_equal(dead, 0);
    compare_texts(&index->archive, path);
}

static void fail_each(bool of_store) {
    struct index index;
    char path[TEMPORARY_PATH_SIZE];
    struct fault fault = {.until = UINT32_MAX};
    unsigned reported = 0, unmoved = 0;
    index_open_loose(&index);
    copy_index(&index, path);
    assert_int_equal(rewrite_with_fault(path, of_store, &fault), REVUE_OK);
    assert_int_equal(live_generation(path), 2);
    temporary_folder_remove(path);
    unsigned calls = fault.seen;
    assert_true(calls > (of_store ? 100 : 10));
    for (unsigned until = 0; until < calls; until += until < 20 || calls - until <= 20 ? 1 : 1 + calls / 30) {
        fault.until = until;
        copy_index(&index, path);
        reported += rewrite_with_fault(path, of_store, &fault) != REVUE_OK;
        unmoved += live_generation(path) == 1;
        check_left(&index, path);
        temporary_folder_remove(path);
    }
    assert_true(unmoved > 10);
    assert_true(reported < unmoved); /* most of all that may happen is no failure of the run */
    index_close(&index);
}

static void test_each_allocation_fails(void **state) {
    (void)state;
    fail_each(false);
}

static void test_each_call_of_the_store_fails(void **state) {
    (void)state;
    fail_each(true);
}

/* The process ends at a call, as if it had been killed. */
static void test_stopped_dead(void **state) {
    (void)state;
    struct index index;
    char path[TEMPORARY_PATH_SIZE];
    unsigned deaths = 0, moved = 0;
    index_open_loose(&index);
    for (unsigned until = 0;; until += 1 + until / 8) {
        int status;
        copy_index(&index, path);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            struct fault fault = {.until = until, .kills = true};
            _exit(rewrite_with_fault(path, true, &fault) == REVUE_OK ? 0 : 1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        bool is_done = WEXITSTATUS(status) == 0;
        assert_true(is_done || WEXITSTATUS(status) == 9);
        deaths += !is_done;
        moved += live_generation(path) == 2;
        check_left(&index, path);
        temporary_folder_remove(path);
        if (is_done) break;
    }
    assert_true(deaths > 20);
    assert_true(moved >= 1);
    index_close(&index);
}

/* A damaged record is said, and nothing is replaced. */
static void test_damage_is_told(void **state) {
    (void)state;
    struct index index;
    struct manifest manifest;
    revue_error error;
    store *opened;
    char path[256];
    index_open_loose(&index);
    (void)snprintf(path, sizeof path, "%s/store.1/data.mdb", index.path);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    char *content = malloc(file_bytes(index.path));
    assert_non_null(content);
    size_t size = fread(content, 1, file_bytes(index.path), file);
    /* Names of authors stand in records, and in no page header. */
    const char *found = memmem(content, size, "Author", 6);
    assert_non_null(found);
    for (; found; found = memmem(found + 1, size - (size_t)(found + 1 - content), "Author", 6)) {
        assert_int_equal(fseek(file, found - content, SEEK_SET), 0);
        assert_int_equal(fputc('B', file), 'B');
    }
    assert_int_equal(fclose(file), 0);
    free(content);
    read_manifest(index.path, &manifest);
    assert_ok(store_open(&opened, index.path, STORE_WRITE, &error));
    assert_int_equal(rewrite_as_needed(&opened, &manifest, false, NULL, &error), REVUE_CORRUPT);
    assert_true(strlen(error.message) > 0);
    store_close(opened);
    manifest_free(&manifest);
    assert_int_equal(live_generation(index.path), 1);
    assert_false(has_generation(index.path, 2));
    index_close(&index);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_first_run_leaves_no_holes),
        cmocka_unit_test(test_few_pieces_stay_where_they_are),
        cmocka_unit_test(test_half_a_file_of_holes_is_rewritten),
        cmocka_unit_test(test_nothing_is_rewritten_under_a_reader),
        cmocka_unit_test(test_a_reader_that_comes_meanwhile_loses_nothing),
        cmocka_unit_test(test_stopping_leaves_it_for_later),
        cmocka_unit_test(test_no_room_no_rewrite),
        cmocka_unit_test(test_room_that_nobody_knows),
        cmocka_unit_test(test_each_allocation_fails),
        cmocka_unit_test(test_each_call_of_the_store_fails),
        cmocka_unit_test(test_stopped_dead),
        cmocka_unit_test(test_damage_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
