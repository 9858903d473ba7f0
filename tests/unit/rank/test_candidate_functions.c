/* test_candidate_functions.c - keeping and looking up candidates: every instruction set against one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "query/rank/candidate_functions.h"
#include "tests/support/random_list.h"

#include <stdbool.h>
#include <string.h>

static uint64_t random_state = 20261123;

static int name_variants(void **state) {
    (void)state;
    const struct candidate_functions *functions;
    for (unsigned number = 0; (functions = candidate_functions_of(number)); number++)
        print_message("%s\n", functions->name);
    return 0;
}

static unsigned number_of_variants(void) {
    unsigned number = 0;
    while (candidate_functions_of(number))
        number++;
    return number;
}

/* Ascending reviews; behind filled INT32_MAX. */
static void make_block(uint32_t docs[CANDIDATES_MAX], uint32_t filled, uint32_t gap) {
    uint32_t doc = random_below(&random_state, gap);
    for (uint32_t i = 0; i < CANDIDATES_MAX; i++) {
        docs[i] = i < filled ? doc : INT32_MAX;
        doc += 1 + random_below(&random_state, gap);
    }
}

/* Up to most targets up to last, about one in share of which is in the block. */
static uint32_t make_targets(uint32_t *targets, uint32_t most, const uint32_t *docs, uint32_t filled, uint32_t share) {
    const uint32_t last = docs[filled - 1];
    uint32_t count = 0, place = 0;
    for (uint32_t doc = random_below(&random_state, 3); doc <= last && count < most;) {
        while (docs[place] < doc)
            place++;
        if (random_below(&random_state, share) == 0) doc = docs[place];
        targets[count++] = doc;
        doc += 1 + random_below(&random_state, last / most + 1);
    }
    return count;
}

static void check_find(const struct candidate_functions *functions, const uint32_t *targets, uint32_t count,
                       const uint32_t *docs) {
    uint32_t held[CANDIDATES_ROOM], found[CANDIDATES_ROOM], at = 0;
    const uint32_t kept = functions->find(targets, count, docs, held, found);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t place = 0;
        while (docs[place] < targets[i])
            place++;
        if (docs[place] != targets[i]) continue;
        assert_true(at < kept);
        assert_int_equal(held[at], i);
        assert_int_equal(found[at], place);
        at++;
    }
    assert_int_equal(at, kept);
}

static void found_is_what_is_there(void **state) {
    (void)state;
    const struct candidate_functions *functions;
    uint32_t docs[CANDIDATES_MAX], targets[CANDIDATES_MAX];
    for (unsigned round = 0; round < 20000; round++) {
        const uint32_t filled = 1 + random_below(&random_state, round % 2 ? CANDIDATES_MAX : 3) % CANDIDATES_MAX;
        const uint32_t whole = round % 4 ? CANDIDATES_MAX : filled;
        make_block(docs, whole, round % 3 ? 1 + random_below(&random_state, 9) : 16000000);
        const uint32_t most = 1 + random_below(&random_state, CANDIDATES_MAX);
        const uint32_t count = make_targets(targets, most, docs, whole, 1 + random_below(&random_state, 4));
        for (unsigned number = 0; (functions = candidate_functions_of(number)); number++)
            check_find(functions, targets, count, docs);
    }
}

