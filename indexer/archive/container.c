/* container.c - see container.h. libarchive pulls from our stream by callbacks; its "raw" format makes a compressed single
 * file look like a container of one member, so that filters and formats are one case.
 *
 * Names: libarchive converts between character sets of the process's locale, which a library must not set; so UTF-8 is
 * asked for first and the raw bytes are taken when there is none. */
#include "indexer/archive/container.h"

#include "indexer/archive/packed_stream.h"
#include "indexer/base/memory.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>

#define READ_BYTES ((size_t)1 << 16)
#define FREE_EXPANSION ((uint64_t)16 << 20)

struct container {
    struct archive *archive;
    struct stream stream;         /* what libarchive reads */
    struct packed_stream *packed; /* NULL: libarchive unpacks it itself */
    struct container_budget budget;
    uint64_t members, unpacked_bytes;
    bool whole;          /* the format is "raw" */
    revue_error under;   /* why the stream below failed */
    revue_error failure; /* kept: reading on after it fails again */
    uint8_t buffer[READ_BYTES];
};

/* ---- detection ---- */

static bool begins(struct view head, const char *magic, size_t size) {
    return head.size >= size && memcmp(head.data, magic, size) == 0;
}

/* The checksum of a tar header covers its 512 bytes with its own field read as blanks. */
static bool is_tar_header(struct view head) {
    if (head.size < 512) return false;
    const uint8_t *b = (const uint8_t *)head.data;
    uint32_t sum = 0, written = 0;
    size_t at = 148;
    for (size_t i = 0; i < 512; i++)
        sum += i >= 148 && i < 156 ? ' ' : b[i];
    while (at < 156 && b[at] == ' ')
        at++;
    if (b[at] < '0' || b[at] > '7') return false;
    for (; at < 156 && b[at] >= '0' && b[at] <= '7'; at++)
        written = written * 8 + (uint32_t)(b[at] - '0');
    return sum == written;
}

bool container_is_listed(struct view head) {
    return begins(head, "PK\3\4", 4) || is_tar_header(head);
}

bool container_detect(struct view head) {
    if (begins(head, "\x1F\x8B", 2) || packed_detect(head)) return true;
    if (begins(head, "BZh", 3) && head.size > 10 &&
        (begins(view_of(head.data + 4, 6), "1AY&SY", 6) ||
         begins(view_of(head.data + 4, 6), "\x17\x72\x45\x38\x50\x90", 6))) {
        return true;
    }
    return begins(head, "PK\5\6", 4) || container_is_listed(head);
}

/* ---- callbacks ---- */

static la_ssize_t read_callback(struct archive *archive, void *context, const void **buffer) {
    struct container *container = context;
    size_t got = 0;
    revue_status status =
        container->stream.read(container->stream.context, container->buffer, READ_BYTES, &got, &container->under);
    if (status != REVUE_OK) {
        container->under.status = status;
        archive_set_error(archive, EIO, "%s", container->under.message);
        return -1;
    }
    *buffer = container->buffer;
    return (la_ssize_t)got;
}

static la_int64_t seek_callback(struct archive *archive, void *context, la_int64_t offset, int whence) {
    (void)archive;
    struct container *container = context;
    int64_t at = container->stream.seek(container->stream.context, offset, whence);
    return at < 0 ? ARCHIVE_FATAL : at;
}

/* ---- opening ---- */

static revue_status fail(struct container *container, revue_error *error) {
    if (container->under.status == REVUE_NO_MEMORY) return error_no_memory(error);
    const char *message = archive_error_string(container->archive);
    if (container->under.status != REVUE_OK) message = container->under.message;
    (void)error_set(&container->failure, REVUE_INVALID, "%s", message ? message : "the container is damaged");
    if (error) *error = container->failure;
    return REVUE_INVALID;
}

static revue_status fail_budget(struct container *container, revue_error *error, const char *message) {
    (void)error_set(&container->failure, REVUE_INVALID, "%s", message);
    if (error) *error = container->failure;
    return REVUE_INVALID;
}

static bool set_up(struct container *container) {
    struct archive *archive = container->archive;
    static int (*const support[])(struct archive *) = {archive_read_support_filter_gzip,  archive_read_support_filter_bzip2,
                                                       archive_read_support_format_tar,   archive_read_support_format_zip,
                                                       archive_read_support_format_empty, archive_read_support_format_raw};
    bool done = true;
    for (size_t i = 0; i < sizeof support / sizeof *support; i++)
        done = done && support[i](archive) >= ARCHIVE_WARN;
    archive_read_set_callback_data(archive, container);
    archive_read_set_read_callback(archive, read_callback);
    if (container->stream.seek) archive_read_set_seek_callback(archive, seek_callback);
    return done && archive_read_open1(archive) >= ARCHIVE_WARN;
}

