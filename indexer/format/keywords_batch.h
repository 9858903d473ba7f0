/* keywords_batch.h - how keyword values lie in the table `keywords` (FORMAT.md, 8): shared by reading and writing them. */
#ifndef REVUE_FORMAT_KEYWORDS_BATCH_H
#define REVUE_FORMAT_KEYWORDS_BATCH_H

#include "indexer/format/columns.h"

enum keywords_part { PART_VALUES, PART_OFFSETS, PART_HASHES, PART_COUNT };

/* A part is a stream of extents, like those of a segment; nothing but its last key says how long it is. */
struct keywords_stream {
    uint64_t size;
    const uint8_t **extents; /* NULL until touched; the array itself is made at the first touch */
};
struct keywords_batch {
    uint32_t first, count; /* numbers [first, first + count) */
    struct keywords_stream parts[PART_COUNT];
    uint64_t *filter; /* made by keywords_make_filters; NULL: every value may be here */
    uint32_t filter_shift;
};
struct keywords {
    store_txn *txn;
    uint16_t column;
    struct keywords_batch *batches; /* ascending, without holes, from number 0 */
    size_t batch_count, batch_capacity;
    uint32_t count;
};

#define KEYWORDS_EXTENTS(size) ((uint32_t)(((size) + EXTENT_BYTES - 1) / EXTENT_BYTES))
/* What the record of an extent must hold; extent is one of those the part has. */
static inline uint32_t keywords_extent_size(const struct keywords_stream *stream, uint32_t extent) {
    uint64_t left = stream->size - (uint64_t)extent * EXTENT_BYTES;
    return left < EXTENT_BYTES ? (uint32_t)left : EXTENT_BYTES;
}

/* One element of PART_OFFSETS, and of PART_HASHES as hash_index.h has it in memory. */
revue_status keywords_offset(keywords *keywords, struct keywords_batch *batch, uint32_t index, uint32_t *offset,
                             revue_error *error);
revue_status keywords_hash(keywords *keywords, struct keywords_batch *batch, uint32_t index, uint64_t *element,
                           revue_error *error);

/* keywords_filter.c: false when no value of the batch has this hash (the upper 32 bits). */
bool keywords_batch_may_hold(const struct keywords_batch *batch, uint32_t hash);

#endif
