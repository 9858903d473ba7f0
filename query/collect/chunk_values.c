/* chunk_values.c - see chunk_values.h. */
#include "query/collect/chunk_values.h"

#include <string.h>

/* The values lie side by side, less the least; whole ones need no scaling, and others are scaled by the reader's own
 * function, so that they are the same to the last bit. */
#define READ_WHOLE(name, type)                                                                                             \
    static void name(struct chunk_values *values, const struct column_chunk *chunk) {                                      \
        for (uint32_t at = chunk_next(values->has, 0); at < COLUMN_CHUNK; at = chunk_next(values->has, at + 1)) {          \
            type offset;                                                                                                   \
            memcpy(&offset, chunk->values + (size_t)at * sizeof offset, sizeof offset);                                    \
            values->numbers[at] = (double)(int64_t)((uint64_t)chunk->minimum + offset);                                    \
        }                                                                                                                  \
    }
READ_WHOLE(read_u8, uint8_t)
READ_WHOLE(read_u16, uint16_t)
READ_WHOLE(read_u32, uint32_t)

static void read_each(struct chunk_values *values, const struct column_chunk *chunk) {
    for (uint32_t at = chunk_next(values->has, 0); at < COLUMN_CHUNK; at = chunk_next(values->has, at + 1))
        values->numbers[at] = column_chunk_number(chunk, at);
}

static void find_values(struct chunk_values *values, const struct column_chunk *chunk, const uint64_t *bits) {
    memcpy(values->has, bits, sizeof values->has);
    for (uint32_t i = 0; i < CHUNK_WORDS && chunk->missing > 0; i++)
        values->has[i] &= ~load_le64(chunk->missing_bits + 8 * (size_t)i);
}

revue_status chunk_values_read(struct chunk_values *values, struct column_reader *reader, const struct matches *matches,
                               revue_error *error) {
    const struct column_chunk *chunk = &reader->chunk;
    TRY(column_reader_seek(reader, matches->chunk * COLUMN_CHUNK, error));
    if (reader->is_absent) {
        memset(values->has, 0, sizeof values->has);
        return REVUE_OK;
    }
    if (chunk->has_several)
        return error_set(error, REVUE_CORRUPT, "a chunk of single values holds lists; rebuild the index");
    find_values(values, chunk, matches->bits);
    if (chunk->count < COLUMN_CHUNK && chunk_next(values->has, chunk->count) < COLUMN_CHUNK)
        return error_set(error, REVUE_CORRUPT, "a chunk of a column is shorter than its segment; rebuild the index");
    switch (chunk->is_integer && chunk->scale == 0 ? column_chunk_value_bytes(chunk) : 8) {
    case 1: read_u8(values, chunk); break;
    case 2: read_u16(values, chunk); break;
    case 4: read_u32(values, chunk); break;
    default: read_each(values, chunk); break;
    }
    return REVUE_OK;
}