/* Bits of reviews from first on, at most 63 words of them. */
static void found_in_bits_is_what_is_there(void **state) {
    (void)state;
    const struct candidate_functions *functions;
    for (unsigned round = 0; round < 5000; round++) {
        const uint32_t words = 1 + random_below(&random_state, 63),
                       first = round % 2 ? random_below(&random_state, 1u << 30) : 0;
        const uint32_t share = 1 + words / 2 + random_below(&random_state, 30);
        uint8_t bits[63 * 8] = {0}, ones_before[64];
        uint32_t places[63 * 64], targets[CANDIDATES_MAX], count = 0, ones = 0;
        for (uint32_t bit = 0; bit < words * 64; bit++) {
            if (bit % 64 == 0) ones_before[bit / 64] = (uint8_t)ones;
            const bool is_set = ones < CANDIDATES_MAX && random_below(&random_state, share) == 0;
            if (is_set) bits[bit / 8] |= (uint8_t)(1u << bit % 8);
            places[bit] = is_set ? ones++ : UINT32_MAX;
            if (count < CANDIDATES_MAX && random_below(&random_state, is_set ? 2 : share) == 0)
                targets[count++] = first + bit;
        }
        for (unsigned number = 0; (functions = candidate_functions_of(number)); number++) {
            uint32_t held[CANDIDATES_ROOM], found[CANDIDATES_ROOM], at = 0;
            const uint32_t kept = functions->find_bits(targets, count, first, bits, ones_before, held, found);
            for (uint32_t i = 0; i < count; i++) {
                if (places[targets[i] - first] == UINT32_MAX) continue;
                assert_true(at < kept);
                assert_int_equal(held[at], i);
                assert_int_equal(found[at++], places[targets[i] - first]);
            }
            assert_int_equal(at, kept);
        }
    }
}

static void kept_is_what_passes(void **state) {
    (void)state;
    const struct candidate_functions *functions;
    for (uint32_t round = 0; round < 3000; round++) {
        struct candidates candidates = {.count = round % (CANDIDATES_MAX + 1)}, expected = {0};
        uint32_t passes[CANDIDATES_ROOM];
        const uint32_t share = 1 + random_below(&random_state, 5);
        for (uint32_t i = 0; i < CANDIDATES_ROOM; i++) { /* what is behind the last passes too, and means nothing */
            candidates.docs[i] = 3 * i + random_below(&random_state, 3);
            candidates.postings[i] = 7 * i;
            passes[i] = random_below(&random_state, share) ? 0 : UINT32_MAX;
            if (i >= candidates.count || !passes[i]) continue;
            expected.docs[expected.count] = candidates.docs[i];
            expected.postings[expected.count++] = candidates.postings[i];
        }
        for (unsigned number = 0; (functions = candidate_functions_of(number)); number++) {
            struct candidates kept = {.count = 99};
            functions->keep(&candidates, passes, &kept);
            assert_int_equal(kept.count, expected.count);
            assert_memory_equal(kept.docs, expected.docs, expected.count * sizeof kept.docs[0]);
            assert_memory_equal(kept.postings, expected.postings, expected.count * sizeof kept.postings[0]);
        }
    }
}

static void kept_is_what_is_worth_enough(void **state) {
    (void)state;
    const struct candidate_functions *functions;
    for (uint32_t round = 0; round < 3000; round++) {
        struct candidates candidates = {.count = round % (CANDIDATES_MAX + 1)}, expected = {0};
        float bounds[CANDIDATES_ROOM];
        const float least = (float)random_below(&random_state, 1000), factor = 1 + 1e-6f;
        for (uint32_t i = 0; i < CANDIDATES_ROOM; i++) {
            candidates.docs[i] = 3 * i;
            candidates.postings[i] = 7 * i;
            bounds[i] = random_below(&random_state, 8) ? (float)random_below(&random_state, 1000) : least / factor;
            if (i >= candidates.count || bounds[i] * factor < least) continue;
            expected.docs[expected.count] = candidates.docs[i];
            expected.postings[expected.count++] = candidates.postings[i];
        }
        for (unsigned number = 0; (functions = candidate_functions_of(number)); number++) {
            struct candidates kept = {.count = 99};
            functions->keep_above(&candidates, bounds, factor, least, &kept);
            assert_int_equal(kept.count, expected.count);
            assert_memory_equal(kept.docs, expected.docs, expected.count * sizeof kept.docs[0]);
            assert_memory_equal(kept.postings, expected.postings, expected.count * sizeof kept.postings[0]);
        }
    }
}

