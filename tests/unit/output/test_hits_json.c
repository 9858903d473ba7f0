/* test_hits_json.c - the shape of search's and get's JSON, read back by jansson. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "query/output/review_json.h"
#include "tests/unit/output/sample_hits.h"

#include <jansson.h>

static const revue_mark marks[] = {{2, 7}, {8, 12}};
static const revue_snippet snippets[] = {
    {.field = "body",
     .start = 120,
     .text = "a knife edge",
     .text_size = 12,
     .marks = marks,
     .mark_count = 2,
     .cut_after = true},
    {.field = "product", .text = "\"Zero\0byte\"", .text_size = 11},
};
static const revue_explain_field explain_fields[] = {{"body", 3, 120, 100.5, 1, 2.25}};
static const revue_explain_term explain_terms[] = {{"knife", 1.5, 3.25, 2.25, 17, 2.125, explain_fields, 1}};
static const revue_explain explain = {.score = 2.125,
                                      .unit = 0.00000095367431640625,
                                      .k1 = 1.2,
                                      .b = 0.75,
                                      .reviews = 1000,
                                      .terms = explain_terms,
                                      .term_count = 1,
                                      .relevance = 2.125,
                                      .factor = 1};
static const revue_hit hits[] = {
    {.rank = 1,
     .score = 12.3456789,
     .id = "films/a b.txt",
     .title = "Knife </b>",
     .product = "Swan",
     .author = "Ana",
     .date = "2019-05",
     .lang = "en",
     .url = "https://example.org/",
     .has_rating = true,
     .has_stars = true,
     .has_votes = true,
     .rating = 8,
     .stars = 4,
     .votes = 12,
     .snippets = snippets,
     .snippet_count = 2,
     .explain = &explain},
    {.rank = 2, .score = 0, .id = "bare"},
};
static const char *const warnings[] = {"no review has all the words"};
static const struct sample sample = {hits, warnings};

static json_t *parse_line(struct bytes *out) {
    json_error_t error;
    assert_false(out->failed);
    assert_int_equal(out->data[out->size - 1], '\n');
    assert_null(memchr(out->data, '\n', out->size - 1));
    json_t *value = json_loadb((const char *)out->data, out->size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    if (!value) fail_msg("%s", error.text);
    return value;
}

/* The keys of an object in order, joined by blanks. */
static void assert_keys(const json_t *object, const char *expected) {
    char keys[256] = "";
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value) {
        if (*keys) strcat(keys, " ");
        strcat(keys, key);
    }
    assert_string_equal(keys, expected);
}

static void envelope_is_complete(void **state) {
    (void)state;
    struct bytes out = {0};
    struct answer answer = sample_answer(&sample, 2, 1);
    hits_json(&answer, &out);
    json_t *found = parse_line(&out);
    assert_keys(found, "revue query op total total_exact took_us warnings hits facets groups");
    assert_int_equal(json_integer_value(json_object_get(found, "revue")), 1);
    assert_string_equal(json_string_value(json_object_get(found, "query")), "knife edge");
    assert_string_equal(json_string_value(json_object_get(found, "op")), "all");
    assert_int_equal(json_integer_value(json_object_get(found, "total")), 17);
    assert_true(json_is_true(json_object_get(found, "total_exact")));
    assert_true(json_real_value(json_object_get(found, "took_us")) == 1234.6);
    assert_string_equal(json_string_value(json_array_get(json_object_get(found, "warnings"), 0)), warnings[0]);
    assert_int_equal(json_array_size(json_object_get(found, "hits")), 2);
    assert_int_equal(json_object_size(json_object_get(found, "facets")), 0);
    assert_true(json_is_object(json_object_get(found, "facets")));
    assert_true(json_is_array(json_object_get(found, "groups")));
    json_decref(found);
    bytes_free(&out);
}

static void nothing_found_is_still_an_envelope(void **state) {
    (void)state;
    struct bytes out = {0};
    struct answer answer = sample_answer(&sample, 0, 0);
    answer.op = REVUE_OP_ANY;
    answer.total = 0;
    answer.total_exact = false;
    answer.took_us = 5;
    hits_json(&answer, &out);
    bytes_append_u8(&out, '\0');
    assert_string_equal((const char *)out.data,
                        "{\"revue\":1,\"query\":\"knife edge\",\"op\":\"any\",\"total\":0,\"total_exact\":false,"
                        "\"took_us\":5.0,\"warnings\":[],\"hits\":[],\"facets\":{},\"groups\":[]}\n");
    bytes_free(&out);
}

