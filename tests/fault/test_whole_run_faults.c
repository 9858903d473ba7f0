/* test_whole_run_faults.c - a whole life of an index through the public header: made, changed, searched, deleted from.
 * Every allocation and every LMDB call of each step fails once. Each time the step ends with a status that says so or does
 * all it was asked, and the index answers as it did before the step or as it does after it, and in no third way. Leaks are
 * AddressSanitizer's to find. (What json-c, libxml2, libarchive and LMDB allocate inside is theirs.) */
#include "indexer/base/memory.h"
#include "tests/support/temporary_index.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#define PATH_SIZE (TEMPORARY_PATH_SIZE + 32)
#define ANSWERS_SIZE 16384
#define FAULTS_MAX 20000u

static char folder[TEMPORARY_PATH_SIZE];
static char archive_path[PATH_SIZE], index_path[PATH_SIZE], saved_path[PATH_SIZE];

/* ---- the archive ---- */

static void write_source(const char *name, const char *content) {
    char path[PATH_SIZE * 2];
    (void)snprintf(path, sizeof path, "%s/%s", archive_path, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, strlen(content), file), strlen(content));
    assert_int_equal(fclose(file), 0);
}

static void remove_source(const char *name) {
    char path[PATH_SIZE * 2];
    (void)snprintf(path, sizeof path, "%s/%s", archive_path, name);
    assert_int_equal(remove(path), 0);
}

static void write_first_archive(void) {
    write_source("films.jsonl",
                 "{\"id\":\"f1\",\"title\":\"Quiet film\",\"text\":\"A quiet film about a lighthouse. The keeper never "
                 "speaks.\",\"product\":\"Lighthouse\",\"author\":\"Ann\",\"rating\":4,\"date\":\"2019-05-01\",\"tags\":"
                 "[\"sea\",\"slow\"],\"votes\":3}\n"
                 "{\"id\":\"f2\",\"title\":\"Loud film\",\"text\":\"Everything explodes, the lighthouse too.\",\"product\":"
                 "\"Boom\",\"rating\":1}\n"
                 "{\"id\":\"f3\",\"text\":\"Une histoire de phare et de mer, tournée en hiver.\",\"lang\":\"fr\"}\n");
    write_source("rooms.csv", "review_id,review,stars,hotel\nr1,The room had a view of the lighthouse,5,Kestrel\n"
                              "r2,\"Noisy, small, but cheap\",2,Kestrel\n");
    write_source("note.txt", "The old lighthouse is worth the walk. Bring a coat.\n");
}

/* A review changed, one only in its rating, one new, a source gone, a bad record. */
static void write_second_archive(void) {
    write_source("films.jsonl",
                 "{\"id\":\"f1\",\"title\":\"Quiet film\",\"text\":\"A quiet film about a lighthouse. The keeper never "
                 "speaks.\",\"product\":\"Lighthouse\",\"author\":\"Ann\",\"rating\":5,\"date\":\"2019-05-01\",\"tags\":"
                 "[\"sea\",\"night\"],\"votes\":4}\n"
                 "{\"id\":\"f2\",\"title\":\"Loud film\",\"text\":\"Everything explodes twice.\",\"product\":\"Boom\","
                 "\"rating\":1}\n"
                 "{\"id\":\"f4\",\"text\":\"A lighthouse, a storm, and a very long night.\",\"rating\":3}\n"
                 "not a record\n");
    remove_source("note.txt");
}

/* ---- what an index answers ---- */

struct answers {
    char text[ANSWERS_SIZE];
    size_t size;
};

