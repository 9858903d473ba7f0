/* arena.c - see arena.h. Chunks double up to 1 MiB; a large request gets a chunk of its own. Under AddressSanitizer the
 * bytes not handed out are poisoned, so that running over an allocation is seen. */
#include "indexer/base/arena.h"

#include "indexer/base/memory.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif
#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define REDZONE 16u
#else
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define REDZONE 0u
#endif

#define ALIGNMENT 16u
#define FIRST_CHUNK 1008u /* what glibc keeps at hand for the thread; more takes it four times as long */
#define LARGEST_CHUNK (1u << 20)

struct arena_chunk {
    struct arena_chunk *older;
    size_t size; /* of the whole chunk, with this head */
};
#define HEAD ((sizeof(struct arena_chunk) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT)

static bool arena_grow(struct arena *arena, size_t needed) {
    size_t size = arena->chunks ? arena->chunks->size * 2 : FIRST_CHUNK;
    if (size > LARGEST_CHUNK) size = LARGEST_CHUNK;
    if (needed > SIZE_MAX - HEAD) return false;
    if (size < needed + HEAD) size = needed + HEAD;
    struct arena_chunk *chunk = memory_alloc(size);
    if (!chunk) return false;
    chunk->older = arena->chunks;
    chunk->size = size;
    arena->chunks = chunk;
    arena->next = (char *)chunk + HEAD;
    arena->end = (char *)chunk + size;
    arena->total_bytes += size;
    ASAN_POISON_MEMORY_REGION(arena->next, (size_t)(arena->end - arena->next));
    return true;
}

static size_t round_up(size_t size) {
    return (size + REDZONE + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

void *arena_alloc(struct arena *arena, size_t size) {
    if (size > SIZE_MAX - ALIGNMENT - REDZONE) return NULL;
    size_t rounded = round_up(size);
    if (rounded > (size_t)(arena->end - arena->next) && !arena_grow(arena, rounded)) return NULL;
    char *block = arena->next;
    arena->next += rounded;
    ASAN_UNPOISON_MEMORY_REGION(block, size);
    return block;
}

void arena_shrink(struct arena *arena, void *block, size_t size) {
    arena->next = (char *)block + round_up(size);
    ASAN_POISON_MEMORY_REGION((char *)block + size, (size_t)(arena->end - (char *)block) - size);
}

void *arena_alloc_array(struct arena *arena, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) return NULL;
    return arena_alloc(arena, bytes);
}

char *arena_copy(struct arena *arena, const void *data, size_t size) {
    if (size == SIZE_MAX) return NULL;
    char *copy = arena_alloc(arena, size + 1);
    if (!copy) return NULL;
    if (size) memcpy(copy, data, size);
    copy[size] = '\0';
    return copy;
}

static void release_chunks(struct arena_chunk *chunk) {
    while (chunk) {
        struct arena_chunk *older = chunk->older;
        ASAN_UNPOISON_MEMORY_REGION(chunk, chunk->size);
        memory_free(chunk);
        chunk = older;
    }
}

void arena_reset(struct arena *arena) {
    struct arena_chunk *kept = arena->chunks;
    if (!kept) return;
    release_chunks(kept->older);
    kept->older = NULL;
    arena->total_bytes = kept->size;
    arena->next = (char *)kept + HEAD;
    arena->end = (char *)kept + kept->size;
    ASAN_POISON_MEMORY_REGION(arena->next, (size_t)(arena->end - arena->next));
}

void arena_free(struct arena *arena) {
    release_chunks(arena->chunks);
    memset(arena, 0, sizeof *arena);
}
