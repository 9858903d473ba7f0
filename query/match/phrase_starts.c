/* phrase_starts.c - see phrase_starts.h.
 *
 * Merging two lists is a chain: which of them goes on hangs on what was compared before. Where the lists are not short the
 * positions are stamped into a table instead, and each start looks up the place where the word should be: nothing waits. */
#include "query/match/phrase_starts.h"

#define FEW 6u /* starts and positions that are merged sooner than stamped */

static uint32_t merge(uint32_t *starts, uint32_t count, const uint32_t *positions, size_t position_count, uint32_t place) {
    uint32_t kept = 0;
    for (size_t i = 0, at = 0; i < count && at < position_count;) {
        const uint64_t wanted = (uint64_t)starts[i] + place, found = positions[at];
        starts[kept] = starts[i];
        kept += wanted == found;
        i += wanted <= found;
        at += found <= wanted;
    }
    return kept;
}

static uint32_t look_up(struct phrase_starts *stamped, uint32_t *starts, uint32_t count, const uint32_t *positions,
                        size_t position_count, uint32_t place) {
    uint32_t *table = stamped->table, kept = 0;
    const uint32_t stamp = ++stamped->stamp;
    for (size_t i = 0; i < position_count; i++)
        table[positions[i]] = stamp;
    for (uint32_t i = 0; i < count; i++) {
        starts[kept] = starts[i];
        kept += table[starts[i] + place] == stamp;
    }
    return kept;
}

uint32_t phrase_starts_keep(struct phrase_starts *kept, uint32_t *starts, uint32_t count, const uint32_t *positions,
                            size_t position_count, uint32_t place) {
    if (count == 1 && position_count == 1) return (uint64_t)starts[0] + place == positions[0];
    if (count == 0) return 0;
    const uint64_t last = positions[position_count - 1], last_wanted = (uint64_t)starts[count - 1] + place;
    const bool is_short = count + position_count <= FEW, is_wide = (last | last_wanted) >= PHRASE_STARTS_WINDOW;
    if (is_short || is_wide || !kept->table || kept->stamp == UINT32_MAX)
        return merge(starts, count, positions, position_count, place);
    return look_up(kept, starts, count, positions, position_count, place);
}
