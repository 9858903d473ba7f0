/* stream.h - a run of bytes cut into extents (FORMAT.md, 4): writer and reader. */
#ifndef REVUE_FORMAT_STREAM_H
#define REVUE_FORMAT_STREAM_H

#include "indexer/format/keys.h"
#include "indexer/store/store.h"

#define EXTENT_BYTES 65512u /* of the stream; 8 of checksum follow */
#define STREAM_SLACK 8u     /* bytes readable behind any view */

/* Where the records of a segment being written go. put is called in key order within a kind. */
struct segment_sink {
    revue_status (*put)(void *context, enum segment_kind kind, struct view part, struct view value, revue_error *error);
    void *context;
};

struct stream_writer {
    const struct segment_sink *sink;
    enum segment_kind kind;
    uint32_t extent; /* the one being filled */
    uint64_t size;   /* bytes appended so far: the address of the next */
    uint8_t *buffer; /* EXTENT_BYTES */
    uint32_t filled;
};
revue_status stream_writer_open(struct stream_writer *writer, const struct segment_sink *sink, enum segment_kind kind,
                                revue_error *error);
revue_status stream_writer_append(struct stream_writer *writer, const void *data, size_t size, revue_error *error);
revue_status stream_writer_finish(struct stream_writer *writer, revue_error *error); /* puts the last extent */
void stream_writer_free(struct stream_writer *writer);

/* Reads in place from the store's pages. An extent is looked up and verified at its first touch, then remembered. */
struct stream {
    store_txn *txn;
    uint32_t segment;
    enum segment_kind kind;
    uint64_t size;           /* bytes of the stream, from META */
    const uint8_t **extents; /* NULL until touched; the array itself is made at the first touch */
};
void stream_open(struct stream *stream, store_txn *txn, uint32_t segment, enum segment_kind kind, uint64_t size);
void stream_close(struct stream *stream);
/* What stream_view does when the extent was not touched yet, or the bytes lie in several. */
revue_status stream_view_slow(struct stream *stream, uint64_t offset, size_t size, struct bytes *scratch,
                              const uint8_t **view, revue_error *error);
/* [offset, offset + size) of the stream, in place when it lies in one extent, else copied into scratch (replacing what was
 * there). STREAM_SLACK bytes behind it are readable (their content means nothing). Out of the stream: REVUE_CORRUPT. */
static inline revue_status stream_view(struct stream *stream, uint64_t offset, size_t size, struct bytes *scratch,
                                       const uint8_t **view, revue_error *error) {
    uint64_t within = offset % EXTENT_BYTES;
    if (__builtin_expect(stream->extents && offset < stream->size && size <= stream->size - offset &&
                             size <= EXTENT_BYTES - within,
                         1)) {
        const uint8_t *extent = stream->extents[offset / EXTENT_BYTES];
        if (__builtin_expect(extent != NULL, 1)) {
            *view = extent + within;
            return REVUE_OK;
        }
    }
    return stream_view_slow(stream, offset, size, scratch, view, error);
}
/* The verified bytes of a whole extent and how many they are. */
revue_status stream_extent(struct stream *stream, uint32_t extent, const uint8_t **data, uint32_t *size,
                           revue_error *error);

/* The extent of a stream that was looked at last, for those who mostly look near where they looked before. Zero bytes are
 * none. */
struct stream_near {
    const uint8_t *data;
    uint64_t first; /* address of data */
    uint64_t size;
};
/* Comes to the extent of offset when it is not the one at hand. */
static inline revue_status stream_near_move(struct stream *stream, uint64_t offset, struct stream_near *near,
                                            revue_error *error) {
    uint32_t size = 0;
    if (__builtin_expect(offset - near->first < near->size, 1)) return REVUE_OK;
    near->size = 0;
    revue_status status = stream_extent(stream, (uint32_t)(offset / EXTENT_BYTES), &near->data, &size, error);
    if (status != REVUE_OK) return status;
    near->first = offset / EXTENT_BYTES * EXTENT_BYTES;
    near->size = size;
    return REVUE_OK;
}

#endif
