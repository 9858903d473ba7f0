/* test_compact.c - an index written anew equals one that was built at once of the reviews that live; readers lose nothing;
 * what was deleted leaves the disk; a failure at any call leaves the index as it was. */
#include "tests/unit/indexer/index_test.h"

#include <dirent.h>
#include <ftw.h>
#include <string.h>

static const char *const declared[] = {"mood", "pages:number", "seen_on:date"};
static const revue_update_options with_columns = {.columns = declared, .column_count = 3};

static revue_status compact(const char *index, bool erase, revue_error *error) {
    const revue_compact_options options = {.erase = erase};
    return revue_compact(at(index), &options, error);
}

static void compact_well(const char *index) {
    revue_error error = {0};
    assert_done(compact(index, false, &error));
}

#define A_FIRST                                                                                                            \
    "{\"id\":\"a1\",\"text\":\"A quiet film, isn't it? See "                                                               \
    "www.example.org.\",\"product\":\"Lamp\",\"author\":\"Ann\",\"rating\":4,"                                             \
    "\"date\":\"2019-05\",\"tags\":[\"sea\",\"slow\"],\"mood\":\"calm\",\"pages\":3.5}\n"
#define A_SECOND "{\"id\":\"a2\",\"text\":\"To be replaced by xylophone.\",\"product\":\"Boom\",\"author\":\"Gone\"}\n"
#define A_SECOND_NEW                                                                                                       \
    "{\"id\":\"a2\",\"text\":\"Replaced:  twice the blanks\",\"product\":\"Boom\",\"url\":\"http://x/2\"}\n"
#define A_THIRD                                                                                                            \
    "{\"id\":\"a3\",\"title\":\"Phare\",\"text\":\"Une histoire de phare et de "                                           \
    "mer\",\"lang\":\"fr\",\"product\":\"Boom\",\"rating\":2,"                                                             \
    "\"seen_on\":\"2020-02-03\"}\n"
#define B_FIRST "{\"id\":\"b1\",\"text\":\"The zebra deleted\",\"author\":\"Nobody\",\"tags\":[\"lost\"]}\n"
#define B_SECOND "{\"id\":\"b2\",\"text\":\"漢字の本 and a film\",\"product\":\"Boom\",\"votes\":7,\"mood\":\"odd\"}\n"
#define C_FIRST "{\"id\":\"c1\",\"text\":\"\",\"product\":\"Lamp\",\"rating\":5}\n"

/* Four runs: added, changed, deleted by hand, a source gone. */
static void make_lived_index(const char *index, revue_update_options options) {
    const char *const ids[] = {"b1"};
    const revue_delete_options deletion = {.ids = ids, .id_count = 1};
    revue_error error = {0};
    uint64_t deleted;
    put_source("a.jsonl", A_FIRST A_SECOND A_THIRD);
    put_source("b.jsonl", B_FIRST B_SECOND);
    put_source("z.jsonl", "{\"id\":\"z1\",\"text\":\"walrus\",\"product\":\"Lamp\"}\n");
    assert_int_equal(run_update_with(index, options).status, REVUE_OK);
    put_source("a.jsonl", A_FIRST A_SECOND_NEW A_THIRD);
    put_source("c.jsonl", C_FIRST);
    assert_int_equal(run_update(index).changed, 1);
    assert_done(revue_delete(at(index), &deletion, &deleted, &error));
    assert_int_equal(deleted, 1);
    take_source("z.jsonl");
    assert_int_equal(run_update(index).deleted, 1);
}

/* The same reviews in the order they were first seen, run by run. */
static void make_index_at_once(const char *index, revue_update_options options) {
    take_source("a.jsonl");
    take_source("b.jsonl");
    take_source("c.jsonl");
    put_source("all.jsonl", A_FIRST A_THIRD B_SECOND A_SECOND_NEW C_FIRST);
    assert_int_equal(run_update_with(index, options).status, REVUE_OK);
}

static const char *const live_ids[] = {"a1", "a2", "a3", "b2", "c1"};

