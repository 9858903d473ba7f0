/* memory_stream.c - see memory_stream.h. */
#include "tests/support/memory_stream.h"

#include <stdlib.h>

static void *allocate(size_t size) {
    void *block = calloc(1, size ? size : 1);
    if (!block) abort();
    return block;
}

static revue_status put(void *context, enum segment_kind kind, struct view part, struct view value, revue_error *error) {
    struct memory_kind *kept = &((struct memory_sink *)context)->kinds[kind];
    (void)part;
    (void)error;
    if (kept->size + value.size > kept->capacity) {
        kept->capacity = (kept->size + value.size) * 2;
        kept->data = realloc(kept->data, kept->capacity);
        if (!kept->data) abort();
    }
    memcpy(kept->data + kept->size, value.data, value.size);
    kept->size += value.size;
    return REVUE_OK;
}

void memory_sink_open(struct memory_sink *sink) {
    memset(sink, 0, sizeof *sink);
    sink->sink = (struct segment_sink){.put = put, .context = sink};
}

void memory_sink_close(struct memory_sink *sink) {
    for (unsigned kind = 0; kind < KIND_COUNT; kind++)
        free(sink->kinds[kind].data);
}

static size_t extents_of(size_t size) {
    return (size + EXTENT_BYTES - 1) / EXTENT_BYTES;
}

void memory_stream_open(struct stream *stream, enum segment_kind kind, const void *data, size_t size) {
    *stream = (struct stream){.kind = kind, .size = size};
    stream->extents = allocate(extents_of(size) * sizeof *stream->extents);
    for (size_t i = 0; i < extents_of(size); i++) {
        size_t start = i * EXTENT_BYTES, here = size - start < EXTENT_BYTES ? size - start : EXTENT_BYTES;
        uint8_t *extent = allocate(here + STREAM_SLACK);
        memcpy(extent, (const uint8_t *)data + start, here);
        memset(extent + here, 0xA5, STREAM_SLACK);
        stream->extents[i] = extent;
    }
}

void memory_stream_close(struct stream *stream) {
    for (size_t i = 0; i < extents_of((size_t)stream->size); i++)
        free((void *)(uintptr_t)stream->extents[i]);
    free((void *)stream->extents);
    stream->extents = NULL;
}
