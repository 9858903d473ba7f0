/* test_list_pair.c - lists of many shapes walked with random seeks, alone and against each other, and compared with plain
 * arrays. */
#include "query/match/list_pair.h"
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

/* Two lists in one segment that has nothing else. */
struct two_lists {
    struct random_list plain[2];
    struct written_lists written;
    struct segment segment;
    struct list_cursor cursors[2];
    struct cursor_failure failure;
    struct arena arena;
};

/* Equal shapes give equal lists: all reviews are shared, however far they lie from each other. */
static void two_lists_make(struct two_lists *two, const struct list_shape *first, const struct list_shape *second) {
    *two = (struct two_lists){0};
    uint64_t same_state = random_state;
    random_list_make(&two->plain[0], first, &random_state);
    random_list_make(&two->plain[1], second, first == second ? &same_state : &random_state);
    written_lists_make(&two->written, two->plain, 2, 60000);
    two->segment.streams[KIND_POSTINGS] = two->written.postings;
    two->segment.streams[KIND_SKIPS] = two->written.skips;
    two->segment.meta.doc_count = UINT32_MAX - 1;
}

static void open_lists(struct two_lists *two) {
    for (unsigned i = 0; i < 2; i++) {
        struct term_entry_lists lists = {.fields = 1, .form_bits = FORM_ANY};
        lists.lists[FIELD_BODY] = two->written.lists[i];
        list_cursor_open(&two->cursors[i], &two->segment, FIELD_BODY, &lists, &two->failure);
        assert_int_equal(two->failure.status, REVUE_OK);
        assert_int_equal(two->cursors[i].doc, CURSOR_BEFORE);
    }
}

static void close_lists(struct two_lists *two) {
    list_cursor_close(&two->cursors[0]);
    list_cursor_close(&two->cursors[1]);
}

static void two_lists_free(struct two_lists *two) {
    written_lists_free(&two->written);
    random_list_free(&two->plain[0]);
    random_list_free(&two->plain[1]);
    arena_free(&two->arena);
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

static void walk(struct two_lists *two, uint32_t step) {
    const struct random_list *plain = &two->plain[0];
    struct list_cursor *cursor = &two->cursors[0];
    open_lists(two);
    for (uint32_t target = random_below(&random_state, step); cursor->doc != DOC_END;
         target = random_target(target > cursor->doc ? target : cursor->doc, step)) {
        const uint32_t expected = random_list_find(plain, target);
        list_cursor_seek(cursor, target, &two->failure);
        assert_int_equal(two->failure.status, REVUE_OK);
        if (expected == plain->count) {
            assert_int_equal(cursor->doc, DOC_END);
            break;
        }
        const struct posting *posting = &plain->postings[expected];
        assert_int_equal(cursor->doc, posting->doc);
        assert_int_equal(list_cursor_frequency(cursor, &two->failure), posting->frequency);
        cursor->form_bits = (uint8_t)(1 + random_below(&random_state, 15));
        assert_int_equal(list_cursor_form(cursor, &two->failure), presence_of(posting->mask, cursor->form_bits));
        list_cursor_seek(cursor, posting->doc, &two->failure); /* where it stands: does nothing */
        assert_int_equal(cursor->doc, posting->doc);
    }
    list_cursor_seek(cursor, UINT32_MAX - 2, &two->failure);
    close_lists(two);
}

static void test_one_list(void **state) {
    (void)state;
    for (size_t i = 0; i < SHAPES; i++) {
        static const uint32_t steps[] = {1, 5, 500, 100000};
        struct two_lists two;
        two_lists_make(&two, &shapes[i], &shapes[0]);
        for (size_t step = 0; step < sizeof steps / sizeof *steps; step++)
            walk(&two, steps[step]);
        two_lists_free(&two);
    }
}

/* ---- two lists ---- */

static uint32_t first_shared(const struct two_lists *two, uint32_t target) {
    uint32_t i = random_list_find(&two->plain[0], target), j = random_list_find(&two->plain[1], target);
    while (i < two->plain[0].count && j < two->plain[1].count) {
        const uint32_t left = two->plain[0].postings[i].doc, right = two->plain[1].postings[j].doc;
        if (left == right) return left;
        i += left < right;
        j += right < left;
    }
    return DOC_END;
}

/* What the pair found last are all the shared reviews from target to its limit, and the first there are at all. */
static uint32_t check_found(struct two_lists *two, const struct list_pair *pair, uint32_t target) {
    const struct postings_reader *readers[2] = {&two->cursors[0].reader, &two->cursors[1].reader};
    const uint8_t *const indexes[2] = {pair->rare_index, pair->common_index};
    for (uint32_t i = 0; i < pair->count; i++) {
        const uint32_t doc = readers[0]->docs[pair->rare_index[i]];
        assert_int_equal(doc, first_shared(two, target));
        assert_true(doc <= pair->limit);
        for (unsigned list = 0; list < 2; list++) {
            const struct random_list *plain = &two->plain[list];
            assert_true(list_cursor_load_frequencies(&two->cursors[list], &two->failure));
            assert_int_equal(readers[list]->docs[indexes[list][i]], doc);
            assert_int_equal(readers[list]->frequencies[indexes[list][i]],
                             plain->postings[random_list_find(plain, doc)].frequency);
        }
        target = doc + 1;
    }
    assert_true(first_shared(two, target) > pair->limit);
    return pair->count;
}

static uint32_t walk_pair(struct two_lists *two, uint32_t step) {
    struct list_pair pair;
    uint32_t shared = 0, target = 0;
    open_lists(two);
    assert_true(list_pair_open(&pair, &two->cursors[0], &two->cursors[1], &two->arena));
    while (list_pair_next(&pair, target, &two->failure)) {
        assert_true(pair.count > 0);
        shared += check_found(two, &pair, target);
        target = random_target(pair.limit, step);
    }
    assert_int_equal(two->failure.status, REVUE_OK);
    assert_int_equal(first_shared(two, target), DOC_END);
    close_lists(two);
    return shared;
}

static void test_pairs(void **state) {
    (void)state;
    uint64_t shared = 0;
    for (size_t i = 0; i < SHAPES; i++)
        for (size_t j = 0; j < SHAPES; j++) {
            struct two_lists two;
            two_lists_make(&two, &shapes[i], &shapes[j]);
            shared += walk_pair(&two, 1);
            (void)walk_pair(&two, 400);
            two_lists_free(&two);
        }
    assert_true(shared > 4000); /* the lists do meet */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_list),
        cmocka_unit_test(test_pairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
