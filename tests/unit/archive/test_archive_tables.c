/* test_archive_tables.c - CSV and TSV: quotes, headers and their absence, rows that do not fit, numbered rows. */
#include "archive_reading.h"

#include "indexer/archive/table.h"

static void check_split(char separator, bool quotes, const char *row, const char *expected) {
    struct view cells[8];
    char copy[200], joined[300] = "";
    (void)snprintf(copy, sizeof copy, "%s", row);
    size_t count = table_split((struct table_dialect){separator, quotes}, copy, strlen(copy), cells, 8), used = 0;
    assert_true(count <= 8);
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(joined + used, sizeof joined - used, "[%.*s]", (int)cells[i].size, cells[i].data);
    assert_string_equal(joined, expected);
}

static void test_cells(void **state) {
    (void)state;
    check_split(',', true, "a,b,c\r\n", "[a][b][c]");
    check_split(',', true, "a,,c,", "[a][][c][]");
    check_split(',', true, "", "[]");
    check_split(',', true, "\"a,\"\"b\"\"\nc\",d\n", "[a,\"b\"\nc][d]");
    check_split(',', true, "a \"quoted\" word,5\" disk", "[a \"quoted\" word][5\" disk]");
    check_split(',', true, "\"a\" b,c", "[a b][c]");
    check_split(',', true, "\"\",\"\"\"\"", "[][\"]");
    check_split('\t', false, "\"a\tb\"\t", "[\"a][b\"][]");
}

/* The end of a row is found wherever the window happens to be cut. */
static void test_row_end_over_every_cut(void **state) {
    (void)state;
    static const char row[] = "a,\"b\n\"\"c\"\"\",d\"e\nnext";
    struct table_dialect csv = {',', true};
    for (size_t cut = 0; cut < sizeof row - 1; cut++) {
        struct row_scan scan = {0};
        bool found = table_find_row_end(csv, &scan, view_of(row, cut));
        if (!found) found = table_find_row_end(csv, &scan, view_of(row, sizeof row - 1));
        assert_true(found);
        assert_int_equal(scan.at, sizeof row - 1 - 4);
    }
}

static void test_csv(void **state) {
    struct reading *reading = *state;
    assert_string_equal(
        read_text(reading, "x.csv",
                  "business_id,stars,text,useful\nb1,5,\"two\nlines, and \"\"quotes\"\"\",2\r\n\nb2,1,short,0\n"),
        "S x.csv csv\nR 2 body=two\\nlines, and \"quotes\" product=b1 rating=5 votes=2\nR 5 body=short product=b2 rating=1 "
        "votes=0\n");
}

static void test_other_separators(void **state) {
    struct reading *reading = *state;
    static const char expected[] = "S x.csv csv\nR 2 body=a, b product=p1 rating=3\nR 3 body=c product=p2 rating=4\n";
    assert_string_equal(read_text(reading, "x.csv", "product;review;rating\np1;a, b;3\np2;c;4\n"), expected);
    assert_string_equal(read_text(reading, "x.csv", "product\treview\trating\np1\ta, b\t3\np2\tc\t4\n"), expected);
}

static void test_rows_that_do_not_fit(void **state) {
    struct reading *reading = *state;
    assert_string_equal(read_text(reading, "x.csv", "id,text,stars\n1,short row\n2\n3,a,4,surplus\n4,b,5,,\n"),
                        "S x.csv csv\nR 2 id=1 body=short row\n"
                        "P x.csv:3: row of 1 cells in a table of 3 columns, without review text: record skipped\n"
                        "P x.csv:4: row of 4 cells in a table of 3 columns: record skipped\n"
                        "R 5 id=4 body=b rating=5\n");
    assert_string_equal(read_text(reading, "x.csv", "price,text\n3,\n4,b\n"),
                        "S x.csv csv\nP x.csv:2: row without any value of a review: record skipped\nR 3 body=b\n");
}

/* A first row that holds nothing but quotes is blank, and says nothing of how wide the table is. */
static void test_quotes_before_the_header(void **state) {
    struct reading *reading = *state;
    assert_string_equal(
        read_text(reading, "x.csv", "\"\"\r\nid,text,stars,product,author\n1,a,4,Ritz,Ann\n2,b,3,Savoy,Bo\n"),
        "S x.csv csv\nR 3 id=1 body=a product=Ritz author=Ann rating=4\n"
        "R 4 id=2 body=b product=Savoy author=Bo rating=3\n");
}

/* An empty text is a review of no words, as long as the row says something else. */
static void test_empty_text(void **state) {
    struct reading *reading = *state;
    assert_string_equal(read_text(reading, "x.csv", "Restaurant,Review,Rating\nA,,Like\nB,good,4\n"),
                        "S x.csv csv\nR 2 product=A\nR 3 body=good product=B rating=4\n");
}

