/* test_impacts.c - codes round the way a bound needs, the Pareto set is exact while it fits and still a bound when it does
 * not. */
#include "indexer/format/impacts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static uint64_t random_state = 20261123;

static uint32_t random_below(uint32_t limit) {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((random_state >> 32) * limit >> 32);
}

static void check_codes_of(uint32_t value) {
    const uint8_t down = impact_code_down(value), up = impact_code_up(value);
    if (impact_value(down) > value) fail_msg("code %u rounds %u up to %u", down, value, impact_value(down));
    if (down < 255 && impact_value((uint8_t)(down + 1)) <= value)
        fail_msg("a larger code than %u fits below %u", down, value);
    if (up != IMPACT_ANY && impact_value(up) < value) fail_msg("code %u rounds %u down to %u", up, value, impact_value(up));
    if (up > 0 && up < IMPACT_ANY && impact_value((uint8_t)(up - 1)) >= value)
        fail_msg("a smaller code than %u fits %u", up, value);
    if (up == IMPACT_ANY && impact_value(IMPACT_ANY - 1) >= value) fail_msg("%u has a code with an end", value);
}

static void test_codes_of_all_small_values(void **state) {
    (void)state;
    for (uint32_t value = 0; value <= 1u << 20; value++)
        check_codes_of(value);
}

static void test_codes_at_the_edges(void **state) {
    (void)state;
    for (unsigned shift = 20; shift < 32; shift++) {
        check_codes_of((1u << shift) - 1);
        check_codes_of(1u << shift);
        check_codes_of((1u << shift) + 1);
    }
    check_codes_of(UINT32_MAX);
    assert_int_equal(impact_code_up(UINT32_MAX), IMPACT_ANY);
    for (uint32_t value = 0; value < 32; value++) {
        assert_int_equal(impact_code_up(value), value);
        assert_int_equal(impact_code_down(value), value);
    }
    assert_int_equal(impact_code_down(33), 32);
    assert_int_equal(impact_code_up(33), 33);
    assert_int_equal(impact_value(33), 34);
}

static void test_codes_ascend(void **state) {
    (void)state;
    for (unsigned code = 1; code < 256; code++) {
        assert_true(impact_value((uint8_t)code) > impact_value((uint8_t)(code - 1)));
    }
}

static bool covers(const struct impacts *impacts, uint8_t frequency_code, uint8_t length_code) {
    for (uint32_t i = 0; i < impacts->count; i++) {
        if (impacts->pairs[i].frequency_code >= frequency_code && impacts->pairs[i].length_code <= length_code) return true;
    }
    return false;
}

static void check_shape(const struct impacts *impacts) {
    assert_in_range(impacts->count, 1, IMPACTS_MAX);
    for (uint32_t i = 1; i < impacts->count; i++) {
        assert_true(impacts->pairs[i].frequency_code > impacts->pairs[i - 1].frequency_code);
        assert_true(impacts->pairs[i].length_code > impacts->pairs[i - 1].length_code);
    }
}

/* How many of the postings no other posting beats, codes that are equal counted once. */
static uint32_t naive_pareto(const uint32_t *frequencies, const uint32_t *lengths, uint32_t count) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        bool is_beaten = false;
        const uint8_t frequency = impact_code_up(frequencies[i]), length = impact_code_down(lengths[i]);
        for (uint32_t j = 0; j < count && !is_beaten; j++) {
            const uint8_t f = impact_code_up(frequencies[j]), l = impact_code_down(lengths[j]);
            const bool is_same = f == frequency && l == length;
            is_beaten = (f >= frequency && l <= length && !is_same) || (is_same && j < i);
        }
        kept += !is_beaten;
    }
    return kept;
}

static void test_sets_of_random_postings(void **state) {
    (void)state;
    for (unsigned round = 0; round < 4000; round++) {
        uint32_t frequencies[128], lengths[128];
        const uint32_t count = 1 + random_below(128), spread = 1u << (1 + round % 22);
        for (uint32_t i = 0; i < count; i++) {
            frequencies[i] = 1 + random_below(spread);
            lengths[i] = frequencies[i] + random_below(round % 3 ? spread : frequencies[i]);
        }
        struct impacts impacts;
        impacts_of(frequencies, lengths, count, &impacts);
        check_shape(&impacts);
        for (uint32_t i = 0; i < count; i++) {
            assert_true(covers(&impacts, impact_code_up(frequencies[i]), impact_code_down(lengths[i])));
        }
        const uint32_t exact = naive_pareto(frequencies, lengths, count);
        assert_int_equal(impacts.count, exact < IMPACTS_MAX ? exact : IMPACTS_MAX);
    }
}