static void assert_same_review(revue_searcher *left, revue_searcher *right, const char *id) {
    revue_review *a = NULL, *b = NULL;
    revue_error error = {0};
    assert_done(revue_get(left, id, strlen(id), &a, &error));
    assert_done(revue_get(right, id, strlen(id), &b, &error));
    const char *const ours[] = {a->title, a->body, a->product, a->author, a->date, a->lang, a->url};
    const char *const theirs[] = {b->title, b->body, b->product, b->author, b->date, b->lang, b->url};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        assert_int_equal(ours[i] != NULL, theirs[i] != NULL);
        if (ours[i]) assert_string_equal(ours[i], theirs[i]);
    }
    assert_true(a->has_rating == b->has_rating && a->has_stars == b->has_stars && a->has_votes == b->has_votes);
    assert_true(a->rating == b->rating && a->stars == b->stars && a->votes == b->votes);
    assert_int_equal(a->tag_count, b->tag_count);
    for (size_t i = 0; i < a->tag_count; i++)
        assert_string_equal(a->tags[i], b->tags[i]);
    assert_int_equal(a->value_count, b->value_count);
    for (size_t i = 0; i < a->value_count; i++) {
        assert_string_equal(a->values[i].name, b->values[i].name);
        if (a->values[i].text) assert_string_equal(a->values[i].text, b->values[i].text);
        assert_true(a->values[i].number == b->values[i].number);
    }
    revue_review_free(a);
    revue_review_free(b);
}

static void test_equals_a_build_at_once(void **state) {
    (void)state;
    make_lived_index("index", with_columns);
    compact_well("index");
    make_index_at_once("fresh", with_columns);
    assert_same_table("index", "fresh", TABLE_SEGMENTS);
    revue_searcher *ours = open_searcher("index"), *theirs = open_searcher("fresh");
    assert_int_equal(revue_searcher_reviews(ours), 5);
    for (size_t i = 0; i < sizeof live_ids / sizeof *live_ids; i++)
        assert_same_review(ours, theirs, live_ids[i]);
    revue_searcher_close(ours);
    revue_searcher_close(theirs);
}

static void test_keywords_that_nobody_has_are_gone(void **state) {
    (void)state;
    struct bytes keywords = {0};
    make_lived_index("index", with_columns);
    dump_table("index", TABLE_KEYWORDS, &keywords);
    assert_non_null(memmem(keywords.data, keywords.size, "Nobody", 6));
    bytes_clear(&keywords);
    compact_well("index");
    dump_table("index", TABLE_KEYWORDS, &keywords);
    assert_null(memmem(keywords.data, keywords.size, "Nobody", 6));
    assert_null(memmem(keywords.data, keywords.size, "lost", 4));
    assert_non_null(memmem(keywords.data, keywords.size, "Ann", 3));
    bytes_free(&keywords);
}

static void test_the_rest_is_carried_over(void **state) {
    (void)state;
    revue_stats *before, *after;
    revue_error error = {0};
    struct bytes sources = {0}, carried = {0};
    make_lived_index("index", with_columns);
    dump_table("index", TABLE_SOURCES, &sources);
    dump_table("index", TABLE_BLOCKS, &sources);
    dump_table("index", TABLE_SHADOWS, &sources);
    assert_done(revue_stats_read(at("index"), false, &before, &error));
    compact_well("index");
    dump_table("index", TABLE_SOURCES, &carried);
    dump_table("index", TABLE_BLOCKS, &carried);
    dump_table("index", TABLE_SHADOWS, &carried);
    assert_int_equal(sources.size, carried.size);
    assert_memory_equal(sources.data, carried.data, sources.size);
    assert_done(revue_stats_read(at("index"), false, &after, &error));
    assert_string_equal(before->uuid, after->uuid);
    assert_true(after->commit > before->commit);
    assert_true(after->generation > before->generation);
    assert_int_equal(after->deleted, 0);
    assert_int_equal(after->reviews, before->reviews);
    assert_int_equal(after->text_bytes, before->text_bytes);
    assert_int_equal(after->blocked, 1);
    assert_int_equal(after->segments, 1);
    revue_stats_free(before);
    revue_stats_free(after);
    bytes_free(&sources);
    bytes_free(&carried);
    /* The next update finds nothing to do, and the blocked review stays out. */
    struct run_counts counts = run_update("index");
    assert_int_equal(counts.read, 0);
    assert_int_equal(counts.total, 5);
    put_source("b.jsonl", B_FIRST B_SECOND B_FIRST);
    assert_int_equal(run_update("index").total, 5);
}

