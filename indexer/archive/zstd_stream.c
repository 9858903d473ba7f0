/* zstd_stream.c - see zstd_stream.h.
 *
 * zstd allocates its window by a function of ours, and in one block with its buffers. A large block becomes a shared map of
 * an unnamed file: pages that are written lie in the system's cache of files, and go to the disk when memory is short or
 * the file lives long, which it mostly does not. The kernel counts mapped pages as this process's memory, so the map is
 * given back after every block of zstd's; what later text refers to is mapped again, 64 KiB at a time. A block of a file
 * packed with --ultra -22 refers to 40 MiB of a window of 128. That costs: 130 MB took 3 s more than with the window in
 * memory. Room on the disk is reserved first: writing to a map of a full disk would end the process.
 *
 * The function that takes an allocator is one of those that zstd calls advanced: they are in every build of the library
 * since 1.0, but are not promised to stay. */
#define ZSTD_STATIC_LINKING_ONLY
#include "indexer/archive/zstd_stream.h"

#include "indexer/base/memory.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>
#include <zstd_errors.h>

#define READ_BYTES ((size_t)1 << 16)
#define GIVE_BACK_EVERY ((size_t)128 << 10) /* bytes unpacked: a block */
#define MAPPED_BYTES ((size_t)40 << 20)     /* of a window in a file, about, by the time it is given back */

struct zstd_stream {
    struct stream under;
    ZSTD_DCtx *context;
    size_t window_bytes;
    void *map; /* the window in a file; NULL: there is none */
    size_t map_bytes, held, unpacked;
    bool is_in_frame, has_ended; /* has_ended: the stream under it */
    revue_error failure;         /* kept: reading on fails again */
    ZSTD_inBuffer input;
    uint8_t buffer[READ_BYTES];
};

bool zstd_detect(struct view head) {
    return head.size >= 4 && memcmp(head.data, "\x28\xB5\x2F\xFD", 4) == 0;
}

/* ---- the window ---- */

/* An unnamed file of that size, or -1. */
static int make_file(size_t size) {
    const char *folder = getenv("TMPDIR");
    int file = open(folder && folder[0] ? folder : "/var/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file >= 0 && posix_fallocate(file, 0, (off_t)size) == 0) return file;
    if (file >= 0) (void)close(file);
    return -1;
}

static void *map_file(size_t size) {
    int file = make_file(size);
    if (file < 0) return NULL;
    void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    (void)close(file);
    return map == MAP_FAILED ? NULL : map;
}

static void *allocate(void *context, size_t size) {
    struct zstd_stream *zstd = context;
    bool is_small = size <= zstd->window_bytes || zstd->map;
    size_t held = is_small ? size : MAPPED_BYTES;
    if (held > zstd->held) zstd->held = held;
    if (is_small) return memory_alloc(size);
    zstd->map = map_file(size);
    zstd->map_bytes = size;
    return zstd->map ? zstd->map : memory_alloc(size);
}

static void release(void *context, void *address) {
    struct zstd_stream *zstd = context;
    if (!zstd->map || address != zstd->map) {
        memory_free(address);
        return;
    }
    (void)munmap(zstd->map, zstd->map_bytes);
    zstd->map = NULL;
}

static void note_unpacked(struct zstd_stream *zstd, size_t size) {
    zstd->unpacked += size;
    if (!zstd->map || zstd->unpacked < GIVE_BACK_EVERY) return;
    (void)madvise(zstd->map, zstd->map_bytes, MADV_DONTNEED);
    zstd->unpacked = 0;
}

/* ---- opening and closing ---- */

revue_status zstd_stream_open(struct zstd_stream **opened, struct stream under, size_t window_bytes, revue_error *error) {
    struct zstd_stream *zstd = memory_alloc(sizeof *zstd);
    if (!zstd) return error_no_memory(error);
    memset(zstd, 0, offsetof(struct zstd_stream, buffer));
    zstd->under = under;
    zstd->window_bytes = window_bytes;
    zstd->context = ZSTD_createDCtx_advanced((ZSTD_customMem){allocate, release, zstd});
    if (!zstd->context) {
        memory_free(zstd);
        return error_no_memory(error);
    }
    *opened = zstd;
    return REVUE_OK;
}

void zstd_stream_close(struct zstd_stream *zstd) {
    if (!zstd) return;
    (void)ZSTD_freeDCtx(zstd->context);
    memory_free(zstd);
}

size_t zstd_stream_held(const struct zstd_stream *zstd) {
    return zstd->held;
}

/* ---- reading ---- */

static revue_status fill(struct zstd_stream *zstd, revue_error *error) {
    size_t got = 0;
    TRY(zstd->under.read(zstd->under.context, zstd->buffer, READ_BYTES, &got, error));
    zstd->has_ended = got == 0;
    zstd->input = (ZSTD_inBuffer){zstd->buffer, got, 0};
    return REVUE_OK;
}

/* One step: some more bytes unpacked, or taken in. */
static revue_status step(struct zstd_stream *zstd, ZSTD_outBuffer *output, revue_error *error) {
    if (zstd->input.pos == zstd->input.size && !zstd->has_ended) TRY(fill(zstd, error));
    size_t before = zstd->input.pos + output->pos;
    size_t left = ZSTD_decompressStream(zstd->context, output, &zstd->input);
    if (ZSTD_isError(left)) {
        if (ZSTD_getErrorCode(left) == ZSTD_error_memory_allocation) return error_no_memory(error);
        return error_set(error, REVUE_INVALID, "Zstd decompression failed: %s", ZSTD_getErrorName(left));
    }
    zstd->is_in_frame = left != 0 && (zstd->is_in_frame || zstd->input.pos + output->pos > before);
    if (zstd->has_ended && zstd->is_in_frame && zstd->input.pos + output->pos == before)
        return error_set(error, REVUE_INVALID, "Truncated zstd input");
    return REVUE_OK;
}

static bool is_done(const struct zstd_stream *zstd) {
    return zstd->has_ended && !zstd->is_in_frame;
}

static revue_status read_unpacked(void *context, void *buffer, size_t size, size_t *got, revue_error *error) {
    struct zstd_stream *zstd = context;
    ZSTD_outBuffer output = {buffer, size, 0};
    revue_status status = zstd->failure.status;
    while (status == REVUE_OK && output.pos == 0 && !is_done(zstd))
        status = step(zstd, &output, &zstd->failure);
    if (status != REVUE_OK) {
        zstd->failure.status = status;
        if (error) *error = zstd->failure;
        return status;
    }
    note_unpacked(zstd, output.pos);
    *got = output.pos;
    return REVUE_OK;
}

struct stream zstd_stream_of(struct zstd_stream *zstd) {
    return (struct stream){read_unpacked, NULL, zstd};
}
