/* codec.h - what packed_stream.c asks of a library that unpacks. */
#ifndef REVUE_ARCHIVE_CODEC_H
#define REVUE_ARCHIVE_CODEC_H

#include "indexer/archive/unpack_window.h"
#include "indexer/base/bytes.h"
#include "indexer/base/error.h"

/* Packed bytes to be taken and room to be filled; both are moved on by what was used. */
struct codec_bytes {
    const uint8_t *packed;
    size_t packed_size;
    uint8_t *room;
    size_t room_size;
    bool is_last; /* no packed bytes come behind these */
};
struct codec {
    bool (*detect)(struct view head);
    /* NULL when there is no memory. The window outlives it. */
    void *(*create)(struct unpack_window *window);
    void (*free)(void *state);
    /* Some more bytes unpacked, or taken in; *is_done: all is unpacked. REVUE_NO_MEMORY, or REVUE_INVALID and the reason.
     */
    revue_status (*step)(void *state, struct codec_bytes *bytes, bool *is_done, revue_error *error);
};

extern const struct codec zstd_codec, xz_codec;

#endif
