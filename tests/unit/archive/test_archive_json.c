/* test_archive_json.c - JSON lines, arrays, objects over several lines, nested shapes, and what is wrong with them. */
#include "archive_reading.h"

static void test_lines(void **state) {
    struct reading *reading = *state;
    assert_string_equal(read_text(reading, "x.jsonl",
                                  "{\"id\":7,\"text\":\"a\\nb\",\"stars\":4.5,\"date\":\"2019-05\",\"useful\":2}\r\n\n"
                                  "  {\"text\":\"\\u00e9\",\"user_id\":\"u\",\"business_id\":\"p\"}"),
                        "S x.jsonl jsonl\n"
                        "R 1 id=7 body=a\\nb rating=4.5 date=2019-05 votes=2\n"
                        "R 3 body=\xC3\xA9 product=p author=u\n");
}

static void test_bad_line_costs_only_itself(void **state) {
    struct reading *reading = *state;
    assert_string_equal(
        read_text(reading, "x.json",
                  "{\"text\":\"1\"}\n{\"text\":\"2\"}\n{\"text\":\"3\"}\n{\"text\":\"4\"}\n{\"text\":\"5\"}\n"
                  "{\"text\":\"6\"}\n{\"text\":\"7\n{\"text\":\"8\"}\n[1]\n{\"text\":\"x\"} y\n{\"price\":1}\n"),
        "S x.json jsonl\nR 1 body=1\nR 2 body=2\nR 3 body=3\nR 4 body=4\nR 5 body=5\nR 6 body=6\n"
        "P x.json:7: invalid JSON: it ends early, after byte 10: record skipped\nR 8 body=8\n"
        "P x.json:9: invalid JSON: '[1]' at column 1, where an object belongs: record skipped\n"
        "P x.json:10: invalid JSON: 'y' at column 14, where the value has ended: record skipped\n"
        "P x.json:11: an object without any value of a review: record skipped\n");
}

static void test_first_line_bad(void **state) {
    struct reading *reading = *state;
    assert_string_equal(
        read_text(reading, "x.jsonl", "{\"text\": \n{\"text\":\"2\"}\n"),
        "S x.jsonl jsonl\nP x.jsonl:1: invalid JSON: it ends early, after byte 9: record skipped\nR 2 body=2\n");
}

static void test_array(void **state) {
    struct reading *reading = *state;
    static const char expected[] = "S x.json jsonl\nR 2 body=a ] } \" b\nR 3 body=c\n"
                                   "P x.json:4: invalid JSON: not an object: record skipped\nR 4 body=d\n";
    assert_string_equal(
        read_text(reading, "x.json", "[\n {\"text\":\"a ] } \\\" b\"},\n{\"text\":\"c\"}\n, 12, {\"text\":\"d\"} ]\n"),
        expected);
    assert_string_equal(read_text(reading, "y.json", "[]"), "S y.json jsonl\n");
}

static void test_array_bad_element_costs_only_itself(void **state) {
    struct reading *reading = *state;
    assert_string_equal(read_text(reading, "x.json", "[{\"text\":\"a\"},\n{\"text\":nonsense},\n{\"text\":\"b\"}]"),
                        "S x.json jsonl\nR 1 body=a\nP x.json:2: invalid JSON: 'nonsense}', where a value belongs: record "
                        "skipped\nR 3 body=b\n");
    assert_string_equal(read_text(reading, "x.json", "[{\"text\":\"a\"},\n{\"text\":\"b\"}"),
                        "S x.json jsonl\nR 1 body=a\nR 2 body=b\n"
                        "F x.json:2: invalid JSON: the array never closes: rest of the source skipped\n");
    assert_string_equal(read_text(reading, "x.json", "[{\"text\":\"a\"},\n{\"text\":\"b"),
                        "S x.json jsonl\nR 1 body=a\n"
                        "F x.json:2: invalid JSON: the value that begins here never ends: rest of the source skipped\n");
}

