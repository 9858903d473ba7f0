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

void word_lane_walk(struct word_lane *lane, const uint8_t *marks, uint32_t number_count) {
    if (!word_lane_can_run(&lane->walk)) return;
    struct runner runner = runner_of(lane);
    while (runner.bit <= runner.last && step(&runner, lane->walk.code, marks, number_count))
        ;
    settle(lane, &runner);
}

void word_lanes_walk(struct word_lane lanes[WORD_LANES], const uint8_t *marks, uint32_t number_count) {
    const struct number_code *code = lanes[0].walk.code;
    for (unsigned i = 0; i < WORD_LANES; i++)
        if (!word_lane_can_run(&lanes[i].walk)) return;
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
