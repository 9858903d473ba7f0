/* test_bound_table.c - bounds of impact pairs against every posting under them; the largest contribution up to a value. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "indexer/format/scoring.h"
#include "query/rank/bound_table.h"
#include "tests/support/random_list.h"

static uint64_t random_state = 20261123;

/* Small ones mostly, all magnitudes below 2^bits. */
static uint32_t random_number(unsigned bits) {
    return 1 + (random_next(&random_state) & ((1u << random_below(&random_state, bits)) - 1));
}

static double random_b(void) {
    static const double ends[] = {0, 1, SCORING_B, 1e-12, 1 - 1e-12};
    uint32_t choice = random_below(&random_state, 8);
    return choice < 5 ? ends[choice] : random_below(&random_state, 1001) / 1000.0;
}

static void check_block(struct bound_table *table, double b, double average) {
    uint32_t frequencies[64], lengths[64], count = 1 + random_below(&random_state, 64);
    struct impacts impacts;
    double largest = 0;
    bool is_any = false;
    for (uint32_t i = 0; i < count; i++) {
        frequencies[i] = random_number(random_below(&random_state, 20) ? 6 : 31);
        lengths[i] = frequencies[i] + random_number(random_below(&random_state, 20) ? 10 : 30) - 1;
    }
    impacts_of(frequencies, lengths, count, &impacts);
    const float bound = bound_table_value(table, impacts.pairs, impacts.count);
    for (uint32_t i = 0; i < count; i++) {
        double value = scoring_field_value(1, frequencies[i], scoring_norm(b, lengths[i], average));
        if (!((double)bound >= value)) fail_msg("%u of %u: %.9g over %.9g", frequencies[i], lengths[i], value, bound);
    }
    for (uint32_t i = 0; i < impacts.count; i++) {
        const struct impact pair = impacts.pairs[i];
        double value = scoring_field_value(1, impact_value(pair.frequency_code),
                                           scoring_norm(b, impact_value(pair.length_code), average));
        is_any |= pair.frequency_code == IMPACT_ANY;
        if (value > largest) largest = value;
    }
    /* And not much over what the pairs allow. */
    if (is_any)
        assert_true(bound == INFINITY);
    else
        assert_true((double)bound <= largest * 1.00001);
}

/* What is worth as much as some posting of the block, or a little less, is not below the least frequency. */
static void frequencies_below_the_least_are_worth_less(void **state) {
    (void)state;
    struct bound_table table = {0};
    unsigned told_some = 0, told_none = 0;
    for (unsigned round = 0; round < 20000; round++) {
        const double b = random_b(), average = 1 + random_number(20) / 7.0;
        uint32_t frequencies[64], lengths[64], count = 1 + random_below(&random_state, 64);
        struct impacts impacts;
        for (uint32_t i = 0; i < count; i++) {
            frequencies[i] = random_number(6);
            lengths[i] = frequencies[i] + random_number(10) - 1;
        }
        impacts_of(frequencies, lengths, count, &impacts);
        bound_table_prepare(&table, b, average);
        const uint32_t chosen = random_below(&random_state, count);
        const double of_chosen = scoring_field_value(1, frequencies[chosen], scoring_norm(b, lengths[chosen], average));
        const float value = (float)(of_chosen * (random_below(&random_state, 8) ? 1 - 1e-5 : 3));
        const uint32_t least = bound_table_least_frequency(&table, impacts.pairs, impacts.count, value);
        for (uint32_t i = 0; i < count; i++)
            if (scoring_field_value(1, frequencies[i], scoring_norm(b, lengths[i], average)) >= (double)value)
                assert_true(frequencies[i] >= least);
        told_some += least > 1 && least < UINT32_MAX;
        told_none += least == UINT32_MAX;
    }
    assert_true(told_some > 1000 && told_none > 500);
}

static void bounds_are_never_below(void **state) {
    (void)state;
    struct bound_table table = {0};
    for (unsigned round = 0; round < 400; round++) {
        const double b = random_b(), average = 1 + random_number(20) / 7.0;
        bound_table_prepare(&table, b, average);
        for (unsigned block = 0; block < 50; block++)
            check_block(&table, b, average);
    }
}

static void no_pairs_bound_nothing(void **state) {
    (void)state;
    struct bound_table table = {0};
    bound_table_prepare(&table, SCORING_B, 100);
    assert_true(bound_table_value(&table, NULL, 0) == 0);
}

/* A pair of damaged bytes: 0 times, in a field without words, when b makes its norm 0. */
static void damaged_pairs_are_numbers(void **state) {
    (void)state;
    struct bound_table table = {0};
    bound_table_prepare(&table, 1, 100);
    for (unsigned frequency = 0; frequency < 256; frequency++)
        for (unsigned length = 0; length < 256; length++) {
            const struct impact pair = {(uint8_t)frequency, (uint8_t)length};
            assert_true(bound_table_value(&table, &pair, 1) >= 0);
        }
}

/* Of two values that are neighbours the larger may contribute less, by rounding: what bounds must not do. */
static void contributions_of_bounds_are_never_below(void **state) {
    (void)state;
    static const double k1[] = {0, 1e-9, 0.4, SCORING_K1, 1000};
    const double scale = 2000007797.300024, x = 0.91643302529117399;
    unsigned fallen = 0;
    assert_true(scoring_contribution(scale, nextafter(x, 1), SCORING_K1) < scoring_contribution(scale, x, SCORING_K1));
    assert_true(scoring_contribution_most(scale, nextafter(x, 1), SCORING_K1) >=
                scoring_contribution(scale, x, SCORING_K1));
    for (unsigned round = 0; round < 300000; round++) {
        double value = random_number(31) / (double)random_number(20), more = nextafter(value, INFINITY);
        double units = random_next(&random_state) / 2.1, k = k1[round % 5];
        int32_t contribution = scoring_contribution(units, value, k);
        fallen += more / (k + more) < value / (k + value);
        assert_true(scoring_contribution_most(units, value, k) >= contribution);
        assert_true(scoring_contribution_most(units, more, k) >= contribution);
        assert_true(scoring_contribution_most(units, INFINITY, k) >= contribution);
        assert_true(scoring_contribution_most(units, more, k) <= contribution + 1);
    }
    assert_true(fallen > 0);
    assert_int_equal(scoring_contribution_most(scale, 0, 0), 0);
    /* The largest scale a plan chooses. */
    assert_true(scoring_contribution_most(INT32_MAX - 1.0, INFINITY, 0) <= INT32_MAX);
    assert_int_equal(scoring_contribution_most(INT32_MAX - 1.0, 1, 0), INT32_MAX - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frequencies_below_the_least_are_worth_less),
        cmocka_unit_test(bounds_are_never_below),
        cmocka_unit_test(no_pairs_bound_nothing),
        cmocka_unit_test(damaged_pairs_are_numbers),
        cmocka_unit_test(contributions_of_bounds_are_never_below),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