/* What is told is for the person who has to mend it: what stands there, where, and what belongs there. */
static void test_what_is_wrong_in_words(void **state) {
    static const char *const wrong[][2] = {
        {"None", "'None' at column 1, where a value belongs"},
        {"{\"text\":truly}", "'truly}' at column 9, where a value belongs"},
        {"{\"text\":\"a\",\"stars\":4.5.6}", "'4.5.6}' at column 21, where a number belongs"},
        {"{text:\"a\"}", "'text:\"a\"}' at column 2, where a key in quotes belongs"},
        {"{\"text\" \"a\"}", "'\"a\"}' at column 9, where a colon belongs"},
        {"{\"text\":\"a\" \"stars\":4}", "'\"stars\":4}' at column 13, where a comma or the end belongs"},
        {"{\"text\":\"\\q\"}", "'q\"}' at column 11, where a sound string belongs"},
        {"{\"text\":a much longer text without any quotes}",
         "'a much longer text witho...' at column 9, where a value belongs"},
    };
    struct reading *reading = *state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char text[256], expected[512];
        (void)snprintf(text, sizeof text, "{\"text\":\"b\"}\n%s\n", wrong[i][0]);
        (void)snprintf(expected, sizeof expected,
                       "S x.jsonl jsonl\nR 1 body=b\nP x.jsonl:2: invalid JSON: %s: record skipped\n", wrong[i][1]);
        assert_string_equal(read_text(reading, "x.jsonl", text), expected);
    }
    assert_string_equal(read_text(reading, "x.json", "[\n{\"text\":\"a\"},\n{\n \"text\":\n oops}]"),
                        "S x.json jsonl\nR 2 body=a\n"
                        "P x.json:5: invalid JSON: 'oops}' at column 2, where a value belongs: record skipped\n");
}

static void test_objects_over_several_lines(void **state) {
    struct reading *reading = *state;
    assert_string_equal(read_text(reading, "x.json", "{\n \"text\": \"a\",\n \"stars\": 5\n}\n{\n \"text\": \"b\"\n}\n"),
                        "S x.json jsonl\nR 1 body=a rating=5\nR 5 body=b\n");
}

static void test_array_larger_than_the_window(void **state) {
    struct reading *reading = *state;
    FILE *file = fopen(path_in(reading, "x.json"), "w");
    assert_non_null(file);
    for (unsigned i = 0; i < 20000; i++)
        fprintf(file, "%c\n{\"text\":\"review number %u\"}", i ? ',' : '[', i);
    fprintf(file, "]\n");
    assert_int_equal(fclose(file), 0);
    const char *log = read_path(reading, path_in(reading, "x.json"));
    assert_int_equal(reading->reviews, 20000);
    assert_int_equal(reading->problems, 0);
    assert_non_null(strstr(log, "R 20001 body=review number 19999\n"));
}

static void test_schema_org(void **state) {
    struct reading *reading = *state;
    assert_string_equal(
        read_text(reading, "x.jsonl",
                  "{\"reviewBody\":\"b\",\"headline\":\"t\",\"author\":{\"@type\":\"Person\",\"name\":\"Ann\"},"
                  "\"itemReviewed\":{\"name\":\"Lamp\"},\"reviewRating\":{\"ratingValue\":\"4\",\"bestRating\":10},"
                  "\"datePublished\":\"2019-05-25\",\"inLanguage\":\"en\",\"url\":\"http://x\",\"keywords\":\"a, b\"}\n"),
        "S x.jsonl jsonl\nR 1 body=b title=t product=Lamp author=Ann rating=4/10 date=2019-05-25 lang=en url=http://x "
        "tag=a tag=b\n");
}

