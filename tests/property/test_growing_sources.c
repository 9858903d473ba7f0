/* test_growing_sources.c - a file of records that grows, is cut off anywhere, edited, and cut back, as logs and exports
 * are: after every run the index holds what a build at once of the file would, although most runs read only what came. */
#include "tests/support/trial.h"
#include "tests/unit/indexer/index_test.h"

#include "indexer/base/hash.h"

#define START_BYTES ((size_t)300 << 10) /* more than is looked at to decide how a file is read */
#define ROUNDS 20u

static uint64_t state_of_chance;

static uint32_t chance(uint32_t below) {
    state_of_chance = state_of_chance * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state_of_chance >> 33) % below;
}

/* ---- files ---- */

/* Every word is one of ten, so that some records are equal. */
static void append_text(struct bytes *out, const char *line_end) {
    static const char *const words[] = {"calm", "loud", "cold", "wide", "dark", "small", "warm", "quiet", "fair", "poor"};
    uint32_t count = chance(4) == 0 ? 1 : 150 + chance(100);
    bytes_append_string(out, "every room was");
    for (uint32_t i = 0; i < count; i++)
        bytes_append_format(out, "%s%s", i > 0 && i % 40 == 0 ? line_end : " ", words[chance(10)]);
}

static void append_json(struct bytes *out, uint32_t number) {
    bytes_append_u8(out, '{');
    if (chance(2)) bytes_append_format(out, "\"id\":\"r%u\",", chance(20) ? number : number / 2);
    bytes_append_format(out, "\"rating\":%u,\"text\":\"", 1 + chance(5));
    append_text(out, "\\n");
    bytes_append_string(out, chance(30) ? "\"}\n" : "\"]\n");
}

static void append_csv(struct bytes *out, uint32_t number) {
    if (number == 0) bytes_append_string(out, "title,text,rating\n");
    bytes_append_format(out, "no %u,\"", number % 3 ? number : 0);
    append_text(out, "\n");
    bytes_append_format(out, "\",%u\r\n", 1 + chance(5));
}

static void append_tsv(struct bytes *out, uint32_t number) {
    if (number == 0) bytes_append_string(out, "title\ttext\trating\n");
    bytes_append_format(out, "no %u\t", number % 3 ? number : 0);
    append_text(out, " ");
    bytes_append_format(out, "\t%u\n", 1 + chance(5));
}

static void append_line(struct bytes *out, uint32_t number) {
    (void)number;
    append_text(out, " ");
    bytes_append_string(out, chance(20) ? "\n" : "\n\n");
}

struct kind {
    const char *name;
    void (*append)(struct bytes *out, uint32_t number);
};

/* ---- what an index holds ---- */

static int compare_lines(const void *left, const void *right) {
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static char *line_of(revue_searcher *searcher, const char *id) {
    revue_review *review;
    revue_error error = {0};
    struct bytes line = {0};
    assert_done(revue_get(searcher, id, strlen(id), &review, &error));
    bytes_append_format(&line, "%s|%s|%s|%g %g", id, review->title ? review->title : "", review->body, review->rating,
                        review->stars);
    bytes_append_u8(&line, '\0');
    revue_review_free(review);
    assert_false(line.failed);
    return (char *)line.data;
}

static uint64_t digest_of(const char *index, size_t *reviews) {
    revue_searcher *searcher = open_searcher(index);
    revue_search_options options;
    revue_result *result;
    revue_error error = {0};
    revue_search_options_init(&options);
    options.n = 100000;
    options.ids_only = true;
    assert_done(revue_search(searcher, "every", 5, &options, &result, &error));
    *reviews = revue_result_count(result);
    char **lines = calloc(*reviews + 1, sizeof *lines);
    uint64_t digest = *reviews;
    assert_non_null(lines);
    for (size_t i = 0; i < *reviews; i++)
        lines[i] = line_of(searcher, revue_result_hit(result, i)->id);
    qsort(lines, *reviews, sizeof *lines, compare_lines);
    for (size_t i = 0; i < *reviews; i++) {
        digest = hash_mix(digest, hash_bytes(lines[i], strlen(lines[i])));
        memory_free(lines[i]);
    }
    free(lines);
    revue_result_free(result);
    revue_searcher_close(searcher);
    return digest;
}

/* ---- the property ---- */

/* Puts the first size bytes of the text into the archive and brings both indexes up to it. */
static void compare_runs(const struct kind *kind, const struct bytes *text, size_t size, struct run_counts *counts) {
    size_t reviews, reviews_at_once;
    char *content = calloc(size + 1, 1), cleared[32];
    const revue_update_options any = {.allow_shrink = true};
    static unsigned number;
    assert_non_null(content);
    memcpy(content, text->data, size);
    put_source(kind->name, content);
    free(content);
    *counts = run_update_with("index", any);
    assert_int_equal(counts->status, REVUE_OK);
    (void)snprintf(cleared, sizeof cleared, "at-once-%u", number++);
    struct run_counts at_once = run_update_with(cleared, any);
    assert_int_equal(at_once.status, REVUE_OK);
    assert_int_equal(counts->total, at_once.total);
    uint64_t digest = digest_of("index", &reviews);
    assert_int_equal(digest, digest_of(cleared, &reviews_at_once));
    assert_int_equal(reviews, reviews_at_once);
}

static uint32_t resumed; /* runs that read only what came, of all kinds of files */

static void grow_and_compare(const struct kind *kind) {
    struct bytes text = {0};
    struct run_counts counts;
    uint32_t number = 0;
    size_t size = START_BYTES;
    for (unsigned round = 0; round < ROUNDS; round++) {
        while (text.size < size + 4000)
            kind->append(&text, number++);
        assert_false(text.failed);
        if (chance(6) == 0) text.data[chance((uint32_t)size)] = 'x'; /* an edit somewhere, whatever it breaks */
        bool is_whole = chance(3) > 0;
        while (is_whole && text.data[size - 1] != '\n')
            size--;
        compare_runs(kind, &text, size, &counts);
        resumed += counts.bytes_read < size / 4;
        if (chance(5) == 0)
            size -= chance(20000);
        else
            size += chance(12000);
    }
    bytes_free(&text);
}

static void test_json_lines(void **state) {
    (void)state;
    grow_and_compare(&(struct kind){"x.jsonl", append_json});
}

static void test_csv(void **state) {
    (void)state;
    grow_and_compare(&(struct kind){"x.csv", append_csv});
}

static void test_tsv(void **state) {
    (void)state;
    grow_and_compare(&(struct kind){"x.tsv", append_tsv});
}

static void test_lines(void **state) {
    (void)state;
    grow_and_compare(&(struct kind){"x", append_line});
}

static void test_some_were_resumed(void **state) {
    (void)state;
    assert_true(resumed >= 12);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_json_lines, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_csv, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_tsv, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_lines, make_folder, remove_folder),
        cmocka_unit_test(test_some_were_resumed),
    };
    state_of_chance = trial_seed(7);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
