/* test_phrase_starts.c - starts kept by a table are those kept by merging, and those that are there. */
#include "query/match/phrase_starts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define MOST 120u

static uint64_t random_state = 20261123;

static uint32_t random_below(uint32_t limit) {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((random_state >> 32) * limit >> 32);
}

/* Ascending, at most MOST. */
static uint32_t make_positions(uint32_t *positions, uint32_t most, uint32_t limit) {
    uint32_t count = 0;
    for (uint32_t next = random_below(3); next < limit && count < most; next += 1 + random_below(1 + limit / most))
        positions[count++] = next;
    return count;
}

static uint32_t keep_slowly(uint32_t *starts, uint32_t count, const uint32_t *positions, uint32_t position_count,
                            uint32_t place) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t at = 0; at < position_count; at++)
            if ((uint64_t)starts[i] + place == positions[at]) {
                starts[kept++] = starts[i];
                break;
            }
    return kept;
}

/* Starts before the field are there as well, wrapped; what lies behind the last of either must not count. */
static void test_may_keep_is_whether_any_is_kept(void **state) {
    (void)state;
    unsigned kept_some = 0;
    for (unsigned round = 0; round < 20000; round++) {
        uint32_t positions[MOST + PHRASE_STARTS_BEHIND], starts[MOST + PHRASE_STARTS_BEHIND];
        const uint32_t most = 1 + random_below(random_below(2) ? 6 : 40),
                       limit = 1 + random_below(random_below(2) ? 60 : 600);
        const uint32_t count = make_positions(starts, 1 + random_below(most), limit), place = random_below(5);
        const uint32_t position_count = make_positions(positions, 1 + random_below(most), limit), shift = random_below(4);
        bool expected = false;
        for (uint32_t i = 0; i < count; i++)
            starts[i] -= shift;
        for (uint32_t i = 0; i < PHRASE_STARTS_BEHIND; i++) {
            starts[count + i] = 7 + i;
            positions[position_count + i] = 7 + i + place;
        }
        for (uint32_t i = 0; i < count; i++)
            for (uint32_t j = 0; j < position_count; j++)
                expected |= starts[i] + place == positions[j];
        assert_int_equal(phrase_starts_may_keep(starts, count, positions, position_count, place), expected);
        kept_some += expected;
    }
    assert_in_range(kept_some, 3000, 17000);
}

static void test_all_ways_keep_the_same(void **state) {
    (void)state;
    static uint32_t table[PHRASE_STARTS_WINDOW];
    struct phrase_starts with_table = {0, table}, without = {0, NULL};
    unsigned kept_some = 0;
    for (unsigned round = 0; round < 20000; round++) {
        uint32_t positions[MOST], starts[3][MOST];
        const uint32_t limit = random_below(8) ? 1 + random_below(600) : PHRASE_STARTS_WINDOW - 20 + random_below(40);
        const uint32_t count = make_positions(starts[0], 1 + random_below(MOST), limit);
        const uint32_t position_count = make_positions(positions, 1 + random_below(MOST), limit), place = random_below(5);
        if (position_count == 0) continue;
        memcpy(starts[1], starts[0], sizeof starts[0]);
        memcpy(starts[2], starts[0], sizeof starts[0]);
        const uint32_t expected = keep_slowly(starts[0], count, positions, position_count, place);
        assert_int_equal(phrase_starts_keep(&with_table, starts[1], count, positions, position_count, place), expected);
        assert_int_equal(phrase_starts_keep(&without, starts[2], count, positions, position_count, place), expected);
        kept_some += expected > 0;
        if (expected == 0 || (count == 1 && position_count == 1)) continue;
        assert_memory_equal(starts[1], starts[0], expected * sizeof(uint32_t));
        assert_memory_equal(starts[2], starts[0], expected * sizeof(uint32_t));
    }
    assert_in_range(kept_some, 5000, 19999);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_ways_keep_the_same),
        cmocka_unit_test(test_may_keep_is_whether_any_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
