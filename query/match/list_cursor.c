/* list_cursor.c - see list_cursor.h. */
#include "query/match/list_cursor.h"

#include <string.h>

static void list_fail(struct list_cursor *list, struct cursor_failure *failure, revue_status status) {
    if (failure->status == REVUE_OK) failure->status = status;
    list->doc = DOC_END;
}

void list_cursor_open(struct list_cursor *list, struct segment *segment, enum review_field field,
                      const struct term_entry_lists *lists, struct cursor_failure *failure) {
    memset(list, 0, sizeof *list);
    list->field = field;
    list->form_number = lists->form_number;
    list->lengths = segment_lengths(segment, field);
    list->doc = CURSOR_BEFORE;
    list->lengths_block = UINT32_MAX;
    positions_reader_open(&list->positions);
    revue_status status = postings_reader_open(&list->reader, segment_postings(segment), segment->meta.doc_count,
                                               &lists->lists[field], &failure->error);
    if (status != REVUE_OK) list_fail(list, failure, status);
}

void list_cursor_close(struct list_cursor *list) {
    postings_reader_close(&list->reader);
    positions_reader_close(&list->positions);
}

void list_cursor_seek(struct list_cursor *list, uint32_t target, struct cursor_failure *failure) {
    struct postings_reader *reader = &list->reader;
    if (list->doc == DOC_END || (list->doc != CURSOR_BEFORE && list->doc >= target)) return;
    revue_status status = REVUE_OK;
    uint32_t from = list->doc == CURSOR_BEFORE ? 0 : list->index + 1;
    if (reader->last_doc < target) {
        status = postings_reader_seek_block(reader, target, &failure->error);
        from = 0;
    }
    if (status == REVUE_OK && reader->count > 0 && !reader->has_docs)
        status = postings_reader_docs(reader, &failure->error);
    if (status != REVUE_OK) {
        list_fail(list, failure, status);
        return;
    }
    while (from < reader->count && reader->docs[from] < target)
        from++;
    list->index = from;
    list->doc = from < reader->count ? reader->docs[from] : DOC_END;
}

uint32_t list_cursor_frequency(struct list_cursor *list, struct cursor_failure *failure) {
    if (!list->reader.has_frequencies) {
        revue_status status = postings_reader_frequencies(&list->reader, &failure->error);
        if (status != REVUE_OK) {
            list_fail(list, failure, status);
            return 0;
        }
    }
    return list->reader.frequencies[list->index];
}

void list_cursor_positions(struct list_cursor *list, struct arena *arena, struct bytes *out,
                           struct cursor_failure *failure) {
    uint32_t frequency = list_cursor_frequency(list, failure);
    if (failure->status != REVUE_OK || frequency > UINT32_MAX / sizeof(uint32_t)) return;
    revue_status status = REVUE_OK;
    if (!list->block_lengths) list->block_lengths = arena_alloc_array(arena, POSTINGS_BLOCK, sizeof *list->block_lengths);
    uint8_t *room = list->block_lengths ? bytes_extend(out, frequency * sizeof(uint32_t)) : NULL;
    if (!room) {
        list_fail(list, failure, error_no_memory(&failure->error));
        return;
    }
    if (list->lengths_block != list->reader.block) {
        status =
            lengths_gather(&list->lengths, list->reader.docs, list->reader.count, list->block_lengths, &failure->error);
        list->lengths_block = list->reader.block;
    }
    if (status == REVUE_OK)
        status = positions_reader_read(&list->positions, &list->reader, list->index, list->block_lengths,
                                       (uint32_t *)(void *)room, &failure->error);
    if (status != REVUE_OK) list_fail(list, failure, status);
}
