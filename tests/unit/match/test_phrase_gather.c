/* test_phrase_gather.c - lists of many shapes walked with random seeks, alone and against each other, and compared with
 * plain arrays. */
#include "query/match/phrase_gather.h"
#include "tests/support/random_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static uint64_t random_state = 20261124;

static const struct list_shape shapes[] = {
    {.count = 1, .gap = 50, .frequency = 1, .length = 9},
    {.count = 100, .gap = 40, .frequency = 3, .length = 200, .masks = 7},
    {.count = 128, .gap = 1, .frequency = 2, .length = 30},
    {.count = 129, .gap = 300, .frequency = 2, .length = 30},
    {.count = 3000, .gap = 1, .frequency = 2, .length = 30},
    {.count = 3000, .gap = 3, .frequency = 2, .length = 30},
    {.count = 2000, .gap = 40, .frequency = 9, .rare_frequency = 80, .length = 300, .masks = 15},
    {.count = 700, .gap = 900, .cluster = 20, .frequency = 2, .length = 30},
    {.count = 2000, .gap = 250, .frequency = 2, .length = 30},
    {.count = 900, .gap = 30000, .frequency = 2, .length = 30},
};
#define SHAPES (sizeof shapes / sizeof *shapes)

#define LISTS 4u

/* Lists in one segment that has nothing else. */
struct some_lists {
    uint32_t count;
    struct random_list plain[LISTS];
    struct written_lists written;
    struct segment segment;
    struct list_cursor cursors[LISTS];
    struct phrase_word words[LISTS];
    struct cursor_failure failure;
    struct arena arena;
};

/* Equal shapes give equal lists: all reviews are shared, however far they lie from each other. */
static void some_lists_make(struct some_lists *lists, const struct list_shape *const *wanted, uint32_t count) {
    *lists = (struct some_lists){.count = count};
    const uint64_t first_state = random_state;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t same_state = first_state;
        random_list_make(&lists->plain[i], wanted[i], i > 0 && wanted[i] == wanted[0] ? &same_state : &random_state);
    }
    written_lists_make(&lists->written, lists->plain, count, 60000);
    lists->segment.streams[KIND_POSTINGS] = lists->written.postings;
    lists->segment.streams[KIND_SKIPS] = lists->written.skips;
    lists->segment.meta.doc_count = INT32_MAX;
}

static void open_lists(struct some_lists *lists) {
    for (uint32_t i = 0; i < lists->count; i++) {
        struct term_entry_lists entry = {.fields = 1, .form_bits = FORM_ANY};
        entry.lists[FIELD_BODY] = lists->written.lists[i];
        list_cursor_open(&lists->cursors[i], &lists->segment, FIELD_BODY, &entry, &lists->failure);
        assert_int_equal(lists->failure.status, REVUE_OK);
        assert_int_equal(lists->cursors[i].doc, CURSOR_BEFORE);
        lists->words[i] = (struct phrase_word){.place = i, .lists = &lists->cursors[i], .list_count = 1};
    }
}

static void close_lists(struct some_lists *lists) {
    for (uint32_t i = 0; i < lists->count; i++)
        list_cursor_close(&lists->cursors[i]);
}

static void some_lists_free(struct some_lists *lists) {
    written_lists_free(&lists->written);
    for (uint32_t i = 0; i < lists->count; i++)
        random_list_free(&lists->plain[i]);
    arena_free(&lists->arena);
}

/* Mostly the next review, sometimes one further away. */
static uint32_t random_target(uint32_t doc, uint32_t step) {
    const uint32_t further = random_below(&random_state, 3) ? 1 : 1 + random_below(&random_state, step);
    return doc < UINT32_MAX - 1 - further ? doc + further : UINT32_MAX - 2;
}

/* ---- one list ---- */

/* Of forms that are listed, a mask tells for sure; of the others only that one of them is there. */
static enum form_presence presence_of(unsigned mask, unsigned wanted) {
    const unsigned listed = 7u & wanted & mask, others = 8u & wanted & mask;
    if (!listed && !others) return FORM_ABSENT;
    if (!listed) return FORM_MAY_BE_THERE;
    return others || (mask & ~wanted) ? FORM_AMONG_OTHERS : FORM_ALONE;
}

