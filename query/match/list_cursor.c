/* list_cursor.c - see list_cursor.h. */
#include "query/match/list_cursor.h"

#include <string.h>

static void list_fail(struct list_cursor *list, struct cursor_failure *failure, revue_status status) {
    if (failure->status == REVUE_OK) failure->status = status;
    list->doc = DOC_END;
}

/* ---- lengths ---- */

void near_lengths_open(struct near_lengths *lengths, struct segment *segment, enum review_field field) {
    *lengths = (struct near_lengths){.reader = segment_lengths(segment, field)};
}

/* Remembers the extent that doc lies in. What is wrong with doc or the width lengths_get says better than this could. */
revue_status near_lengths_move(struct near_lengths *lengths, uint32_t doc, uint32_t *length, revue_error *error) {
    const struct lengths_reader *reader = &lengths->reader;
    if (reader->width != 0) {
        const uint32_t in_extent = EXTENT_BYTES / reader->width;
        uint32_t size;
        TRY(lengths_get(&lengths->reader, doc, length, error));
        TRY(stream_extent(reader->stream, doc / in_extent, &lengths->data, &size, error));
        lengths->first = doc / in_extent * in_extent;
        lengths->count = size / reader->width;
        return REVUE_OK;
    }
    *length = 0;
    return REVUE_OK;
}

revue_status near_lengths_gather(struct near_lengths *lengths, const uint32_t *docs, uint32_t count, uint32_t *out,
                                 revue_error *error) {
    const uint32_t first = lengths->first;
    const uint8_t *data = lengths->data;
    if (lengths->reader.width != 2 || docs[0] < first || docs[count - 1] - first >= lengths->count) {
        for (uint32_t i = 0; i < count; i++)
            TRY(near_lengths_get(lengths, docs[i], &out[i], error));
        return REVUE_OK;
    }
    lengths_gather_two(data, first, docs, count, out);
    return REVUE_OK;
}

/* ---- reviews ---- */

/* Behind the 128th come some more that no target reaches: list_cursor_find may look at them. */
static void pad_docs(struct list_cursor *list) {
    for (uint32_t i = POSTINGS_BLOCK; i < POSTINGS_BLOCK + LIST_STRIDE; i++)
        list->reader.docs[i] = DOC_END;
}

void list_cursor_open(struct list_cursor *list, struct segment *segment, enum review_field field,
                      const struct term_entry_lists *lists, struct cursor_failure *failure) {
    memset(list, 0, offsetof(struct list_cursor, reader)); /* the reader clears what it needs */
    list->field = field;
    list->form_bits = lists->form_bits;
    list->doc = CURSOR_BEFORE;
    near_lengths_open(&list->lengths, segment, field);
    positions_reader_open(&list->positions);
    revue_status status = postings_reader_open(&list->reader, segment_postings(segment), segment->meta.doc_count,
                                               &lists->lists[field], &failure->error);
    if (status != REVUE_OK)
        list_fail(list, failure, status);
    else if (list->reader.has_docs)
        pad_docs(list);
}

void list_cursor_close(struct list_cursor *list) {
    postings_reader_close(&list->reader);
    positions_reader_close(&list->positions);
}

revue_status list_cursor_decode(struct list_cursor *list, revue_error *error) {
    if (list->reader.has_docs) return REVUE_OK;
    TRY(postings_reader_docs(&list->reader, error));
    pad_docs(list);
    return REVUE_OK;
}

void list_cursor_seek_block(struct list_cursor *list, uint32_t target, struct cursor_failure *failure) {
    struct postings_reader *reader = &list->reader;
    revue_status status = postings_reader_seek_block(reader, target, &failure->error);
    if (status == REVUE_OK && reader->count > 0) status = list_cursor_decode(list, &failure->error);
    if (status != REVUE_OK)
        list_fail(list, failure, status);
    else if (reader->count == 0)
        list->doc = DOC_END;
    else
        list_cursor_find(list, 0, target);
}

/* ---- what a posting says ---- */

bool list_cursor_load_frequencies(struct list_cursor *list, struct cursor_failure *failure) {
    revue_status status = postings_reader_frequencies(&list->reader, &failure->error);
    if (status != REVUE_OK) list_fail(list, failure, status);
    return status == REVUE_OK;
}

enum form_presence list_cursor_form_at(struct list_cursor *list, uint32_t index, struct cursor_failure *failure) {
    if (list->form_bits == FORM_ANY) return FORM_ALONE;
    if (!list->reader.has_masks) {
        revue_status status = postings_reader_masks(&list->reader, &failure->error);
        if (status != REVUE_OK) {
            list_fail(list, failure, status);
            return FORM_ABSENT;
        }
    }
    const unsigned mask = list->reader.masks[index], there = mask & list->form_bits, unlisted = 1u << FORM_OTHER;
    if (there == 0) return FORM_ABSENT;
    if (there == unlisted) return FORM_MAY_BE_THERE;
    return mask == there && !(there & unlisted) ? FORM_ALONE : FORM_AMONG_OTHERS;
}

void list_cursor_positions(struct list_cursor *list, const uint8_t *indexes, uint32_t count, uint32_t *out,
                           struct cursor_failure *failure) {
    revue_status status =
        positions_reader_read_several(&list->positions, &list->reader, indexes, count, out, &failure->error);
    if (status != REVUE_OK) list_fail(list, failure, status);
}
