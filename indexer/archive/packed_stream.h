/* packed_stream.h - what a zstd or xz file unpacks to, as a stream; its window need not stay in memory.
 *
 * Whoever unpacks these has to hold the last bytes unpacked, as many as the packer chose: up to 128 MiB with zstd
 * (--ultra -22, --long=27), and with xz 64 MiB (-9) to 1.5 GiB (--lzma2=dict=). A window larger than the caller allows lies
 * in a file without a name, in TMPDIR or /var/tmp, of which only what was touched last is mapped (unpack_window.h). Where
 * no such file can be made the window stays in memory. */
#ifndef REVUE_ARCHIVE_PACKED_STREAM_H
#define REVUE_ARCHIVE_PACKED_STREAM_H

#include "indexer/archive/byte_stream.h"

/* Does one of them begin with these bytes? */
bool packed_detect(struct view head);

struct packed_stream;
/* head: what under begins with, of which packed_detect said yes; under, positioned at the first byte, must outlive it.
 * window_bytes: the most that may stay in memory. REVUE_NO_MEMORY only. */
revue_status packed_stream_open(struct packed_stream **opened, struct stream under, struct view head, size_t window_bytes,
                                revue_error *error);
void packed_stream_close(struct packed_stream *packed); /* NULL is fine */
/* Read in order only. A failure is REVUE_INVALID with the library's reason, or that of the stream under it. */
struct stream packed_stream_of(struct packed_stream *packed);
/* Bytes of memory that windows take: those of a file as far as they are mapped at once; in the first MiB unpacked, what was
 * touched, since xz asks for its window however small the file is. A matter of the packed bytes alone. */
size_t packed_stream_held(const struct packed_stream *packed);

#endif
