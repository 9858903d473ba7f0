/* symbols.c - symbol tables: the bytes that numbers stand for (FORMAT.md, 7).
 *
 * Two streams: the bytes of all symbols without anything between them, and per 16 symbols where they start and how long
 * each one is. So a table costs its bytes and 1.25 bytes a symbol, and a number is resolved in place. */
#include "indexer/format/stored_text.h"

#include "indexer/base/memory.h"

#define GROUP SYMBOL_GROUP
#define GROUP_BYTES (4u + GROUP)
#define SIZE_BITS 0x7Fu
#define GAP_BIT 0x80u
#define NOTED_MOST (1u << 20) /* numbers, the frequent ones: notes and marks of one kind take at most 9 MiB */

/* ---- writing ---- */

/* The head and sizes of the group of symbols [0, count). */
static void group_encode(const struct symbol *symbols, uint32_t count, uint64_t start, uint8_t out[GROUP_BYTES]) {
    memset(out, 0, GROUP_BYTES);
    store_le32(out, (uint32_t)start);
    for (uint32_t i = 0; i < count; i++)
        out[4 + i] = (uint8_t)(symbols[i].bytes.size | (symbols[i].is_gap ? GAP_BIT : 0));
}

static revue_status write_group(struct stream_writer *bytes, struct stream_writer *index, const struct symbol *symbols,
                                uint32_t count, revue_error *error) {
    uint8_t group[GROUP_BYTES];
    for (uint32_t i = 0; i < count; i++) {
        if (symbols[i].bytes.size == 0 || symbols[i].bytes.size > SYMBOL_BYTES_MAX)
            return error_set(error, REVUE_BUG, "a symbol of %zu bytes; 1 to %u fit", symbols[i].bytes.size,
                             SYMBOL_BYTES_MAX);
    }
    if (bytes->size > UINT32_MAX)
        return error_set(error, REVUE_BUG, "a symbol table of over 4 GiB; write smaller segments");
    group_encode(symbols, count, bytes->size, group);
    TRY(stream_writer_append(index, group, sizeof group, error));
    for (uint32_t i = 0; i < count; i++)
        TRY(stream_writer_append(bytes, symbols[i].bytes.data, symbols[i].bytes.size, error));
    return REVUE_OK;
}

static revue_status write_all(struct stream_writer *bytes, struct stream_writer *index, const struct symbol *symbols,
                              uint32_t count, revue_error *error) {
    for (uint32_t i = 0; i < count; i += GROUP)
        TRY(write_group(bytes, index, symbols + i, count - i < GROUP ? count - i : GROUP, error));
    TRY(stream_writer_finish(bytes, error));
    return stream_writer_finish(index, error);
}

revue_status symbols_write(const struct segment_sink *sink, const struct symbol *symbols, uint32_t count,
                           uint64_t *bytes_size, uint64_t *index_size, revue_error *error) {
    struct stream_writer bytes, index;
    TRY(stream_writer_open(&bytes, sink, KIND_SYMBOL_BYTES, error));
    revue_status status = stream_writer_open(&index, sink, KIND_SYMBOL_INDEX, error);
    if (status == REVUE_OK) {
        status = write_all(&bytes, &index, symbols, count, error);
        if (status == REVUE_OK) {
            *bytes_size = bytes.size;
            *index_size = index.size;
        }
        stream_writer_free(&index);
    }
    stream_writer_free(&bytes);
    return status;
}

/* ---- reading ---- */

static revue_status no_such_symbol(uint32_t number, revue_error *error) {
    return error_set(error, REVUE_CORRUPT, "stored text: there is no symbol %u; rebuild the index", number);
}

static revue_status table_get(struct stream *bytes, struct stream *index, uint32_t ordinal, struct bytes *scratch,
                              struct symbol *symbol, revue_error *error) {
    const uint8_t *group, *data;
    TRY(stream_view(index, (uint64_t)(ordinal / GROUP) * GROUP_BYTES, GROUP_BYTES, scratch, &group, error));
    uint64_t start = load_le32(group);
    for (uint32_t i = 0; i < ordinal % GROUP; i++)
        start += group[4 + i] & SIZE_BITS;
    uint8_t about = group[4 + ordinal % GROUP];
    size_t size = about & SIZE_BITS;
    if (size == 0)
        return error_set(error, REVUE_CORRUPT, "symbol table of segment %u: symbol %u has no bytes; rebuild the index",
                         bytes->segment, ordinal);
    TRY(stream_view(bytes, start, size, scratch, &data, error));
    symbol->bytes = view_of(data, size);
    symbol->is_gap = (about & GAP_BIT) != 0;
    return REVUE_OK;
}

revue_status symbol_tables_get(struct symbol_tables *tables, uint32_t number, struct bytes *scratch, struct symbol *symbol,
                               revue_error *error) {
    if (number < SYMBOL_FIRST) return no_such_symbol(number, error);
    uint32_t ordinal = number - SYMBOL_FIRST;
    if (ordinal < tables->base_count)
        return table_get(&tables->base_bytes, &tables->base_index, ordinal, scratch, symbol, error);
    ordinal -= tables->base_count;
    if (ordinal >= tables->local_count) return no_such_symbol(number, error);
    return table_get(&tables->local_bytes, &tables->local_index, ordinal, scratch, symbol, error);
}

