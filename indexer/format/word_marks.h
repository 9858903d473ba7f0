/* word_marks.h - several fields in word codes walked side by side, for those who look for words in many texts.
 *
 * Walking codes is a chain: where a code begins is known when the one before has been looked up. Four fields are four
 * chains, which a processor follows at once. What a walker notes of a number is a byte, its mark, and the marks of a field
 * come out in one run, to be compared sixteen at a time. */
#ifndef REVUE_FORMAT_WORD_MARKS_H
#define REVUE_FORMAT_WORD_MARKS_H

#include "indexer/format/stored_text.h"

#define WORD_LANES 4u
#define WORD_MARK_UNKNOWN 0u /* of numbers that nothing is noted of yet, and of literals: the walk stops */
#define WORD_MARK_SKIPPED 1u /* does not come out */

struct word_lane {
    struct word_codes_walk walk;
    uint8_t *marks; /* the caller's: room for word_lane_room(), filled from count on */
    uint32_t count;
};
/* Marks that the rest of a field can have at most. */
static inline uint64_t word_lane_room(const struct word_codes_walk *walk) {
    return walk->end - walk->bit + 1;
}
/* False near the end of a field, and where there is nothing to walk. */
#define WORD_LANE_BITS 64u /* that are loaded for a code */
static inline bool word_lane_can_run(const struct word_codes_walk *walk) {
    return !walk->failed && walk->end - walk->bit >= WORD_LANE_BITS;
}
/* Puts the marks of the next numbers of each lane behind those it has, until one of the lanes comes to a number whose mark
 * is unknown, or near its end: its walk is left before it, for word_codes_walk_next. marks: of number_count numbers, the
 * first of which is a literal. */
void word_lanes_walk(struct word_lane lanes[WORD_LANES], const uint8_t *marks, uint32_t number_count);
/* The same of one. */
void word_lane_walk(struct word_lane *lane, const uint8_t *marks, uint32_t number_count);

/* The walks by themselves, of lanes that can all run, one or WORD_LANES of them: those that this processor has, fastest
 * first; NULL behind the last. All do the same. */
struct word_marks_functions {
    const char *name; /* of the instructions used */
    void (*walk)(struct word_lane *lanes, unsigned count, const uint8_t *marks, uint32_t number_count);
};
const struct word_marks_functions *word_marks_functions_of(unsigned number);

#endif
