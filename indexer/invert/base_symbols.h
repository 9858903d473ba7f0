/* base_symbols.h - the generation's frozen base table of symbols, as a look-up from bytes to number (FORMAT.md, 7). */
#ifndef REVUE_INVERT_BASE_SYMBOLS_H
#define REVUE_INVERT_BASE_SYMBOLS_H

#include "indexer/base/arena.h"
#include "indexer/format/segment.h"

struct base_symbols {
    struct arena arena;     /* owns the bytes when they were read from the store */
    struct symbol *symbols; /* number SYMBOL_FIRST + index */
    uint64_t *slots;        /* tag in the upper half, index + 1 in the lower */
    size_t mask;
    uint32_t count;
    struct number_code code; /* not made: there is no base table yet */
    struct segment_meta meta;
};

/* Reads the table of segment 0; leaves the code unmade when the generation has none. Free it with base_symbols_free either
 * way. */
revue_status base_symbols_read(struct base_symbols *base, store_txn *txn, revue_error *error);
/* Makes and writes the table (symbols in order of number; their bytes are copied) with the code of these lengths. */
revue_status base_symbols_create(struct base_symbols *base, store *to, const struct symbol *symbols, uint32_t count,
                                 const uint8_t code_lengths[NUMBER_CLASSES], revue_error *error);
/* The number of a symbol, or 0 when the table does not hold it. */
uint32_t base_symbols_find(const struct base_symbols *base, struct view bytes, bool is_gap);
void base_symbols_free(struct base_symbols *base);

#endif
