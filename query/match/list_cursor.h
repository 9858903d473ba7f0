/* list_cursor.h - one posting list walked posting by posting: what the leaves are built on. */
#ifndef REVUE_MATCH_LIST_CURSOR_H
#define REVUE_MATCH_LIST_CURSOR_H

#include "query/match/cursor.h"

/* Lengths of a field near the review asked for last: reviews are asked for in ascending order, so that the extent of
 * LENGTHS changes once in tens of thousands. */
struct near_lengths {
    struct lengths_reader reader;
    const uint8_t *data;   /* of the extent; NULL: none yet */
    uint32_t first, count; /* the reviews in it */
};
void near_lengths_open(struct near_lengths *lengths, struct segment *segment, enum review_field field);
revue_status near_lengths_move(struct near_lengths *lengths, uint32_t doc, uint32_t *length, revue_error *error);
/* Those of count ascending docs, mostly of one extent; at least one. */
revue_status near_lengths_gather(struct near_lengths *lengths, const uint32_t *docs, uint32_t count, uint32_t *out,
                                 revue_error *error);
static inline revue_status near_lengths_get(struct near_lengths *lengths, uint32_t doc, uint32_t *length,
                                            revue_error *error) {
    const uint32_t at = doc - lengths->first; /* a review before first wraps to a large number */
    if (__builtin_expect(at >= lengths->count, 0)) return near_lengths_move(lengths, doc, length, error);
    *length = lengths->reader.width == 2   ? load_le16(lengths->data + 2 * (size_t)at)
              : lengths->reader.width == 1 ? lengths->data[at]
                                           : load_le32(lengths->data + 4 * (size_t)at);
    return REVUE_OK;
}

struct list_cursor {
    struct positions_reader positions;
    struct near_lengths lengths;
    enum review_field field;
    uint8_t form_bits;   /* the forms looked for, or FORM_ANY */
    uint32_t doc, index; /* where it stands (as a cursor's doc), and which posting of the block that is */
    struct postings_reader reader;
};
/* Failures go to failure and leave the list at its end; it must be closed all the same. */
void list_cursor_open(struct list_cursor *list, struct segment *segment, enum review_field field,
                      const struct term_entry_lists *lists, struct cursor_failure *failure);
void list_cursor_close(struct list_cursor *list);

/* To the first posting of the block from index from on that is not before target; there is one. The last steps are counted,
 * not searched: where a search would stop cannot be predicted. Four reviews are compared at a time. */
#define LIST_STRIDE 16u /* docs has as many behind its 128th */
typedef uint32_t doc_lanes __attribute__((vector_size(16)));
static inline void list_cursor_find(struct list_cursor *list, uint32_t from, uint32_t target) {
    const uint32_t *docs = list->reader.docs;
    const doc_lanes targets = {target, target, target, target};
    while (from + LIST_STRIDE <= POSTINGS_BLOCK && docs[from + LIST_STRIDE - 1] < target)
        from += LIST_STRIDE;
    doc_lanes lanes[LIST_STRIDE / 4];
    memcpy(lanes, docs + from, sizeof lanes);
    const doc_lanes before = (doc_lanes)(lanes[0] < targets) + (doc_lanes)(lanes[1] < targets) +
                             (doc_lanes)(lanes[2] < targets) + (doc_lanes)(lanes[3] < targets);
    list->index = from - (before[0] + before[1] + before[2] + before[3]); /* a lane that is before counts -1 */
    list->doc = docs[list->index];
}
/* Makes reader.docs those of its block, followed, up to the end of the array, by numbers that no review reaches. */
revue_status list_cursor_decode(struct list_cursor *list, revue_error *error);
void list_cursor_seek_block(struct list_cursor *list, uint32_t target, struct cursor_failure *failure);
static inline void list_cursor_seek(struct list_cursor *list, uint32_t target, struct cursor_failure *failure) {
    if (list->doc >= target && list->doc != CURSOR_BEFORE) return;
    if (!list->reader.has_docs || target > list->reader.last_doc)
        list_cursor_seek_block(list, target, failure);
    else if (target - 1 == list->doc)
        list->doc = list->reader.docs[++list->index];
    else
        list_cursor_find(list, list->index, target);
}

/* Makes reader.frequencies those of the block it stands in; false after a failure. Frequency of the posting it stands on; 0
 * after a failure. */
bool list_cursor_load_frequencies(struct list_cursor *list, struct cursor_failure *failure);
static inline uint32_t list_cursor_frequency(struct list_cursor *list, struct cursor_failure *failure) {
    if (!list->reader.has_frequencies && !list_cursor_load_frequencies(list, failure)) return 0;
    return list->reader.frequencies[list->index];
}
/* What the mask of a posting of its block, or of the one it stands on, tells of form_bits. */
enum form_presence {
    FORM_ABSENT,       /* also after a failure */
    FORM_ALONE,        /* all occurrences of the stem are of a form looked for */
    FORM_AMONG_OTHERS, /* one is there, and other forms are or may be too */
    FORM_MAY_BE_THERE  /* a form that is not listed is there, maybe one looked for */
};
enum form_presence list_cursor_form_at(struct list_cursor *list, uint32_t index, struct cursor_failure *failure);
static inline enum form_presence list_cursor_form(struct list_cursor *list, struct cursor_failure *failure) {
    return list_cursor_form_at(list, list->index, failure);
}
/* Length of the field of the review it stands on; 0 after a failure. */
static inline uint32_t list_cursor_length(struct list_cursor *list, struct cursor_failure *failure) {
    uint32_t length = 0;
    revue_status status = near_lengths_get(&list->lengths, list->doc, &length, &failure->error);
    if (status != REVUE_OK && failure->status == REVUE_OK) failure->status = status;
    return length;
}
/* The positions of postings of the block it stands in, indexes ascending: of each as many as its frequency says, ascending,
 * one posting after the other; out has room for POSITIONS_BEHIND more. Their frequencies have been loaded. */
void list_cursor_positions(struct list_cursor *list, const uint8_t *indexes, uint32_t count, uint32_t *out,
                           struct cursor_failure *failure);

#endif
