/* test_answers_json.c - the JSON of update and stats, read back by jansson, and their text. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "indexer/cli/stats_answer.h"
#include "indexer/cli/update_answer.h"

#include <jansson.h>

static json_t *parse_line(struct bytes *out) {
    json_error_t error;
    assert_false(out->failed);
    assert_int_equal(out->data[out->size - 1], '\n');
    json_t *value = json_loadb((const char *)out->data, out->size, JSON_REJECT_DUPLICATES, &error);
    if (!value) fail_msg("%.*s: %s", (int)out->size, (const char *)out->data, error.text);
    bytes_free(out);
    return value;
}

static void assert_keys(json_t *object, const char *expected) {
    char keys[256] = "";
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value) {
        if (*keys) strcat(keys, " ");
        strcat(keys, key);
    }
    assert_string_equal(keys, expected);
}

static long long integer_at(json_t *object, const char *key) {
    return json_integer_value(json_object_get(object, key));
}

static revue_problem problems[] = {{"a.jsonl", 12, "not JSON", "skipped"}, {"b.txt", 0, "not readable", "left as it was"}};
static revue_report report = {
    .status = REVUE_IO,
    .run = 17,
    .failure = "3 sources could not be read",
    .has_totals = true,
    .sources_seen = 5,
    .sources_new = 1,
    .sources_changed = 2,
    .sources_unchanged = 3,
    .sources_gone = 4,
    .sources_skipped = 6,
    .sources_failed = 7,
    .reviews_added = 1000,
    .reviews_changed = 9,
    .reviews_unchanged = 10,
    .reviews_deleted = 11,
    .reviews_bad = 12,
    .reviews_total = 2000,
    .bytes_read = 14000000,
    .text_bytes = 15,
    .index_bytes = 16000,
    .seconds = 2,
    .problems = problems,
    .problem_count = 2,
    .problems_more = 3,
};

static void update_has_the_contracts_shape(void **state) {
    (void)state;
    struct bytes out = {0};
    update_answer_json(&report, &out);
    json_t *found = parse_line(&out), *list = json_object_get(found, "problems");
    assert_keys(found, "revue command exit run error sources reviews bytes_read text_bytes index_bytes seconds problems "
                       "problems_more");
    assert_int_equal(integer_at(found, "run"), 17);
    assert_keys(json_object_get(found, "sources"), "seen new changed unchanged gone skipped failed");
    assert_keys(json_object_get(found, "reviews"), "added changed unchanged deleted bad total");
    assert_int_equal(integer_at(found, "exit"), 74);
    assert_int_equal(integer_at(json_object_get(found, "sources"), "failed"), 7);
    assert_int_equal(integer_at(json_object_get(found, "reviews"), "total"), 2000);
    assert_keys(json_array_get(list, 0), "source line what done");
    assert_keys(json_array_get(list, 1), "source what done");
    json_decref(found);
}

static void nothing_left_out_is_not_counted(void **state) {
    (void)state;
    struct bytes out = {0};
    revue_report clean = {.seconds = 0.0004};
    update_answer_json(&clean, &out);
    bytes_append_u8(&out, '\0');
    assert_non_null(strstr((const char *)out.data, "\"seconds\":0.000,\"problems\":[]}\n"));
    bytes_free(&out);
}

static void a_summary_is_three_lines(void **state) {
    (void)state;
    struct bytes out = {0};
    update_answer_summary(&report, &out);
    bytes_append_u8(&out, '\0');
    assert_string_equal((const char *)out.data, "2,000 reviews, 1,000 added, 9 changed, 11 deleted, 12 bad\n"
                                                "5 sources, 1 new, 2 changed, 3 unchanged, 4 gone, 6 skipped, 7 failed\n"
                                                "14.0 MB read in 2.00 s (7.0 MB/s), the index takes 16.0 kB\n");
    bytes_free(&out);
}

static void a_dry_run_counts_fields(void **state) {
    (void)state;
    struct bytes out = {0};
    revue_filled filled[] = {{"title", 900}, {"rating", 0}};
    revue_report dry = {.sources_seen = 1, .reviews_added = 1000, .filled = filled, .filled_count = 2};
    update_answer_dry(&dry, &out);
    bytes_append_u8(&out, '\0');
    assert_string_equal((const char *)out.data,
                        "1,000 reviews in 1 source; nothing was written\ntitle            900\nrating           0\n");
    bytes_clear(&out);
    update_answer_json(&dry, &out);
    json_t *found = parse_line(&out);
    assert_int_equal(integer_at(json_object_get(found, "filled"), "title"), 900);
    json_decref(found);
}

static revue_field_stats fields[] = {{"rating", "number", 5}, {"product", "keyword", 10}};
static revue_reader readers[] = {{.process = 4711, .name = "python3", .of_old_store = true},
                                 {.process = 12, .name = "site", .lag = 3}};
static revue_stats stats = {
    .format = 1,
    .reviews = 10,
    .deleted = 2,
    .blocked = 1,
    .bytes_file = 4096,
    .bytes_used = 2000,
    .bytes_terms = 1000,
    .fields = fields,
    .field_count = 2,
    .analysis = "00ff",
    .digest = "d1",
    .analysis_differs = true,
    .oldest_reader_lag = 3,
    .readers = readers,
    .reader_count = 2,
};

/* A run that another one kept out knows nothing of the index, and says nothing of it. */
static void a_refused_run_has_no_totals(void **state) {
    (void)state;
    const revue_report refused = {.status = REVUE_BUSY, .failure = "held by process 12"};
    struct bytes out = {0};
    update_answer_json(&refused, &out);
    json_t *found = parse_line(&out);
    assert_keys(found, "revue command exit error sources reviews bytes_read text_bytes seconds problems");
    assert_keys(json_object_get(found, "reviews"), "added changed unchanged deleted bad");
    assert_int_equal(integer_at(found, "exit"), 75);
    assert_string_equal(json_string_value(json_object_get(found, "error")), "held by process 12");
    json_decref(found);
}

