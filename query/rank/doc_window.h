/* doc_window.h - the reviews of a stretch of a segment as a set of bits, filled from posting lists and compared with them.
 *
 * Blocks that are stored as bits are never decoded, and of the others only the reviews; blocks in which nothing can be are
 * passed over by the skip data. Lists are read forward only: the windows of one count follow each other. */
#ifndef REVUE_RANK_DOC_WINDOW_H
#define REVUE_RANK_DOC_WINDOW_H

#include "indexer/format/postings.h"

#define DOC_WINDOW 65536u                      /* reviews: three windows stay in the first-level cache */
#define DOC_WINDOW_WORDS (DOC_WINDOW / 64 + 1) /* bits that are shifted may touch one word more */

struct doc_window {
    uint32_t from, to; /* reviews [from, to), below 2^31; from is a multiple of 64 */
    uint64_t bits[DOC_WINDOW_WORDS];
};
/* An empty set of [from, to), which are at most DOC_WINDOW. */
void doc_window_clear(struct doc_window *window, uint32_t from, uint32_t to);
/* All of [from, to). */
void doc_window_fill(struct doc_window *window, uint32_t from, uint32_t to);
uint32_t doc_window_count(const struct doc_window *window);
/* Takes out, or adds, what is set in words, the first of which is that of review 0. */
void doc_window_remove_words(struct doc_window *window, const uint64_t *words);
void doc_window_add_words(struct doc_window *window, const uint64_t *words);
/* Takes out what is set in another window of the same reviews. */
void doc_window_remove(struct doc_window *window, const struct doc_window *other);

/* A review from which on list has all its reviews that are not before from; DOC_END: it has no more. Moves the list on. */
revue_status doc_window_next(struct postings_reader *list, uint32_t from, uint32_t *next, revue_error *error);
/* Adds the reviews of list in [from, to). */
revue_status doc_window_add(struct doc_window *window, struct postings_reader *list, revue_error *error);
/* Adds those that are also in with, a window of the same reviews. */
revue_status doc_window_add_common(struct doc_window *window, const struct doc_window *with, struct postings_reader *list,
                                   revue_error *error);
/* *count grows by the reviews that are both in window and in list. */
revue_status doc_window_count_common(const struct doc_window *window, struct postings_reader *list, uint64_t *count,
                                     revue_error *error);

#endif
