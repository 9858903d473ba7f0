/* keywords_filter.c - which batches of a keyword column cannot hold a value (Bloom, "Space/time trade-offs in hash coding
 * with allowable errors", 1970; in one word: Putze, Sanders and Singler, 2007).
 *
 * A run that meets millions of new values finds each of them in no batch, and two pages of the file would be touched to see
 * that of one. A filter has 8 to 16 bits a value; of a value, three bits of one word are set. One in some 50 values that
 * are not there is looked for all the same. */
#include "indexer/format/keywords_batch.h"

#include "indexer/base/memory.h"
#include "indexer/format/hash_index.h"

#define VALUES_A_WORD 8u
#define BETWEEN_LIMITS 4096u /* hashes that are read: half an extent */

/* 32 bits of hash tell which word and which bits; multiplied, the upper ones depend on all of them. */
static uint64_t spread(uint32_t hash) {
    return hash * UINT64_C(0x9E3779B97F4A7C15);
}

static uint64_t bits_of(uint64_t spread_hash) {
    return UINT64_C(1) << (spread_hash & 63) | UINT64_C(1) << (spread_hash >> 6 & 63) |
           UINT64_C(1) << (spread_hash >> 12 & 63);
}

bool keywords_batch_may_hold(const struct keywords_batch *batch, uint32_t hash) {
    if (!batch->filter) return true;
    uint64_t wide = spread(hash), bits = bits_of(wide);
    return (batch->filter[wide >> batch->filter_shift] & bits) == bits;
}

/* Words are a power of two, at least 2: the number of one is the upper bits of a hash. */
static size_t filter_words(const struct keywords_batch *batch) {
    size_t words = 2;
    while (words < batch->count / VALUES_A_WORD)
        words *= 2;
    return words;
}

static revue_status make_filter(keywords *table, struct keywords_batch *batch, size_t page_bytes, revue_error *error) {
    uint64_t *filter = memory_alloc_zeroed(filter_words(batch), sizeof *filter);
    if (!filter) return error_no_memory(error);
    unsigned shift = 64;
    for (size_t words = filter_words(batch); words > 1; words /= 2)
        shift--;
    revue_status status = REVUE_OK;
    for (uint32_t i = 0; i < batch->count && status == REVUE_OK; i++) {
        uint64_t element = 0;
        if (i % BETWEEN_LIMITS == 0) store_limit_pages(table->txn, page_bytes);
        status = keywords_hash(table, batch, i, &element, error);
        uint64_t wide = spread(hash_index_hash(element));
        filter[wide >> shift] |= bits_of(wide);
    }
    batch->filter = filter;
    batch->filter_shift = shift;
    return status;
}

revue_status keywords_make_filters(keywords *table, size_t page_bytes, revue_error *error) {
    for (size_t i = 0; i < table->batch_count; i++)
        if (!table->batches[i].filter) TRY(make_filter(table, &table->batches[i], page_bytes, error));
    return REVUE_OK;
}

size_t keywords_filters_memory(const keywords *table) {
    size_t bytes = 0;
    for (size_t i = 0; i < table->batch_count; i++)
        if (table->batches[i].filter) bytes += filter_words(&table->batches[i]) * sizeof(uint64_t);
    return bytes;
}
