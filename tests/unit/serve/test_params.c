/* test_params.c - parameters from both of their forms, and the canonical form of what was read. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "query/serve/params.h"

#include <string.h>

static const struct request_limits limits = {.hits = 100, .depth = 1000, .query_bytes = 64, .words = 8};

enum form { FORM_QUERY, FORM_JSON };

static revue_status read_as(enum form form, const char *text, struct search_request *request, revue_error *error) {
    search_request_init(request);
    return form == FORM_JSON ? params_read_json(view_of_string(text), &limits, request, error)
                             : params_read_query(view_of_string(text), &limits, request, error);
}

static void read_well(enum form form, const char *text, struct search_request *request) {
    revue_error error = {0};
    if (read_as(form, text, request, &error) != REVUE_OK) fail_msg("%s: %s", text, error.message);
}

static void assert_canonical(const struct search_request *request, const char *wanted) {
    struct bytes out = {0};
    request_append_query(request, &out);
    bytes_append_u8(&out, '\0');
    assert_string_equal((const char *)out.data, wanted);
    bytes_free(&out);
}

static void both_forms_say_the_same(void **state) {
    (void)state;
    static const char *const texts[] = {
        "q=calm+room%21&n=20&offset=5&filter=rating%3A%3E%3D4&sort=date&facet=a&facet=b&group=product&op=any&count=1",
        "{\"q\":\"calm "
        "room!\",\"n\":20,\"offset\":\"5\",\"filter\":\"rating:>=4\",\"sort\":\"date\",\"facet\":[\"a\",\"b\"],"
        "\"group\":\"product\",\"op\":\"any\",\"count\":true}"};
    for (int form = 0; form < 2; form++) {
        struct search_request request;
        read_well((enum form)form, texts[form], &request);
        assert_int_equal(request.warning_count, 0);
        assert_string_equal(request.query.data, "calm room!");
        assert_int_equal(request.n, 20);
        assert_int_equal(request.facet_count, 2);
        assert_canonical(&request, "q=calm%20room%21&filter=rating%3A%3E%3D4&op=any&sort=date&group=product&facet=a&facet=b"
                                   "&n=20&offset=5&count=1");
        search_request_free(&request);
    }
}

static void defaults_leave_nothing(void **state) {
    (void)state;
    static const char *const texts[] = {"", "&&", "n=10&offset=0&op=auto&filter=&format=json", "sort=+++"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct search_request request;
        read_well(FORM_QUERY, texts[i], &request);
        assert_int_equal(request.warning_count, 0);
        assert_canonical(&request, "");
        search_request_free(&request);
    }
    struct search_request request;
    read_well(FORM_JSON, " {\"q\":null, \"n\":null} ", &request);
    assert_canonical(&request, "");
    search_request_free(&request);
}

static void what_cannot_be_meant_is_a_warning(void **state) {
    (void)state;
    static const struct {
        const char *text, *warning;
        size_t n;
    } cases[] = {{"n=-3", "whole number", 10},
                 {"n=ten", "whole number", 10},
                 {"n=99999999999999999999999999", "at most 100", 100},
                 {"n=101", "at most 100", 100},
                 {"op=some", "none of its values", 10},
                 {"format=xml", "none of its values", 10},
                 {"count=perhaps", "neither", 10},
                 {"fliter=x", "perhaps filter", 10},
                 {"n=3&n=4", "more than once", 4},
                 {"q=a+b+c+d+e+f+g+h+i+j", "more than 8 words", 10},
                 {"q=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "longer than 64", 10}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct search_request request;
        read_well(FORM_QUERY, cases[i].text, &request);
        assert_int_equal(request.warning_count, 1);
        if (!strstr(request.warnings[0], cases[i].warning)) fail_msg("%s: %s", cases[i].text, request.warnings[0]);
        assert_int_equal(request.n, cases[i].n);
        search_request_free(&request);
    }
}

static void warnings_are_bounded(void **state) {
    (void)state;
    struct search_request request;
    char text[400] = "";
    for (int i = 0; i < 60; i++)
        strcat(text, "x=1&");
    read_well(FORM_QUERY, text, &request);
    assert_int_equal(request.warning_count, REQUEST_WARNINGS);
    assert_int_equal(request.warnings_more, 60 - REQUEST_WARNINGS);
    search_request_free(&request);
}

static void what_is_no_request_is_refused(void **state) {
    (void)state;
    static const char *const queries[] = {
        "q=100%",
        "q=%4",
        "q=%zz",
        "q=a%00b",
        "%00=1",
        "offset=901&n=100",
        "offset=9999999999",
        "filter=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    static const char *const bodies[] = {"",
                                         "{",
                                         "[]",
                                         "1",
                                         "\"q\"",
                                         "{\"q\":}",
                                         "{} {}",
                                         "{\"q\":{}}",
                                         "{\"n\":[1]}",
                                         "{\"q\":\"a\\u0000b\"}",
                                         "[[[[[[[[[[[[]]]]]]]]]]]]",
                                         "{\"facet\":[[\"a\"]]}",
                                         "{\"q\":\"\xFF\"}",
                                         "{'q':'a'}"};
    struct search_request request;
    for (size_t i = 0; i < sizeof queries / sizeof *queries + sizeof bodies / sizeof *bodies; i++) {
        const size_t body = i - sizeof queries / sizeof *queries;
        const bool is_query = i < sizeof queries / sizeof *queries;
        revue_error error = {0};
        if (read_as(is_query ? FORM_QUERY : FORM_JSON, is_query ? queries[i] : bodies[body], &request, &error) !=
            REVUE_USAGE)
            fail_msg("%s was taken", is_query ? queries[i] : bodies[body]);
        assert_true(error.message[0] != '\0');
        search_request_free(&request);
    }
}

static void what_is_no_utf8_is_repaired(void **state) {
    (void)state;
    struct search_request request;
    read_well(FORM_QUERY, "q=caf%E9+%F0%9F%98%80", &request);
    assert_string_equal(request.query.data, "caf\xEF\xBF\xBD \xF0\x9F\x98\x80");
    search_request_free(&request);
}

/* An address made of an id leads back to it. */
static void ids_go_into_paths_and_back(void **state) {
    (void)state;
    static const char *const ids[][2] = {
        {"a/b.txt#1f~2", "a/b.txt%231f~2"}, {"a/../b", "a%2F..%2Fb"},   {"a//b?x=1&y", "a%2F%2Fb%3Fx%3D1%26y"},
        {"a+b %", "a%2Bb%20%25"},           {"/\xC3\xA9", "%2F%C3%A9"}, {"..", ".."}};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        struct bytes path = {0};
        struct arena arena = {0};
        struct view back;
        request_append_path(view_of_string(ids[i][0]), &path);
        assert_true(view_equal(bytes_view(&path), view_of_string(ids[i][1])));
        assert_int_equal(params_decode_path(bytes_view(&path), &arena, &back, NULL), REVUE_OK);
        assert_true(view_equal(back, view_of_string(ids[i][0])));
        bytes_free(&path);
        arena_free(&arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_forms_say_the_same),           cmocka_unit_test(defaults_leave_nothing),
        cmocka_unit_test(what_cannot_be_meant_is_a_warning), cmocka_unit_test(warnings_are_bounded),
        cmocka_unit_test(what_is_no_request_is_refused),     cmocka_unit_test(what_is_no_utf8_is_repaired),
        cmocka_unit_test(ids_go_into_paths_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