static void test_the_set_of_a_few(void **state) {
    (void)state;
    const uint32_t frequencies[5] = {3, 1, 3, 9, 2}, lengths[5] = {20, 10, 18, 30, 19};
    const struct impact expected[3] = {{1, 10}, {3, 18}, {9, 30}};
    struct impacts impacts;
    impacts_of(frequencies, lengths, 5, &impacts);
    assert_int_equal(impacts.count, 3);
    assert_memory_equal(impacts.pairs, expected, sizeof expected);
}

static void test_the_nearest_two_are_joined(void **state) {
    (void)state;
    /* Thirteen steps of 2 by 2, but one of 1 by 1 between the sixth and the seventh. */
    uint32_t frequencies[13], lengths[13];
    for (uint32_t i = 0; i < 13; i++) {
        frequencies[i] = 1 + 2 * i - (i >= 6);
        lengths[i] = 1 + 2 * i - (i >= 6);
    }
    struct impacts impacts;
    impacts_of(frequencies, lengths, 13, &impacts);
    assert_int_equal(impacts.count, 12);
    assert_int_equal(impacts.pairs[5].frequency_code, 12);
    assert_int_equal(impacts.pairs[5].length_code, 11);
    assert_int_equal(impacts.pairs[4].frequency_code, 9);
    assert_int_equal(impacts.pairs[6].frequency_code, 14);
}

static void test_near_is_the_smallest_rectangle(void **state) {
    (void)state;
    /* Steps of 4 by 4, but one of 1 by 10: longer together, but it loses less. */
    uint32_t frequencies[13], lengths[13];
    for (uint32_t i = 0; i < 13; i++) {
        frequencies[i] = impact_value((uint8_t)(1 + 4 * i - (i >= 6 ? 3 : 0)));
        lengths[i] = impact_value((uint8_t)(1 + 4 * i + (i >= 6 ? 6 : 0)));
    }
    struct impacts impacts;
    impacts_of(frequencies, lengths, 13, &impacts);
    assert_int_equal(impacts.count, 12);
    assert_int_equal(impacts.pairs[5].frequency_code, 22);
    assert_int_equal(impacts.pairs[5].length_code, 21);
}

static void test_join_covers_both(void **state) {
    (void)state;
    for (unsigned round = 0; round < 3000; round++) {
        struct impacts sets[2], joined;
        for (unsigned side = 0; side < 2; side++) {
            uint32_t frequencies[40], lengths[40];
            const uint32_t count = 1 + random_below(40);
            for (uint32_t i = 0; i < count; i++) {
                frequencies[i] = 1 + random_below(1000);
                lengths[i] = frequencies[i] + random_below(1000);
            }
            impacts_of(frequencies, lengths, count, &sets[side]);
        }
        joined = sets[0];
        impacts_join(&joined, &sets[1]);
        check_shape(&joined);
        for (unsigned side = 0; side < 2; side++) {
            for (uint32_t i = 0; i < sets[side].count; i++) {
                assert_true(covers(&joined, sets[side].pairs[i].frequency_code, sets[side].pairs[i].length_code));
            }
        }
    }
}

static void test_join_with_nothing(void **state) {
    (void)state;
    const struct impacts one = {.count = 1, .pairs = {{5, 7}}}, none = {.count = 0};
    struct impacts joined = none;
    impacts_join(&joined, &one);
    assert_int_equal(joined.count, 1);
    impacts_join(&joined, &none);
    impacts_join(&joined, &one);
    assert_int_equal(joined.count, 1);
    assert_memory_equal(joined.pairs, one.pairs, sizeof one.pairs[0]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codes_of_all_small_values),
        cmocka_unit_test(test_codes_at_the_edges),
        cmocka_unit_test(test_codes_ascend),
        cmocka_unit_test(test_sets_of_random_postings),
        cmocka_unit_test(test_the_set_of_a_few),
        cmocka_unit_test(test_the_nearest_two_are_joined),
        cmocka_unit_test(test_near_is_the_smallest_rectangle),
        cmocka_unit_test(test_join_covers_both),
        cmocka_unit_test(test_join_with_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
