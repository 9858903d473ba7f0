/* phrase_starts.h - of the positions at which a phrase may begin those that one more of its words leaves. */
#ifndef REVUE_MATCH_PHRASE_STARTS_H
#define REVUE_MATCH_PHRASE_STARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

#endif
