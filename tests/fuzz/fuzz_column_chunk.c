/* fuzz_column_chunk.c - a chunk of a column from hostile bytes. The values of what is accepted, encoded anew, come back the
 * same. */
#include "indexer/format/columns.h"
#include "tests/fuzz/fuzz.h"

#define SEVERAL_MAX (1u << 16)

static bool has_value[COLUMN_CHUNK];
static int64_t integers[SEVERAL_MAX];
static double numbers[COLUMN_CHUNK];
static uint32_t ends[COLUMN_CHUNK];

static void encode_anew(const struct column_chunk *chunk, const struct column_chunk_input *input) {
    struct bytes out = {0};
    struct column_chunk anew;
    bool is_empty;
    require(column_chunk_encode(input, &out, &is_empty, NULL) == REVUE_OK);
    if (!is_empty) {
        require(column_chunk_open(bytes_view(&out), &anew, NULL) == REVUE_OK && anew.count == chunk->count);
        for (uint32_t i = 0; i < anew.count; i++) {
            uint32_t first, other;
            if (chunk->has_several) {
                require(column_chunk_several(&anew, i, &first) == column_chunk_several(chunk, i, &other) && first == other);
                continue;
            }
            require(column_chunk_has(&anew, i) == has_value[i]);
            if (!has_value[i]) continue;
            double number = column_chunk_number(&anew, i), before = column_chunk_number(chunk, i);
            require(memcmp(&number, &before, sizeof number) == 0);
        }
    }
    bytes_free(&out);
}

static void read_single(const struct column_chunk *chunk) {
    bool has_nan = false;
    for (uint32_t i = 0; i < chunk->count; i++) {
        has_value[i] = column_chunk_has(chunk, i);
        numbers[i] = column_chunk_number(chunk, i);
        has_nan = has_nan || numbers[i] != numbers[i];
        if (chunk->is_integer) integers[i] = column_chunk_integer(chunk, i);
    }
    if (has_nan) return; /* no writer is ever given one */
    encode_anew(chunk, &(struct column_chunk_input){.count = chunk->count, .numbers = numbers, .has_value = has_value});
    if (!chunk->is_integer || chunk->scale > 0) return;
    encode_anew(chunk, &(struct column_chunk_input){
                           .count = chunk->count, .is_integer = true, .integers = integers, .has_value = has_value});
}

static void read_several(const struct column_chunk *chunk) {
    uint32_t first, end = 0;
    for (uint32_t i = 0; i < chunk->count; i++) {
        uint32_t count = column_chunk_several(chunk, i, &first);
        require(first == end);
        end = first + count;
        if (end > SEVERAL_MAX) return;
        for (uint32_t at = first; at < end; at++)
            integers[at] = column_chunk_several_at(chunk, at);
        ends[i] = end;
    }
    encode_anew(
        chunk, &(struct column_chunk_input){.count = chunk->count, .is_integer = true, .integers = integers, .ends = ends});
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct column_chunk chunk;
    if (size == 0 || column_chunk_open(view_of(data, size), &chunk, NULL) != REVUE_OK) return 0;
    require(chunk.count > 0 && chunk.count <= COLUMN_CHUNK && chunk.missing < chunk.count);
    if (chunk.has_several)
        read_several(&chunk);
    else
        read_single(&chunk);
    return 0;
}
