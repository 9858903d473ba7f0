/* memory_stream.h - streams without a store: a sink that keeps what stream writers put, and `struct stream` objects that
 * read such bytes. Every extent is an allocation of its own with STREAM_SLACK bytes behind it, so that a sanitizer sees
 * the first byte read beyond. Out of memory aborts; these allocations do not pass the library's test hook. */
#ifndef REVUE_TESTS_MEMORY_STREAM_H
#define REVUE_TESTS_MEMORY_STREAM_H

#include "indexer/format/stream.h"

struct memory_sink {
    struct segment_sink sink; /* for stream_writer_open */
    struct memory_kind {
        uint8_t *data;
        size_t size, capacity;
    } kinds[KIND_COUNT];
};
/* The sink points to itself: it must not be moved after this. */
void memory_sink_open(struct memory_sink *sink);
void memory_sink_close(struct memory_sink *sink);

/* data is copied. */
void memory_stream_open(struct stream *stream, enum segment_kind kind, const void *data, size_t size);
void memory_stream_close(struct stream *stream);

#endif
