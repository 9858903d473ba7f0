/* test_block_functions.c - the loops over blocks, for every count: all instruction sets against scoring.h, bit for bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "indexer/format/scoring.h"
#include "query/rank/block_functions.h"
#include "tests/support/random_list.h"

#include <string.h>

#define COUNT_MAX 128u

static uint64_t random_state = 20261123;
static const struct block_functions *variants[2];

static int choose_variants(void **state) {
    (void)state;
    variants[0] = &block_functions_plain;
    variants[1] = block_functions_best();
    print_message("%s and %s\n", variants[0]->name, variants[1]->name);
    return 0;
}

/* 1, 2^31 - 1, or between: all magnitudes. */
static uint32_t random_number(void) {
    uint32_t kind = random_below(&random_state, 40);
    if (kind < 2) return kind ? INT32_MAX : 1;
    return 1 + (random_next(&random_state) & ((1u << random_below(&random_state, 31)) - 1));
}

static void fill(double *values, int32_t *contributions) {
    for (uint32_t i = 0; i <= COUNT_MAX; i++) {
        values[i] = -7;
        contributions[i] = -7;
    }
}

static void check_count(const struct block_functions *functions, uint32_t count, double weight, double b, double average,
                        double scale, double k1) {
    uint32_t frequencies[COUNT_MAX + 1] = {0}, lengths[COUNT_MAX + 1] = {0};
    double values[COUNT_MAX + 1];
    int32_t contributions[COUNT_MAX + 1];
    fill(values, contributions);
    for (uint32_t i = 0; i < count; i++) {
        frequencies[i] = random_number();
        lengths[i] = random_number();
    }
    functions->values(frequencies, lengths, count, weight, b, average, values);
    functions->contributions(values, count, scale, k1, contributions);
    for (uint32_t i = 0; i < count; i++) {
        double value = scoring_field_value(weight, frequencies[i], scoring_norm(b, lengths[i], average));
        assert_memory_equal(&values[i], &value, sizeof value);
        assert_int_equal(contributions[i], scoring_contribution(scale, value, k1));
        assert_in_range(contributions[i], 0, INT32_MAX);
    }
    assert_true(values[count] == -7 && contributions[count] == -7);
}

static void scores_are_those_of_scoring(void **state) {
    (void)state;
    static const double weights[] = {1, 1e-9, 1000, 1.5}, bs[] = {0, 1, SCORING_B, 0.3},
                        averages[] = {1, 231.7, 1e-9, 1e12};
    static const double scales[] = {0, 1, 12345678.9, INT32_MAX - 1.0}, k1s[] = {0, SCORING_K1, 1e-9, 1000};
    for (unsigned variant = 0; variant < 2; variant++)
        for (uint32_t count = 0; count <= COUNT_MAX; count++)
            for (unsigned i = 0; i < 12; i++)
                check_count(variants[variant], count, weights[random_below(&random_state, 4)],
                            bs[random_below(&random_state, 4)], averages[random_below(&random_state, 4)],
                            scales[random_below(&random_state, 4)], k1s[random_below(&random_state, 4)]);
}

/* One posting that is not sound is found wherever it stands, but not behind the last. */
static void check_sound(const struct block_functions *functions, uint32_t count) {
    static const uint32_t wrong[][2] = {{0, 5},         {0, 0}, {6, 5}, {1, 0}, {5, 1u << 31}, {1u << 31, UINT32_MAX},
                                        {UINT32_MAX, 5}};
    uint32_t frequencies[COUNT_MAX + 1] = {0}, lengths[COUNT_MAX + 1] = {0};
    for (uint32_t i = 0; i < count; i++) {
        lengths[i] = random_number();
        frequencies[i] = random_below(&random_state, 3) ? 1 + random_below(&random_state, lengths[i]) : lengths[i];
    }
    assert_true(functions->are_sound(frequencies, lengths, count));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong && count > 0; i++) {
        const uint32_t at = random_below(&random_state, count), frequency = frequencies[at], length = lengths[at];
        frequencies[at] = wrong[i][0];
        lengths[at] = wrong[i][1];
        assert_false(functions->are_sound(frequencies, lengths, count));
        frequencies[at] = frequency;
        lengths[at] = length;
    }
}

