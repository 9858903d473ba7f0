/* hash.h - XXH3 (xxHash, Yann Collet): one 64-bit hash for tables, checksums and fingerprints; the values go to disk. */
#ifndef REVUE_BASE_HASH_H
#define REVUE_BASE_HASH_H

#include "indexer/base/bytes.h"

uint64_t hash_bytes(const void *data, size_t size);
uint64_t hash_bytes_seeded(const void *data, size_t size, uint64_t seed);
static inline uint64_t hash_view(struct view view) {
    return hash_bytes(view.data, view.size);
}

/* The hash of bytes that come in pieces: the same as that of all of them at once. */
struct hash_stream;
struct hash_stream *hash_stream_create(void);      /* empty; NULL when out of memory */
void hash_stream_free(struct hash_stream *stream); /* NULL is fine */
void hash_stream_add(struct hash_stream *stream, const void *data, size_t size);
uint64_t hash_stream_value(const struct hash_stream *stream); /* of what was added; more may follow */

/* A good mix of two hashes, order mattering. */
static inline uint64_t hash_mix(uint64_t a, uint64_t b) {
    uint64_t mixed = (a ^ (b + 0x9E3779B97F4A7C15u + (a << 6) + (a >> 2))) * 0xBF58476D1CE4E5B9u;
    return mixed ^ (mixed >> 31);
}

#endif
