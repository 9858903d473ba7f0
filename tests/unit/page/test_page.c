/* test_page.c - whole pages of a small archive: what is in them, what never is, and memory that runs out. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "indexer/base/memory.h"
#include "query/serve/page/page.h"
#include "tests/support/small_archive.h"

static const char reviews[] =
    "{\"id\":\"a/1\",\"title\":\"Calm room\",\"text\":\"A calm and quiet room. The harbour is "
    "near.\",\"product\":\"Kestrel "
    "House\",\"author\":\"Ana\",\"rating\":4.5,\"date\":\"2019-05-25\",\"lang\":\"en\",\"url\":\"https://example.org/"
    "1?a=b&c\"}\n"
    "{\"id\":\"a/2\",\"title\":\"Loud room\",\"text\":\"A calm room it is not.\",\"product\":\"Kestrel "
    "House\",\"rating\":2,"
    "\"date\":\"2018-01-02\",\"votes\":3}\n"
    "{\"id\":\"<i>\\\"3\",\"title\":\"</h2><script>x()</script>\",\"text\":\"calm <script>x()</script> \\u202e\\u0007 "
    "<img src=x onerror=x()> "
    "end\",\"product\":\"\\\"><script>x()</script>\",\"author\":\"'><b>\",\"rating\":5,\"lang\":\"\\\" "
    "onload=x\",\"url\":\"javascript:x()\"}\n";

struct fixture {
    struct small_archive archive;
    revue_searcher *searcher;
    struct search_request request;
    struct page_view view;
    struct bytes page;
};

static void start(struct fixture *fixture) {
    memset(fixture, 0, sizeof *fixture);
    fixture->searcher = small_archive_of(&fixture->archive, reviews);
    search_request_init(&fixture->request);
    fixture->view = (struct page_view){.request = &fixture->request,
                                       .status = 200,
                                       .site_name = "Re<views",
                                       .base_path = "",
                                       .reviews = 3,
                                       .can_complete = true,
                                       .can_find_similar = true};
}

static void end(struct fixture *fixture) {
    bytes_free(&fixture->page);
    search_request_free(&fixture->request);
    revue_searcher_close(fixture->searcher);
    small_archive_remove(&fixture->archive);
}

static void render(struct fixture *fixture) {
    bytes_clear(&fixture->page);
    page_render(&fixture->view, &fixture->page);
    bytes_append_u8(&fixture->page, 0);
    assert_false(fixture->page.failed);
}

/* Searches as the server does, and renders. */
static void search(struct fixture *fixture, const char *query) {
    revue_search_options options;
    revue_result *result;
    revue_search_options_init(&options);
    fixture->request.query = view_of_string(query);
    fixture->request.has_query = true;
    options.lenient = true;
    options.n = fixture->request.n;
    options.offset = fixture->request.offset;
    options.filter = fixture->request.filter;
    options.sort = fixture->request.sort;
    options.group = fixture->request.group;
    options.facets = page_facets;
    options.facet_count = PAGE_FACETS;
    options.multi_select = true;
    result = small_archive_search(fixture->searcher, query, &options);
    fixture->view.result = result;
    render(fixture);
    fixture->view.result = NULL;
    revue_result_free(result);
}

static bool has(const struct fixture *fixture, const char *text) {
    return strstr((const char *)fixture->page.data, text) != NULL;
}

static void expect(const struct fixture *fixture, const char *text) {
    if (!has(fixture, text)) fail_msg("the page lacks %s:\n%s", text, (const char *)fixture->page.data);
}

static void expect_none(const struct fixture *fixture, const char *text) {
    if (has(fixture, text)) fail_msg("the page has %s:\n%s", text, (const char *)fixture->page.data);
}

static void the_empty_form(void **state) {
    (void)state;
    struct fixture fixture;
    start(&fixture);
    render(&fixture);
    expect(&fixture, "<!DOCTYPE html>\n<html lang=\"en\">");
    expect(&fixture, "<title>Re&lt;views</title>");
    expect(&fixture, "Search 3 reviews");
    expect(&fixture, "action=\"/\"");
    expect(&fixture, " autofocus");
    expect(&fixture, "href=\"/?q=disappoint%2A\"");
    expect_none(&fixture, "<ol");
    fixture.view.base_path = "/films";
    render(&fixture);
    expect(&fixture, "action=\"/films/\"");
    expect(&fixture, "href=\"/films/search.css?v=");
    expect(&fixture, "href=\"/films/?q=disappoint%2A\"");
    end(&fixture);
}

static void hits_with_all_they_have(void **state) {
    (void)state;
    struct fixture fixture;
    start(&fixture);
    search(&fixture, "calm harbour");
    expect(&fixture, "<strong>1</strong> review in ");
    expect(&fixture, "<title>calm harbour \u2013 Re&lt;views</title>");
    expect(&fixture, "value=\"calm harbour\"");
    expect(&fixture, "<h2 dir=\"auto\" lang=\"en\"><a href=\"/review/a/1\">Calm room</a></h2>");
    expect(&fixture, "4.5 of 5 stars");
    expect(&fixture, "<a href=\"/?filter=product%3A%3D%22Kestrel%20House%22\"><bdi>Kestrel House</bdi></a>");
    expect(&fixture, "<time datetime=\"2019-05-25\">25 May 2019</time>");
    expect(&fixture, "by <bdi>Ana</bdi>");
    expect(&fixture, "rel=\"noopener nofollow ugc\" href=\"https://example.org/1?a=b&amp;c\"");
    expect(&fixture, "<mark>calm</mark>");
    end(&fixture);
}