static void postings_are_sound(void **state) {
    (void)state;
    for (unsigned variant = 0; variant < 2; variant++)
        for (uint32_t count = 0; count <= COUNT_MAX; count++)
            check_sound(variants[variant], count);
}

static void check_bounds(const struct block_functions *functions, uint32_t count, double weight, double b, double average,
                         double scale, double k1) {
    uint32_t frequencies[COUNT_MAX] = {0}, lengths[COUNT_MAX] = {0}, passes[COUNT_MAX + 1] = {0};
    float bounds[COUNT_MAX + 1], needed = 0;
    for (uint32_t i = 0; i < count; i++) {
        frequencies[i] = random_number();
        lengths[i] = random_number();
        bounds[i] = 1000;
    }
    bounds[count] = -7;
    functions->add_bounds(frequencies, lengths, count, weight, b, average, scale, k1, bounds);
    if (count > 0) needed = (float)(frequencies[0] / scoring_norm(b, lengths[0], average));
    functions->reach(frequencies, lengths, count, needed, b, average, passes);
    for (uint32_t i = 0; i < count; i++) {
        const double norm = scoring_norm(b, lengths[i], average), value = scoring_field_value(weight, frequencies[i], norm);
        const double share = value / (k1 + value), sum = 1000 + scale * share;
        assert_true(fabs(bounds[i] - sum) <= 5 * (double)FLT_EPSILON * sum);
        if (frequencies[i] / norm >= needed * 1.00001) assert_int_equal(passes[i], UINT32_MAX);
        if (frequencies[i] / norm <= needed * 0.99999) assert_int_equal(passes[i], 0);
    }
    assert_true(bounds[count] == -7 && passes[count] == 0);
}

static void bounds_are_near(void **state) {
    (void)state;
    static const double weights[] = {1, 1e-9, 1000, 1.5}, bs[] = {0, 1, SCORING_B, 0.3}, averages[] = {1, 231.7, 1e-3, 1e6};
    static const double scales[] = {1, 12345678.9, INT32_MAX - 1.0}, k1s[] = {0, SCORING_K1, 1e-9, 1000};
    for (unsigned variant = 0; variant < 2; variant++)
        for (uint32_t count = 0; count <= COUNT_MAX; count++)
            for (unsigned i = 0; i < 12; i++)
                check_bounds(variants[variant], count, weights[random_below(&random_state, 4)],
                             bs[random_below(&random_state, 4)], averages[random_below(&random_state, 4)],
                             scales[random_below(&random_state, 3)], k1s[random_below(&random_state, 4)]);
}

static uint32_t count_one_by_one(const uint32_t *docs, uint32_t target) {
    uint32_t count = 0;
    while (count < COUNT_MAX && docs[count] < target)
        count++;
    return count;
}

static void counting_is_searching(void **state) {
    (void)state;
    for (unsigned round = 0; round < 300; round++) {
        uint32_t docs[COUNT_MAX], doc = round % 3 ? random_below(&random_state, 1000) : 0, filled = round % COUNT_MAX + 1;
        for (uint32_t i = 0; i < COUNT_MAX; i++) {
            docs[i] = i < filled ? doc : INT32_MAX;
            doc += 1 + random_below(&random_state, round % 2 ? 3 : 10000000);
        }
        for (uint32_t i = 0; i < 3 * filled; i++) {
            uint32_t target = docs[i / 3] + i % 3 - (docs[i / 3] > 0);
            if (target > INT32_MAX) target = INT32_MAX;
            for (unsigned variant = 0; variant < 2; variant++)
                assert_int_equal(variants[variant]->count_below(docs, target), count_one_by_one(docs, target));
        }
        assert_int_equal(variants[1]->count_below(docs, 0), 0);
        assert_int_equal(variants[1]->count_below(docs, INT32_MAX), count_one_by_one(docs, INT32_MAX));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_are_those_of_scoring),
        cmocka_unit_test(postings_are_sound),
        cmocka_unit_test(bounds_are_near),
        cmocka_unit_test(counting_is_searching),
    };
    return cmocka_run_group_tests(tests, choose_variants, NULL);
}
