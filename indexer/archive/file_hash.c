/* file_hash.c - see file_hash.h. */
#include "indexer/archive/file_hash.h"

#include "indexer/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define PIECE_BYTES ((size_t)1 << 18)

/* A file may have been replaced since it was listed: by a pipe, or by nothing. */
revue_status file_open_regular(const char *path, int *descriptor, struct file_facts *facts, revue_error *error) {
    struct stat about;
    int opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (opened < 0) {
        int number = errno;
        if (number == ENOENT || number == ENOTDIR) return error_set(error, REVUE_IO, "it vanished after it was listed");
        return error_from_errno(error, number, "cannot open");
    }
    if (fstat(opened, &about) != 0 || !S_ISREG(about.st_mode)) {
        (void)close(opened);
        return error_set(error, REVUE_IO, "no longer a regular file");
    }
    *descriptor = opened;
    *facts = file_facts_of(&about);
    return REVUE_OK;
}

static uint64_t count_lines(const char *at, size_t size) {
    const char *end = at + size;
    uint64_t lines = 0;
    while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        lines++;
        at++;
    }
    return lines;
}

static revue_status hash_pieces(int descriptor, uint64_t from, uint64_t to, struct hash_stream *hash, char *piece,
                                uint64_t *hashed, uint64_t *lines, revue_error *error) {
    uint64_t at = from;
    while (at < to) {
        size_t wanted = to - at < PIECE_BYTES ? (size_t)(to - at) : PIECE_BYTES;
        ssize_t got = pread(descriptor, piece, wanted, (off_t)at);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return error_from_errno(error, errno, "cannot read");
        if (got == 0) break;
        hash_stream_add(hash, piece, (size_t)got);
        if (lines) *lines += count_lines(piece, (size_t)got);
        at += (uint64_t)got;
    }
    *hashed = at - from;
    return REVUE_OK;
}

revue_status file_hash_range(int descriptor, uint64_t from, uint64_t to, struct hash_stream *hash, uint64_t *hashed,
                             uint64_t *lines, revue_error *error) {
    char *piece = memory_alloc_array(PIECE_BYTES, 1);
    if (!piece) return error_no_memory(error);
    revue_status status = hash_pieces(descriptor, from, to, hash, piece, hashed, lines, error);
    memory_free(piece);
    return status;
}
