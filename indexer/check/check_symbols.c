/* check_symbols.c - symbol tables: groups say where their symbols begin, sizes fill SYMBOL_BYTES exactly, and no symbol has
 * two numbers, neither in its own table nor beside the base table. */
#include "indexer/check/check.h"

#include "indexer/base/hash.h"
#include "indexer/base/memory.h"

#include <stdlib.h>

#define GROUP 16u
#define GROUP_BYTES (4u + GROUP)
#define SIZE_BITS 0x7Fu
#define GAP_BIT 0x80u

struct symbol_walk {
    uint32_t segment, count;
    struct stream bytes, index;
    uint64_t *hashes; /* of symbols, with their kind: sorted at the end */
    uint64_t next;    /* where the next symbol's bytes begin */
    struct bytes scratch, symbol_scratch;
};

static revue_status damaged(const char *what, uint32_t symbol, revue_error *error) {
    return error_set(error, REVUE_CORRUPT, "symbol %u: %s", symbol, what);
}

static revue_status check_symbol(struct symbol_walk *walk, uint32_t symbol, uint8_t about, revue_error *error) {
    const uint8_t *data;
    size_t size = about & SIZE_BITS;
    if (symbol >= walk->count) return about == 0 ? REVUE_OK : damaged("it is behind the last one", symbol, error);
    if (size == 0) return damaged("it has no bytes", symbol, error);
    TRY(stream_view(&walk->bytes, walk->next, size, &walk->symbol_scratch, &data, error));
    walk->hashes[symbol] = hash_bytes_seeded(data, size, about & GAP_BIT);
    walk->next += size;
    return REVUE_OK;
}

static revue_status walk_symbols(struct symbol_walk *walk, revue_error *error) {
    uint64_t groups = (uint64_t)walk->count / GROUP + (walk->count % GROUP != 0);
    if (walk->index.size != groups * GROUP_BYTES)
        return error_set(error, REVUE_CORRUPT, "SYMBOL_INDEX has %llu bytes for %u symbols",
                         (unsigned long long)walk->index.size, walk->count);
    for (uint64_t group = 0; group < groups; group++) {
        const uint8_t *data;
        TRY(stream_view(&walk->index, group * GROUP_BYTES, GROUP_BYTES, &walk->scratch, &data, error));
        if (load_le32(data) != walk->next)
            return damaged("its group does not begin where the one before ends", (uint32_t)group * GROUP, error);
        for (uint32_t i = 0; i < GROUP; i++)
            TRY(check_symbol(walk, (uint32_t)group * GROUP + i, data[4 + i], error));
    }
    if (walk->next == walk->bytes.size) return REVUE_OK;
    return error_set(error, REVUE_CORRUPT, "SYMBOL_BYTES has %llu bytes, its symbols %llu",
                     (unsigned long long)walk->bytes.size, (unsigned long long)walk->next);
}

/* ---- none twice ---- */

static int compare_hashes(const void *left, const void *right) {
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

static revue_status check_once(struct symbol_walk *walk, const uint64_t *base, uint32_t base_count, revue_error *error) {
    qsort(walk->hashes, walk->count, sizeof *walk->hashes, compare_hashes);
    for (uint32_t i = 0; i < walk->count; i++) {
        if (i > 0 && walk->hashes[i] == walk->hashes[i - 1])
            return error_set(error, REVUE_CORRUPT, "a symbol has two numbers");
        if (base_count > 0 && bsearch(&walk->hashes[i], base, base_count, sizeof *base, compare_hashes))
            return error_set(error, REVUE_CORRUPT, "a symbol is in the base table too");
    }
    return REVUE_OK;
}

/* The table of one segment; its sorted hashes are the caller's. */
static revue_status check_table(struct check *check, uint32_t segment, const struct segment_meta *meta,
                                const uint64_t *base, uint32_t base_count, uint64_t **hashes, revue_error *error) {
    struct symbol_walk walk = {.segment = segment, .count = meta->symbol_count};
    /* What META says is believed only as far as there are bytes for it. */
    if (meta->symbol_count > meta->kinds[KIND_SYMBOL_BYTES].bytes)
        return error_set(error, REVUE_CORRUPT, "META has more symbols than SYMBOL_BYTES has bytes");
    walk.hashes = memory_alloc_array((size_t)walk.count + 1, sizeof *walk.hashes);
    if (!walk.hashes) return error_no_memory(error);
    stream_open(&walk.bytes, check->txn, segment, KIND_SYMBOL_BYTES, meta->kinds[KIND_SYMBOL_BYTES].bytes);
    stream_open(&walk.index, check->txn, segment, KIND_SYMBOL_INDEX, meta->kinds[KIND_SYMBOL_INDEX].bytes);
    revue_status status = walk_symbols(&walk, error);
    if (status == REVUE_OK) status = check_once(&walk, base, base_count, error);
    stream_close(&walk.bytes);
    stream_close(&walk.index);
    bytes_free(&walk.scratch);
    bytes_free(&walk.symbol_scratch);
    if (status == REVUE_OK)
        *hashes = walk.hashes;
    else
        memory_free(walk.hashes);
    return status;
}

/* ---- all tables ---- */

/* It is a table and nothing else. */
static revue_status check_base_meta(struct check *check, revue_error *error) {
    const struct segment_meta *meta = &check->base;
    struct segment_meta expected = {.symbol_count = meta->symbol_count, .first_symbol = SYMBOL_FIRST};
    struct number_code code;
    struct bytes found = {0}, wanted = {0};
    memcpy(expected.kinds, meta->kinds, sizeof expected.kinds);
    memcpy(expected.code_lengths, meta->code_lengths, sizeof expected.code_lengths);
    segment_meta_encode(meta, &found);
    segment_meta_encode(&expected, &wanted);
    bool has_memory = !found.failed && !wanted.failed;
    if (has_memory && !view_equal(bytes_view(&found), bytes_view(&wanted)))
        check_fault(check, "base symbol table: META counts more than symbols, or from another number than 3");
    if (!number_code_make(&code, meta->code_lengths)) check_fault(check, "base symbol table: META has no code");
    bytes_free(&found);
    bytes_free(&wanted);
    return has_memory ? REVUE_OK : error_no_memory(error);
}

static revue_status check_local(struct check *check, const uint64_t *base, revue_error *error) {
    for (uint32_t i = 0; i < check->manifest.segment_count; i++) {
        const struct check_segment *segment = &check->segments[i];
        uint64_t *hashes = NULL;
        if (!segment->segment || segment->is_damaged) continue;
        revue_status status = check_table(check, segment->row->number, &segment->segment->meta, base,
                                          base ? check->base.symbol_count : 0, &hashes, error);
        memory_free(hashes);
        TRY(check_outcome(check, status, error, "symbols of segment %u", segment->row->number));
    }
    return REVUE_OK;
}

revue_status check_symbols(struct check *check, revue_error *error) {
    uint64_t *base = NULL;
    if (check->manifest.segment_count == 0) return REVUE_OK;
    check_part(check, "symbol tables");
    if (check->has_base) {
        TRY(check_base_meta(check, error));
        revue_status status = check_table(check, BASE_SEGMENT, &check->base, NULL, 0, &base, error);
        TRY(check_outcome(check, status, error, "base symbol table"));
    }
    revue_status status = check_local(check, base, error);
    memory_free(base);
    return status;
}
