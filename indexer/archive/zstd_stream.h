/* zstd_stream.h - what a zstd file unpacks to, as a stream; its window need not stay in memory.
 *
 * Whoever unpacks zstd has to hold the last bytes unpacked, as many as the packer chose: up to 128 MiB (zstd --ultra -22,
 * --long=27). A window larger than the caller allows lies in a file without a name, in TMPDIR or /var/tmp, of which only
 * what was touched last is mapped. Where no such file can be made the window stays in memory. */
#ifndef REVUE_ARCHIVE_ZSTD_STREAM_H
#define REVUE_ARCHIVE_ZSTD_STREAM_H

#include "indexer/archive/byte_stream.h"

/* Does zstd begin with these bytes? */
bool zstd_detect(struct view head);

struct zstd_stream;
/* under, positioned at the first byte, must outlive it. window_bytes: the most that may stay in memory. REVUE_NO_MEMORY
 * only. */
revue_status zstd_stream_open(struct zstd_stream **opened, struct stream under, size_t window_bytes, revue_error *error);
void zstd_stream_close(struct zstd_stream *zstd); /* NULL is fine */
/* Read in order only. A failure is REVUE_INVALID with zstd's reason, or that of the stream under it. */
struct stream zstd_stream_of(struct zstd_stream *zstd);
/* Bytes of memory that windows take: those of a file as far as they are mapped at once. A matter of the packed bytes alone,
 * known once the first were unpacked. */
size_t zstd_stream_held(const struct zstd_stream *zstd);

#endif
