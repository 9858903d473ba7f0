/* test_word_marks.c - marks of several fields walked side by side are those of each field walked by itself: random fields
 * of any length, with literals, with numbers that nothing is noted of or that have no room for a mark, ended early. */
#include "indexer/format/word_marks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define NUMBERS 3000u /* that have a mark */
#define ITEMS 700u

static uint64_t random_state = 20261123;

static uint32_t random_below(uint32_t limit) {
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((random_state >> 32) * limit >> 32);
}

struct field {
    struct bytes codes;
    uint8_t expected[ITEMS], found[ITEMS * 40];
    uint32_t expected_count;
    bool is_done;
};

static uint8_t number_marks[NUMBERS];

static uint8_t mark_of(uint32_t number) {
    return number < NUMBERS ? number_marks[number] : WORD_MARK_UNKNOWN;
}

static void expect(struct field *field, uint8_t mark) {
    if (mark != WORD_MARK_SKIPPED) field->expected[field->expected_count++] = mark;
}

static void make_field(struct field *field, const struct number_code *code) {
    const uint32_t items = random_below(4) ? random_below(ITEMS) : random_below(8);
    struct word_codes_writer writer;
    *field = (struct field){.is_done = false};
    word_codes_start(&writer, code, &field->codes);
    for (uint32_t i = 0; i < items; i++) {
        struct text_item item = {SYMBOL_FIRST + random_below(1 + random_below(NUMBERS + 100)), {NULL, 0}};
        if (random_below(50) == 0) item = (struct text_item){random_below(2), view_of("literal", random_below(8))};
        word_codes_append(&writer, item, false, true, true);
        expect(field, mark_of(item.number));
    }
    word_codes_finish(&writer);
    assert_false(field->codes.failed);
}

/* What a lane stopped before is taken from its walk. */
static void pass_stop(struct word_lane *lane, struct field *field) {
    struct text_item item;
    if (field->is_done || !word_codes_walk_next(&lane->walk, &item)) {
        field->is_done = true;
        return;
    }
    const uint8_t mark = mark_of(item.number);
    lane->marks[lane->count] = mark;
    lane->count += mark != WORD_MARK_SKIPPED;
}

static bool are_done(const struct field fields[WORD_LANES]) {
    bool are = true;
    for (unsigned i = 0; i < WORD_LANES; i++)
        are &= fields[i].is_done;
    return are;
}

static bool can_run(const struct word_lane lanes[WORD_LANES]) {
    bool can = true;
    for (unsigned i = 0; i < WORD_LANES; i++)
        can &= word_lane_can_run(&lanes[i].walk);
    return can;
}

/* functions NULL: the lanes one by one. */
static void walk_all(struct field fields[WORD_LANES], struct word_lane lanes[WORD_LANES],
                     const struct word_marks_functions *functions) {
    while (!are_done(fields)) {
        if (functions && can_run(lanes)) functions->walk(lanes, WORD_LANES, number_marks, NUMBERS);
        for (unsigned i = 0; i < WORD_LANES; i++) {
            if (!functions) word_lane_walk(&lanes[i], number_marks, NUMBERS);
            pass_stop(&lanes[i], &fields[i]);
        }
    }
}

static void make_marks(void) {
    for (uint32_t i = 0; i < NUMBERS; i++)
        number_marks[i] = (uint8_t)(random_below(30) ? 1 + random_below(255) : WORD_MARK_UNKNOWN);
    for (uint32_t i = 0; i < NUMBERS; i += 7)
        number_marks[i] = WORD_MARK_SKIPPED;
    number_marks[SYMBOL_LITERAL_WORD] = number_marks[SYMBOL_LITERAL_GAP] = WORD_MARK_UNKNOWN;
}

static void make_code(struct number_code *code) {
    uint64_t counts[NUMBERS];
    uint8_t lengths[NUMBER_CLASSES];
    for (uint32_t i = 0; i < NUMBERS; i++)
        counts[i] = 1000000 / (i + 1);
    number_code_choose(counts, NUMBERS, lengths);
    assert_true(number_code_make(code, lengths));
}

static void test_marks_are_those_of_each_field(void **state) {
    (void)state;
    static struct number_code code;
    static struct field fields[WORD_LANES];
    unsigned ways = 0;
    while (word_marks_functions_of(ways))
        ways++;
    assert_string_equal(word_marks_functions_of(ways - 1)->name, "plain");
    make_code(&code);
    for (unsigned round = 0; round < 600; round++) {
        struct word_lane lanes[WORD_LANES];
        make_marks();
        for (unsigned i = 0; i < WORD_LANES; i++) {
            make_field(&fields[i], &code);
            lanes[i] = (struct word_lane){.marks = fields[i].found};
            word_codes_walk_start(&lanes[i].walk, &code, bytes_view(&fields[i].codes));
            assert_in_range(fields[i].expected_count, 0, word_lane_room(&lanes[i].walk));
        }
        walk_all(fields, lanes, word_marks_functions_of(round % (ways + 1)));
        for (unsigned i = 0; i < WORD_LANES; i++) {
            assert_false(lanes[i].walk.failed);
            assert_int_equal(lanes[i].count, fields[i].expected_count);
            assert_memory_equal(fields[i].found, fields[i].expected, fields[i].expected_count);
            bytes_free(&fields[i].codes);
        }
    }
}

/* A field cut anywhere, in memory of just its size, is never read past its end. */
static void test_cut_fields(void **state) {
    (void)state;
    static struct number_code code;
    static struct field field;
    make_code(&code);
    make_marks();
    make_field(&field, &code);
    for (size_t size = 0; size < field.codes.size; size++) {
        uint8_t *cut = malloc(size + 1);
        assert_non_null(cut);
        memcpy(cut + 1, field.codes.data, size);
        struct word_lane lane = {.marks = field.found};
        struct text_item item;
        word_codes_walk_start(&lane.walk, &code, view_of(cut + 1, size));
        do {
            word_lane_walk(&lane, number_marks, NUMBERS);
            lane.count = 0;
        } while (word_codes_walk_next(&lane.walk, &item));
        free(cut);
    }
    bytes_free(&field.codes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_marks_are_those_of_each_field),
        cmocka_unit_test(test_cut_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
