/* list_cursor.h - one posting list walked posting by posting: what the leaves are built on. */
#ifndef REVUE_MATCH_LIST_CURSOR_H
#define REVUE_MATCH_LIST_CURSOR_H

#include "query/match/cursor.h"

struct list_cursor {
    struct postings_reader reader;
    struct positions_reader positions;
    struct lengths_reader lengths;
    enum review_field field;
    uint8_t form_number;     /* of the exact form looked for, or FORM_ANY */
    uint32_t doc, index;     /* where it stands (as a cursor's doc), and which posting of the block that is */
    uint32_t lengths_block;  /* block that block_lengths are of; UINT32_MAX: none */
    uint32_t *block_lengths; /* made at the first use of positions */
};
/* Failures go to failure and leave the list at its end; it must be closed all the same. */
void list_cursor_open(struct list_cursor *list, struct segment *segment, enum review_field field,
                      const struct term_entry_lists *lists, struct cursor_failure *failure);
void list_cursor_close(struct list_cursor *list);
void list_cursor_seek(struct list_cursor *list, uint32_t target, struct cursor_failure *failure);
/* Frequency of the posting it stands on. */
uint32_t list_cursor_frequency(struct list_cursor *list, struct cursor_failure *failure);
/* Its positions, appended to out as uint32_t. */
void list_cursor_positions(struct list_cursor *list, struct arena *arena, struct bytes *out,
                           struct cursor_failure *failure);

#endif
