/* store_sink.c - see store_sink.h. */
#include "tests/support/store_sink.h"

static revue_status put(void *context, enum segment_kind kind, struct view part, struct view value, revue_error *error) {
    struct store_sink *sink = context;
    struct key key = key_block(sink->segment, kind, part);
    sink->records++;
    sink->bytes += value.size;
    return store_put(sink->txn, TABLE_SEGMENTS, key_view(&key), value, error);
}

void store_sink_open(struct store_sink *sink, store_txn *txn, uint32_t segment) {
    *sink = (struct store_sink){{put, sink}, txn, segment, 0, 0};
}
