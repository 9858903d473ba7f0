/* test_readers.c - a reader in another process: it answers from its snapshot throughout, is named as long as the file grows
 * for it, and is forgotten when it was killed. The child is forked before this process opens any store. */
#include "tests/unit/indexer/index_test.h"

#include <signal.h>

struct child {
    pid_t process;
    int orders, answers;
};

/* 'o': opens the index; 'r': refreshes; 'a': says which reviews hold the word, as a line. */
static void serve(int orders, int answers) {
    char order;
    revue_searcher *searcher = NULL;
    while (read(orders, &order, 1) == 1) {
        if (order == 'o') searcher = open_searcher("index");
        if (order == 'r') assert_int_equal(revue_searcher_refresh(searcher, NULL, NULL), REVUE_OK);
        const char *ids = found_by(searcher, "anchor");
        if (write(answers, ids, strlen(ids)) < 0 || write(answers, "\n", 1) != 1) _exit(1);
    }
    _exit(0);
}

static void start_child(struct child *child) {
    int orders[2], answers[2];
    assert_int_equal(pipe(orders) | pipe(answers), 0);
    child->process = fork();
    assert_true(child->process >= 0);
    if (child->process == 0) {
        (void)close(orders[1]);
        (void)close(answers[0]);
        serve(orders[0], answers[1]);
    }
    (void)close(orders[0]);
    (void)close(answers[1]);
    child->orders = orders[1];
    child->answers = answers[0];
}

static const char *ask(const struct child *child, char order) {
    static char line[4096];
    size_t size = 0;
    assert_int_equal(write(child->orders, &order, 1), 1);
    while (size + 1 < sizeof line && read(child->answers, line + size, 1) == 1 && line[size] != '\n')
        size++;
    line[size] = '\0';
    return line;
}

static void end_child(struct child *child) {
    int status;
    (void)kill(child->process, SIGKILL);
    assert_int_equal(waitpid(child->process, &status, 0), child->process);
    (void)close(child->orders);
    (void)close(child->answers);
}

static void put_reviews(const char *name, int first, int count) {
    struct bytes text = {0};
    for (int i = first; i < first + count; i++) {
        bytes_append_format(&text, "{\"id\":\"r%03d\",\"text\":\"%s", i, i < 3 ? "anchor" : "other");
        for (int word = 0; word < 200; word++)
            bytes_append_format(&text, " w%xq%x", (unsigned)(word * 7919 + i * 104729) & 0xFFFFF, (unsigned)i);
        bytes_append_string(&text, "\"}\n");
    }
    bytes_append_u8(&text, 0);
    assert_false(text.failed);
    put_source(name, (const char *)text.data);
    bytes_free(&text);
}

/* The problem that a run reports of readers, "" when there is none. */
static const char *reader_problem(void) {
    static char what[512];
    struct run_counts counts = run_update("index");
    what[0] = '\0';
    if (strstr(counts.first_problem, "process")) (void)snprintf(what, sizeof what, "%s", counts.first_problem);
    return what;
}

static revue_stats *stats_of_index(void) {
    revue_stats *stats = NULL;
    revue_error error = {0};
    assert_done(revue_stats_read(at("index"), false, &stats, &error));
    return stats;
}

static void test_a_reader_left_open(void **state) {
    (void)state;
    struct child child;
    char wanted[64];
    start_child(&child);
    put_reviews("a.jsonl", 0, 2);
    assert_string_equal(reader_problem(), "");
    assert_string_equal(ask(&child, 'o'), "r000 r001");
    revue_stats *stats = stats_of_index();
    assert_int_equal(stats->reader_count, 0); /* it reads the newest */
    revue_stats_free(stats);
    /* The first run beside it cannot know that it stays; later ones can. */
    put_reviews("b.jsonl", 2, 30);
    assert_string_equal(reader_problem(), "");
    put_reviews("c.jsonl", 40, 60);
    (void)snprintf(wanted, sizeof wanted, "process %ld (", (long)child.process);
    assert_non_null(strstr(reader_problem(), wanted));
    assert_string_equal(ask(&child, 'a'), "r000 r001"); /* its snapshot */
    assert_string_equal(found_in("index", "anchor"), "r000 r001 r002");
    stats = stats_of_index();
    assert_int_equal(stats->reader_count, 1);
    assert_int_equal(stats->readers[0].process, child.process);
    assert_in_range(stats->readers[0].lag, 2, 100);
    assert_int_equal(stats->readers[0].lag, stats->oldest_reader_lag);
    assert_true(stats->readers[0].name[0] != '\0');
    assert_false(stats->readers[0].of_old_store);
    revue_stats_free(stats);
    assert_string_equal(ask(&child, 'r'), "r000 r001 r002");
    stats = stats_of_index();
    assert_int_equal(stats->reader_count, 0);
    revue_stats_free(stats);
    end_child(&child);
}

static void test_a_killed_reader_is_forgotten(void **state) {
    (void)state;
    struct child child;
    start_child(&child);
    put_reviews("a.jsonl", 0, 2);
    assert_string_equal(reader_problem(), "");
    assert_string_equal(ask(&child, 'o'), "r000 r001");
    put_reviews("b.jsonl", 2, 30);
    assert_string_equal(reader_problem(), "");
    end_child(&child);
    put_reviews("c.jsonl", 40, 60);
    assert_string_equal(reader_problem(), "");
    revue_stats *stats = stats_of_index();
    assert_int_equal(stats->reader_count, 0);
    assert_int_equal(stats->oldest_reader_lag, 0);
    revue_stats_free(stats);
}

/* The files that compact replaced stay as long as somebody reads them, who is named, and go with the next run. */
static void test_a_reader_of_replaced_files(void **state) {
    (void)state;
    struct child child;
    revue_error error = {0};
    start_child(&child);
    put_reviews("a.jsonl", 0, 3);
    (void)run_update("index");
    assert_string_equal(ask(&child, 'o'), "r000 r001 r002");
    assert_done(revue_compact(at("index"), &(revue_compact_options){0}, &error));
    revue_stats *stats = stats_of_index();
    assert_int_equal(stats->reader_count, 1);
    assert_int_equal(stats->readers[0].process, child.process);
    assert_true(stats->readers[0].of_old_store);
    revue_stats_free(stats);
    put_reviews("b.jsonl", 40, 60);
    assert_non_null(strstr(reader_problem(), "files that were replaced"));
    assert_true(path_exists(at("index/store.1")));
    assert_string_equal(ask(&child, 'a'), "r000 r001 r002");
    end_child(&child);
    (void)run_update("index");
    assert_false(path_exists(at("index/store.1")));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void) {
    const struct CMUnitTest tests[] = {TEST(test_a_reader_left_open), TEST(test_a_killed_reader_is_forgotten),
                                       TEST(test_a_reader_of_replaced_files)};
    return cmocka_run_group_tests_name("readers", tests, NULL, NULL);
}
