/* test_hits_lines.c - the formats of lines: tsv, csv, trec, and ids in them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/unit/output/sample_hits.h"

static const revue_hit hits[] = {
    {.rank = 11, .score = 12.3456789, .id = "films/a b%.txt", .title = "tab\there, line\r\nend, back\\slash"},
    {.rank = 12, .score = 0.5, .id = "日本\x7F\x01"},
};
static const struct sample sample = {hits, NULL};

static void assert_text(struct bytes *out, const char *expected) {
    bytes_append_u8(out, '\0');
    assert_false(out->failed);
    assert_string_equal((const char *)out->data, expected);
    bytes_free(out);
}

static void tsv_has_four_fields(void **state) {
    (void)state;
    struct bytes out = {0};
    struct answer answer = sample_answer(&sample, 2, 0);
    hits_tsv(&answer, &out);
    assert_text(&out, "11\t12.345679\tfilms/a%20b%25.txt\ttab\\there, line\\r\\nend, back\\\\slash\n"
                      "12\t0.500000\t日本%7F%01\t\n");
}

static void trec_has_six(void **state) {
    (void)state;
    struct bytes out = {0};
    struct answer answer = sample_answer(&sample, 2, 0);
    hits_trec(&answer, view_of_string("q 1"), view_of_string("my run"), &out);
    assert_text(&out, "q%201 Q0 films/a%20b%25.txt 11 12.345679 my%20run\n"
                      "q%201 Q0 日本%7F%01 12 0.500000 my%20run\n");
}

/* What a spreadsheet would take for a formula is none. */
static void csv_is_harmless(void **state) {
    (void)state;
    static const revue_snippet snippet = {.text = "said \"no\",\nonce"};
    static const revue_hit shown[] = {
        {.rank = 1, .score = 2, .id = "=cmd|'/c calc'!A0", .title = "+1", .product = "-x", .author = "@sum", .url = "\tx"},
        {.rank = 2,
         .id = "b",
         .has_rating = true,
         .rating = 4.5,
         .has_votes = true,
         .votes = -3,
         .snippets = &snippet,
         .snippet_count = 1},
    };
    const struct sample csv = {shown, NULL};
    struct bytes out = {0};
    struct answer answer = sample_answer(&csv, 2, 0);
    hits_csv(&answer, &out);
    assert_text(&out, "rank,score,id,title,product,author,rating,stars,date,votes,lang,url,snippet\r\n"
                      "1,2.000000,\"'=cmd|'/c calc'!A0\",\"'+1\",\"'-x\",\"'@sum\",,,,,,\"'\tx\",\r\n"
                      "2,0.000000,\"b\",,,,4.5,,,-3,,,\"said \"\"no\"\",\nonce\"\r\n");
}

static void no_hits_are_no_lines(void **state) {
    (void)state;
    struct bytes out = {0};
    struct answer answer = sample_answer(&sample, 0, 0);
    hits_tsv(&answer, &out);
    hits_trec(&answer, view_of_string("1"), view_of_string("run"), &out);
    assert_int_equal(out.size, 0);
    bytes_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tsv_has_four_fields),
        cmocka_unit_test(trec_has_six),
        cmocka_unit_test(csv_is_harmless),
        cmocka_unit_test(no_hits_are_no_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