revue_status symbol_tables_group(struct symbol_tables *tables, bool is_local, uint32_t group_number, struct bytes *scratch,
                                 struct symbol symbols[SYMBOL_GROUP], uint32_t *count, revue_error *error) {
    struct stream *bytes = is_local ? &tables->local_bytes : &tables->base_bytes;
    struct stream *index = is_local ? &tables->local_index : &tables->base_index;
    const uint32_t total = is_local ? tables->local_count : tables->base_count;
    const uint64_t first = (uint64_t)group_number * GROUP;
    const uint8_t *group, *data;
    size_t size = 0;
    *count = 0;
    if (first >= total) return REVUE_OK;
    TRY(stream_view(index, (uint64_t)group_number * GROUP_BYTES, GROUP_BYTES, scratch, &group, error));
    const uint64_t start = load_le32(group);
    const uint32_t in_group = total - first < GROUP ? (uint32_t)(total - first) : GROUP;
    for (uint32_t i = 0; i < in_group; i++) {
        symbols[i] = (struct symbol){view_of(NULL, group[4 + i] & SIZE_BITS), (group[4 + i] & GAP_BIT) != 0};
        size += symbols[i].bytes.size;
    }
    TRY(stream_view(bytes, start, size, scratch, &data, error));
    for (uint32_t i = 0; i < in_group; i++) {
        symbols[i].bytes.data = (const char *)data;
        data += symbols[i].bytes.size;
    }
    *count = in_group;
    return REVUE_OK;
}

static revue_status damaged_base(const struct stream *bytes, revue_error *error) {
    return error_set(error, REVUE_CORRUPT, "symbol table of segment %u: its sizes do not fit its bytes; rebuild the index",
                     bytes->segment);
}

/* A whole stream, copied extent by extent. */
static revue_status copy_stream(struct stream *stream, struct arena *arena, uint8_t **copy, revue_error *error) {
    uint8_t *data = arena_alloc(arena, stream->size + 1);
    if (!data) return error_no_memory(error);
    for (uint64_t at = 0; at < stream->size; at += EXTENT_BYTES) {
        const uint8_t *extent;
        uint32_t size;
        TRY(stream_extent(stream, (uint32_t)(at / EXTENT_BYTES), &extent, &size, error));
        if (size > stream->size - at) return damaged_base(stream, error);
        memcpy(data + at, extent, size);
    }
    *copy = data;
    return REVUE_OK;
}

revue_status symbol_tables_read_base(struct symbol_tables *tables, struct arena *arena, struct symbol *symbols,
                                     revue_error *error) {
    struct stream *bytes = &tables->base_bytes, *index = &tables->base_index;
    const uint32_t count = tables->base_count;
    uint8_t *data, *groups;
    uint64_t end = 0;
    if (index->size != ((uint64_t)count + GROUP - 1) / GROUP * GROUP_BYTES) return damaged_base(bytes, error);
    TRY(copy_stream(bytes, arena, &data, error));
    TRY(copy_stream(index, arena, &groups, error));
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *group = groups + (size_t)(i / GROUP) * GROUP_BYTES, about = group[4 + i % GROUP];
        const uint64_t start = end, size = about & SIZE_BITS;
        if ((i % GROUP == 0 && load_le32(group) != start) || size == 0 || size > bytes->size - start)
            return damaged_base(bytes, error);
        symbols[i] = (struct symbol){view_of(data + start, size), (about & GAP_BIT) != 0};
        end = start + size;
    }
    return REVUE_OK;
}

static uint32_t noted_count(const struct symbol_tables *tables) {
    const uint64_t numbers = (uint64_t)SYMBOL_FIRST + tables->base_count + tables->local_count;
    return numbers < NOTED_MOST ? (uint32_t)numbers : NOTED_MOST;
}

uint64_t *symbol_tables_notes(struct symbol_tables *tables, unsigned kind, uint32_t *count) {
    uint64_t **notes = &tables->notes[kind];
    *count = noted_count(tables);
    if (!*notes) *notes = memory_alloc_zeroed(*count, sizeof **notes);
    return *notes;
}

uint8_t *symbol_tables_marks(struct symbol_tables *tables, unsigned kind, uint32_t *count) {
    uint8_t **marks = &tables->marks[kind];
    *count = noted_count(tables);
    if (!*marks) *marks = memory_alloc_zeroed(*count, sizeof **marks);
    return *marks;
}

void symbol_tables_close(struct symbol_tables *tables) {
    stream_close(&tables->base_bytes);
    stream_close(&tables->base_index);
    stream_close(&tables->local_bytes);
    stream_close(&tables->local_index);
    memory_free(tables->cache);
    tables->cache = NULL;
    for (unsigned kind = 0; kind < SYMBOL_NOTES; kind++) {
        memory_free(tables->notes[kind]);
        memory_free(tables->marks[kind]);
        tables->notes[kind] = NULL;
        tables->marks[kind] = NULL;
    }
}
