/* format_test.h - what the tests of the structures on disk share: random numbers, a store to write to and read from,
 * allocations that fail one after the other, bits that flip one after the other. */
#ifndef REVUE_TESTS_FORMAT_TEST_H
#define REVUE_TESTS_FORMAT_TEST_H

#include "indexer/base/memory.h"
#include "tests/support/memory_stream.h"
#include "tests/support/store_sink.h"
#include "tests/support/temporary_index.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define assert_ok(expression)                                                                                              \
    do {                                                                                                                   \
        revue_status assert_status = (expression);                                                                         \
        if (assert_status != REVUE_OK) fail_msg("%s: status %d: %s", #expression, (int)assert_status, error.message);      \
    } while (0)
#define assert_view(found, expected, expected_size)                                                                        \
    do {                                                                                                                   \
        assert_int_equal((found).size, (expected_size));                                                                   \
        assert_memory_equal((found).data, (expected), (expected_size));                                                    \
    } while (0)

static inline uint64_t random_next(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33 ^ *state >> 11;
}
static inline uint32_t random_below(uint64_t *state, uint32_t limit) {
    return (uint32_t)(random_next(state) % limit);
}

/* A store with a transaction: first one that writes segment 1 through sink, then one that reads. */
struct fixture {
    char path[TEMPORARY_PATH_SIZE];
    store *store;
    store_txn *txn;
    struct store_sink sink;
};
static inline void fixture_open(struct fixture *fixture) {
    revue_error error;
    fixture->store = temporary_index_create(fixture->path);
    assert_ok(store_begin_write(fixture->store, &fixture->txn, &error));
    store_sink_open(&fixture->sink, fixture->txn, 1);
}
static inline void fixture_read(struct fixture *fixture) {
    revue_error error;
    assert_ok(store_commit(fixture->txn, &error));
    assert_ok(store_begin_read(fixture->store, &fixture->txn, &error));
}
static inline void fixture_write(struct fixture *fixture) {
    revue_error error;
    store_abort(fixture->txn);
    assert_ok(store_begin_write(fixture->store, &fixture->txn, &error));
    fixture->sink.txn = fixture->txn;
}
static inline void fixture_close(struct fixture *fixture) {
    store_abort(fixture->txn);
    store_close(fixture->store);
    temporary_index_remove(fixture->path);
}

/* Runs act again and again, letting the first, the second ... allocation fail, until all of them succeed. Each time it must
 * say REVUE_NO_MEMORY, or, where it can do without, REVUE_OK. Returns how many allocations there were. */
struct failing_memory {
    unsigned until, seen;
};
static inline bool failing_memory_may_allocate(void *context) {
    struct failing_memory *failing = context;
    return failing->seen++ != failing->until;
}
static inline unsigned fail_each_allocation(revue_status (*act)(void *context, revue_error *error), void *context) {
    for (unsigned until = 0;; until++) {
        struct failing_memory failing = {until, 0};
        revue_error error = {0};
        memory_set_test_hook(failing_memory_may_allocate, &failing);
        revue_status status = act(context, &error);
        memory_set_test_hook(NULL, NULL);
        if (failing.seen <= until) {
            assert_ok(status);
            return until;
        }
        if (status != REVUE_OK && status != REVUE_NO_MEMORY)
            fail_msg("allocation %u: status %d: %s", until, (int)status, error.message);
    }
}

/* Gives act an exact copy of data for each of its bits, with that bit flipped. */
static inline void flip_each_bit(const void *data, size_t size,
                                 void (*act)(void *context, const uint8_t *flipped, size_t size), void *context) {
    uint8_t *copy = malloc(size ? size : 1);
    assert_non_null(copy);
    for (size_t bit = 0; bit < size * 8; bit++) {
        memcpy(copy, data, size);
        copy[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        act(context, copy, size);
    }
    free(copy);
}

#endif
