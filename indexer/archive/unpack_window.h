/* unpack_window.h - the memory of a library that unpacks: as usual, but for its window where that is too large.
 *
 * A large block lies in a file (base/file_memory.h), whose pages are given back every so often; what later text refers to
 * is mapped again. A block of zstd's (128 KiB) refers to 40 MiB of a window of 128 when packed with --ultra -22; xz is
 * stopped after every 16 KiB, in which it refers to some 30 MiB. That costs: 130 MB packed by zstd so took 3 s more than
 * with the window in memory. */
#ifndef REVUE_ARCHIVE_UNPACK_WINDOW_H
#define REVUE_ARCHIVE_UNPACK_WINDOW_H

#include <stddef.h>
#include <stdint.h>

struct unpack_window { /* zeroed but for most_bytes */
    size_t most_bytes; /* a larger block lies in a file */
    void *map;         /* NULL: there is none */
    size_t map_bytes;
    size_t held;     /* by the largest block */
    size_t unpacked; /* since the map was given back */
};
/* NULL when there is no memory. Both may be called by the library from inside it. */
void *unpack_window_allocate(struct unpack_window *window, size_t size);
void unpack_window_release(struct unpack_window *window, void *address); /* NULL is fine */
/* The most that should be unpacked between two calls of unpack_window_note. */
size_t unpack_window_step(const struct unpack_window *window);
void unpack_window_note(struct unpack_window *window, size_t unpacked_bytes);

#endif
