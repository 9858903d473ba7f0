/* byte_stream.h - bytes that can only be pulled: a file, standard input, memory, or what a container unpacks.
 *
 * A stream belongs to whoever made it; the struct is a small value that may be copied while the owner lives. */
#ifndef REVUE_ARCHIVE_BYTE_STREAM_H
#define REVUE_ARCHIVE_BYTE_STREAM_H

#include "indexer/base/bytes.h"
#include "indexer/base/error.h"
#include "indexer/base/hash.h"

struct stream {
    /* Fills up to size bytes; *got is 0 at the end only. A failure is REVUE_NO_MEMORY, or any other status with the reason
     * in error: then the rest of the stream cannot be read. */
    revue_status (*read)(void *context, void *buffer, size_t size, size_t *got, revue_error *error);
    /* As lseek; negative when it cannot. NULL when the stream is read in order only. */
    int64_t (*seek)(void *context, int64_t offset, int whence);
    void *context;
};

/* Bytes in memory, owned by the caller. */
struct memory_stream {
    struct view bytes;
    size_t at;
};
struct stream memory_stream_of(struct memory_stream *memory);

/* An open descriptor, owned by the caller. */
struct file_stream {
    int descriptor;
    bool seekable; /* a regular file read from its start */
    uint64_t bytes_read;
    struct hash_stream *hash; /* of the bytes as they come, while they come in order; NULL: nobody wants it */
    uint64_t hashed_bytes;
    bool was_sought; /* they came out of order */
};
struct stream file_stream_of(struct file_stream *file);

/* A stream whose first bytes can be looked at before they are read. */
#define STREAM_HEAD_BYTES 1024u
struct peek_stream {
    struct stream under;
    uint8_t head[STREAM_HEAD_BYTES];
    size_t head_size, head_at;
    revue_error failure; /* met while peeking; given out when the head has been read */
};
/* Starts peek over under and reads its head. REVUE_NO_MEMORY only; another failure is kept for the reader. */
revue_status peek_stream_start(struct peek_stream *peek, struct stream under, revue_error *error);
static inline struct view peek_stream_head(const struct peek_stream *peek) {
    return view_of(peek->head, peek->head_size);
}
struct stream peek_stream_of(struct peek_stream *peek);

#endif
