/* trial.h - the seed of a random test: fixed, so that a failure comes again, unless REVUE_TEST_SEED names other trials
 * (tests/property/many_seeds runs a test with one number after the other). */
#ifndef REVUE_TESTS_TRIAL_H
#define REVUE_TESTS_TRIAL_H

#include <stdint.h>
#include <stdlib.h>

/* usual is the test's own; each number of the environment makes another one of it, and 0 or none leaves it. */
static inline uint64_t trial_seed(uint64_t usual) {
    const char *text = getenv("REVUE_TEST_SEED");
    const uint64_t number = text ? strtoull(text, NULL, 10) : 0;
    return usual + number * 0x9E3779B97F4A7C15u;
}

#endif
