/* hash.c - see hash.h. The linked library picks its vector code at run time; short keys are what it is good at. */
#include "indexer/base/hash.h"

#include "indexer/base/memory.h"

#include <stdalign.h>
#define XXH_STATIC_LINKING_ONLY /* the size of a state, so that memory.h can give it */
#include <xxhash.h>

uint64_t hash_bytes(const void *data, size_t size) {
    return XXH3_64bits(data, size);
}

uint64_t hash_bytes_seeded(const void *data, size_t size, uint64_t seed) {
    return XXH3_64bits_withSeed(data, size, seed);
}

/* ---- in pieces ---- */

struct hash_stream {
    XXH3_state_t *state; /* in room, where it is aligned */
    unsigned char room[sizeof(XXH3_state_t) + alignof(XXH3_state_t)];
};

struct hash_stream *hash_stream_create(void) {
    struct hash_stream *stream = memory_alloc_zeroed(1, sizeof *stream);
    if (!stream) return NULL;
    size_t past = (uintptr_t)stream->room % alignof(XXH3_state_t);
    stream->state = (XXH3_state_t *)(void *)(stream->room + (past ? alignof(XXH3_state_t) - past : 0));
    (void)XXH3_64bits_reset(stream->state);
    return stream;
}

void hash_stream_free(struct hash_stream *stream) {
    memory_free(stream);
}

void hash_stream_add(struct hash_stream *stream, const void *data, size_t size) {
    if (size) (void)XXH3_64bits_update(stream->state, data, size);
}

uint64_t hash_stream_value(const struct hash_stream *stream) {
    return XXH3_64bits_digest(stream->state);
}
