/* container.h - compressed files, tar and zip, through libarchive: the only room that knows it. zstd and xz are
 * unpacked below it, by packed_stream.h, which bounds the memory that takes.
 *
 * A container is opened over a stream and gives its members in the order they are stored; the member in hand is a stream
 * itself, so that containers nest. Members are never written anywhere, so their names cannot do harm.
 *
 * Limits: a container that unpacks to more than `expansion` times the bytes taken from the disk (beyond the first 16 MiB),
 * or has more than `member_count` members, is a bomb: reading it fails for good. */
#ifndef REVUE_ARCHIVE_CONTAINER_H
#define REVUE_ARCHIVE_CONTAINER_H

#include "indexer/archive/archive.h"
#include "indexer/archive/byte_stream.h"

/* Does what begins with these bytes have to be unpacked? head should be STREAM_HEAD_BYTES unless the stream is shorter. */
bool container_detect(struct view head);

/* The same of containers whose members can be passed over without unpacking them: zip, and tar that is not compressed. */
bool container_is_listed(struct view head);

struct container;
struct container_budget {
    uint64_t expansion, member_count; /* the limits */
    const uint64_t *disk_bytes;       /* bytes read from disk so far, kept up to date by the owner of the file */
    uint64_t window_bytes;            /* of what was unpacked last that may be held in memory (packed_stream.h) */
};

/* head: what stream begins with; stream must outlive the container. REVUE_NO_MEMORY, or the reason why it is not readable
 * as a container. */
revue_status container_open(struct container **container, struct stream stream, struct view head,
                            struct container_budget budget, revue_error *error);
void container_close(struct container *container); /* NULL is fine */

/* Bytes of memory that unpacking takes, as far as it is known: of zstd and xz. */
size_t container_held(const struct container *container);

enum member_kind {
    MEMBER_END,
    MEMBER_FILE,
    MEMBER_WHOLE, /* a compressed single file: the member is the file itself, its name is empty */
    MEMBER_FOLDER,
    MEMBER_OTHER, /* a link, a device: without reviews */
    MEMBER_ENCRYPTED
};
struct container_member {
    enum member_kind kind;
    struct view path;    /* valid until the next call */
    uint64_t size;       /* when has_size */
    int64_t modified_ns; /* when has_time */
    bool has_size, has_time;
};

/* The next member; what was left of the one before is passed over. After a failure other than REVUE_NO_MEMORY nothing more
 * can be read. */
revue_status container_next(struct container *container, struct container_member *member, revue_error *error);

/* The bytes of the member in hand; valid until the next container_next. */
struct stream container_member_stream(struct container *container);

#endif
