/* test_schema.c - well-known keys, numbers, ratings and scales. */
#include "indexer/review/schema.h"
#include "indexer/review/schema_names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <math.h>

static enum schema_slot slot_of(const char *key) {
    return schema_slot_of_key(view_of_string(key), NULL);
}

static unsigned rank_of(const char *key) {
    unsigned rank = 1000;
    assert_int_not_equal(schema_slot_of_key(view_of_string(key), &rank), SLOT_NONE);
    return rank;
}

static void test_slot_names_round_trip(void **state) {
    (void)state;
    for (unsigned slot = 0; slot < SLOT_COUNT; slot++) {
        assert_int_equal(schema_slot_by_name(view_of_string(schema_slot_name((enum schema_slot)slot))), slot);
    }
    assert_int_equal(schema_slot_by_name(view_of_string("Body")), SLOT_NONE);
    assert_string_equal(schema_slot_name(SLOT_NONE), "");
}

/* The table is searched by halves: one name out of place would make others unknown. */
static void test_names_are_sorted_and_folded(void **state) {
    (void)state;
    for (size_t i = 0; i < schema_name_count; i++) {
        const char *key = schema_names[i].key;
        if (i > 0) assert_true(strcmp(schema_names[i - 1].key, key) < 0);
        assert_true(strlen(key) < SCHEMA_NAME_BYTES);
        for (const char *at = key; *at; at++)
            assert_true((*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9'));
        assert_true(schema_names[i].slot < SLOT_COUNT);
        assert_int_equal(slot_of(key), schema_names[i].slot);
    }
}

static void test_keys_of_real_archives(void **state) {
    (void)state;
    static const struct {
        const char *key;
        enum schema_slot slot;
    } cases[] = {
        {"reviewText", SLOT_BODY},
        {"review_text", SLOT_BODY},
        {"Review", SLOT_BODY},
        {"comments", SLOT_BODY},
        {"description", SLOT_BODY},
        {"commentsReview", SLOT_BODY},
        {"summary", SLOT_TITLE},
        {"Review Title", SLOT_TITLE},
        {"asin", SLOT_PRODUCT},
        {"business_id", SLOT_PRODUCT},
        {"listing_name", SLOT_PRODUCT},
        {"Restaurant", SLOT_PRODUCT},
        {"urlDrugName", SLOT_PRODUCT},
        {"reviewerName", SLOT_AUTHOR},
        {"taster_name", SLOT_AUTHOR},
        {"reviews.username", SLOT_AUTHOR},
        {"overall", SLOT_RATING},
        {"points", SLOT_RATING},
        {"reviews.rating", SLOT_RATING},
        {"label", SLOT_RATING},
        {"unixReviewTime", SLOT_DATE},
        {"date_posted", SLOT_DATE},
        {"created_at", SLOT_DATE},
        {"review-date", SLOT_DATE},
        {"num_found_helpful", SLOT_VOTES},
        {"vote", SLOT_VOTES},
        {"useful", SLOT_VOTES},
        {"inLanguage", SLOT_LANG},
        {"review_url", SLOT_URL},
        {"keywords", SLOT_TAGS},
        {"review_id", SLOT_ID},
        {"_id", SLOT_ID},
        {"", SLOT_NONE},
        {"price", SLOT_NONE},
        {"review_count", SLOT_NONE},
        {"reviewed", SLOT_NONE},
        {"num_reviews", SLOT_NONE},
        {"hotel_url", SLOT_NONE},
        {"reviews_product_name", SLOT_NONE},
        {"a key that is far longer than any that anybody has ever used", SLOT_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (slot_of(cases[i].key) != cases[i].slot) fail_msg("\"%s\" fills %d", cases[i].key, slot_of(cases[i].key));
    }
}

static void test_ranks(void **state) {
    (void)state;
    assert_true(rank_of("reviewText") < rank_of("text"));
    assert_true(rank_of("text") < rank_of("content"));
    assert_true(rank_of("hotel_name") < rank_of("hotel_id"));
    assert_true(rank_of("reviewTime") < rank_of("unixReviewTime"));
    assert_int_equal(rank_of("pros"), rank_of("cons"));
    assert_true(rank_of("description") >= SCHEMA_WEAK);
    assert_true(rank_of("review_points") < rank_of("points"));
    assert_true(rank_of("reviews.subject") < rank_of("subject"));
}

static void test_numbers(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double number;
    } cases[] = {{"4.0", 4},    {" 87 ", 87}, {"1,234", 1234}, {"1,234,567.5", 1234567.5},
                 {"4,5", 4.5},  {"-3", -3},   {"+2", 2},       {".5", .5},
                 {"1e3", 1000}, {"0", 0},     {"0.1", 0.1},    {"4.35", 4.35},
                 {"2E-2", 0.02}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double number = NAN;
        if (!schema_parse_number(view_of_string(cases[i].text), &number)) fail_msg("\"%s\" is no number", cases[i].text);
        assert_true(number == cases[i].number);
    }
}

static void test_what_is_no_number(void **state) {
    (void)state;
    static const char *const cases[] = {"",      " ",    "Like", "4/5", "NaN", "inf", "Infinity",
                                        "1e999", "0x10", "1e",   "-",   ".",   "4 5", "1,23,4"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double number = 42;
        if (schema_parse_number(view_of_string(cases[i]), &number)) fail_msg("\"%s\" is a number", cases[i]);
        assert_true(number == 42);
    }
}

static void test_ratings(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double rating, max;
    } cases[] = {{"5", 5, 0},       {"4/5", 4, 5},         {"8 / 10", 8, 10},         {"4.0 out of 5 stars", 4, 5},
                 {"3 Stars", 3, 0}, {"Recommended", 1, 1}, {"Not Recommended", 0, 1}, {"92 points", 92, 0}};
    double rating, max;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (!schema_parse_rating(view_of_string(cases[i].text), &rating, &max))
            fail_msg("\"%s\" is no rating", cases[i].text);
        assert_true(rating == cases[i].rating);
        assert_true(max == cases[i].max);
    }
    assert_false(schema_parse_rating(view_of_string("Like"), &rating, &max));
    assert_false(schema_parse_rating(view_of_string("6/5"), &rating, &max));
    assert_false(schema_parse_rating(view_of_string("4/0"), &rating, &max));
    assert_false(schema_parse_rating(view_of_string("5 apples"), &rating, &max));
}

static void test_scales(void **state) {
    (void)state;
    assert_true(schema_rating_max(0, 1) == 1);
    assert_true(schema_rating_max(1, 5) == 5);
    assert_true(schema_rating_max(1, 10) == 10);
    assert_true(schema_rating_max(80, 100) == 100);
    assert_true(schema_rating_max(-1, 5) == 0);
    assert_true(schema_rating_max(1, 101) == 0);
    assert_true(schema_stars(90, 100) == 4.5);
    assert_true(schema_stars(12, 10) == 5);
    assert_true(schema_stars(-1, 10) == 0);
    assert_true(schema_stars(3, 0) == 0);
    assert_true(schema_stars(NAN, 5) == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slot_names_round_trip),
        cmocka_unit_test(test_names_are_sorted_and_folded),
        cmocka_unit_test(test_keys_of_real_archives),
        cmocka_unit_test(test_ranks),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_what_is_no_number),
        cmocka_unit_test(test_ratings),
        cmocka_unit_test(test_scales),
    };
    return cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}