static void walk(struct some_lists *lists, uint32_t step) {
    const struct random_list *plain = &lists->plain[0];
    struct list_cursor *cursor = &lists->cursors[0];
    open_lists(lists);
    for (uint32_t target = random_below(&random_state, step); cursor->doc != DOC_END;
         target = random_target(target > cursor->doc ? target : cursor->doc, step)) {
        const uint32_t expected = random_list_find(plain, target);
        list_cursor_seek(cursor, target, &lists->failure);
        assert_int_equal(lists->failure.status, REVUE_OK);
        if (expected == plain->count) {
            assert_int_equal(cursor->doc, DOC_END);
            break;
        }
        const struct posting *posting = &plain->postings[expected];
        assert_int_equal(cursor->doc, posting->doc);
        assert_int_equal(list_cursor_frequency(cursor, &lists->failure), posting->frequency);
        cursor->form_bits = (uint8_t)(1 + random_below(&random_state, 15));
        assert_int_equal(list_cursor_form(cursor, &lists->failure), presence_of(posting->mask, cursor->form_bits));
        list_cursor_seek(cursor, posting->doc, &lists->failure); /* where it stands: does nothing */
        assert_int_equal(cursor->doc, posting->doc);
    }
    list_cursor_seek(cursor, UINT32_MAX - 2, &lists->failure);
    close_lists(lists);
}

static void test_one_list(void **state) {
    (void)state;
    for (size_t i = 0; i < SHAPES; i++) {
        static const uint32_t steps[] = {1, 5, 500, 100000};
        struct some_lists lists;
        some_lists_make(&lists, &(const struct list_shape *){&shapes[i]}, 1);
        for (size_t step = 0; step < sizeof steps / sizeof *steps; step++)
            walk(&lists, steps[step]);
        some_lists_free(&lists);
    }
}

/* ---- lists together ---- */

static uint32_t first_shared(const struct some_lists *lists, uint32_t target) {
    for (uint32_t list = 0; list < lists->count;) {
        const struct random_list *plain = &lists->plain[list];
        const uint32_t at = random_list_find(plain, target);
        if (at == plain->count) return DOC_END;
        list = plain->postings[at].doc == target ? list + 1 : 0;
        target = plain->postings[at].doc;
    }
    return target;
}

/* The batch is all that the lists share from target up to where it ends, in the blocks that they stand in. */
static uint32_t check_batch(struct some_lists *lists, const struct phrase_gather *gather, uint32_t target) {
    for (uint32_t i = 0; i < gather->count; i++) {
        const uint32_t doc = gather->docs[i];
        assert_int_equal(doc, first_shared(lists, target));
        assert_true(doc < gather->end);
        for (uint32_t list = 0; list < lists->count; list++) {
            struct list_cursor *cursor = &lists->cursors[list];
            const struct random_list *plain = &lists->plain[list];
            assert_int_equal(list_cursor_decode(cursor, NULL), REVUE_OK);
            assert_true(list_cursor_load_frequencies(cursor, &lists->failure));
            assert_int_equal(cursor->reader.docs[gather->index[list][i]], doc);
            assert_int_equal(cursor->reader.frequencies[gather->index[list][i]],
                             plain->postings[random_list_find(plain, doc)].frequency);
        }
        target = doc + 1;
    }
    assert_true(first_shared(lists, target) >= gather->end);
    return gather->count;
}

/* step over 1: with seeks between, and ends. */
static uint32_t walk_together(struct some_lists *lists, uint32_t step) {
    struct phrase_gather gather;
    uint32_t shared = 0, target = 0, last = DOC_END;
    open_lists(lists);
    assert_true(phrase_gather_open(&gather, lists->words, lists->count, &lists->arena));
    while (gather.end != DOC_END) {
        if (step > 1) last = target + random_below(&random_state, 20 * step);
        const struct gather_limits limits = {1 + random_below(&random_state, CANDIDATES_MAX), last, NULL};
        assert_int_equal(phrase_gather_next(&gather, target, &limits, &lists->failure.error), REVUE_OK);
        assert_true(gather.count <= limits.at_once);
        assert_true(gather.count > 0 || gather.end > last || gather.end == DOC_END);
        shared += check_batch(lists, &gather, target);
        if (gather.end == DOC_END) break;
        assert_true(gather.end >= target);
        target = step > 1 && random_below(&random_state, 2) ? gather.end + random_below(&random_state, step) : gather.end;
    }
    assert_int_equal(first_shared(lists, target), gather.count > 0 ? gather.docs[0] : DOC_END);
    close_lists(lists);
    return shared;
}

static void test_lists_together(void **state) {
    (void)state;
    uint64_t shared[LISTS + 1] = {0};
    for (size_t i = 0; i < SHAPES; i++)
        for (size_t j = 0; j < SHAPES; j++) {
            const uint32_t count = 2 + random_below(&random_state, LISTS - 1);
            const struct list_shape *wanted[LISTS] = {&shapes[i], &shapes[j]};
            struct some_lists lists;
            for (uint32_t list = 2; list < count; list++)
                wanted[list] = random_below(&random_state, 3) ? &shapes[i] : &shapes[random_below(&random_state, SHAPES)];
            some_lists_make(&lists, wanted, count);
            shared[count] += walk_together(&lists, 1);
            shared[count] += walk_together(&lists, 400);
            some_lists_free(&lists);
        }
    for (uint32_t count = 2; count <= LISTS; count++)
        assert_true(shared[count] > 1000); /* the lists do meet */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_list),
        cmocka_unit_test(test_lists_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
