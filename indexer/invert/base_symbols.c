/* base_symbols.c - see base_symbols.h. */
#include "indexer/invert/base_symbols.h"

#include "indexer/base/memory.h"

#include <string.h>

/* Symbols are short, and every run reads all of them, so their hash is: both ends and the size, mixed by a multiplication.
 */
static uint64_t hash_symbol(struct view bytes, bool is_gap) {
    uint64_t ends = 0;
    if (bytes.size >= 8) {
        ends = load_le64(bytes.data) ^ load_le64(bytes.data + bytes.size - 8) * 31;
    } else if (bytes.size >= 4) {
        ends = (uint64_t)load_le32(bytes.data) << 32 | load_le32(bytes.data + bytes.size - 4);
    } else if (bytes.size > 0) {
        const unsigned char *at = (const unsigned char *)bytes.data;
        ends = (uint64_t)at[0] << 16 | (uint64_t)at[bytes.size / 2] << 8 | at[bytes.size - 1];
    }
    const uint64_t mixed = (ends ^ (bytes.size * 2 + is_gap) * 0x9E3779B97F4A7C15u) * 0xD6E8FEB86659FD93u;
    return mixed ^ mixed >> 32;
}

static bool base_symbols_hash(struct base_symbols *base) {
    size_t size = 1024;
    while (size < (size_t)base->count * 2)
        size *= 2;
    base->slots = memory_alloc_table(size, sizeof *base->slots);
    if (!base->slots) return false;
    base->mask = size - 1;
    for (uint32_t i = 0; i < base->count; i++) {
        uint64_t hash = hash_symbol(base->symbols[i].bytes, base->symbols[i].is_gap);
        size_t at = (size_t)(hash >> 32) & base->mask;
        while (base->slots[at])
            at = (at + 1) & base->mask;
        base->slots[at] = hash >> 32 << 32 | (i + 1);
    }
    return true;
}

uint32_t base_symbols_find(const struct base_symbols *base, struct view bytes, bool is_gap) {
    if (!base->slots) return 0;
    uint64_t hash = hash_symbol(bytes, is_gap);
    size_t at = (size_t)(hash >> 32) & base->mask;
    for (uint64_t slot; (slot = base->slots[at]) != 0; at = (at + 1) & base->mask) {
        const struct symbol *found = &base->symbols[(uint32_t)slot - 1];
        if (slot >> 32 == hash >> 32 && found->is_gap == is_gap && view_equal(found->bytes, bytes))
            return SYMBOL_FIRST + (uint32_t)slot - 1;
    }
    return 0;
}

static bool copy_symbol(struct base_symbols *base, uint32_t index, const struct symbol *symbol) {
    char *copy = arena_copy(&base->arena, symbol->bytes.data, symbol->bytes.size);
    if (!copy) return false;
    base->symbols[index] = (struct symbol){view_of(copy, symbol->bytes.size), symbol->is_gap};
    return true;
}

revue_status base_symbols_read(struct base_symbols *base, store_txn *txn, revue_error *error) {
    memset(base, 0, sizeof *base);
    uint64_t checksum;
    revue_status status = segment_meta_read(txn, BASE_SEGMENT, &base->meta, &checksum, error);
    if (status == REVUE_NO_MATCH) return REVUE_OK;
    TRY(status);
    struct segment *segment;
    TRY(segment_open(&segment, txn, BASE_SEGMENT, &base->meta, error));
    base->count = base->meta.symbol_count;
    base->symbols = memory_alloc_array(base->count, sizeof *base->symbols);
    status = base->symbols ? symbol_tables_read_base(&segment->symbols, &base->arena, base->symbols, error)
                           : error_no_memory(error);
    segment_close(segment);
    if (status == REVUE_OK && !base_symbols_hash(base)) status = error_no_memory(error);
    if (status == REVUE_OK) number_code_make(&base->code, base->meta.code_lengths);
    return status;
}

revue_status base_symbols_create(struct base_symbols *base, store *to, const struct symbol *symbols, uint32_t count,
                                 const uint8_t code_lengths[NUMBER_CLASSES], revue_error *error) {
    segment_writer *writer = NULL;
    revue_status status;
    uint64_t bytes_size, index_size, checksum;
    base->count = count;
    base->symbols = memory_alloc_array(count, sizeof *base->symbols);
    if (!base->symbols) return error_no_memory(error);
    for (uint32_t i = 0; i < count; i++)
        if (!copy_symbol(base, i, &symbols[i])) return error_no_memory(error);
    if (!base_symbols_hash(base)) return error_no_memory(error);
    base->meta = (struct segment_meta){.symbol_count = count, .first_symbol = SYMBOL_FIRST};
    memcpy(base->meta.code_lengths, code_lengths, NUMBER_CLASSES);
    TRY_DONE(segment_writer_create(&writer, to, BASE_SEGMENT, error));
    TRY_DONE(symbols_write(segment_writer_sink(writer), symbols, count, &bytes_size, &index_size, error));
    TRY_DONE(segment_writer_finish(writer, &base->meta, &checksum, error));
    number_code_make(&base->code, code_lengths);
done:
    segment_writer_free(writer);
    return status;
}

void base_symbols_free(struct base_symbols *base) {
    arena_free(&base->arena);
    memory_free(base->symbols);
    memory_free(base->slots);
    memset(base, 0, sizeof *base);
}
