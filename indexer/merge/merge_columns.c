/* merge_columns.c - what stands beside the text of each review: ids and hashes, lengths, and every column some input has.
 *
 * All of it is rebuilt in the merged order, a chunk at a time, as a flush would write it. Keyword numbers are index-wide
 * and stay. */
#include "indexer/merge/merge_internal.h"

#include "indexer/base/memory.h"

static revue_status write_ids(struct merge *merge, revue_error *error) {
    ids_writer *writer = NULL;
    struct bytes id = {0};
    struct merge_walk walk;
    struct merge_input *input;
    uint32_t doc;
    uint64_t text_hash, sizes[4];
    revue_status status;
    TRY_DONE(ids_writer_create(&writer, merge->sink, error));
    merge_walk_start(&walk, merge);
    while (merge_walk_next(&walk, &input, &doc)) {
        TRY_DONE(ids_get(segment_ids(input->segment), doc, &id, error));
        TRY_DONE(ids_text_hash(segment_ids(input->segment), doc, &text_hash, error));
        TRY_DONE(ids_writer_add(writer, bytes_view(&id), text_hash, error));
        TRY_DONE(merge_poll(merge, error));
    }
    TRY_DONE(ids_writer_finish(writer, sizes, error));
done:
    ids_writer_free(writer);
    bytes_free(&id);
    return status;
}

static revue_status write_lengths(struct merge *merge, unsigned field, uint32_t *lengths, revue_error *error) {
    for (uint32_t i = 0; i < merge->input_count; i++) {
        const struct merge_input *input = &merge->inputs[i];
        struct lengths_reader reader = segment_lengths(input->segment, field);
        for (uint32_t doc = 0; doc < input->row.doc_count; doc++)
            if (input->map[doc] != DOC_END) TRY(lengths_get(&reader, doc, &lengths[input->map[doc]], error));
    }
    return lengths_write(merge->sink, field, lengths, merge->doc_count, &merge->meta.fields[field].length_width, error);
}

static revue_status write_all_lengths(struct merge *merge, revue_error *error) {
    uint32_t *lengths = memory_alloc_array(merge->doc_count, sizeof *lengths);
    if (!lengths) return error_no_memory(error);
    revue_status status = REVUE_OK;
    for (unsigned field = 0; field < FIELD_COUNT && status == REVUE_OK; field++)
        status = write_lengths(merge, field, lengths, error);
    memory_free(lengths);
    return status;
}

/* ---- columns ---- */

/* A column being merged, and its chunk being filled. */
struct column_merge {
    struct merge *merge;
    const struct schema_column *column;
    struct column_reader *readers; /* of each input */
    uint32_t count;                /* values in the chunk */
    bool has_value[COLUMN_CHUNK];
    int64_t integers[COLUMN_CHUNK];
    double numbers[COLUMN_CHUNK];
    uint32_t ends[COLUMN_CHUNK];
    struct bytes several; /* int64 values of a column with several a review */
    struct bytes record;
};

static revue_status take_several(struct column_merge *column, struct column_reader *reader, uint32_t doc,
                                 revue_error *error) {
    uint32_t first, count;
    TRY(column_reader_several(reader, doc, &first, &count, error));
    for (uint32_t i = 0; i < count; i++)
        bytes_append_u64(&column->several, column_chunk_several_at(&reader->chunk, first + i));
    column->ends[column->count] = (uint32_t)(column->several.size / sizeof(uint64_t));
    return column->several.failed ? error_no_memory(error) : REVUE_OK;
}

static revue_status take_value(struct column_merge *column, struct column_reader *reader, uint32_t doc,
                               revue_error *error) {
    uint32_t at = column->count;
    column->integers[at] = 0;
    column->numbers[at] = 0;
    if (column->column->has_several) return take_several(column, reader, doc, error);
    if (column->column->kind == COLUMN_NUMBER && !column->column->is_internal)
        return column_reader_number(reader, doc, &column->has_value[at], &column->numbers[at], error);
    return column_reader_integer(reader, doc, &column->has_value[at], &column->integers[at], error);
}

static revue_status put_chunk(struct column_merge *column, uint32_t chunk, revue_error *error) {
    struct column_chunk_input input = {.count = column->count,
                                       .is_integer = column->column->has_several || column->column->kind != COLUMN_NUMBER ||
                                                     column->column->is_internal,
                                       .integers = column->integers,
                                       .numbers = column->numbers,
                                       .has_value = column->has_value};
    bool is_empty;
    if (column->column->has_several) {
        input.ends = column->ends;
        input.integers = (const int64_t *)(const void *)column->several.data;
    }
    bytes_clear(&column->record);
    TRY(column_chunk_encode(&input, &column->record, &is_empty, error));
    column->count = 0;
    bytes_clear(&column->several);
    if (is_empty) return REVUE_OK;
    return segment_writer_put_column(column->merge->writer, column->column->number, chunk, bytes_view(&column->record),
                                     error);
}

static revue_status merge_column(struct column_merge *column, revue_error *error) {
    struct merge *merge = column->merge;
    struct merge_walk walk;
    struct merge_input *input;
    uint32_t doc, chunk = 0;
    for (uint32_t i = 0; i < merge->input_count; i++)
        column_reader_open(&column->readers[i], merge->read, merge->inputs[i].row.number, column->column->number);
    merge_walk_start(&walk, merge);
    while (merge_walk_next(&walk, &input, &doc)) {
        TRY(take_value(column, &column->readers[input - merge->inputs], doc, error));
        if (++column->count == COLUMN_CHUNK) {
            TRY(put_chunk(column, chunk++, error));
            TRY(merge_poll(merge, error));
        }
    }
    return column->count > 0 ? put_chunk(column, chunk, error) : REVUE_OK;
}

/* Whether some input has a chunk of the column. */
static revue_status column_is_present(struct merge *merge, uint16_t column, bool *is_present, revue_error *error) {
    store_cursor *cursor;
    revue_status status = store_cursor_open(merge->read, TABLE_COLUMNS, &cursor, error);
    if (status != REVUE_OK) return status;
    *is_present = false;
    for (uint32_t i = 0; i < merge->input_count && !*is_present && status == REVUE_OK; i++) {
        struct key first = key_column_chunk(merge->inputs[i].row.number, column, 0);
        struct view key, value;
        status = store_cursor_at_or_after(cursor, key_view(&first), &key, &value, error);
        *is_present = status == REVUE_OK && key.size == first.size && memcmp(key.data, first.data, first.size - 4) == 0;
        if (status == REVUE_NO_MATCH) status = REVUE_OK;
    }
    store_cursor_close(cursor);
    return status;
}

static revue_status merge_present(struct column_merge *column, revue_error *error) {
    struct merge *merge = column->merge;
    for (uint32_t i = 0; i < merge->schema.count; i++) {
        bool is_present;
        column->column = &merge->schema.columns[i];
        TRY(column_is_present(merge, column->column->number, &is_present, error));
        if (is_present) TRY(merge_column(column, error));
    }
    return REVUE_OK;
}

revue_status merge_columns(struct merge *merge, revue_error *error) {
    TRY(write_ids(merge, error));
    TRY(write_all_lengths(merge, error));
    struct column_merge *column = memory_alloc_zeroed(1, sizeof *column);
    if (!column) return error_no_memory(error);
    column->merge = merge;
    column->readers = memory_alloc_zeroed(merge->input_count, sizeof *column->readers);
    revue_status status = column->readers ? merge_present(column, error) : error_no_memory(error);
    bytes_free(&column->several);
    bytes_free(&column->record);
    memory_free(column->readers);
    memory_free(column);
    return status;
}