static void stats_have_the_contracts_shape(void **state) {
    (void)state;
    struct bytes out = {0};
    stats.digest[0] = '\0';
    stats_answer_json(&stats, "{\"command\":\"update\"}\n{\"command\":\"compact\",\"x\":[\"}\\\"\"]}\n", false, &out);
    json_t *found = parse_line(&out);
    assert_keys(found, "revue command format reviews deleted blocked terms tokens segments sources text_bytes bytes fields "
                       "analysis run readers last_run");
    json_t *list = json_object_get(found, "readers");
    assert_int_equal(json_array_size(list), 2);
    assert_keys(json_array_get(list, 0), "process name");
    assert_keys(json_array_get(list, 1), "process name lag");
    assert_int_equal(integer_at(json_array_get(list, 1), "lag"), 3);
    assert_keys(json_object_get(found, "bytes"),
                "file used free dead terms postings positions lengths columns text ids sources other");
    assert_keys(json_object_get(json_object_get(found, "fields"), "rating"), "kind filled");
    assert_string_equal(json_string_value(json_object_get(json_object_get(found, "last_run"), "command")), "compact");
    json_decref(found);
}

static void damaged_runs_are_left_out(void **state) {
    (void)state;
    struct bytes out = {0};
    stats.digest[0] = 'd';
    stats_answer_json(&stats, "junk\n{\"a\":1}\n\n{\"a\":2}\n{\"a\":\"cut", true, &out);
    json_t *found = parse_line(&out);
    assert_int_equal(integer_at(json_object_get(found, "last_run"), "a"), 2);
    assert_int_equal(json_array_size(json_object_get(found, "runs")), 2);
    assert_string_equal(json_string_value(json_object_get(found, "digest")), "d1");
    json_decref(found);
    stats_answer_json(&stats, NULL, true, &out);
    found = parse_line(&out);
    assert_null(json_object_get(found, "last_run"));
    assert_int_equal(json_array_size(json_object_get(found, "runs")), 0);
    json_decref(found);
}

static void whole_objects_are_told_from_cut_ones(void **state) {
    (void)state;
    assert_true(stats_is_whole_object(view_of_string("{}")));
    assert_true(stats_is_whole_object(view_of_string("{\"a\":{\"b\":[1,\"]}\\\\\"]}}")));
    assert_false(stats_is_whole_object(view_of_string("")));
    assert_false(stats_is_whole_object(view_of_string("{")));
    assert_false(stats_is_whole_object(view_of_string("{\"a\":\"}")));
    assert_false(stats_is_whole_object(view_of_string("{\"a\":\"\\")));
    assert_false(stats_is_whole_object(view_of_string("{}{}")));
    assert_false(stats_is_whole_object(view_of_string("[]")));
}

static void text_tells_what_matters(void **state) {
    (void)state;
    struct bytes out = {0};
    stats_answer_text("my.index", &stats, "{\"a\":1}\n{cut", &out);
    bytes_append_u8(&out, '\0');
    const char *text = (const char *)out.data;
    assert_int_equal(strncmp(text, "my.index\n", 9), 0);
    assert_non_null(strstr(text, "  reviews    10, and 2 deleted ones not yet merged away\n"));
    assert_non_null(strstr(text, "  terms      1.0 kB  50.0 %\n"));
    assert_non_null(strstr(text, "  rating     number   5  50.0 %\n"));
    assert_non_null(strstr(text, "analyses text differently"));
    assert_non_null(strstr(text,
                           "  readers    process 4711 (python3) reads files that were replaced, and keeps them on the "
                           "disk\n             process 12 (site) reads what is 3 commits old: the file grows "
                           "meanwhile\n"));
    assert_non_null(strstr(text, "\nRuns\n{\"a\":1}\n"));
    assert_null(strstr(text, "{cut"));
    bytes_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(update_has_the_contracts_shape), cmocka_unit_test(nothing_left_out_is_not_counted),
        cmocka_unit_test(a_summary_is_three_lines),       cmocka_unit_test(a_dry_run_counts_fields),
        cmocka_unit_test(a_refused_run_has_no_totals),    cmocka_unit_test(stats_have_the_contracts_shape),
        cmocka_unit_test(damaged_runs_are_left_out),      cmocka_unit_test(whole_objects_are_told_from_cut_ones),
        cmocka_unit_test(text_tells_what_matters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