static void taken_is_what_is_frequent(void **state) {
    (void)state;
    const struct candidate_functions *functions;
    for (uint32_t round = 0; round < 3000; round++) {
        uint32_t docs[CANDIDATES_ROOM], frequencies[CANDIDATES_ROOM];
        const uint32_t count = round % (CANDIDATES_MAX + 1), least = 1 + random_below(&random_state, 6);
        struct candidates expected = {0};
        for (uint32_t i = 0; i < CANDIDATES_ROOM; i++) { /* what is behind the last is frequent, too */
            docs[i] = 5 * i + random_below(&random_state, 5);
            frequencies[i] = random_below(&random_state, 50) ? 1 + random_below(&random_state, 8) : INT32_MAX;
            if (i >= count || frequencies[i] < least) continue;
            expected.docs[expected.count] = docs[i];
            expected.postings[expected.count++] = i;
        }
        for (unsigned number = 0; (functions = candidate_functions_of(number)); number++) {
            struct candidates taken = {.count = 99};
            functions->take(docs, frequencies, count, least, &taken);
            assert_int_equal(taken.count, expected.count);
            assert_memory_equal(taken.docs, expected.docs, expected.count * sizeof taken.docs[0]);
            assert_memory_equal(taken.postings, expected.postings, expected.count * sizeof taken.postings[0]);
        }
    }
}

static void taken_have_their_frequencies(void **state) {
    (void)state;
    const struct candidate_functions *functions;
    for (uint32_t round = 0; round < 3000; round++) {
        uint32_t docs[CANDIDATES_ROOM], frequencies[CANDIDATES_ROOM];
        const uint32_t count = round % (CANDIDATES_MAX + 1), least = 1 + random_below(&random_state, 6);
        struct taken_postings expected;
        for (uint32_t i = 0; i < CANDIDATES_ROOM; i++) {
            docs[i] = 5 * i + random_below(&random_state, 5);
            frequencies[i] = random_below(&random_state, 50) ? 1 + random_below(&random_state, 8) : INT32_MAX;
        }
        candidate_functions_plain.take_frequent(docs, frequencies, count, least, &expected);
        for (uint32_t i = 0, at = 0; i < count; i++) {
            if (frequencies[i] < least) continue;
            assert_int_equal(expected.docs[at], docs[i]);
            assert_int_equal(expected.frequencies[at++], frequencies[i]);
        }
        for (unsigned number = 0; (functions = candidate_functions_of(number)); number++) {
            struct taken_postings taken = {.count = 99};
            functions->take_frequent(docs, frequencies, count, least, &taken);
            assert_int_equal(taken.count, expected.count);
            assert_memory_equal(taken.docs, expected.docs, expected.count * sizeof taken.docs[0]);
            assert_memory_equal(taken.frequencies, expected.frequencies, expected.count * sizeof taken.frequencies[0]);
        }
    }
}

static void long_ones_are_dropped(void **state) {
    (void)state;
    const struct candidate_functions *functions;
    uint32_t dropped = 0, kept = 0;
    for (uint32_t round = 0; round < 3000; round++) {
        struct taken_postings all = {.count = round % (CANDIDATES_MAX + 1)}, expected;
        const float value = (float)random_below(&random_state, 400) / 100;
        for (uint32_t i = 0; i < CANDIDATES_ROOM; i++) {
            all.docs[i] = i;
            all.frequencies[i] = 1 + random_below(&random_state, 5);
            all.lengths[i] = random_below(&random_state, 50) ? 1 + random_below(&random_state, 600) : INT32_MAX;
        }
        expected = all;
        candidate_functions_plain.drop_long(&expected, value, 0.75, 231.5);
        dropped += all.count - expected.count;
        kept += expected.count;
        for (unsigned number = 0; (functions = candidate_functions_of(number)); number++) {
            struct taken_postings taken = all;
            functions->drop_long(&taken, value, 0.75, 231.5);
            assert_int_equal(taken.count, expected.count);
            for (uint32_t i = 0; i < taken.count; i++) {
                assert_int_equal(taken.docs[i], expected.docs[i]);
                assert_int_equal(taken.frequencies[i], all.frequencies[taken.docs[i]]);
                assert_int_equal(taken.lengths[i], all.lengths[taken.docs[i]]);
            }
        }
    }
    assert_true(dropped > 10000 && kept > 10000);
}

