/* unpack_window.c - see unpack_window.h. */
#include "indexer/archive/unpack_window.h"

#include "indexer/base/file_memory.h"
#include "indexer/base/memory.h"

#define MAPPED_BYTES ((size_t)40 << 20)    /* about, by the time the map is given back ... */
#define GIVE_BACK_EVERY ((size_t)16 << 10) /* ... after so many bytes unpacked ... */
#define LARGE_WINDOW ((size_t)128 << 20)   /* ... or half as many, where hardly two places are near each other */

void *unpack_window_allocate(struct unpack_window *window, size_t size) {
    bool is_small = size <= window->most_bytes || window->map;
    size_t held = is_small ? size : MAPPED_BYTES;
    if (held > window->held) window->held = held;
    if (is_small) return memory_alloc(size);
    window->map = file_memory_open(size);
    window->map_bytes = size;
    return window->map ? window->map : memory_alloc(size);
}

void unpack_window_release(struct unpack_window *window, void *address) {
    if (!window->map || address != window->map) {
        memory_free(address);
        return;
    }
    file_memory_close(window->map, window->map_bytes);
    window->map = NULL;
}

size_t unpack_window_step(const struct unpack_window *window) {
    if (!window->map) return SIZE_MAX;
    return window->map_bytes > LARGE_WINDOW ? GIVE_BACK_EVERY / 2 : GIVE_BACK_EVERY;
}

void unpack_window_note(struct unpack_window *window, size_t unpacked_bytes) {
    window->unpacked += unpacked_bytes;
    if (!window->map || window->unpacked < unpack_window_step(window)) return;
    file_memory_give_back(window->map, window->map_bytes);
    window->unpacked = 0;
}
