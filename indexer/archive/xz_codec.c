/* xz_codec.c - see codec.h; unpacks xz, stream after stream, with liblzma, which allocates its dictionary (the window) in
 * one block by a function of ours. */
#include "indexer/archive/codec.h"
#include "indexer/base/memory.h"

#include <lzma.h>

struct xz_state {
    lzma_stream stream;
    lzma_allocator allocator;
};

static bool detect(struct view head) {
    static const uint8_t magic[] = {0xFD, '7', 'z', 'X', 'Z', 0};
    return head.size >= sizeof magic && memcmp(head.data, magic, sizeof magic) == 0;
}

static void *allocate(void *window, size_t count, size_t size) {
    if (size > 0 && count > SIZE_MAX / size) return NULL;
    return unpack_window_allocate(window, count * size);
}

static void release(void *window, void *address) {
    unpack_window_release(window, address);
}

static void *create(struct unpack_window *window) {
    struct xz_state *xz = memory_alloc_zeroed(1, sizeof *xz);
    if (!xz) return NULL;
    xz->stream = (lzma_stream)LZMA_STREAM_INIT;
    xz->allocator = (lzma_allocator){allocate, release, window};
    xz->stream.allocator = &xz->allocator;
    if (lzma_stream_decoder(&xz->stream, UINT64_MAX, LZMA_CONCATENATED) == LZMA_OK) return xz;
    lzma_end(&xz->stream);
    memory_free(xz);
    return NULL;
}

static void free_state(void *state) {
    struct xz_state *xz = state;
    if (!xz) return;
    lzma_end(&xz->stream);
    memory_free(xz);
}

static revue_status refuse(lzma_ret why, revue_error *error) {
    switch (why) {
    case LZMA_MEM_ERROR: return error_no_memory(error);
    case LZMA_BUF_ERROR: return error_set(error, REVUE_INVALID, "Truncated xz input");
    case LZMA_FORMAT_ERROR: return error_set(error, REVUE_INVALID, "Xz decompression failed: what follows is no xz stream");
    case LZMA_OPTIONS_ERROR:
        return error_set(error, REVUE_INVALID,
                         "Xz decompression failed: it was packed in a way that liblzma %s does not know",
                         lzma_version_string());
    default: return error_set(error, REVUE_INVALID, "Xz decompression failed: the data is damaged");
    }
}

static revue_status step(void *state, struct codec_bytes *bytes, bool *is_done, revue_error *error) {
    lzma_stream *stream = &((struct xz_state *)state)->stream;
    stream->next_in = bytes->packed;
    stream->avail_in = bytes->packed_size;
    stream->next_out = bytes->room;
    stream->avail_out = bytes->room_size;
    lzma_ret done = lzma_code(stream, bytes->is_last ? LZMA_FINISH : LZMA_RUN);
    *bytes = (struct codec_bytes){stream->next_in, stream->avail_in, stream->next_out, stream->avail_out, bytes->is_last};
    *is_done = done == LZMA_STREAM_END;
    return done == LZMA_OK || *is_done ? REVUE_OK : refuse(done, error);
}

const struct codec xz_codec = {detect, create, free_state, step};