static void hostile_reviews_stay_text(void **state) {
    (void)state;
    struct fixture fixture;
    start(&fixture);
    search(&fixture, "calm \"><script>x()</script>");
    expect(&fixture, "&lt;/h2&gt;&lt;script&gt;x()&lt;/script&gt;");
    expect_none(&fixture, "<script>");
    expect_none(&fixture, "<img");
    expect_none(&fixture, "<b>");
    expect_none(&fixture, "onload=x\"");
    expect_none(&fixture, "javascript:");
    expect_none(&fixture, "\u202E");
    expect_none(&fixture, "\a");
    expect_none(&fixture, "lang=\"&quot;");
    end(&fixture);
}

static void facets_and_filters(void **state) {
    (void)state;
    struct fixture fixture;
    start(&fixture);
    search(&fixture, "calm");
    expect(&fixture, "<h3>Stars</h3>");
    expect(&fixture, "href=\"/?q=calm&amp;filter=%28stars%3A%3E%3D1.5%20stars%3A%3C2.5%29\"><bdi>2 stars</bdi>");
    expect(&fixture, "<span class=\"none\"><bdi>3 stars</bdi>");
    expect(&fixture, "<h3>Year</h3>");
    expect(&fixture, "href=\"/?q=calm&amp;filter=date%3A2018\"><bdi>2018</bdi>");
    expect(&fixture, "<h3>Language</h3>");
    expect_none(&fixture, "class=\"chips\"");

    fixture.request.filter = "(stars:>=1.5 stars:<2.5) date:2018";
    fixture.request.offset = 0;
    search(&fixture, "calm");
    expect(&fixture, "<strong>1</strong> review");
    expect(&fixture,
           "<a href=\"/?q=calm&amp;filter=date%3A2018\"><span class=\"unseen\">Remove </span><span>2 stars</span>");
    expect(&fixture, "\" aria-current=\"true\"><bdi>2018</bdi>");
    expect(&fixture, "name=\"filter\" value=\"(stars:&gt;=1.5 stars:&lt;2.5) date:2018\"");

    /* another value takes the place of the one that was */
    fixture.request.filter = "(stars:>=1.5 stars:<2.5)";
    search(&fixture, "calm");
    expect(&fixture, "href=\"/?q=calm&amp;filter=%28stars%3A%3E%3D4.5%20stars%3A%3C5.5%29\"><bdi>5 stars</bdi>");

    /* what was asked to be counted is kept by the form */
    fixture.request.facets[0] = "product";
    fixture.request.facet_count = 1;
    search(&fixture, "calm");
    expect(&fixture, "name=\"facet\" value=\"product\"");
    end(&fixture);
}

static void pages_and_orders(void **state) {
    (void)state;
    struct fixture fixture;
    start(&fixture);
    fixture.request.n = 1;
    search(&fixture, "calm");
    expect(&fixture, "Page 1 of 3");
    expect(&fixture, "rel=\"next\" href=\"/?q=calm&amp;n=1&amp;offset=1\"");
    expect_none(&fixture, "rel=\"prev\"");
    expect(&fixture, "<option value=\"\" selected>Best match</option>");
    fixture.view.depth = 1;
    search(&fixture, "calm");
    expect_none(&fixture, "rel=\"next\"");
    fixture.request.offset = 2;
    fixture.request.sort = "date:desc";
    search(&fixture, "calm");
    expect(&fixture, "Page 3 of 3");
    expect(&fixture, "rel=\"prev\" href=\"/?q=calm&amp;sort=date%3Adesc&amp;n=1&amp;offset=1\"");
    expect_none(&fixture, "rel=\"next\"");
    expect(&fixture, "<ol class=\"hits\" start=\"3\">");
    expect(&fixture, "<option value=\"date:desc\" selected>Newest</option>");
    fixture.request.sort = "lang";
    search(&fixture, "calm");
    expect(&fixture, "<option value=\"lang\" selected>lang</option>");
    end(&fixture);
}

static void nothing_found(void **state) {
    (void)state;
    struct fixture fixture;
    start(&fixture);
    fixture.request.filter = "date:1999";
    search(&fixture, "calm");
    expect(&fixture, "<strong>0</strong> reviews");
    expect(&fixture, "Nothing was found");
    expect(&fixture, "<a href=\"/?q=calm\">all reviews</a>");
    expect_none(&fixture, "<ol");
    expect_none(&fixture, "class=\"pages\"");
    end(&fixture);
}