/* To other arrays, and in place. */
static void kept_scores_are_high_enough(void **state) {
    (void)state;
    enum { MOST = 300 };
    const struct candidate_functions *functions;
    for (uint32_t round = 0; round < 3000; round++) {
        int32_t scores[MOST + SCORED_SLACK], kept_scores[MOST + SCORED_SLACK];
        uint32_t docs[MOST + SCORED_SLACK], segments[MOST + SCORED_SLACK], kept_docs[MOST + SCORED_SLACK], at = 0;
        const uint32_t count = round % (MOST + 1);
        const int32_t least = (int32_t)random_below(&random_state, 100) - 50;
        for (uint32_t i = 0; i < MOST + SCORED_SLACK; i++) {
            scores[i] = (int32_t)random_below(&random_state, 200) - 100;
            docs[i] = i;
            segments[i] = random_below(&random_state, 1000);
        }
        for (unsigned number = 0; (functions = candidate_functions_of(number)); number++) {
            const struct scored_reviews other = {kept_scores, kept_docs, NULL};
            const uint32_t kept = functions->keep_scored(scores, docs, NULL, count, least, &other);
            for (uint32_t i = at = 0; i < count; i++) {
                if (scores[i] < least) continue;
                assert_int_equal(kept_scores[at], scores[i]);
                assert_int_equal(kept_docs[at++], docs[i]);
            }
            assert_int_equal(kept, at);
        }
        const struct scored_reviews same = {scores, docs, segments};
        functions = candidate_functions_of(round % number_of_variants());
        uint32_t sum = 0, kept_sum = 0;
        for (uint32_t i = 0; i < count; i++)
            sum += scores[i] >= least ? segments[i] : 0;
        assert_int_equal(functions->keep_scored(scores, docs, segments, count, least, &same), at);
        assert_memory_equal(scores, kept_scores, at * sizeof *scores);
        assert_memory_equal(docs, kept_docs, at * sizeof *docs);
        for (uint32_t i = 0; i < at; i++)
            kept_sum += segments[i];
        assert_int_equal(kept_sum, sum);
    }
}

static void up_to_counts_what_comes_first(void **state) {
    (void)state;
    const struct candidate_functions *functions;
    for (uint32_t round = 0; round < 3000; round++) {
        uint32_t docs[CANDIDATES_ROOM] = {0}, expected = 0; /* behind the last are reviews that come first, again */
        const uint32_t count = 1 + round % CANDIDATES_MAX, last = random_below(&random_state, 4 * count);
        for (uint32_t i = 0; i < count; i++) {
            docs[i] = 3 * i + random_below(&random_state, 3);
            expected += docs[i] <= last;
        }
        for (unsigned number = 0; (functions = candidate_functions_of(number)); number++)
            assert_int_equal(functions->up_to(docs, count, last), expected);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(found_is_what_is_there),        cmocka_unit_test(found_in_bits_is_what_is_there),
        cmocka_unit_test(kept_is_what_passes),           cmocka_unit_test(kept_is_what_is_worth_enough),
        cmocka_unit_test(taken_is_what_is_frequent),     cmocka_unit_test(taken_have_their_frequencies),
        cmocka_unit_test(long_ones_are_dropped),         cmocka_unit_test(kept_scores_are_high_enough),
        cmocka_unit_test(up_to_counts_what_comes_first),
    };
    return cmocka_run_group_tests(tests, name_variants, NULL);
}
