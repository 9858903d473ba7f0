/* zstd_codec.c - see codec.h; unpacks zstd, frame after frame.
 *
 * zstd allocates its window by a function of ours, and in one block with its buffers. The function that takes an allocator
 * is one of those that zstd calls advanced: they are in every build of the library since 1.0, but are not promised to stay.
 */
#define ZSTD_STATIC_LINKING_ONLY
#include "indexer/archive/codec.h"
#include "indexer/base/memory.h"

#include <zstd.h>
#include <zstd_errors.h>

struct zstd_state {
    ZSTD_DCtx *context;
    bool is_in_frame;
};

static bool detect(struct view head) {
    return head.size >= 4 && memcmp(head.data, "\x28\xB5\x2F\xFD", 4) == 0;
}

static void *allocate(void *window, size_t size) {
    return unpack_window_allocate(window, size);
}

static void release(void *window, void *address) {
    unpack_window_release(window, address);
}

static void *create(struct unpack_window *window) {
    struct zstd_state *zstd = memory_alloc_zeroed(1, sizeof *zstd);
    if (!zstd) return NULL;
    zstd->context = ZSTD_createDCtx_advanced((ZSTD_customMem){allocate, release, window});
    if (zstd->context) return zstd;
    memory_free(zstd);
    return NULL;
}

static void free_state(void *state) {
    struct zstd_state *zstd = state;
    if (!zstd) return;
    (void)ZSTD_freeDCtx(zstd->context);
    memory_free(zstd);
}

static revue_status step(void *state, struct codec_bytes *bytes, bool *is_done, revue_error *error) {
    struct zstd_state *zstd = state;
    ZSTD_inBuffer in = {bytes->packed, bytes->packed_size, 0};
    ZSTD_outBuffer out = {bytes->room, bytes->room_size, 0};
    if (bytes->is_last && in.size == 0 && !zstd->is_in_frame) {
        *is_done = true;
        return REVUE_OK;
    }
    size_t left = ZSTD_decompressStream(zstd->context, &out, &in);
    if (ZSTD_isError(left)) {
        if (ZSTD_getErrorCode(left) == ZSTD_error_memory_allocation) return error_no_memory(error);
        return error_set(error, REVUE_INVALID, "Zstd decompression failed: %s", ZSTD_getErrorName(left));
    }
    bool has_moved = in.pos + out.pos > 0;
    zstd->is_in_frame = left != 0 && (zstd->is_in_frame || has_moved);
    if (bytes->is_last && zstd->is_in_frame && !has_moved) return error_set(error, REVUE_INVALID, "Truncated zstd input");
    *bytes = (struct codec_bytes){bytes->packed + in.pos, in.size - in.pos, bytes->room + out.pos, out.size - out.pos,
                                  bytes->is_last};
    *is_done = bytes->is_last && bytes->packed_size == 0 && !zstd->is_in_frame;
    return REVUE_OK;
}

const struct codec zstd_codec = {detect, create, free_state, step};
