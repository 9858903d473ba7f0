/* rate.c - see rate.h. */
#include "query/serve/rate.h"

#include "indexer/base/hash.h"
#include "indexer/base/memory.h"

#include <pthread.h>

#define SETS 4096u
#define WAYS 4u

struct bucket {
    uint64_t key;          /* 0: free */
    double tokens, filled; /* filled: when tokens was right */
};
struct rate {
    pthread_mutex_t mutex;
    double speed, burst;
    uint64_t seed; /* so that nobody can choose addresses that share a place */
    struct bucket buckets[SETS][WAYS];
};

struct rate *rate_create(double tokens_a_second, double burst) {
    struct rate *rate = memory_alloc_zeroed(1, sizeof *rate);
    if (!rate) return NULL;
    (void)pthread_mutex_init(&rate->mutex, NULL);
    rate->speed = tokens_a_second;
    rate->burst = burst < 1 ? 1 : burst;
    rate->seed = (uint64_t)(uintptr_t)rate;
    return rate;
}

void rate_free(struct rate *rate) {
    if (!rate) return;
    (void)pthread_mutex_destroy(&rate->mutex);
    memory_free(rate);
}

static uint64_t key_of(const struct rate *rate, const uint8_t address[ADDRESS_BYTES]) {
    const size_t size = address_is_ipv4(address) ? ADDRESS_BYTES : 8;
    uint64_t key = hash_bytes_seeded(address, size, rate->seed);
    return key ? key : 1;
}

/* The bucket of key; that of nobody, or of who was quiet longest, when it has none. */
static struct bucket *bucket_of(struct rate *rate, uint64_t key, double now) {
    struct bucket *set = rate->buckets[key % SETS], *oldest = &set[0];
    for (unsigned i = 0; i < WAYS; i++) {
        if (set[i].key == key) return &set[i];
        if (set[i].key == 0 || set[i].filled < oldest->filled) oldest = &set[i];
        if (oldest->key == 0) break;
    }
    *oldest = (struct bucket){key, rate->burst, now};
    return oldest;
}

double rate_take(struct rate *rate, const uint8_t address[ADDRESS_BYTES], double now) {
    uint64_t key = key_of(rate, address);
    double wait = 0;
    (void)pthread_mutex_lock(&rate->mutex);
    struct bucket *bucket = bucket_of(rate, key, now);
    if (now > bucket->filled) {
        bucket->tokens += (now - bucket->filled) * rate->speed;
        if (bucket->tokens > rate->burst) bucket->tokens = rate->burst;
        bucket->filled = now;
    }
    if (bucket->tokens >= 1)
        bucket->tokens -= 1;
    else
        wait = (1 - bucket->tokens) / rate->speed;
    (void)pthread_mutex_unlock(&rate->mutex);
    return wait;
}