static void test_again_and_empty(void **state) {
    (void)state;
    put_source("a.jsonl", A_FIRST);
    (void)run_update("index");
    compact_well("index");
    compact_well("index");
    assert_string_equal(found_in("index", "quiet"), "a1");
    take_source("a.jsonl");
    assert_int_equal(run_update("index").deleted, 1);
    compact_well("index");
    assert_string_equal(found_in("index", "quiet"), "");
    put_source("a.jsonl", A_FIRST);
    assert_int_equal(run_update("index").added, 1);
    assert_string_equal(found_in("index", "quiet"), "a1");
}

/* ---- readers ---- */

struct witness {
    revue_searcher *searcher;
    unsigned asked;
};

static void ask(void *context, const revue_progress *progress) {
    struct witness *witness = context;
    (void)progress;
    assert_string_equal(found_by(witness->searcher, "film"), "a1 b2");
    witness->asked++;
}

static void test_readers_lose_nothing(void **state) {
    (void)state;
    revue_error error = {0};
    bool moved;
    make_lived_index("index", (revue_update_options){0});
    struct witness witness = {open_searcher("index"), 0};
    const revue_compact_options options = {.on_progress = ask, .context = &witness};
    ask(&witness, NULL);
    assert_done(revue_compact(at("index"), &options, &error));
    assert_true(witness.asked > 1);
    ask(&witness, NULL); /* still on the old files */
    assert_true(path_exists(at("index/store.1")));
    assert_done(revue_searcher_refresh(witness.searcher, &moved, &error));
    assert_true(moved);
    ask(&witness, NULL);
    assert_true(path_exists(at("index/store.1")));
    (void)run_update("index"); /* nobody reads the old files now */
    assert_false(path_exists(at("index/store.1")));
    ask(&witness, NULL);
    revue_searcher_close(witness.searcher);
}

/* ---- erasing ---- */

static const char *sought;
static unsigned files_with_it;

static int look_into(const char *path, const struct stat *about, int type, struct FTW *walk) {
    struct bytes content = {0};
    (void)about, (void)walk;
    if (type != FTW_F) return 0;
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    for (int byte; (byte = fgetc(file)) != EOF;)
        bytes_append_u8(&content, (uint8_t)byte);
    assert_int_equal(fclose(file), 0);
    if (content.size) files_with_it += memmem(content.data, content.size, sought, strlen(sought)) != NULL;
    bytes_free(&content);
    return 0;
}

static unsigned files_holding(const char *index, const char *text) {
    sought = text;
    files_with_it = 0;
    assert_int_equal(nftw(at(index), look_into, 8, FTW_PHYS), 0);
    return files_with_it;
}

static void test_erased_text_leaves_the_disk(void **state) {
    (void)state;
    revue_error error = {0};
    make_lived_index("index", (revue_update_options){0});
    assert_int_equal(files_holding("index", "Nobody"), 1); /* an author of a deleted review */
    assert_int_equal(files_holding("index", "xylophon"), 1);
    assert_done(compact("index", true, &error));
    assert_int_equal(files_holding("index", "Nobody"), 0);
    assert_int_equal(files_holding("index", "xylophon"), 0);
    assert_int_equal(files_holding("index", "Ann"), 1);
}

