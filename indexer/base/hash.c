/* hash.c - see hash.h. The linked library picks its vector code at run time; short keys are what it is good at. */
#include "indexer/base/hash.h"

#include <xxhash.h>

uint64_t hash_bytes(const void *data, size_t size) {
    return XXH3_64bits(data, size);
}

uint64_t hash_bytes_seeded(const void *data, size_t size, uint64_t seed) {
    return XXH3_64bits_withSeed(data, size, seed);
}