static void test_other_shapes(void **state) {
    struct reading *reading = *state;
    assert_string_equal(
        read_text(reading, "x.jsonl",
                  "{\"reviewText\":\"b\",\"helpful\":[2,3],\"reviewTime\":\"06 2, 2018\",\"unixReviewTime\":1527897600}\n"
                  "{\"_id\":{\"$oid\":\"5f\"},\"text\":\"b\",\"tags\":[\"x\",\"y, z\"],\"voted_up\":true}\n"
                  "{\"review\":{\"title\":\"t\",\"text\":\"in\",\"stars\":3},\"user\":{\"username\":\"u\"}}\n"
                  "{\"text\":[\"one\",\"two\"],\"score\":\"8/10\",\"vote\":\"1,234\"}\n"
                  "{\"pros\":\"good\",\"cons\":\"bad\",\"rating\":\"Like\",\"title\":null,\"author\":\"\"}\n"
                  "{\"text\":\"n\",\"rating\":NaN,\"votes\":Infinity,\"date\":{\"$date\":\"2019-05-25T00:00:00Z\"}}\n"),
        "S x.jsonl jsonl\n"
        "R 1 body=b date=2018-06-02 votes=2\n"
        "R 2 id=5f body=b rating=1/1 tag=x tag=y, z\n"
        "R 3 body=in title=t author=u rating=3\n"
        "R 4 body=one\\n\\ntwo rating=8/10 votes=1234\n"
        "R 5 body=good\\n\\nbad\n"
        "R 6 body=n date=2019-05-25T00:00:00Z\n");
}

static void test_reviews_inside_an_object(void **state) {
    struct reading *reading = *state;
    assert_string_equal(
        read_text(reading, "x.json",
                  "{\"hotel\":\"Ritz\",\"reviews\":[{\"content\":\"a\"},{\"content\":\"b\",\"product\":\"Annex\"},3]}\n"),
        "S x.json jsonl\nR 1 body=a product=Ritz\nR 1 body=b product=Annex\n"
        "P x.json:1: element 3 of a list of reviews is not an object: record skipped\n");
}

static void test_json_without_reviews_lies_beside(void **state) {
    struct reading *reading = *state;
    assert_string_equal(read_text(reading, "x.json", "{\"asin\":\"B1\",\"price\":3}\n{\"asin\":\"B2\"}\n"),
                        "K x.json: JSON without review text (it has: asin, price); name it with --map body=NAME\n");
    /* A description alone is a catalogue; beside a rating it is a review. */
    (void)read_text(reading, "x.json", "{\"title\":\"Lamp\",\"description\":\"A lamp.\"}\n");
    assert_int_equal(reading->skips, 1);
    assert_string_equal(read_text(reading, "x.json", "{\"title\":\"Lamp\",\"description\":\"A lamp.\",\"points\":90}\n"),
                        "S x.json jsonl\nR 1 body=A lamp. product=Lamp rating=90\n");
}

/* A zero character stays inside its string; a surrogate without its other half becomes U+FFFD. */
static void test_strings_that_are_hard(void **state) {
    struct reading *reading = *state;
    static const char expected[] = "S x.jsonl jsonl\nR 1 body=a\0b\nR 2 body=\xF0\x9F\x98\x80 \xEF\xBF\xBD \xEF\xBF\xBD\n";
    (void)read_text(reading, "x.jsonl", "{\"text\":\"a\\u0000b\"}\n{\"text\":\"\\ud83d\\ude00 \\ud83d \\udc00\"}\n");
    assert_int_equal(reading->log.size, sizeof expected);
    assert_memory_equal(reading->log.data, expected, sizeof expected);
}

static void test_deep_nesting_is_refused(void **state) {
    struct reading *reading = *state;
    struct bytes line = {0};
    bytes_append_string(&line, "{\"text\":\"a\"}\n{\"text\":\"b\",\"x\":");
    for (unsigned i = 0; i < 100000; i++)
        bytes_append_u8(&line, '[');
    bytes_append_string(&line, "\n{\"text\":\"c\"}\n");
    write_bytes(reading, "x.jsonl", line.data, line.size);
    bytes_free(&line);
    assert_string_equal(read_path(reading, path_in(reading, "x.jsonl")),
                        "S x.jsonl jsonl\nR 1 body=a\nP x.jsonl:2: invalid JSON: nested too deeply at column 80: record "
                        "skipped\nR 3 body=c\n");
}