static void test_unclosed_quote_costs_a_line(void **state) {
    struct reading *reading = *state;
    assert_string_equal(read_text(reading, "x.csv", "id,text\n1,a\n2,\"never closed\n3,c\n4,d\n"),
                        "S x.csv csv\nR 2 id=1 body=a\nP x.csv:3: a quote that never closes: record skipped\nR 4 id=3 "
                        "body=c\nR 5 id=4 body=d\n");
}

static void test_long_rows_are_not_held(void **state) {
    struct reading *reading = *state;
    struct bytes text = {0};
    reading->options.limits.record_bytes = 1000;
    bytes_append_string(&text, "id,text\n1,\"");
    for (unsigned i = 0; i < 400000; i++)
        bytes_append_string(&text, "x\n");
    bytes_append_string(&text, "\"\n2,b\n");
    write_bytes(reading, "x.csv", text.data, text.size);
    bytes_free(&text);
    assert_string_equal(read_path(reading, path_in(reading, "x.csv")),
                        "S x.csv csv\nP x.csv:2: longer than the limit of 1000 bytes for one record (--memory 512 allows "
                        "more): record skipped\nR "
                        "400003 id=2 body=b\n");
}

static void test_table_without_reviews_lies_beside(void **state) {
    struct reading *reading = *state;
    assert_string_equal(read_text(reading, "hotels.csv", "doc_id,hotel_name,price\na,Ritz,3\n"),
                        "K hotels.csv: a table without a column of review text (it has: doc_id, hotel_name, price); name "
                        "one with --map body=NAME\n");
    (void)read_text(reading, "x.tsv", "1\twhat is the price\n2\thow is the sound\n3\tis it heavy\n4\tis it good\n");
    assert_int_equal(reading->skips, 1);
}

static void test_a_file_per_product(void **state) {
    struct reading *reading = *state;
    write_file(reading, "hotels/paris_ritz",
               "Nov 6 2009 \tGood\tA good hotel in the middle of town.\t\r\nNov 7 2009\tBad\t\t\r\n");
    write_file(reading, "hotels/paris_savoy", "Nov 6 2009\tOnly a title here\t\t\n");
    write_file(reading, "hotels/paris_none", "\t\"Quoted\" title\tCaf\xE9 and \"text\" of it\t\n");
    assert_string_equal(
        read_folder(reading),
        "S hotels/paris_none tsv\nR 1 body=Caf\xC3\xA9 and \"text\" of it title=\"Quoted\" title product=paris_none\n"
        "S hotels/paris_ritz tsv\nR 1 body=A good hotel in the middle of town. title=Good product=paris_ritz "
        "date=2009-11-06\n"
        "R 2 title=Bad product=paris_ritz date=2009-11-07\n"
        "S hotels/paris_savoy tsv\nR 1 title=Only a title here product=paris_savoy date=2009-11-06\n");
}

/* What looks like a header name inside a title is none. */
static void test_headerless_row_that_names_a_field(void **state) {
    struct reading *reading = *state;
    (void)read_text(reading, "ritz",
                    "Nov 6 2009\tReview...\tThe staff at the desk was very kind and so on.\t\nNov 7 2009\tFine\tAll was "
                    "fine with us there.\t\n");
    assert_int_equal(reading->reviews, 2);
}

static void test_headerless_labels(void **state) {
    struct reading *reading = *state;
    assert_string_equal(
        read_text(
            reading, "x.tsv",
            "1\tthis was a good film\n0\tnot a good film at all\n1\tI liked it very much\n0\tboring from the start\n"),
        "S x.tsv tsv\nR 1 body=this was a good film rating=1\nR 2 body=not a good film at all rating=0\n"
        "R 3 body=I liked it very much rating=1\nR 4 body=boring from the start rating=0\n");
}

static void test_headerless_by_number(void **state) {
    struct reading *reading = *state;
    struct archive_map map[] = {{SLOT_BODY, view_of_string("2")}, {SLOT_PRODUCT, view_of_string("1")}};
    reading->options.map = map;
    reading->options.map_count = 2;
    assert_string_equal(read_text(reading, "x.tsv", "lamp\tbright\nchair\thard\n"),
                        "S x.tsv tsv\nR 1 body=bright product=lamp\nR 2 body=hard product=chair\n");
}

static void test_quotes_in_tsv_must_prove_themselves(void **state) {
    struct reading *reading = *state;
    /* A text that begins with a quote, unquoted table. */
    assert_string_equal(read_text(reading, "x.tsv", "product\treview\na\t\"Great\" lamp\nb\tso \"so\"\n"),
                        "S x.tsv tsv\nR 2 body=\"Great\" lamp product=a\nR 3 body=so \"so\" product=b\n");
    /* A quoted table: doubled quotes, a tab and a line end inside. */
    assert_string_equal(read_text(reading, "x.tsv", "product\treview\na\t\"a \"\"tab\"\"\there\"\nb\t\"two\nlines\"\n"),
                        "S x.tsv tsv\nR 2 body=a \"tab\"\there product=a\nR 3 body=two\\nlines product=b\n");
}

