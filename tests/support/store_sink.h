/* store_sink.h - a segment_sink that writes straight into a write transaction: for tests of single structures. */
#ifndef REVUE_TEST_STORE_SINK_H
#define REVUE_TEST_STORE_SINK_H

#include "indexer/format/stream.h"

struct store_sink {
    struct segment_sink sink; /* hand out &sink */
    store_txn *txn;           /* the caller's */
    uint32_t segment;
    uint64_t records, bytes; /* put so far */
};
void store_sink_open(struct store_sink *sink, store_txn *txn, uint32_t segment);

#endif