static void test_long_records_are_not_held(void **state) {
    struct reading *reading = *state;
    struct bytes text = {0};
    reading->options.limits.record_bytes = 1000;
    bytes_append_string(&text, "{\"text\":\"a\"}\n{\"text\":\"");
    for (unsigned i = 0; i < 600000; i++)
        bytes_append_u8(&text, 'x');
    bytes_append_string(&text, "\"}\n{\"text\":\"b\"}\n");
    write_bytes(reading, "x.jsonl", text.data, text.size);
    assert_string_equal(read_path(reading, path_in(reading, "x.jsonl")),
                        "S x.jsonl jsonl\nR 1 body=a\nP x.jsonl:2: longer than the limit of 1000 bytes for one record "
                        "(--memory 512 allows more): record skipped\n"
                        "R 3 body=b\n");
    bytes_clear(&text);
    bytes_append_string(&text, "[{\"text\":\"a\"},\n{\"text\":\"");
    for (unsigned i = 0; i < 600000; i++)
        bytes_append_string(&text, "}{");
    bytes_append_string(&text, "\"},\n{\"text\":\"b\"}]\n");
    write_bytes(reading, "x.json", text.data, text.size);
    bytes_free(&text);
    assert_string_equal(read_path(reading, path_in(reading, "x.json")),
                        "S x.json jsonl\nR 1 body=a\nP x.json:2: longer than the limit of 1000 bytes for one record "
                        "(--memory 512 allows more): record skipped\n"
                        "R 3 body=b\n");
}

static void test_map_and_columns(void **state) {
    struct reading *reading = *state;
    struct archive_map map[] = {{SLOT_BODY, view_of_string("words")},
                                {SLOT_PRODUCT, view_of_string("thing.label")},
                                {SLOT_RATING, view_of_string("mark")}};
    struct archive_column columns[] = {{view_of_string("price"), COLUMN_NUMBER},
                                       {view_of_string("thing.kind"), COLUMN_KEYWORD}};
    reading->options.map = map;
    reading->options.map_count = 3;
    reading->options.columns = columns;
    reading->options.column_count = 2;
    assert_string_equal(read_text(reading, "x.jsonl",
                                  "{\"words\":\"a\",\"text\":\"not "
                                  "this\",\"thing\":{\"label\":\"Lamp\",\"kind\":\"k\"},\"product\":\"P\",\"price\":3.50}\n"
                                  "{\"words\":\"\",\"text\":\"not this either\",\"mark\":3,\"rating\":5}\n"
                                  "{\"text\":\"well known\",\"mark\":\"?\",\"rating\":5}\n"),
                        "S x.jsonl jsonl\nR 1 body=a product=Lamp x0=3.50 x1=k\nR 2 rating=3\nR 3 body=well known\n");
}

static void test_ids_ranks_and_missing_values(void **state) {
    struct reading *reading = *state;
    assert_string_equal(
        read_text(reading, "x.jsonl",
                  "{\"content\":\"weak\",\"reviewText\":\"strong\",\"text\":\"middle\",\"id\":12345678901234567890,"
                  "\"review_id\":\"r1\"}\n"
                  "{\"content\":\"weak\",\"reviewText\":\"\",\"listing_name\":\"\",\"listing_id\":\"77\"}\n"),
        "S x.jsonl jsonl\nR 1 id=r1 body=strong\nR 2 body=weak product=77\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, reading_setup, reading_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_lines),
        TEST(test_bad_line_costs_only_itself),
        TEST(test_first_line_bad),
        TEST(test_array),
        TEST(test_array_bad_element_costs_only_itself),
        TEST(test_what_is_wrong_in_words),
        TEST(test_objects_over_several_lines),
        TEST(test_array_larger_than_the_window),
        TEST(test_schema_org),
        TEST(test_other_shapes),
        TEST(test_reviews_inside_an_object),
        TEST(test_json_without_reviews_lies_beside),
        TEST(test_strings_that_are_hard),
        TEST(test_deep_nesting_is_refused),
        TEST(test_long_records_are_not_held),
        TEST(test_map_and_columns),
        TEST(test_ids_ranks_and_missing_values),
    };
    return cmocka_run_group_tests_name("archive json", tests, NULL, NULL);
}
