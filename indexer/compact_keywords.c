/* compact_keywords.c - see compact_keywords.h. A chunk at a time: number -> value -> new number. */
#include "indexer/compact_keywords.h"

#include "indexer/base/memory.h"
#include "indexer/format/columns.h"
#include "indexer/format/keys.h"

#define STEP_BYTES ((uint64_t)10 << 20)

/* One keyword column on its way. */
struct renumbering {
    store_txn *from, *to;
    uint16_t column;
    keywords *old_values;
    keywords_builder *new_values;
    struct bytes scratch, numbers, record;
    uint32_t ends[COLUMN_CHUNK];
    bool has_value[COLUMN_CHUNK];
};

static revue_status add_number(struct renumbering *renumbering, int64_t old, revue_error *error) {
    struct view value;
    uint32_t number = 0;
    if (old < 0 || old > UINT32_MAX)
        return error_set(error, REVUE_CORRUPT, "column %u holds a number no keyword has: rebuild the index",
                         renumbering->column);
    TRY(keywords_value(renumbering->old_values, (uint32_t)old, &renumbering->scratch, &value, error));
    TRY(keywords_builder_number(renumbering->new_values, value, &number, error));
    bytes_append_u64(&renumbering->numbers, number);
    return REVUE_OK;
}

static revue_status renumber_several(struct renumbering *renumbering, const struct column_chunk *chunk, uint32_t index,
                                     revue_error *error) {
    uint32_t first, count = column_chunk_several(chunk, index, &first);
    for (uint32_t i = 0; i < count; i++)
        TRY(add_number(renumbering, column_chunk_several_at(chunk, first + i), error));
    renumbering->has_value[index] = count > 0;
    return REVUE_OK;
}

static revue_status renumber_single(struct renumbering *renumbering, const struct column_chunk *chunk, uint32_t index,
                                    revue_error *error) {
    renumbering->has_value[index] = column_chunk_has(chunk, index);
    if (renumbering->has_value[index]) return add_number(renumbering, column_chunk_integer(chunk, index), error);
    bytes_append_u64(&renumbering->numbers, 0);
    return REVUE_OK;
}

static revue_status renumber_chunk(struct renumbering *renumbering, const struct column_chunk *chunk, struct view key,
                                   revue_error *error) {
    bool is_empty;
    if (!chunk->has_several && !chunk->is_integer)
        return error_set(error, REVUE_CORRUPT, "column %u holds numbers instead of keywords: rebuild the index",
                         renumbering->column);
    bytes_clear(&renumbering->numbers);
    bytes_clear(&renumbering->record);
    for (uint32_t i = 0; i < chunk->count; i++) {
        TRY(chunk->has_several ? renumber_several(renumbering, chunk, i, error)
                               : renumber_single(renumbering, chunk, i, error));
        renumbering->ends[i] = (uint32_t)(renumbering->numbers.size / sizeof(int64_t));
    }
    if (renumbering->numbers.failed) return error_no_memory(error);
    const struct column_chunk_input input = {.count = chunk->count,
                                             .is_integer = true,
                                             .integers = (const int64_t *)(const void *)renumbering->numbers.data,
                                             .has_value = renumbering->has_value,
                                             .ends = chunk->has_several ? renumbering->ends : NULL};
    TRY(column_chunk_encode(&input, &renumbering->record, &is_empty, error));
    if (renumbering->record.failed) return error_no_memory(error);
    return is_empty ? store_delete(renumbering->to, TABLE_COLUMNS, key, error)
                    : store_put(renumbering->to, TABLE_COLUMNS, key, bytes_view(&renumbering->record), error);
}

static revue_status step(struct renumbering *renumbering, store *to, revue_error *error) {
    if (renumbering->to && store_txn_written(renumbering->to) < STEP_BYTES) return REVUE_OK;
    store_txn *txn = renumbering->to;
    renumbering->to = NULL;
    if (txn) TRY(store_commit(txn, error));
    return store_begin_write(to, &renumbering->to, error);
}

static revue_status renumber_segment(struct renumbering *renumbering, const struct manifest_segment *row, store *to,
                                     revue_error *error) {
    for (uint32_t first = 0; first < row->doc_count; first += COLUMN_CHUNK) {
        struct key key = key_column_chunk(row->number, renumbering->column, first / COLUMN_CHUNK);
        struct column_chunk chunk;
        struct view record;
        revue_status status = store_get(renumbering->from, TABLE_COLUMNS, key_view(&key), &record, error);
        if (status == REVUE_NO_MATCH) continue;
        TRY(status);
        TRY(column_chunk_open(record, &chunk, error));
        TRY(step(renumbering, to, error));
        TRY(renumber_chunk(renumbering, &chunk, key_view(&key), error));
    }
    return REVUE_OK;
}

static revue_status renumber_column(struct renumbering *renumbering, const struct manifest *manifest, store *to,
                                    revue_error *error) {
    TRY(keywords_open(&renumbering->old_values, renumbering->from, renumbering->column, error));
    TRY(keywords_builder_create(&renumbering->new_values, renumbering->column, NULL, error));
    for (uint32_t i = 0; i < manifest->segment_count; i++)
        TRY(renumber_segment(renumbering, &manifest->segments[i], to, error));
    TRY(step(renumbering, to, error));
    TRY(keywords_builder_write(renumbering->new_values, renumbering->to, error));
    store_txn *txn = renumbering->to;
    renumbering->to = NULL;
    return store_commit(txn, error);
}

static void renumbering_free(struct renumbering *renumbering) {
    store_abort(renumbering->to);
    keywords_builder_free(renumbering->new_values);
    keywords_close(renumbering->old_values);
    bytes_free(&renumbering->scratch);
    bytes_free(&renumbering->numbers);
    bytes_free(&renumbering->record);
    memory_free(renumbering);
}

revue_status compact_keywords(store_txn *from, const struct manifest *manifest, const struct schema *schema, store *to,
                              revue_error *error) {
    revue_status status = REVUE_OK;
    for (uint32_t i = 0; i < schema->count && status == REVUE_OK; i++) {
        if (schema->columns[i].kind != COLUMN_KEYWORD || schema->columns[i].is_internal) continue;
        struct renumbering *renumbering = memory_alloc_zeroed(1, sizeof *renumbering);
        if (!renumbering) return error_no_memory(error);
        renumbering->from = from;
        renumbering->column = schema->columns[i].number;
        status = renumber_column(renumbering, manifest, to, error);
        renumbering_free(renumbering);
    }
    return status;
}
