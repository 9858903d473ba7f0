/* phrase_starts.h - of the positions at which a phrase may begin those that one more of its words leaves. */
#ifndef REVUE_MATCH_PHRASE_STARTS_H
#define REVUE_MATCH_PHRASE_STARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PHRASE_STARTS_WINDOW 4096u /* positions that the table tells apart */

/* Zero bytes are ready for use. */
struct phrase_starts {
    uint32_t stamp;  /* of the latest call; what is older in the table counts as empty */
    uint32_t *table; /* NULL: none yet; PHRASE_STARTS_WINDOW zeros of the caller's otherwise */
};
/* Keeps of count starts, which ascend, those at which a word with these positions (ascending, at least one) stands at its
 * place in the phrase; returns how many they are. Without a table by merging: the judge of the other way. */
uint32_t phrase_starts_keep(struct phrase_starts *kept, uint32_t *starts, uint32_t count, const uint32_t *positions,
                            size_t position_count, uint32_t place);

/* False: none of the starts is kept. Mostly none is, and that is told without a branch that hangs on them; of many starts
 * and positions nothing is told. Starts before the field may be there as what they wrap to. Both arrays are readable for
 * PHRASE_STARTS_BEHIND more. */
#define PHRASE_STARTS_TOLD 4096u /* starts times positions, at most */
#define PHRASE_STARTS_BEHIND 3u
#define PHRASE_STARTS_LANES 4u
typedef uint32_t phrase_lanes __attribute__((vector_size(4 * PHRASE_STARTS_LANES)));
typedef int32_t phrase_lane_numbers __attribute__((vector_size(4 * PHRASE_STARTS_LANES)));
/* Those there are of four, and others in the places behind. */
static inline phrase_lanes phrase_lanes_of(const uint32_t *from, uint32_t count, phrase_lanes others) {
    const int32_t most = count < PHRASE_STARTS_LANES ? (int32_t)count : (int32_t)PHRASE_STARTS_LANES;
    const phrase_lane_numbers numbers = {0, 1, 2, 3}, counts = {most, most, most, most};
    phrase_lanes lanes;
    memcpy(&lanes, from, sizeof lanes);
    const phrase_lanes is_there = (phrase_lanes)(numbers < counts);
    return (lanes & is_there) | (others & ~is_there);
}
static inline bool phrase_starts_may_keep(const uint32_t *starts, uint32_t count, const uint32_t *positions,
                                          uint32_t position_count, uint32_t place) {
    const phrase_lanes places = {place, place, place, place}, no_start = (phrase_lanes){0} + INT32_MAX,
                       no_position = no_start - 1;
    phrase_lanes found = {0};
    if ((uint64_t)count * position_count > PHRASE_STARTS_TOLD) return true;
    for (uint32_t i = 0; i < count; i += PHRASE_STARTS_LANES) {
        const phrase_lanes four = phrase_lanes_of(starts + i, count - i, no_start);
        for (uint32_t j = 0; j < position_count; j += PHRASE_STARTS_LANES) {
            const phrase_lanes wanted = phrase_lanes_of(positions + j, position_count - j, no_position + places) - places;
            found |= (phrase_lanes)(four == wanted);
            found |= (phrase_lanes)(four == __builtin_shufflevector(wanted, wanted, 1, 2, 3, 0));
            found |= (phrase_lanes)(four == __builtin_shufflevector(wanted, wanted, 2, 3, 0, 1));
            found |= (phrase_lanes)(four == __builtin_shufflevector(wanted, wanted, 3, 0, 1, 2));
        }
    }
    uint64_t halves[2];
    memcpy(halves, &found, sizeof halves);
    return (halves[0] | halves[1]) != 0;
}

#endif