static revue_status start(struct container *made, struct view head, revue_error *error) {
    if (packed_detect(head)) {
        TRY(packed_stream_open(&made->packed, made->stream, head, made->budget.window_bytes, error));
        made->stream = packed_stream_of(made->packed);
    }
    made->archive = archive_read_new();
    if (!made->archive) return error_no_memory(error);
    return set_up(made) ? REVUE_OK : fail(made, error);
}

revue_status container_open(struct container **container, struct stream stream, struct view head,
                            struct container_budget budget, revue_error *error) {
    struct container *made = memory_alloc_zeroed(1, sizeof *made);
    if (!made) return error_no_memory(error);
    made->stream = stream;
    made->budget = budget;
    revue_status status = start(made, head, error);
    if (status != REVUE_OK) {
        container_close(made);
        return status;
    }
    *container = made;
    return REVUE_OK;
}

void container_close(struct container *container) {
    if (!container) return;
    if (container->archive) (void)archive_read_free(container->archive);
    packed_stream_close(container->packed);
    memory_free(container);
}

size_t container_held(const struct container *container) {
    return container->packed ? packed_stream_held(container->packed) : 0;
}

/* ---- members ---- */

static void describe(struct container *container, struct archive_entry *entry, struct container_member *member) {
    const char *path = archive_entry_pathname_utf8(entry);
    if (!path) path = archive_entry_pathname(entry);
    container->whole = archive_format(container->archive) == ARCHIVE_FORMAT_RAW;
    *member = (struct container_member){.kind = MEMBER_FILE, .path = view_of_string(path)};
    mode_t type = archive_entry_filetype(entry);
    if (container->whole) {
        *member = (struct container_member){.kind = MEMBER_WHOLE};
        return;
    }
    if (type == AE_IFDIR)
        member->kind = MEMBER_FOLDER;
    else if (archive_entry_hardlink(entry) || (type != AE_IFREG && type != 0))
        member->kind = MEMBER_OTHER;
    else if (archive_entry_is_encrypted(entry))
        member->kind = MEMBER_ENCRYPTED;
    member->has_size = archive_entry_size_is_set(entry) != 0;
    if (member->has_size) member->size = (uint64_t)archive_entry_size(entry);
    member->has_time = archive_entry_mtime_is_set(entry) != 0;
    int64_t nanoseconds;
    if (member->has_time && !__builtin_mul_overflow((int64_t)archive_entry_mtime(entry), 1000000000, &nanoseconds)) {
        member->modified_ns = nanoseconds;
    }
}

revue_status container_next(struct container *container, struct container_member *member, revue_error *error) {
    struct archive_entry *entry;
    if (container->failure.status != REVUE_OK && container->whole) { /* told already, by the only member */
        *member = (struct container_member){.kind = MEMBER_END};
        return REVUE_OK;
    }
    if (container->failure.status != REVUE_OK) {
        if (error) *error = container->failure;
        return container->failure.status;
    }
    int result = archive_read_next_header(container->archive, &entry);
    if (result == ARCHIVE_RETRY) result = archive_read_next_header(container->archive, &entry);
    if (result == ARCHIVE_EOF) {
        *member = (struct container_member){.kind = MEMBER_END};
        return REVUE_OK;
    }
    if (result < ARCHIVE_WARN) return fail(container, error);
    if (++container->members > container->budget.member_count) {
        return fail_budget(container, error, "more members than the limit allows");
    }
    describe(container, entry, member);
    return REVUE_OK;
}

static revue_status member_read(void *context, void *buffer, size_t size, size_t *got, revue_error *error) {
    struct container *container = context;
    if (container->failure.status != REVUE_OK) {
        if (error) *error = container->failure;
        return container->failure.status;
    }
    la_ssize_t count = archive_read_data(container->archive, buffer, size);
    if (count == ARCHIVE_RETRY) count = archive_read_data(container->archive, buffer, size);
    if (count == ARCHIVE_FAILED || count == ARCHIVE_WARN) { /* this member is bad; the container may go on */
        const char *message = archive_error_string(container->archive);
        return error_set(error, REVUE_INVALID, "%s", message ? message : "the member is damaged");
    }
    if (count < 0) return fail(container, error);
    container->unpacked_bytes += (uint64_t)count;
    uint64_t allowed, disk_bytes = *container->budget.disk_bytes;
    if (!__builtin_mul_overflow(disk_bytes, container->budget.expansion, &allowed) &&
        container->unpacked_bytes > FREE_EXPANSION && container->unpacked_bytes - FREE_EXPANSION > allowed) {
        return fail_budget(container, error, "unpacks to far more bytes than it has: a decompression bomb");
    }
    *got = (size_t)count;
    return REVUE_OK;
}

struct stream container_member_stream(struct container *container) {
    return (struct stream){member_read, NULL, container};
}
