/* test_hits.c - the stored fields of hits and of whole reviews. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/support/small_archive.h"

static const char archive_lines[] =
    "{\"id\":\"full\",\"title\":\"The <b>knife</b>\",\"text\":\"A knife & an edge.\\n\\nEnd\\u0000.\",\"product\":\"Heat\","
    "\"author\":\"Ann\",\"rating\":3.5,\"date\":\"2019-05\",\"votes\":12,\"lang\":\"en-GB\",\"url\":\"http://x/"
    "?a=1\",\"tags\":"
    "[\"sea\",\"slow\"],\"pages\":\"12.25\",\"shelf\":\"B 7\",\"read\":\"2020-02-01T10:20:30Z\"}\n"
    "{\"id\":\"bare\",\"text\":\"A knife.\"}\n"
    "{\"id\":\"empty\",\"title\":\"Knife alone\",\"text\":\"\"}\n";

struct fixture {
    struct small_archive archive;
    revue_searcher *searcher;
};

static int make_index(void **state) {
    static struct fixture fixture;
    static const char *const columns[] = {"pages:number", "shelf:keyword", "read:date"};
    small_archive_create(&fixture.archive);
    small_archive_write(&fixture.archive, "reviews.jsonl", view_of_string(archive_lines));
    const char *const roots[] = {fixture.archive.root};
    const revue_update_options options = {
        .roots = roots, .root_count = 1, .columns = columns, .column_count = 3, .rating_max = 5, .threads = 1};
    revue_report *report = NULL;
    assert_int_equal(revue_update(fixture.archive.index, &options, &report, NULL), REVUE_OK);
    revue_report_free(report);
    fixture.searcher = small_archive_open(&fixture.archive);
    *state = &fixture;
    return 0;
}

static int drop_index(void **state) {
    struct fixture *fixture = *state;
    revue_searcher_close(fixture->searcher);
    small_archive_remove(&fixture->archive);
    return 0;
}

static const revue_hit *hit_called(const revue_result *result, const char *id) {
    for (size_t i = 0; i < revue_result_count(result); i++)
        if (strcmp(revue_result_hit(result, i)->id, id) == 0) return revue_result_hit(result, i);
    fail_msg("%s is not among the hits", id);
    return NULL;
}

static void hits_have_what_is_stored(void **state) {
    struct fixture *fixture = *state;
    revue_result *result = small_archive_search(fixture->searcher, "knife", NULL);
    const revue_hit *full = hit_called(result, "full"), *bare = hit_called(result, "bare");
    assert_string_equal(full->title, "The <b>knife</b>");
    assert_string_equal(full->product, "Heat");
    assert_string_equal(full->author, "Ann");
    assert_string_equal(full->date, "2019-05");
    assert_string_equal(full->lang, "en-GB");
    assert_string_equal(full->url, "http://x/?a=1");
    assert_true(full->has_rating && full->rating == 3.5 && full->has_stars && full->stars == 3.5);
    assert_true(full->has_votes && full->votes == 12);
    assert_true(!bare->title && !bare->product && !bare->author && !bare->date && !bare->lang && !bare->url);
    assert_true(!bare->has_rating && !bare->has_stars && !bare->has_votes);
    assert_null(bare->explain);
    assert_int_equal(hit_called(result, "empty")->snippet_count, 0);
    revue_result_free(result);
}

static void ids_only_is_ids_only(void **state) {
    struct fixture *fixture = *state;
    revue_search_options options;
    revue_search_options_init(&options);
    options.ids_only = options.explain = true;
    revue_result *result = small_archive_search(fixture->searcher, "knife", &options);
    const revue_hit *full = hit_called(result, "full");
    assert_true(!full->title && !full->product && !full->date && full->snippet_count == 0 && !full->explain);
    assert_true(full->score > 0 && full->rank >= 1);
    revue_result_free(result);
}

static void reviews_come_whole(void **state) {
    struct fixture *fixture = *state;
    revue_review *review = NULL;
    assert_int_equal(revue_get(fixture->searcher, "full", 4, &review, NULL), REVUE_OK);
    assert_int_equal(review->body_size, sizeof "A knife & an edge.\n\nEnd?." - 1);
    assert_memory_equal(review->body, "A knife & an edge.\n\nEnd\0.", review->body_size);
    assert_int_equal(review->tag_count, 2);
    assert_string_equal(review->tags[0], "sea");
    assert_string_equal(review->tags[1], "slow");
    assert_int_equal(review->value_count, 3);
    for (size_t i = 0; i < 3; i++) {
        const revue_value *value = &review->values[i];
        if (strcmp(value->name, "pages") == 0) assert_true(!value->text && value->number == 12.25);
        if (strcmp(value->name, "shelf") == 0) assert_string_equal(value->text, "B 7");
        if (strcmp(value->name, "read") == 0) assert_string_equal(value->text, "2020-02-01T10:20:30Z");
    }
    revue_review_free(review);
    assert_int_equal(revue_get(fixture->searcher, "bare", 4, &review, NULL), REVUE_OK);
    assert_int_equal(review->tag_count, 0);
    assert_int_equal(review->value_count, 0);
    assert_string_equal(review->body, "A knife.");
    revue_review_free(review);
    revue_review_free(NULL);
}

static void unknown_ids_match_nothing(void **state) {
    struct fixture *fixture = *state;
    static const char *const ids[] = {"", "ful", "fulll", "FULL", "full\0x"};
    revue_review *review = NULL;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        assert_int_equal(revue_get(fixture->searcher, ids[i], i == 4 ? 6 : strlen(ids[i]), &review, NULL), REVUE_NO_MATCH);
    assert_null(review);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hits_have_what_is_stored),
        cmocka_unit_test(ids_only_is_ids_only),
        cmocka_unit_test(reviews_come_whole),
        cmocka_unit_test(unknown_ids_match_nothing),
    };
    return cmocka_run_group_tests(tests, make_index, drop_index);
}
