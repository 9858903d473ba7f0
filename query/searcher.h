/* searcher.h - an index open for searching, between the rooms of query/: one snapshot, its segments, its statistics. */
#ifndef REVUE_SEARCHER_H
#define REVUE_SEARCHER_H

#include "indexer/format/manifest.h"
#include "indexer/format/segment.h"
#include "indexer/text/analyzer.h"

struct searched_segment {
    struct segment *segment;
    struct deletes deletes;
    bool has_deletes; /* deletes is read */
    uint32_t deleted; /* as the manifest says */
};
struct revue_searcher {
    char *path;
    store *store;
    store_txn *txn;
    struct manifest manifest;
    struct schema schema;
    struct settings settings;
    struct segment_meta base;
    bool has_base;
    struct searched_segment *segments;
    uint32_t segment_count;
    uint64_t reviews; /* live */
    double average[FIELD_COUNT];
    enum language language; /* of words the index does not hold */
    stemmer *stemmer;
};
/* The deletes of a segment, read at first use. */
revue_status searcher_deletes(revue_searcher *searcher, uint32_t segment, const struct deletes **deletes,
                              revue_error *error);

#endif
