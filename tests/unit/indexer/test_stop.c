/* test_stop.c - delete, compact and copy told to stop at every moment they ask: the index is as before or as after, the
 * status tells the signal, and what was left undone the next run does. */
#include "tests/unit/indexer/index_test.h"

#include <signal.h>

#define FILES 9
#define REVIEWS 40

struct patience {
    unsigned polls_left, polls;
    int signal;
};

static int lose_patience(void *context) {
    struct patience *patience = context;
    patience->polls++;
    if (patience->polls_left > 0) {
        patience->polls_left--;
        return 0;
    }
    return patience->signal;
}

static void put_reviews(int file) {
    char name[32];
    struct bytes text = {0};
    (void)snprintf(name, sizeof name, "f%d.jsonl", file);
    for (int i = 0; i < REVIEWS; i++)
        bytes_append_format(&text, "{\"id\":\"r%d-%02d\",\"text\":\"anchor word%d of file%d, some words\"}\n", file, i, i,
                            file);
    bytes_append_u8(&text, 0);
    assert_false(text.failed);
    put_source(name, (const char *)text.data);
    bytes_free(&text);
}

/* One run a file: segments that merging finds something to do with. */
static int make_index(void **state) {
    int made = make_folder(state);
    for (int file = 0; file < FILES; file++) {
        put_reviews(file);
        (void)run_update("index");
    }
    return made;
}

static void keep_index(void) {
    char command[2048];
    (void)snprintf(command, sizeof command, "rm -rf '%s' && cp -R '%s' '%s'", at("kept"), at("index"), at("kept"));
    assert_int_equal(system(command), 0);
}

static void restore_index(void) {
    char command[2048];
    (void)snprintf(command, sizeof command, "rm -rf '%s' '%s' && cp -R '%s' '%s'", at("index"), at("copy"), at("kept"),
                   at("index"));
    assert_int_equal(system(command), 0);
}

static uint64_t reviews_in(const char *index) {
    revue_searcher *searcher = open_searcher(index);
    uint64_t reviews = revue_searcher_reviews(searcher);
    revue_searcher_close(searcher);
    return reviews;
}

static void assert_sound(const char *index) {
    revue_error error = {0};
    assert_done(revue_check(at(index), NULL, NULL, &error));
}

/* Every second review: then all segments are worth merging. */
static revue_status delete_half(struct patience *patience, revue_error *error) {
    static char names[FILES * REVIEWS / 2][16];
    const char *ids[FILES * REVIEWS / 2];
    size_t count = sizeof ids / sizeof *ids;
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(names[i], sizeof names[i], "r%zu-%02zu", i / (REVIEWS / 2), i % (REVIEWS / 2) * 2);
        ids[i] = names[i];
    }
    const revue_delete_options options = {.ids = ids, .id_count = count, .should_stop = lose_patience, .context = patience};
    uint64_t deleted = UINT64_MAX;
    revue_status status = revue_delete(at("index"), &options, &deleted, error);
    uint64_t left = reviews_in("index");
    assert_int_equal(deleted, FILES * REVIEWS - left);
    assert_true(left == FILES * REVIEWS || left == FILES * REVIEWS / 2);
    if (status == REVUE_OK) assert_int_equal(left, FILES * REVIEWS / 2);
    return status;
}

static revue_status compact(struct patience *patience, revue_error *error) {
    const revue_compact_options options = {.should_stop = lose_patience, .context = patience};
    revue_status status = revue_compact(at("index"), &options, error);
    assert_int_equal(reviews_in("index"), FILES * REVIEWS);
    return status;
}

static revue_status copy(struct patience *patience, revue_error *error) {
    const revue_copy_options options = {.should_stop = lose_patience, .context = patience};
    revue_status status = revue_copy(at("index"), at("copy"), &options, error);
    assert_int_equal(path_exists(at("copy")), status == REVUE_OK);
    if (status == REVUE_OK) assert_int_equal(reviews_in("copy"), FILES * REVIEWS);
    return status;
}

/* Returns how often it asks in all. */
static unsigned stop_at_every_poll(revue_status (*act)(struct patience *patience, revue_error *error), const char *word) {
    keep_index();
    for (unsigned stops = 0;; stops++) {
        struct patience patience = {.polls_left = stops, .signal = stops % 2 ? SIGTERM : SIGINT};
        revue_error error = {0};
        restore_index();
        revue_status status = act(&patience, &error);
        assert_sound("index");
        if (status == REVUE_OK) {
            assert_int_equal(patience.polls, stops); /* it never asks again once it was told */
            return stops;
        }
        assert_int_equal(status, stops % 2 ? REVUE_TERMINATED : REVUE_INTERRUPTED);
        assert_int_equal(patience.polls, stops + 1);
        assert_non_null(strstr(error.message, word));
        assert_true(stops < 1000);
        struct run_counts next = run_update("index");
        assert_int_equal(next.bad, 0);
        assert_sound("index");
    }
}

static void test_delete(void **state) {
    (void)state;
    assert_in_range(stop_at_every_poll(delete_half, "deleted"), 2, 1000);
    assert_null(strstr(found_in("index", "file3"), "r3-04"));
    assert_non_null(strstr(found_in("index", "file3"), "r3-05"));
}

static void test_compact(void **state) {
    (void)state;
    assert_in_range(stop_at_every_poll(compact, "stays as it was"), 3, 1000);
}

static void test_copy(void **state) {
    (void)state;
    assert_in_range(stop_at_every_poll(copy, "no copy"), 3, 1000);
}

/* Whoever does not want to stop need not say so. */
static void test_nobody_asked(void **state) {
    (void)state;
    revue_error error = {0};
    assert_done(revue_copy(at("index"), at("copy"), NULL, &error));
    assert_done(revue_compact(at("copy"), &(revue_compact_options){0}, &error));
    assert_int_equal(reviews_in("copy"), FILES * REVIEWS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_index, remove_folder)

int main(void) {
    const struct CMUnitTest tests[] = {TEST(test_delete), TEST(test_compact), TEST(test_copy), TEST(test_nobody_asked)};
    return cmocka_run_group_tests_name("stop", tests, NULL, NULL);
}
