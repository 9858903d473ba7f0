/* micro_blocks.c - how fast the loops of ranking over a block of postings run on one core: plain, and with the fastest
 * instructions of this processor. For people who change those loops; no test asserts a time.
 *
 * Each row is a count of postings, in nanoseconds a call, the least of some rounds: values, contributions, and the search
 * of a review among the 128 of a block. */
#include "query/rank/block_functions.h"
#include "tests/support/random_list.h"

#include <stdio.h>
#include <time.h>

#define BLOCK 128u
#define ROUNDS 20
#define CALLS 20000u

static double seconds_now(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

enum part { VALUES, CONTRIBUTIONS, COUNT_BELOW };

struct block {
    uint32_t docs[BLOCK], frequencies[BLOCK], lengths[BLOCK];
    double values[BLOCK];
    int32_t contributions[BLOCK];
};

static void block_make(struct block *block) {
    uint64_t state = 20261123;
    uint32_t doc = 0;
    for (uint32_t i = 0; i < BLOCK; i++) {
        block->docs[i] = doc += 1 + random_below(&state, 20);
        block->frequencies[i] = 1 + random_below(&state, 4);
        block->lengths[i] = block->frequencies[i] + random_below(&state, 400);
    }
}

/* Returns something of each result, so that no call can be left out. */
static double call(const struct block_functions *functions, enum part part, uint32_t count, uint32_t number,
                   struct block *block) {
    switch (part) {
    case VALUES:
        functions->values(block->frequencies, block->lengths, count, 1.5, 0.75, 231.7, block->values);
        return block->values[0];
    case CONTRIBUTIONS:
        functions->contributions(block->values, count, 12345678.9, 1.2, block->contributions);
        return block->contributions[0];
    default: return functions->count_below(block->docs, block->docs[number % BLOCK]);
    }
}

static double nanoseconds(const struct block_functions *functions, enum part part, uint32_t count, struct block *block) {
    double least = 1e9;
    volatile double sum = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        const double start = seconds_now();
        for (uint32_t i = 0; i < CALLS; i++)
            sum += call(functions, part, count, i, block);
        const double took = seconds_now() - start;
        if (took < least) least = took;
    }
    return least / CALLS * 1e9;
}

static void print_rows(const struct block_functions *functions) {
    static struct block block;
    static const uint32_t counts[] = {1, 7, 32, 127, 128};
    block_make(&block);
    for (unsigned i = 0; i < sizeof counts / sizeof *counts; i++)
        printf("%-8s %8u %12.1f %14.1f %12.1f\n", functions->name, counts[i],
               nanoseconds(functions, VALUES, counts[i], &block), nanoseconds(functions, CONTRIBUTIONS, counts[i], &block),
               nanoseconds(functions, COUNT_BELOW, BLOCK, &block));
}

int main(void) {
    printf("%-8s %8s %12s %14s %12s\n", "", "postings", "values ns", "contribut. ns", "search ns");
    print_rows(&block_functions_plain);
    if (block_functions_best() != &block_functions_plain) print_rows(block_functions_best());
    return 0;
}
