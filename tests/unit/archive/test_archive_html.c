/* test_archive_html.c - pages: JSON-LD, microdata, main text, character sets, and pages that are hard. */
#include "archive_reading.h"

static void test_json_ld(void **state) {
    struct reading *reading = *state;
    assert_string_equal(
        read_text(
            reading, "a.html",
            "<!doctype html><html><head><script "
            "type=\"application/ld+json\">{\"@graph\":[{\"@type\":\"Product\",\"name\":\"Lamp\",\"review\":["
            "{\"@type\":\"Review\",\"name\":\"Great\",\"reviewBody\":\"I love it &amp; "
            "so\",\"author\":{\"@type\":\"Person\",\"name\":\"Bob\"},"
            "\"reviewRating\":{\"@type\":\"Rating\",\"ratingValue\":\"4\",\"bestRating\":\"10\"},\"datePublished\":\"2019-"
            "05-01\"},"
            "{\"@type\":[\"Thing\",\"http://schema.org/"
            "UserReview\"],\"reviewBody\":\"Bad\",\"author\":\"Eve\",\"itemReviewed\":{\"name\":\"Chair\"}},"
            "{\"@type\":\"AggregateRating\",\"ratingValue\":3},{\"@type\":\"Review\",\"author\":\"No text\"}]}]}</script>"
            "<script type=\"application/ld+json\">{broken</script></head><body><p>Main text</p></body></html>"),
        "S a.html html\nR 0 body=I love it &amp; so title=Great product=Lamp author=Bob rating=4/10 date=2019-05-01\n"
        "R 0 body=Bad product=Chair author=Eve\n");
}

static void test_microdata(void **state) {
    struct reading *reading = *state;
    assert_string_equal(
        read_text(
            reading, "b.html",
            "<html><body><div itemscope itemtype=\"http://schema.org/Product\"><h1 itemprop=\"name\">Chair</h1>"
            "<div itemprop=\"review\" itemscope itemtype=\"https://schema.org/Review\"><b itemprop=\"name\">Nice</b> by "
            "<span itemprop=\"author\" itemscope><b itemprop=name>Ann</b></span><meta itemprop=\"datePublished\" "
            "content=\"2020-01-02\">"
            "<div itemprop=\"reviewRating\" itemscope><span itemprop=\"ratingValue\">3</span>/<span "
            "itemprop=\"bestRating\">5</span></div>"
            "<p itemprop=\"reviewBody description\">Sturdy <br>chair.</p></div>"
            "<div itemscope itemtype=\"http://schema.org/Review\"><p itemprop=\"reviewBody\">Second.</p>"
            "<a itemprop=\"url\" href=\"http://x/2\">link</a></div></div></body></html>"),
        "S b.html html\nR 0 body=Sturdy\\nchair. title=Nice product=Chair author=Ann rating=3/5 date=2020-01-02\n"
        "R 0 body=Second. product=Chair url=http://x/2\n");
}

static void test_main_text(void **state) {
    struct reading *reading = *state;
    assert_string_equal(
        read_text(
            reading, "c.html",
            "<html lang=\"en\"><head><title> A  title </title><meta name=\"author\" content=\"Ana\"><link rel=canonical "
            "href=\"http://x/c\">"
            "<meta property=\"article:published_time\" content=\"2019-05-25T10:00:00Z\"></head>"
            "<body><nav>Home Contact</nav><div>Other things</div><article><header>By Ana</header><h1>Head</h1><p>One  "
            "two\n three.</p>"
            "<p>Four <b>five</b>.<br>Six &amp; seven</p><ul><li>a</li><li>b</li></ul><script>var x = '<p>no</p>';</script>"
            "<form><button>Send</button></form></article><footer>Imprint</footer></body></html>"),
        "S c.html html one\nR 0 body=Head\\n\\nOne two three.\\n\\nFour five.\\nSix & seven\\n\\na\\n\\nb title=A title "
        "author=Ana"
        " date=2019-05-25T10:00:00Z lang=en url=http://x/c\n");
}

static void test_title_from_heading(void **state) {
    struct reading *reading = *state;
    assert_string_equal(read_text(reading, "d.htm", "<body><h1>The <i>film</i></h1><p>Good.</p></body>"),
                        "S d.htm html one\nR 0 body=The film\\n\\nGood. title=The film\n");
}

static void test_character_sets(void **state) {
    struct reading *reading = *state;
    static const char expected[] = "S e.html html one\nR 0 body=Caf\xC3\xA9 \xE2\x80\x99 \xC3\xA9 title=T\n";
    assert_string_equal(
        read_text(
            reading, "e.html",
            "<html><head><meta charset=utf-8><title>T</title></head><body>Caf\xC3\xA9 \xE2\x80\x99 &eacute;</body></html>"),
        expected);
    assert_string_equal(
        read_text(reading, "e.html", "<html><head><title>T</title></head><body>Caf\xE9 \x92 &eacute;</body></html>"),
        expected);
    assert_string_equal(
        read_text(
            reading, "e.html",
            "<html><head><meta charset=\"windows-1252\"><title>T</title></head><body>Caf\xE9 \x92 &eacute;</body></html>"),
        expected);
    assert_string_equal(read_text(reading, "f.html",
                                  "<html><head><meta http-equiv=content-type content='text/html; "
                                  "charset=koi8-r'><title>T</title></head><body>\xCB\xC9\xCE\xCF</body></html>"),
                        "S f.html html one\nR 0 body=\xD0\xBA\xD0\xB8\xD0\xBD\xD0\xBE title=T\n");
}

static void test_page_without_text(void **state) {
    struct reading *reading = *state;
    assert_string_equal(read_text(reading, "g.html", "<html><body><script>x()</script><img src=a.png></body></html>"),
                        "S g.html html one\nP g.html:0: a page without text: record skipped\n");
}

/* A page as deep as a parser lets it be costs no stack, and one of many articles no quadratic time. */
static void test_deep_and_wide_pages(void **state) {
    struct reading *reading = *state;
    struct bytes page = {0};
    for (unsigned i = 0; i < 20000; i++)
        bytes_append_string(&page, "<div><article>x");
    write_bytes(reading, "h.html", page.data, page.size);
    (void)read_path(reading, path_in(reading, "h.html"));
    assert_int_equal(reading->reviews, 1);
    bytes_clear(&page);
    for (unsigned i = 0; i < 20000; i++)
        bytes_append_string(&page, "<article><p>some words</p></article>");
    write_bytes(reading, "i.html", page.data, page.size);
    (void)read_path(reading, path_in(reading, "i.html"));
    assert_int_equal(reading->reviews, 1);
    bytes_free(&page);
}

static void test_limit(void **state) {
    struct reading *reading = *state;
    reading->options.limits.record_bytes = 100;
    char page[400];
    memset(page, 'a', sizeof page);
    memcpy(page, "<html><body>", 12);
    write_bytes(reading, "j.html", page, sizeof page);
    assert_string_equal(read_path(reading, path_in(reading, "j.html")),
                        "S j.html html one\nF j.html:0: longer than the limit of 25 bytes for one page (--memory 512 "
                        "allows more): rest of the "
                        "source skipped\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, reading_setup, reading_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_json_ld),
        TEST(test_microdata),
        TEST(test_main_text),
        TEST(test_title_from_heading),
        TEST(test_character_sets),
        TEST(test_page_without_text),
        TEST(test_deep_and_wide_pages),
        TEST(test_limit),
    };
    return cmocka_run_group_tests_name("archive html", tests, NULL, NULL);
}
