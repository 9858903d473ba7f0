/* word_marks.c - see word_marks.h. */
#include "indexer/format/word_marks.h"

/* A lane, copied so that it may stay in registers. */
struct runner {
    const uint8_t *data;
    uint8_t *out;
    uint64_t bit, last; /* of data: the next, and up to which a code may be loaded */
};

static inline struct runner runner_of(const struct word_lane *lane) {
    const struct word_codes_walk *walk = &lane->walk;
    return (struct runner){walk->data, lane->marks + lane->count, walk->bit, walk->end - WORD_LANE_BITS};
}

static inline void settle(struct word_lane *lane, const struct runner *runner) {
    lane->walk.bit = runner->bit;
    lane->count = (uint32_t)(runner->out - lane->marks);
}

/* One number; false, and the runner before it, when its mark is unknown. */
static inline __attribute__((always_inline)) bool step(struct runner *runner, const struct number_code *code,
                                                       const uint8_t *marks, uint32_t number_count) {
    const uint64_t bits = load_le64(runner->data + (runner->bit >> 3)) >> (runner->bit & 7);
    const unsigned entry = code->classes[bits & ((1u << NUMBER_PREFIX_MAX) - 1)];
    const unsigned size = entry >> NUMBER_SIZE_SHIFT, class = entry & NUMBER_CLASS_BITS;
    const uint64_t rest = (bits & (((uint64_t)1 << size) - 1)) >> code->lengths[class];
    const uint32_t number = code->firsts[class] + (uint32_t)rest;
    const uint8_t mark = marks[number < number_count ? number : SYMBOL_LITERAL_WORD];
    *runner->out = mark;
    runner->out += mark != WORD_MARK_SKIPPED;
    runner->bit += size;
    if (__builtin_expect(mark != WORD_MARK_UNKNOWN, 1)) return true;
    runner->out--;
    runner->bit -= size;
    return false;
}

static inline __attribute__((always_inline)) void walk_one(struct word_lane *lane, const uint8_t *marks,
                                                           uint32_t number_count) {
    struct runner runner = runner_of(lane);
    while (runner.bit <= runner.last && step(&runner, lane->walk.code, marks, number_count))
        ;
    settle(lane, &runner);
}

static inline __attribute__((always_inline)) void walk_four(struct word_lane *lanes, const uint8_t *marks,
                                                            uint32_t number_count) {
    const struct number_code *code = lanes[0].walk.code;
    struct runner a = runner_of(&lanes[0]), b = runner_of(&lanes[1]), c = runner_of(&lanes[2]), d = runner_of(&lanes[3]);
    while (a.bit <= a.last && b.bit <= b.last && c.bit <= c.last && d.bit <= d.last)
        if (!step(&a, code, marks, number_count) || !step(&b, code, marks, number_count) ||
            !step(&c, code, marks, number_count) || !step(&d, code, marks, number_count))
            break;
    settle(&lanes[0], &a);
    settle(&lanes[1], &b);
    settle(&lanes[2], &c);
    settle(&lanes[3], &d);
}

/* ---- by processor ---- */

static void walk_plain(struct word_lane *lanes, unsigned count, const uint8_t *marks, uint32_t number_count) {
    if (count == WORD_LANES)
        walk_four(lanes, marks, number_count);
    else
        walk_one(lanes, marks, number_count);
}

static const struct word_marks_functions plain = {"plain", walk_plain};

#if defined(__x86_64__)
/* Shifts by any count, and a mask of low bits, in one step each: a third fewer steps for a number. */
static __attribute__((target("bmi,bmi2"))) void walk_bmi2(struct word_lane *lanes, unsigned count, const uint8_t *marks,
                                                          uint32_t number_count) {
    if (count == WORD_LANES)
        walk_four(lanes, marks, number_count);
    else
        walk_one(lanes, marks, number_count);
}

static const struct word_marks_functions with_bmi2 = {"bmi2", walk_bmi2};

const struct word_marks_functions *word_marks_functions_of(unsigned number) {
    const bool has_bmi2 = __builtin_cpu_supports("bmi2");
    if (number == 0 && has_bmi2) return &with_bmi2;
    return number == (has_bmi2 ? 1 : 0) ? &plain : NULL;
}
#else
const struct word_marks_functions *word_marks_functions_of(unsigned number) {
    return number == 0 ? &plain : NULL;
}
#endif

/* ---- lanes ---- */

void word_lane_walk(struct word_lane *lane, const uint8_t *marks, uint32_t number_count) {
    if (word_lane_can_run(&lane->walk)) word_marks_functions_of(0)->walk(lane, 1, marks, number_count);
}

void word_lanes_walk(struct word_lane lanes[WORD_LANES], const uint8_t *marks, uint32_t number_count) {
    for (unsigned i = 0; i < WORD_LANES; i++)
        if (!word_lane_can_run(&lanes[i].walk)) return;
    word_marks_functions_of(0)->walk(lanes, WORD_LANES, marks, number_count);
}
