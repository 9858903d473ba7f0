/* stream.c - see stream.h. Streams of bytes cut into extents of one LMDB record each (FORMAT.md, 4).
 *
 * The reader keeps a pointer per extent, so that after the first touch a view is two compares and an addition. The array
 * of pointers is made at the first touch: most streams of most segments are never looked at by a search. */
#include "indexer/format/stream.h"

#include "indexer/base/memory.h"

/* ---- writing ---- */

revue_status stream_writer_open(struct stream_writer *writer, const struct segment_sink *sink, enum segment_kind kind,
                                revue_error *error) {
    memset(writer, 0, sizeof *writer);
    writer->sink = sink;
    writer->kind = kind;
    writer->buffer = memory_alloc(EXTENT_BYTES);
    return writer->buffer ? REVUE_OK : error_no_memory(error);
}

/* Puts the extent being filled and begins the next. */
static revue_status put_extent(struct stream_writer *writer, revue_error *error) {
    uint8_t part[4];
    store_be32(part, writer->extent);
    TRY(writer->sink->put(writer->sink->context, writer->kind, view_of(part, sizeof part),
                          view_of(writer->buffer, writer->filled), error));
    if (writer->extent == UINT32_MAX)
        return error_set(error, REVUE_USAGE, "a segment of over 256 TiB: index in smaller segments");
    writer->extent++;
    writer->filled = 0;
    return REVUE_OK;
}

revue_status stream_writer_append(struct stream_writer *writer, const void *data, size_t size, revue_error *error) {
    const uint8_t *next = data;
    while (size > 0) {
        size_t room = EXTENT_BYTES - writer->filled;
        size_t taken = size < room ? size : room;
        memcpy(writer->buffer + writer->filled, next, taken);
        writer->filled += (uint32_t)taken;
        writer->size += taken;
        next += taken;
        size -= taken;
        if (writer->filled == EXTENT_BYTES) TRY(put_extent(writer, error));
    }
    return REVUE_OK;
}

revue_status stream_writer_finish(struct stream_writer *writer, revue_error *error) {
    return writer->filled > 0 ? put_extent(writer, error) : REVUE_OK;
}

void stream_writer_free(struct stream_writer *writer) {
    memory_free(writer->buffer);
    writer->buffer = NULL;
}

/* ---- reading ---- */

void stream_open(struct stream *stream, store_txn *txn, uint32_t segment, enum segment_kind kind, uint64_t size) {
    memset(stream, 0, sizeof *stream);
    stream->txn = txn;
    stream->segment = segment;
    stream->kind = kind;
    stream->size = size;
}

void stream_close(struct stream *stream) {
    memory_free((void *)stream->extents);
    stream->extents = NULL;
}

static uint64_t extent_count(const struct stream *stream) {
    return stream->size / EXTENT_BYTES + (stream->size % EXTENT_BYTES != 0);
}

static uint32_t extent_size(const struct stream *stream, uint32_t extent) {
    uint64_t left = stream->size - (uint64_t)extent * EXTENT_BYTES;
    return left < EXTENT_BYTES ? (uint32_t)left : EXTENT_BYTES;
}

static revue_status make_extent_array(struct stream *stream, revue_error *error) {
    uint64_t count = extent_count(stream);
    if (count > UINT32_MAX) {
        return error_set(error, REVUE_CORRUPT,
                         "segment %u, kind %d: a stream of %llu bytes is larger than the format allows", stream->segment,
                         (int)stream->kind, (unsigned long long)stream->size);
    }
    stream->extents = memory_alloc_zeroed((size_t)count, sizeof *stream->extents);
    return stream->extents ? REVUE_OK : error_no_memory(error);
}

/* Looks an extent up, verifies it and remembers where it is. extent is below extent_count. */
static revue_status touch_extent(struct stream *stream, uint32_t extent, revue_error *error) {
    if (!stream->extents) TRY(make_extent_array(stream, error));
    if (stream->extents[extent]) return REVUE_OK;
    struct key key = key_extent(stream->segment, stream->kind, extent);
    struct view value;
    revue_status status = store_get(stream->txn, TABLE_SEGMENTS, key_view(&key), &value, error);
    if (status != REVUE_OK && status != REVUE_NO_MATCH) return status;
    if (status == REVUE_NO_MATCH || value.size != extent_size(stream, extent)) {
        char place[128];
        store_describe_key(TABLE_SEGMENTS, key_view(&key), place);
        if (status == REVUE_NO_MATCH)
            return error_set(error, REVUE_CORRUPT, "%s is missing: rebuild the index from its archive", place);
        return error_set(error, REVUE_CORRUPT, "%s has %zu bytes instead of %u: rebuild the index from its archive", place,
                         value.size, extent_size(stream, extent));
    }
    stream->extents[extent] = (const uint8_t *)value.data;
    return REVUE_OK;
}

revue_status stream_extent(struct stream *stream, uint32_t extent, const uint8_t **data, uint32_t *size,
                           revue_error *error) {
    if (extent >= extent_count(stream)) {
        return error_set(error, REVUE_CORRUPT, "segment %u, kind %d: extent %u is past the end of the stream",
                         stream->segment, (int)stream->kind, extent);
    }
    TRY(touch_extent(stream, extent, error));
    *data = stream->extents[extent];
    *size = extent_size(stream, extent);
    return REVUE_OK;
}

/* Copies a piece that lies in several extents, with readable bytes behind it. */
static revue_status copy_pieces(struct stream *stream, uint64_t offset, size_t size, struct bytes *scratch,
                                const uint8_t **view, revue_error *error) {
    bytes_clear(scratch);
    uint8_t *out = size <= SIZE_MAX - STREAM_SLACK ? bytes_extend(scratch, size + STREAM_SLACK) : NULL;
    if (!out) return error_no_memory(error);
    memset(out + size, 0, STREAM_SLACK);
    for (size_t copied = 0; copied < size;) {
        uint32_t extent = (uint32_t)((offset + copied) / EXTENT_BYTES);
        uint32_t within = (uint32_t)((offset + copied) % EXTENT_BYTES);
        TRY(touch_extent(stream, extent, error));
        size_t here = extent_size(stream, extent) - within;
        if (here > size - copied) here = size - copied;
        memcpy(out + copied, stream->extents[extent] + within, here);
        copied += here;
    }
    *view = out;
    return REVUE_OK;
}

revue_status stream_view_slow(struct stream *stream, uint64_t offset, size_t size, struct bytes *scratch,
                              const uint8_t **view, revue_error *error) {
    static const uint8_t nothing[STREAM_SLACK];
    if (offset > stream->size || size > stream->size - offset) {
        return error_set(
            error, REVUE_CORRUPT, "segment %u, kind %d: %zu bytes at %llu are past the end of the stream (%llu bytes)",
            stream->segment, (int)stream->kind, size, (unsigned long long)offset, (unsigned long long)stream->size);
    }
    if (size == 0) {
        *view = nothing;
        return REVUE_OK;
    }
    if (!stream->extents) TRY(make_extent_array(stream, error));
    uint64_t within = offset % EXTENT_BYTES;
    if (size > EXTENT_BYTES - within) return copy_pieces(stream, offset, size, scratch, view, error);
    TRY(touch_extent(stream, (uint32_t)(offset / EXTENT_BYTES), error));
    *view = stream->extents[offset / EXTENT_BYTES] + within;
    return REVUE_OK;
}
