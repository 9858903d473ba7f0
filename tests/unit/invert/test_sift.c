/* test_sift.c - every way to sift gives the places of the terms that are wanted, for any count and range. */
#include "indexer/invert/sift.h"
#include "tests/unit/invert/invert_test.h"

static void assert_sifted(sift_terms *sift, const uint32_t *terms, uint32_t count, uint32_t least, uint32_t span) {
    uint8_t places[SIFT_ROOM];
    const uint32_t found = sift(terms, count, least, span, places);
    uint32_t expected = 0;
    for (uint32_t i = 0; i < count; i++)
        if (terms[i] >= least && terms[i] - least < span) {
            assert_true(expected < found);
            assert_int_equal(places[expected++], i);
        }
    assert_int_equal(found, expected);
}

static void every_way_finds_the_same(void **state) {
    (void)state;
    uint64_t seed = 17;
    unsigned ways = 0;
    for (sift_terms *sift; (sift = sift_terms_of(ways)) != NULL; ways++)
        for (uint32_t count = 0; count <= SIFTED_TERMS; count++) {
            /* Of the size asked for, so that a term read too much is seen. */
            uint32_t *terms = malloc((count + !count) * sizeof *terms);
            assert_non_null(terms);
            for (uint32_t i = 0; i < count; i++)
                terms[i] = random_below(&seed, 8) ? random_below(&seed, 4000) : UINT32_MAX - random_below(&seed, 10);
            assert_sifted(sift, terms, count, 0, UINT32_MAX);
            assert_sifted(sift, terms, count, 1000, 0);
            assert_sifted(sift, terms, count, random_below(&seed, 4000), random_below(&seed, 2000));
            assert_sifted(sift, terms, count, UINT32_MAX - 5, 6);
            free(terms);
        }
    assert_true(ways >= 1);
    assert_null(sift_terms_of(ways + 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_way_finds_the_same)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
