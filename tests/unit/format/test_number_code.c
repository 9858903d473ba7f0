/* test_number_code.c - prefix codes of numbers: every number there and back, no code begins another, lengths against the
 * entropy, damage. */
#include "indexer/format/number_code.h"
#include "tests/unit/format/format_test.h"

#include <math.h>

#define COUNTS 30000u
static uint64_t counts[COUNTS];

static void make(struct number_code *code, uint64_t tokens) {
    uint8_t lengths[NUMBER_CLASSES];
    for (uint32_t i = 0; i < COUNTS; i++)
        counts[i] = tokens / (10 * (i + 1));
    memset(code, 0, sizeof *code);
    number_code_choose(counts, COUNTS, lengths);
    assert_true(number_code_make(code, lengths));
}

/* What the decoding tables make of bits. */
static uint32_t decode(const struct number_code *code, uint64_t bits, unsigned *size) {
    const unsigned entry = code->classes[bits & ((1u << NUMBER_PREFIX_MAX) - 1)], class = entry & NUMBER_CLASS_BITS;
    *size = entry >> NUMBER_SIZE_SHIFT;
    return code->firsts[class] + (uint32_t)((bits & (((uint64_t)1 << *size) - 1)) >> code->lengths[class]);
}

static void check_number(const struct number_code *code, uint32_t number, uint64_t *random) {
    const struct number_bits bits = number_code_encode(code, number);
    const uint64_t noise = (uint64_t)random_next(random) << 32 | random_next(random);
    unsigned size;
    assert_in_range(bits.size, 1, 39);
    assert_true(bits.bits >> bits.size == 0);
    assert_int_equal(decode(code, bits.bits | noise << bits.size, &size), number);
    assert_int_equal(size, bits.size);
}

/* Whatever follows a code, it is read back: so none begins another. */
static void test_there_and_back(void **state) {
    (void)state;
    uint64_t random = 7;
    for (uint64_t tokens = 0; tokens <= UINT64_C(1000000000000); tokens = tokens * 50 + 100) {
        struct number_code code;
        make(&code, tokens);
        for (uint32_t number = 0; number < 70000; number++)
            check_number(&code, number, &random);
        for (uint32_t octave = 16; octave < 28; octave++) {
            check_number(&code, 1u << octave, &random);
            check_number(&code, (2u << octave) - 1, &random);
            check_number(&code, (1u << octave) + random_below(&random, 1u << octave), &random);
        }
        assert_int_equal(number_code_encode(&code, NUMBER_LIMIT).size, 0);
        assert_int_equal(number_code_encode(&code, UINT32_MAX).size, 0);
    }
}

/* A text ends in ones, up to 7 of them, which must not be a code. */
static void test_padding_is_no_code(void **state) {
    (void)state;
    struct number_code code;
    unsigned size;
    for (uint64_t tokens = 0; tokens < 1000000000; tokens = tokens * 50 + 100) {
        make(&code, tokens);
        decode(&code, UINT64_MAX, &size);
        assert_true(size >= 8);
    }
}

static void test_near_the_entropy(void **state) {
    (void)state;
    struct number_code code;
    double total = 0, entropy = 0, bits = 0;
    make(&code, 100000000);
    for (uint32_t i = 0; i < COUNTS; i++)
        total += (double)counts[i];
    for (uint32_t i = 0; i < COUNTS; i++) {
        entropy += (double)counts[i] * log2(total / (double)counts[i]);
        bits += (double)counts[i] * number_code_encode(&code, i).size;
    }
    assert_true(bits >= entropy && bits < entropy * 1.01);
}

static void test_wrong_lengths(void **state) {
    (void)state;
    struct number_code code = {0};
    uint8_t lengths[NUMBER_CLASSES], wrong[NUMBER_CLASSES];
    number_code_choose(NULL, 0, lengths);
    memset(wrong, 0, sizeof wrong);
    assert_false(number_code_make(&code, wrong));
    for (unsigned class = 0; class < NUMBER_CLASSES; class ++) {
        memcpy(wrong, lengths, sizeof wrong);
        wrong[class] = (uint8_t)(lengths[class] - 1);
        assert_false(number_code_make(&code, wrong)); /* more codes than there are, or none */
        wrong[class] = (uint8_t)(lengths[class] + 1);
        assert_false(number_code_make(&code, wrong)); /* something is left over, or it is too long */
        assert_false(code.is_made);
    }
    assert_true(number_code_make(&code, lengths));
    assert_true(code.is_made);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_padding_is_no_code),
        cmocka_unit_test(test_near_the_entropy),
        cmocka_unit_test(test_wrong_lengths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