/* A reader in another process holds the old files: that is said, and the next run removes them. */
static void test_erasing_tells_what_is_left(void **state) {
    (void)state;
    int ready[2], done[2];
    char byte = 0;
    revue_error error = {0};
    make_lived_index("index", (revue_update_options){0});
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(done), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        revue_searcher *searcher = NULL;
        (void)close(ready[0]);
        (void)close(done[1]); /* should the parent give up, its end is the last one */
        bool is_open = revue_searcher_open(&searcher, at("index"), NULL) == REVUE_OK;
        bool is_told = write(ready[1], &byte, 1) == 1 && read(done[0], &byte, 1) == 1;
        revue_searcher_close(searcher);
        _exit(is_open && is_told ? 0 : 1);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(compact("index", true, &error), REVUE_BUSY);
    assert_non_null(strstr(error.message, "still reads the old files"));
    assert_int_equal(files_holding("index", "Nobody"), 1);
    assert_string_equal(found_in("index", "film"), "a1 b2");
    int status;
    assert_int_equal(write(done[1], &byte, 1), 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    (void)run_update("index");
    assert_int_equal(files_holding("index", "Nobody"), 0);
    for (int end = 0; end < 2; end++) {
        (void)close(ready[end]);
        (void)close(done[end]);
    }
}

/* ---- without texts ---- */

static void test_without_text(void **state) {
    (void)state;
    revue_stats *stats;
    revue_error error = {0};
    struct revue_update_options options = with_columns;
    options.no_text = true;
    make_lived_index("index", options);
    assert_int_equal(files_holding("index", "Nobody"), 1);
    assert_done(compact("index", true, &error));
    assert_int_equal(files_holding("index", "Nobody"), 0);
    assert_done(revue_stats_read(at("index"), false, &stats, &error));
    assert_int_equal(stats->segments, 1);
    assert_int_equal(stats->deleted, 0);
    assert_int_equal(stats->reviews, 5);
    assert_int_equal(stats->generation, 2);
    revue_stats_free(stats);
    assert_string_equal(found_in("index", "film"), "a1 b2");
    assert_string_equal(found_in("index", "zebra"), "");
    assert_int_equal(run_update("index").read, 0);
    make_index_at_once("fresh", options);
    revue_searcher *ours = open_searcher("index"), *theirs = open_searcher("fresh");
    for (size_t i = 0; i < sizeof live_ids / sizeof *live_ids; i++)
        assert_same_review(ours, theirs, live_ids[i]);
    revue_searcher_close(ours);
    revue_searcher_close(theirs);
}

/* ---- refusals ---- */

static void test_refusals(void **state) {
    (void)state;
    revue_error error = {0};
    index_lock *lock;
    assert_int_equal(compact("index", false, &error), REVUE_NO_INPUT);
    put_source("a.jsonl", A_FIRST);
    (void)run_update("index");
    assert_done(index_lock_take(&lock, at("index"), 0, &error));
    assert_int_equal(compact("index", false, &error), REVUE_BUSY);
    index_lock_release(lock);
    assert_true(path_exists(at("index/store.1")));
    assert_false(path_exists(at("index/store.2")));
}

/* ---- faults ---- */

static revue_status act(void) {
    return compact("index", false, NULL);
}

static void check(revue_status status) {
    (void)status;
    assert_string_equal(found_in("index", "film"), "a1 b2");
    assert_string_equal(found_in("index", "twice"), "a2");
    assert_string_equal(found_in("index", "zebra"), "");
}

static void test_faults(void **state) {
    (void)state;
    make_lived_index("index", with_columns);
    fail_each_call(act, check, 400);
    assert_int_equal(run_update("index").total, 5);
}

static void test_faults_without_text(void **state) {
    (void)state;
    make_lived_index("index", (revue_update_options){.no_text = true});
    fail_each_call(act, check, 200);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_equals_a_build_at_once, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_keywords_that_nobody_has_are_gone, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_the_rest_is_carried_over, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_again_and_empty, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_readers_lose_nothing, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_erased_text_leaves_the_disk, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_erasing_tells_what_is_left, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_without_text, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_refusals, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_faults, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_faults_without_text, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
