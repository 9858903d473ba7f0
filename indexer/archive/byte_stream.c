/* byte_stream.c - see byte_stream.h. */
#include "indexer/archive/byte_stream.h"

#include <errno.h>
#include <unistd.h>

/* ---- memory ---- */

static revue_status memory_read(void *context, void *buffer, size_t size, size_t *got, revue_error *error) {
    (void)error;
    struct memory_stream *memory = context;
    size_t left = memory->bytes.size - memory->at;
    if (size > left) size = left;
    if (size) memcpy(buffer, memory->bytes.data + memory->at, size);
    memory->at += size;
    *got = size;
    return REVUE_OK;
}

static int64_t memory_seek(void *context, int64_t offset, int whence) {
    struct memory_stream *memory = context;
    int64_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? (int64_t)memory->at : (int64_t)memory->bytes.size;
    int64_t to;
    if (__builtin_add_overflow(base, offset, &to) || to < 0 || to > (int64_t)memory->bytes.size) return -1;
    memory->at = (size_t)to;
    return to;
}

struct stream memory_stream_of(struct memory_stream *memory) {
    return (struct stream){memory_read, memory_seek, memory};
}

/* ---- files ---- */

static revue_status file_read(void *context, void *buffer, size_t size, size_t *got, revue_error *error) {
    struct file_stream *file = context;
    ssize_t count;
    do {
        count = read(file->descriptor, buffer, size);
    } while (count < 0 && errno == EINTR);
    if (count < 0) return error_from_errno(error, errno, "cannot read");
    file->bytes_read += (uint64_t)count;
    if (file->hash && !file->was_sought) {
        hash_stream_add(file->hash, buffer, (size_t)count);
        file->hashed_bytes += (uint64_t)count;
    }
    *got = (size_t)count;
    return REVUE_OK;
}

static int64_t file_seek(void *context, int64_t offset, int whence) {
    struct file_stream *file = context;
    file->was_sought = true;
    return (int64_t)lseek(file->descriptor, (off_t)offset, whence);
}

struct stream file_stream_of(struct file_stream *file) {
    return (struct stream){file_read, file->seekable ? file_seek : NULL, file};
}

/* ---- looking ahead ---- */

revue_status peek_stream_start(struct peek_stream *peek, struct stream under, revue_error *error) {
    peek->under = under;
    peek->head_size = peek->head_at = 0;
    error_clear(&peek->failure);
    while (peek->head_size < sizeof peek->head) {
        size_t got = 0;
        revue_status status = under.read(under.context, peek->head + peek->head_size, sizeof peek->head - peek->head_size,
                                         &got, &peek->failure);
        if (status == REVUE_NO_MEMORY) return error_no_memory(error);
        if (status != REVUE_OK || got == 0) break;
        peek->head_size += got;
    }
    return REVUE_OK;
}

static revue_status peek_read(void *context, void *buffer, size_t size, size_t *got, revue_error *error) {
    struct peek_stream *peek = context;
    size_t left = peek->head_size - peek->head_at;
    if (left > 0) {
        if (size > left) size = left;
        memcpy(buffer, peek->head + peek->head_at, size);
        peek->head_at += size;
        *got = size;
        return REVUE_OK;
    }
    if (peek->failure.status != REVUE_OK) {
        if (error) *error = peek->failure;
        return peek->failure.status;
    }
    return peek->under.read(peek->under.context, buffer, size, got, error);
}

/* The head is forgotten on the first seek: from then on everything comes from below. */
static int64_t peek_seek(void *context, int64_t offset, int whence) {
    struct peek_stream *peek = context;
    if (whence == SEEK_CUR) offset -= (int64_t)(peek->head_size - peek->head_at);
    int64_t at = peek->under.seek(peek->under.context, offset, whence);
    if (at >= 0) peek->head_at = peek->head_size;
    return at;
}

struct stream peek_stream_of(struct peek_stream *peek) {
    return (struct stream){peek_read, peek->under.seek ? peek_seek : NULL, peek};
}