static void note(struct answers *answers, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void note(struct answers *answers, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(answers->text + answers->size, ANSWERS_SIZE - answers->size, format, arguments);
    va_end(arguments);
    assert_true(length >= 0 && (size_t)length < ANSWERS_SIZE - answers->size);
    answers->size += (size_t)length;
}

/* Without the score: deleted reviews count in df until their segment is merged, which a fault may keep from happening. */
static void note_hit(struct answers *answers, const revue_hit *hit) {
    note(answers, "%s %s %s", hit->id, hit->product ? hit->product : "", hit->title ? hit->title : "");
    if (hit->has_rating) note(answers, " %.17g", hit->rating);
    for (size_t i = 0; i < hit->snippet_count; i++)
        note(answers, " %s:%s", hit->snippets[i].field, hit->snippets[i].text);
    note(answers, "\n");
}

static revue_status ask(revue_searcher *searcher, const char *query, struct answers *answers, revue_error *error) {
    revue_search_options options;
    revue_result *result = NULL;
    revue_search_options_init(&options);
    options.count = true;
    TRY(revue_search(searcher, query, strlen(query), &options, &result, error));
    note(answers, "? %s\n", query);
    for (size_t i = 0; i < revue_result_count(result); i++)
        note_hit(answers, revue_result_hit(result, i));
    revue_result_free(result);
    return REVUE_OK;
}

static revue_status show(revue_searcher *searcher, const char *id, struct answers *answers, revue_error *error) {
    revue_review *review = NULL;
    revue_status status = revue_get(searcher, id, strlen(id), &review, error);
    if (status == REVUE_OK) {
        note(answers, "= %s %s", id, review->body ? review->body : "");
        for (size_t i = 0; i < review->tag_count; i++)
            note(answers, " #%s", review->tags[i]);
        if (review->has_rating) note(answers, " %.17g", review->rating);
        note(answers, "\n");
    }
    revue_review_free(review);
    return status == REVUE_NO_MATCH ? REVUE_OK : status;
}

static revue_status describe(struct answers *answers, revue_error *error) {
    revue_stats *stats = NULL;
    TRY(revue_stats_read(index_path, true, &stats, error));
    note(answers, "%llu sources, %s\n", (unsigned long long)stats->sources, stats->analysis_differs ? "foreign" : "own");
    for (size_t i = 0; i < stats->field_count; i++)
        note(answers, "%s %s %llu\n", stats->fields[i].name, stats->fields[i].kind,
             (unsigned long long)stats->fields[i].filled);
    revue_stats_free(stats);
    return REVUE_OK;
}

/* Everything that is asked of an index; *answers is whole only on success. */
static revue_status read_answers(struct answers *answers, revue_error *error) {
    static const char *const queries[] = {"lighthouse", "\"the lighthouse\"", "title:film -loud", "quiet OR cheap",
                                          "phare"};
    static const char *const ids[] = {"f1", "f2", "f3", "f4", "r1", "archive/note.txt"};
    revue_searcher *searcher = NULL;
    revue_status status = revue_searcher_open(&searcher, index_path, error);
    answers->size = 0;
    if (status != REVUE_OK) return status;
    note(answers, "%llu reviews\n", (unsigned long long)revue_searcher_reviews(searcher));
    for (size_t i = 0; status == REVUE_OK && i < sizeof queries / sizeof *queries; i++)
        status = ask(searcher, queries[i], answers, error);
    for (size_t i = 0; status == REVUE_OK && i < sizeof ids / sizeof *ids; i++)
        status = show(searcher, ids[i], answers, error);
    revue_searcher_close(searcher);
    return status == REVUE_OK ? describe(answers, error) : status;
}

/* ---- the steps ---- */

static revue_status update(revue_error *error) {
    const char *const roots[] = {archive_path};
    revue_update_options options = {.roots = roots, .root_count = 1, .threads = 1, .memory_mib = 16};
    revue_report *report = NULL;
    revue_status status = revue_update(index_path, &options, &report, error);
    revue_report_free(report);
    return status;
}

static revue_status delete_one(revue_error *error) {
    const char *const ids[] = {"f1"};
    revue_delete_options options = {.ids = ids, .id_count = 1};
    uint64_t deleted = 0;
    return revue_delete(index_path, &options, &deleted, error);
}

static struct answers seen;

static revue_status look(revue_error *error) {
    return read_answers(&seen, error);
}

static int remove_entry(const char *path, const struct stat *about, int type, struct FTW *walk) {
    (void)about, (void)type, (void)walk;
    return remove(path);
}

static void remove_index(const char *path) {
    if (access(path, F_OK) == 0) assert_int_equal(nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
}

/* While nobody has it open. */
static void copy_index(const char *from, const char *to) {
    char command[PATH_SIZE * 2 + 16];
    remove_index(to);
    (void)snprintf(command, sizeof command, "cp -R '%s' '%s'", from, to);
    assert_int_equal(system(command), 0);
}

/* ---- making one fail ---- */

enum what_fails { ALLOCATIONS, STORE_CALLS };

static atomic_uint calls_made; /* an update may have threads */
static unsigned call_that_fails;

static bool may_pass(void *context) {
    (void)context;
    return atomic_fetch_add(&calls_made, 1) != call_that_fails;
}

static void set_hook(enum what_fails what, bool (*hook)(void *context)) {
    if (what == ALLOCATIONS)
        memory_set_test_hook(hook, NULL);
    else
        store_set_test_hook(hook, NULL);
}

/* A fault is told by its name, with something to read; and an index that stood before stands now. */
static void assert_told(enum what_fails what, revue_status status, const revue_error *error) {
    revue_status expected = what == ALLOCATIONS ? REVUE_NO_MEMORY : REVUE_IO;
    if (status != expected) fail_msg("call %u: status %d: %s", call_that_fails, (int)status, error->message);
    assert_int_equal(error->status, expected);
    assert_in_range(strlen(error->message), 10, sizeof error->message - 1);
}

static void assert_answers(const struct answers *wanted) {
    static struct answers found;
    revue_error error = {0};
    revue_status status = read_answers(&found, &error);
    if (status != REVUE_OK) fail_msg("after call %u: status %d: %s", call_that_fails, (int)status, error.message);
    if (strcmp(found.text, wanted->text) != 0)
        fail_msg("after call %u:\n%s\nnot\n%s", call_that_fails, found.text, wanted->text);
}

struct step {
    revue_status (*act)(revue_error *error);
    bool creates;                         /* there is no index before */
    const struct answers *before, *after; /* NULL before one that creates */
};

/* After a failure: as before, or as after when it struck behind the commit (in a merge). An index that was to be made may
 * not be there, which is said too. True when the step was done all the same. */
static bool assert_whole(const struct step *step) {
    static struct answers found;
    revue_error error = {0};
    revue_status status = read_answers(&found, &error);
    if (status == REVUE_OK && strcmp(found.text, step->after->text) == 0) return true;
    if (step->before) {
        assert_answers(step->before);
    } else if (status != REVUE_NO_INPUT && status != REVUE_CORRUPT) {
        fail_msg("after call %u: status %d: %s\n%s", call_that_fails, (int)status, error.message, found.text);
    }
    return false;
}

static void start_over(const struct step *step) {
    if (step->creates)
        remove_index(index_path);
    else
        copy_index(saved_path, index_path);
}

/* One more call allowed each time, until none fails. Returns how many calls there are. */
static unsigned fail_each(const struct step *step, enum what_fails what, unsigned *passed) {
    for (call_that_fails = 0; call_that_fails < FAULTS_MAX; call_that_fails++) {
        revue_error error = {0};
        atomic_store(&calls_made, 0);
        set_hook(what, may_pass);
        revue_status status = step->act(&error);
        set_hook(what, NULL);
        bool ended = atomic_load(&calls_made) <= call_that_fails, done = status == REVUE_OK;
        if (done) {
            assert_answers(step->after);
            if (step->act == look) assert_string_equal(seen.text, step->after->text);
            if (ended) return call_that_fails;
            (*passed)++;
        } else {
            assert_false(ended);
            assert_told(what, status, &error);
            done = assert_whole(step);
        }
        if (done && step->act != look) start_over(step);
    }
    fail_msg("no end after %u calls", FAULTS_MAX);
    return 0;
}

/* Both kinds of faults, each from the same start; what the last, undisturbed try made stays. */
static void fail_all(const struct step *step, unsigned least_allocations, unsigned least_calls) {
    unsigned passed = 0;
    if (!step->creates) copy_index(index_path, saved_path);
    unsigned allocations = fail_each(step, ALLOCATIONS, &passed);
    start_over(step);
    unsigned calls = fail_each(step, STORE_CALLS, &passed);
    print_message("%u allocations, %u calls of LMDB, %u failed without harm\n", allocations, calls, passed);
    assert_true(allocations >= least_allocations);
    assert_true(calls >= least_calls);
}

/* ---- tests ---- */

static int set_up(void **state) {
    (void)state;
    temporary_folder_create(folder);
    (void)snprintf(archive_path, sizeof archive_path, "%s/archive", folder);
    (void)snprintf(index_path, sizeof index_path, "%s/index", folder);
    (void)snprintf(saved_path, sizeof saved_path, "%s/saved", folder);
    if (mkdir(archive_path, 0777) != 0) return -1;
    write_first_archive();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    memory_set_test_hook(NULL, NULL);
    store_set_test_hook(NULL, NULL);
    temporary_folder_remove(folder);
    return 0;
}

/* What an undisturbed run leads to. */
static void act_in_peace(revue_status (*act)(revue_error *error), struct answers *answers) {
    revue_error error = {0};
    revue_status status = act(&error);
    if (status == REVUE_OK) status = read_answers(answers, &error);
    if (status != REVUE_OK) fail_msg("status %d: %s", (int)status, error.message);
}

static void test_making(void **state) {
    static struct answers made;
    (void)state;
    act_in_peace(update, &made);
    assert_non_null(strstr(made.text, "archive/note.txt"));
    remove_index(index_path);
    fail_all(&(struct step){.act = update, .creates = true, .after = &made}, 100, 50);
}

static void test_changing(void **state) {
    static struct answers made, changed;
    (void)state;
    act_in_peace(update, &made);
    copy_index(index_path, saved_path);
    write_second_archive();
    act_in_peace(update, &changed);
    assert_string_not_equal(made.text, changed.text);
    copy_index(saved_path, index_path);
    fail_all(&(struct step){.act = update, .before = &made, .after = &changed}, 100, 50);
}

static void test_deleting(void **state) {
    static struct answers made, without;
    (void)state;
    act_in_peace(update, &made);
    copy_index(index_path, saved_path);
    act_in_peace(delete_one, &without);
    assert_null(strstr(without.text, "= f1"));
    copy_index(saved_path, index_path);
    fail_all(&(struct step){.act = delete_one, .before = &made, .after = &without}, 20, 20);
}

static void test_searching(void **state) {
    static struct answers made;
    (void)state;
    act_in_peace(update, &made);
    fail_all(&(struct step){.act = look, .before = &made, .after = &made}, 50, 20);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {TEST(test_making), TEST(test_changing), TEST(test_deleting), TEST(test_searching)};
    return cmocka_run_group_tests_name("whole run faults", tests, NULL, NULL);
}
