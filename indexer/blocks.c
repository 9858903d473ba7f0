/* blocks.c - see blocks.h. */
#include "indexer/blocks.h"

#include "indexer/archive/names.h"
#include "indexer/base/memory.h"
#include "indexer/format/keys.h"

/* ---- patterns ---- */

revue_status block_patterns_add(struct block_patterns *patterns, struct view pattern, revue_error *error) {
    if (!MEMORY_RESERVE(patterns->items, patterns->capacity, patterns->count + 1)) return error_no_memory(error);
    char *copy = arena_copy(&patterns->arena, pattern.data, pattern.size);
    if (!copy) return error_no_memory(error);
    patterns->items[patterns->count++] = view_of(copy, pattern.size);
    return REVUE_OK;
}

revue_status block_patterns_read(struct block_patterns *patterns, store_txn *txn, revue_error *error) {
    struct key prefix = key_blocked_source(view_of(NULL, 0));
    store_cursor *cursor;
    struct view key, value;
    TRY(store_cursor_open(txn, TABLE_BLOCKS, &cursor, error));
    revue_status status = store_cursor_at_or_after(cursor, key_view(&prefix), &key, &value, error);
    while (status == REVUE_OK && key.data[0] == (char)prefix.data[0]) {
        status = block_patterns_add(patterns, view_of(key.data + prefix.size, key.size - prefix.size), error);
        if (status == REVUE_OK) status = store_cursor_next(cursor, &key, &value, error);
    }
    store_cursor_close(cursor);
    return status == REVUE_NO_MATCH ? REVUE_OK : status;
}

void block_patterns_free(struct block_patterns *patterns) {
    arena_free(&patterns->arena);
    memory_free(patterns->items);
    *patterns = (struct block_patterns){0};
}

revue_status block_patterns_match(const struct block_patterns *patterns, struct view name, bool *matches,
                                  revue_error *error) {
    const struct archive_options options = {.include = patterns->items, .include_count = patterns->count};
    *matches = false;
    for (size_t end = 1; patterns->count > 0 && end <= name.size && !*matches; end++) {
        if (end < name.size && name.data[end] != '!') continue;
        if (!name_is_selected(view_of(name.data, end), &options, true, matches)) return error_no_memory(error);
    }
    return REVUE_OK;
}

/* ---- rows of the list ---- */

static revue_status is_listed(store_txn *txn, struct view key, bool *listed, revue_error *error) {
    struct view value;
    revue_status status = store_get(txn, TABLE_BLOCKS, key, &value, error);
    *listed = status == REVUE_OK;
    return status == REVUE_NO_MATCH ? REVUE_OK : status;
}

revue_status block_put(store_txn *txn, struct view key, bool *changed, revue_error *error) {
    bool listed;
    TRY(is_listed(txn, key, &listed, error));
    *changed = !listed;
    return listed ? REVUE_OK : store_put(txn, TABLE_BLOCKS, key, view_of(NULL, 0), error);
}

revue_status block_take(store_txn *txn, struct view key, bool *changed, revue_error *error) {
    TRY(is_listed(txn, key, changed, error));
    return *changed ? store_delete(txn, TABLE_BLOCKS, key, error) : REVUE_OK;
}

/* ---- shadows ---- */

revue_status shadow_split(struct view key, struct view *id, uint32_t *source, revue_error *error) {
    if (key.size < 6 || key.data[key.size - 5] != '\0')
        return error_set(error, REVUE_CORRUPT, "a key of the shadows is damaged: rebuild the index from its archive");
    *id = view_of(key.data, key.size - 5);
    *source = load_be32(key.data + key.size - 4);
    return REVUE_OK;
}

revue_status shadow_each_source(store_txn *txn, struct view id,
                                revue_status (*visit)(void *context, uint32_t source, revue_error *error), void *context,
                                revue_error *error) {
    struct key from = key_shadow(id, 0);
    store_cursor *cursor;
    struct view key, value, found;
    uint32_t source = 0;
    TRY(store_cursor_open(txn, TABLE_SHADOWS, &cursor, error));
    revue_status status = store_cursor_at_or_after(cursor, key_view(&from), &key, &value, error);
    while (status == REVUE_OK && key.size == from.size && memcmp(key.data, from.data, from.size - 4) == 0) {
        status = shadow_split(key, &found, &source, error);
        if (status == REVUE_OK) status = visit(context, source, error);
        if (status == REVUE_OK) status = store_cursor_next(cursor, &key, &value, error);
    }
    store_cursor_close(cursor);
    return status == REVUE_NO_MATCH ? REVUE_OK : status;
}

/* ---- rows of sources ---- */

revue_status source_rows_change(store_txn *read, struct row_writer *writer,
                                bool (*change)(void *context, struct view name, struct source_row *row), void *context,
                                revue_error *error) {
    store_cursor *cursor;
    struct view key, value;
    TRY(store_cursor_open(read, TABLE_SOURCES, &cursor, error));
    revue_status status = store_cursor_at_or_after(cursor, view_of(NULL, 0), &key, &value, error);
    while (status == REVUE_OK) {
        struct source_row row;
        status = source_row_decode(value, &row, error);
        bool is_sound = key.size >= 2;
        if (status == REVUE_OK && is_sound && change(context, view_of(key.data + 2, key.size - 2), &row))
            status = row_writer_put(writer, key, &row, error);
        if (status == REVUE_OK) status = store_cursor_next(cursor, &key, &value, error);
    }
    store_cursor_close(cursor);
    return status == REVUE_NO_MATCH ? REVUE_OK : status;
}