/* Rows of a table with row numbers whose quotes were lost are put together again. */
static void test_numbered_rows_are_continued(void **state) {
    struct reading *reading = *state;
    assert_string_equal(read_text(reading, "x.tsv",
                                  "\tproduct\tpros\tcons\r\n7\tpill\tworks\t\r\nwell enough\t\t\t\r\n\"mostly\"\tbut "
                                  "dear\t\t\r\n8\tpill\tyes\tno\r\nmore no\t\t\t\r\n"),
                        "S x.tsv tsv\nR 2 body=works\\nwell enough\\n\"mostly\"\\n\\nbut dear product=pill\nR 5 "
                        "body=yes\\n\\nno\\nmore no product=pill\n");
    assert_string_equal(
        read_text(reading, "x.tsv", "\tproduct\treview\n1\ta\tb\nx\ty\tz\n2\tc\td\n"),
        "S x.tsv tsv\nP x.tsv:3: row without a number that does not continue the row before it: record skipped\n"
        "R 2 body=b product=a\nR 4 body=d product=c\n");
}

/* However many rows continue one: together they are no longer than any record may be. */
static void test_continued_rows_have_a_limit(void **state) {
    struct reading *reading = *state;
    struct bytes text = {0};
    reading->options.limits.record_bytes = 100;
    bytes_append_string(&text, "\tproduct\treview\n1\ta\tb\n");
    for (unsigned i = 0; i < 100; i++)
        bytes_append_format(&text, "x%u\t\t\n", i);
    bytes_append_string(&text, "2\tc\td\n");
    bytes_append_u8(&text, 0);
    const char *log = read_text(reading, "x.tsv", (const char *)text.data);
    assert_non_null(strstr(log, "P x.tsv:30: longer than the limit of 100 bytes for one record"));
    assert_null(strstr(log, "P x.tsv:20:"));
    assert_non_null(strstr(log, "\nR 2 body=b\\nx0\\nx1\\n"));
    assert_non_null(strstr(log, "\nR 103 body=d product=c\n"));
    bytes_free(&text);
}

static void test_unknown_name_with_a_review_header(void **state) {
    struct reading *reading = *state;
    assert_string_equal(read_text(reading, "export", "stars,text\n4,fine\n"), "S export csv\nR 2 body=fine rating=4\n");
}

static void test_parts_and_catalogues(void **state) {
    struct reading *reading = *state;
    assert_string_equal(
        read_text(reading, "x.csv", "id,description,points,title,taster_name\n0,\"Ripe, soft.\",87,Nicosia 2013,Kerin\n"),
        "S x.csv csv\nR 2 id=0 body=Ripe, soft. product=Nicosia 2013 author=Kerin rating=87\n");
    assert_string_equal(read_text(reading, "x.csv", "Negative_Review,Positive_Review,Reviewer_Score\nnoise,view,7.9\n"),
                        "S x.csv csv\nR 2 body=noise\\n\\nview rating=7.9\n");
}

static void test_columns(void **state) {
    struct reading *reading = *state;
    struct archive_column columns[] = {{view_of_string("price"), COLUMN_NUMBER}};
    reading->options.columns = columns;
    reading->options.column_count = 1;
    assert_string_equal(read_text(reading, "x.csv", "price,text\n3.5,a\n,b\n"),
                        "S x.csv csv\nR 2 body=a x0=3.5\nR 3 body=b\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, reading_setup, reading_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells),
        cmocka_unit_test(test_row_end_over_every_cut),
        TEST(test_csv),
        TEST(test_other_separators),
        TEST(test_rows_that_do_not_fit),
        TEST(test_quotes_before_the_header),
        TEST(test_empty_text),
        TEST(test_unclosed_quote_costs_a_line),
        TEST(test_long_rows_are_not_held),
        TEST(test_table_without_reviews_lies_beside),
        TEST(test_a_file_per_product),
        TEST(test_headerless_row_that_names_a_field),
        TEST(test_headerless_labels),
        TEST(test_headerless_by_number),
        TEST(test_quotes_in_tsv_must_prove_themselves),
        TEST(test_numbered_rows_are_continued),
        TEST(test_continued_rows_have_a_limit),
        TEST(test_unknown_name_with_a_review_header),
        TEST(test_parts_and_catalogues),
        TEST(test_columns),
    };
    return cmocka_run_group_tests_name("archive tables", tests, NULL, NULL);
}