static void other_spellings(void **state) {
    (void)state;
    struct fixture fixture;
    start(&fixture);
    fixture.request.filter = "date:2019";
    search(&fixture, "harbuor");
    expect(&fixture, "Did you mean <a href=\"/?q=harbour&amp;filter=date%3A2019\"><em dir=\"auto\">harbour</em></a>?");
    end(&fixture);
}

static void groups(void **state) {
    (void)state;
    struct fixture fixture;
    start(&fixture);
    fixture.request.group = "product";
    search(&fixture, "calm");
    expect(&fixture, "<strong>3</strong> reviews in 2 groups");
    expect(&fixture, "<h2 dir=\"auto\">Kestrel House</h2>");
    expect(&fixture, "<h3 dir=\"auto\" lang=\"en\"><a href=\"/review/a/1\">");
    expect(&fixture, "name=\"group\" value=\"product\"");
    end(&fixture);
}

static void similar_reviews(void **state) {
    (void)state;
    struct fixture fixture;
    start(&fixture);
    fixture.view.similar_to = "a/\"1";
    fixture.request.n = 1;
    search(&fixture, "calm");
    expect(&fixture, "<h1>Reviews like <a href=\"/review/a/%221\"><bdi>a/&quot;1</bdi></a></h1>");
    expect(&fixture, "rel=\"next\" href=\"/similar/a/%221?");
    expect_none(&fixture, "id=\"sort\"");
    end(&fixture);
}

static void whole_reviews(void **state) {
    (void)state;
    struct fixture fixture;
    revue_review *review;
    start(&fixture);
    assert_int_equal(revue_get(fixture.searcher, "a/1", 3, &review, NULL), REVUE_OK);
    fixture.view.review = review;
    render(&fixture);
    expect(&fixture, "<h1 dir=\"auto\" lang=\"en\">Calm room</h1>");
    expect(&fixture, "The harbour is near.");
    expect(&fixture, "href=\"/similar/a/1\"");
    revue_review_free(review);
    assert_int_equal(revue_get(fixture.searcher, "<i>\"3", 5, &review, NULL), REVUE_OK);
    fixture.view.review = review;
    render(&fixture);
    expect_none(&fixture, "<script>");
    expect_none(&fixture, "<img");
    expect_none(&fixture, "<i>");
    expect_none(&fixture, "javascript:");
    revue_review_free(review);
    end(&fixture);
}

static void problems_and_warnings(void **state) {
    (void)state;
    struct fixture fixture;
    const revue_error problem = {.message = "no column called <b>"};
    start(&fixture);
    fixture.request.warnings[fixture.request.warning_count++] = "n: \"<x>\" is no number";
    fixture.view.problem = &problem;
    fixture.view.status = 400;
    render(&fixture);
    expect(&fixture, "role=\"alert\"");
    expect(&fixture, "no column called &lt;b&gt;");
    expect(&fixture, "n: &quot;&lt;x&gt;&quot; is no number");
    end(&fixture);
}

static void files_are_found(void **state) {
    (void)state;
    static const char *const paths[] = {"/search.css", "/search.js", "/embed.js", "/icon.svg"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        const struct page_asset *asset = page_asset_find(view_of_string(paths[i]));
        assert_non_null(asset);
        assert_true(asset->size > 100);
        assert_int_equal(strlen(asset->etag), 16);
    }
    assert_null(page_asset_find(view_of_string("/page.h")));
    assert_non_null(strstr(page_security_policy(), "script-src 'self'"));
    assert_null(strstr(page_security_policy(), "unsafe"));
}

static bool fails_at(void *context) {
    uint64_t *left = context;
    return --*left != 0;
}

/* Every allocation of a page fails once: the page says so, and nothing is lost. */
static void memory_runs_out(void **state) {
    (void)state;
    struct fixture fixture;
    revue_search_options options;
    revue_result *result;
    start(&fixture);
    revue_search_options_init(&options);
    options.facets = page_facets;
    options.facet_count = PAGE_FACETS;
    fixture.request.query = view_of_string("calm");
    fixture.request.filter = "date:2018 lang:\"en\"";
    result = small_archive_search(fixture.searcher, "calm", &options);
    fixture.view.result = result;
    bool failed = true;
    for (uint64_t at = 1; failed; at++) {
        struct bytes page = {0};
        uint64_t left = at;
        memory_set_test_hook(fails_at, &left);
        page_render(&fixture.view, &page);
        memory_set_test_hook(NULL, NULL);
        failed = page.failed;
        bytes_free(&page);
        assert_true(at < 10000);
    }
    fixture.view.result = NULL;
    revue_result_free(result);
    end(&fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_empty_form),
        cmocka_unit_test(hits_with_all_they_have),
        cmocka_unit_test(hostile_reviews_stay_text),
        cmocka_unit_test(facets_and_filters),
        cmocka_unit_test(pages_and_orders),
        cmocka_unit_test(nothing_found),
        cmocka_unit_test(other_spellings),
        cmocka_unit_test(groups),
        cmocka_unit_test(similar_reviews),
        cmocka_unit_test(whole_reviews),
        cmocka_unit_test(problems_and_warnings),
        cmocka_unit_test(files_are_found),
        cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests_name("page", tests, NULL, NULL);
}
