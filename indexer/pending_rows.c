/* pending_rows.c - see pending_rows.h. */
#include "indexer/pending_rows.h"

#include "indexer/base/file_memory.h"
#include "indexer/base/memory.h"

#define CHUNK_BYTES ((size_t)1 << 20)

/* Where no file can be made the rows stay in memory, and the next one asks again only a chunk later. */
static bool move_to_file(struct pending_rows *rows) {
    size_t size = rows->recent.size;
    if (!MEMORY_RESERVE(rows->chunks, rows->chunk_capacity, rows->chunk_count + 1)) return false;
    void *map = file_memory_open(size);
    if (!map) return true;
    memcpy(map, rows->recent.data, size);
    file_memory_give_back(map, size);
    rows->chunks[rows->chunk_count++] = (struct pending_chunk){map, size};
    bytes_clear(&rows->recent);
    return true;
}

revue_status pending_rows_add(struct pending_rows *rows, uint16_t root, struct view path, const struct source_row *row,
                              revue_error *error) {
    size_t before = rows->recent.size;
    bytes_append_u16(&rows->recent, root);
    bytes_append_view(&rows->recent, path);
    size_t size_at = rows->recent.size;
    bytes_append_u32(&rows->recent, 0);
    source_row_encode(row, &rows->recent);
    if (rows->recent.failed) return error_no_memory(error);
    store_le32(rows->recent.data + size_at, (uint32_t)(rows->recent.size - size_at - sizeof(uint32_t)));
    rows->count++;
    bool is_full = before / CHUNK_BYTES < rows->recent.size / CHUNK_BYTES;
    return !is_full || move_to_file(rows) ? REVUE_OK : error_no_memory(error);
}

static revue_status visit_chunk(struct view chunk, pending_row_visit *visit, void *context, revue_error *error) {
    struct byte_reader reader = byte_reader_of(chunk.data, chunk.size);
    while (byte_reader_left(&reader) > 0) {
        struct source_row row;
        uint16_t root = byte_reader_u16(&reader);
        struct view path = byte_reader_view(&reader);
        TRY(source_row_decode(byte_reader_bytes(&reader, byte_reader_u32(&reader)), &row, error));
        TRY(visit(context, root, path, &row, error));
    }
    return REVUE_OK;
}

revue_status pending_rows_each(const struct pending_rows *rows, pending_row_visit *visit, void *context,
                               revue_error *error) {
    for (size_t i = 0; i < rows->chunk_count; i++) {
        TRY(visit_chunk(view_of(rows->chunks[i].map, rows->chunks[i].size), visit, context, error));
        file_memory_give_back(rows->chunks[i].map, rows->chunks[i].size);
    }
    return visit_chunk(bytes_view(&rows->recent), visit, context, error);
}

size_t pending_rows_memory(const struct pending_rows *rows) {
    return rows->recent.capacity + rows->chunk_capacity * sizeof *rows->chunks;
}

void pending_rows_free(struct pending_rows *rows) {
    for (size_t i = 0; i < rows->chunk_count; i++)
        file_memory_close(rows->chunks[i].map, rows->chunks[i].size);
    memory_free(rows->chunks);
    bytes_free(&rows->recent);
    *rows = (struct pending_rows){0};
}
