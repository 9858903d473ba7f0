/* test_page_html.c - text as HTML: nothing of it is ever read as markup, and only web addresses become links. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "query/serve/page/page_html.h"
#include "query/serve/page/labels.h"

static void expect_made(struct bytes *out, const char *expected) {
    bytes_append_u8(out, 0);
    assert_false(out->failed);
    assert_string_equal((const char *)out->data, expected);
    bytes_free(out);
}

static void expect_text(struct view text, const char *expected) {
    struct bytes out = {0};
    page_html_text(&out, text);
    expect_made(&out, expected);
}

static void expect_attribute(const char *text, const char *expected) {
    struct bytes out = {0};
    page_html_attribute_string(&out, text);
    expect_made(&out, expected);
}

static void markup_is_escaped(void **state) {
    (void)state;
    expect_text(view_of_string("<script>alert(\"1\") && 'x'</script>"),
                "&lt;script&gt;alert(&quot;1&quot;) &amp;&amp; &#39;x&#39;&lt;/script&gt;");
    expect_attribute("\" onload='x' <b>&", "&quot; onload=&#39;x&#39; &lt;b&gt;&amp;");
    expect_text(view_of(NULL, 0), "");
    expect_attribute(NULL, "");
}

static void controls_and_broken_bytes_are_replaced(void **state) {
    (void)state;
    expect_text(view_of("a\0b\033[31m\r\n\tc", 12), "a\uFFFDb\uFFFD[31m\uFFFD\n\tc");
    expect_text(view_of_string("\x7F \xC2\x85 \xFF \xC3"), "\uFFFD \uFFFD \uFFFD \uFFFD");
    expect_text(view_of_string("caf\xC3\xA9 \xF0\x9F\x8E\xAC"), "caf\xC3\xA9 \xF0\x9F\x8E\xAC");
}

/* Within an isolating element marks of direction stay, but for overrides; elsewhere none does. */
static void marks_of_direction(void **state) {
    (void)state;
    expect_text(view_of_string("a\u202Eb\u202Dc\u200Fd\u2067e\u2069"), "a\uFFFDb\uFFFDc\u200Fd\u2067e\u2069");
    expect_attribute("a\u202Eb\u200Fd\u2067e", "a\uFFFDb\uFFFDd\uFFFDe");
}

static void web_addresses(void **state) {
    (void)state;
    static const char *const good[] = {"http://a", "https://example.org/x?y=\"'<>#z", "HTTPS://EXAMPLE.ORG/"};
    static const char *const bad[] = {"",
                                      "javascript:alert(1)",
                                      " http://a",
                                      "java\nscript:x",
                                      "data:text/html,x",
                                      "//example.org",
                                      "http:",
                                      "http://",
                                      "https:///x",
                                      "http://?",
                                      "http://a b",
                                      "http://a\tb",
                                      "http://a\\b",
                                      "ftp://a",
                                      "HTTPSS://a",
                                      "http:/a",
                                      "vbscript:x"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(page_html_is_web_address(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(page_html_is_web_address(bad[i]));
    assert_false(page_html_is_web_address(NULL));
}

static void languages(void **state) {
    (void)state;
    static const char *const good[] = {"en", "de-AT", "zh-Hant-TW", "gsw"};
    static const char *const bad[] = {"", "e", "english", "en-", "-en", "en--US", "en\"", "e1", "en-abcdefghi", "en us"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(page_html_is_language(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(page_html_is_language(bad[i]));
    assert_false(page_html_is_language(NULL));
}

static void expect_count(uint64_t number, const char *expected) {
    struct bytes out = {0};
    page_html_count(&out, number);
    expect_made(&out, expected);
}

static void expect_decimal(double number, const char *expected) {
    struct bytes out = {0};
    page_html_decimal(&out, number);
    expect_made(&out, expected);
}

static void numbers(void **state) {
    (void)state;
    expect_count(0, "0");
    expect_count(999, "999");
    expect_count(1000, "1,000");
    expect_count(1234567, "1,234,567");
    expect_count(UINT64_MAX, "18,446,744,073,709,551,615");
    expect_decimal(4, "4");
    expect_decimal(4.5, "4.5");
    expect_decimal(3.857, "3.9");
}

static void expect_date(const char *date, const char *expected) {
    struct bytes out = {0};
    label_date(date, &out);
    expect_made(&out, expected);
}

static void dates(void **state) {
    (void)state;
    expect_date("2019-05-25T15:54Z", "<time datetime=\"2019-05-25\">25 May 2019</time>");
    expect_date("2019-05", "<time datetime=\"2019-05\">May 2019</time>");
    expect_date("2019", "<time datetime=\"2019\">2019</time>");
    expect_date("2019-13-01", "<bdi>2019-13-01</bdi>");
    expect_date("2019-05-1<", "<bdi>2019-05-1&lt;</bdi>");
    expect_date("", "<bdi></bdi>");
}

static void expect_stars(double stars, const char *drawn, const char *said) {
    struct bytes out = {0}, expected = {0};
    label_stars(stars, &out);
    bytes_append_format(&expected,
                        "<span class=\"stars\"><span aria-hidden=\"true\">%s %s</span>"
                        "<span class=\"unseen\">%s of 5 stars</span></span>",
                        drawn, said, said);
    bytes_append_u8(&expected, 0);
    expect_made(&out, (const char *)expected.data);
    bytes_free(&expected);
}

static void stars(void **state) {
    (void)state;
    expect_stars(5, "★★★★★", "5");
    expect_stars(3.5, "★★★½", "3.5");
    expect_stars(0.2, "", "0.2");
    expect_stars(2.8, "★★★", "2.8");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markup_is_escaped),
        cmocka_unit_test(controls_and_broken_bytes_are_replaced),
        cmocka_unit_test(marks_of_direction),
        cmocka_unit_test(web_addresses),
        cmocka_unit_test(languages),
        cmocka_unit_test(numbers),
        cmocka_unit_test(dates),
        cmocka_unit_test(stars),
    };
    return cmocka_run_group_tests_name("page_html", tests, NULL, NULL);
}