static void absent_values_are_absent_keys(void **state) {
    (void)state;
    struct bytes out = {0};
    struct answer answer = sample_answer(&sample, 2, 0);
    hits_json(&answer, &out);
    json_t *found = parse_line(&out), *list = json_object_get(found, "hits");
    assert_keys(json_array_get(list, 0),
                "rank score id title product author rating stars date votes lang url snippets explain");
    assert_keys(json_array_get(list, 1), "rank score id snippets");
    assert_int_equal(json_array_size(json_object_get(json_array_get(list, 1), "snippets")), 0);
    json_decref(found);
    bytes_free(&out);
}

static void snippets_have_place_and_marks(void **state) {
    (void)state;
    struct bytes out = {0};
    struct answer answer = sample_answer(&sample, 1, 0);
    hits_jsonl(&answer, &out);
    json_t *hit = parse_line(&out), *list = json_object_get(hit, "snippets"), *first = json_array_get(list, 0);
    assert_keys(first, "field start text marks");
    assert_int_equal(json_integer_value(json_object_get(first, "start")), 120);
    assert_string_equal(json_string_value(json_object_get(first, "text")), "a knife edge");
    json_t *mark = json_array_get(json_object_get(first, "marks"), 1);
    assert_int_equal(json_integer_value(json_array_get(mark, 0)), 8);
    assert_int_equal(json_integer_value(json_array_get(mark, 1)), 12);
    assert_int_equal(json_string_length(json_object_get(json_array_get(list, 1), "text")), 11);
    json_decref(hit);
    bytes_free(&out);
}

static void explanations_sum_up(void **state) {
    (void)state;
    struct bytes out = {0};
    struct answer answer = sample_answer(&sample, 1, 0);
    hits_jsonl(&answer, &out);
    json_t *hit = parse_line(&out), *explained = json_object_get(hit, "explain");
    assert_keys(explained, "score unit k1 b reviews terms");
    assert_true(json_real_value(json_object_get(explained, "unit")) == explain.unit);
    json_t *term = json_array_get(json_object_get(explained, "terms"), 0);
    assert_keys(term, "term score boost idf df frequency fields");
    double sum = json_number_value(json_object_get(term, "score"));
    assert_true(sum == json_number_value(json_object_get(explained, "score")));
    assert_keys(json_array_get(json_object_get(term, "fields"), 0), "field frequency length average weight value");
    json_decref(hit);
    bytes_free(&out);
}

static void lines_are_hits_without_envelope(void **state) {
    (void)state;
    struct bytes out = {0};
    struct answer answer = sample_answer(&sample, 2, 0);
    answer.with_snippets = false;
    hits_jsonl(&answer, &out);
    bytes_append_u8(&out, '\0');
    const char *second = strchr((const char *)out.data, '\n') + 1;
    assert_string_equal(second, "{\"rank\":2,\"score\":0.000000,\"id\":\"bare\"}\n");
    const char *first = (const char *)out.data;
    assert_non_null(strstr(first, "\"score\":12.345679,\"id\":\"films/a b.txt\",\"title\":\"Knife <\\/b>\""));
    assert_null(strstr((const char *)out.data, "snippets"));
    bytes_free(&out);
}

static void a_review_keeps_zero_bytes_and_columns(void **state) {
    (void)state;
    const char *const tags[] = {"war", "art"};
    const revue_value values[] = {{"store", "Nook", 0}, {"pages", NULL, 320.5}};
    const revue_review review = {.id = "a",
                                 .body = "x\0y",
                                 .body_size = 3,
                                 .title = "",
                                 .has_votes = true,
                                 .votes = 0,
                                 .tags = tags,
                                 .tag_count = 2,
                                 .values = values,
                                 .value_count = 2};
    struct bytes out = {0};
    review_json(&review, &out);
    json_t *found = parse_line(&out);
    assert_keys(found, "revue id title body votes tags columns");
    assert_int_equal(json_string_length(json_object_get(found, "body")), 3);
    assert_string_equal(json_string_value(json_array_get(json_object_get(found, "tags"), 1)), "art");
    json_t *columns = json_object_get(found, "columns");
    assert_string_equal(json_string_value(json_object_get(columns, "store")), "Nook");
    assert_true(json_real_value(json_object_get(columns, "pages")) == 320.5);
    json_decref(found);
    bytes_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(envelope_is_complete),
        cmocka_unit_test(nothing_found_is_still_an_envelope),
        cmocka_unit_test(absent_values_are_absent_keys),
        cmocka_unit_test(snippets_have_place_and_marks),
        cmocka_unit_test(explanations_sum_up),
        cmocka_unit_test(lines_are_hits_without_envelope),
        cmocka_unit_test(a_review_keeps_zero_bytes_and_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
