/* arena.h - memory that is thrown away whole: one per batch, review or query. Not thread-safe. */
#ifndef REVUE_BASE_ARENA_H
#define REVUE_BASE_ARENA_H

#include <stddef.h>

struct arena_chunk;
struct arena {
    struct arena_chunk *chunks; /* newest first */
    char *next, *end;           /* free bytes of the newest chunk */
    size_t total_bytes;         /* held by all chunks */
};

/* An arena of zero bytes is ready for use: struct arena arena = {0}; */
void *arena_alloc(struct arena *arena, size_t size); /* aligned for any type; NULL when out of memory */
void *arena_alloc_array(struct arena *arena, size_t count, size_t size);
char *arena_copy(struct arena *arena, const void *data, size_t size); /* adds a zero byte; NULL when out of memory */
/* Of block, the newest allocation, only the first size bytes are needed: the rest is free again. */
void arena_shrink(struct arena *arena, void *block, size_t size);
void arena_reset(struct arena *arena); /* forgets all, keeps one chunk for reuse */
void arena_free(struct arena *arena);  /* gives everything back; the arena may be used again */

#endif
