/* paragraphs.c - the paragraph_set of analyzer.h: open addressing over 64-bit hashes, cleared by counting a round on. */
#include "indexer/base/memory.h"
#include "indexer/text/analyzer.h"

#define FIRST_CAPACITY 64u /* a power of two, as all of them */

struct slot {
    uint64_t hash;
    uint32_t round; /* the slot is empty unless this is the set's */
};

struct paragraph_set {
    struct slot *slots;
    size_t capacity, count;
    uint32_t round; /* from 1 */
};

struct paragraph_set *paragraph_set_create(void) {
    struct paragraph_set *set = memory_alloc_zeroed(1, sizeof *set);
    if (!set) return NULL;
    set->slots = memory_alloc_zeroed(FIRST_CAPACITY, sizeof *set->slots);
    if (!set->slots) {
        memory_free(set);
        return NULL;
    }
    set->capacity = FIRST_CAPACITY;
    set->round = 1;
    return set;
}

void paragraph_set_free(struct paragraph_set *set) {
    if (!set) return;
    memory_free(set->slots);
    memory_free(set);
}

void paragraph_set_clear(struct paragraph_set *set) {
    set->count = 0;
    if (++set->round == 0) {
        memset(set->slots, 0, set->capacity * sizeof *set->slots);
        set->round = 1;
    }
}

/* The slot that holds hash, or the empty one where it belongs. */
static struct slot *find_slot(struct slot *slots, size_t capacity, uint32_t round, uint64_t hash) {
    size_t at = (size_t)hash & (capacity - 1);
    while (slots[at].round == round && slots[at].hash != hash)
        at = (at + 1) & (capacity - 1);
    return &slots[at];
}

static bool grow(struct paragraph_set *set) {
    size_t capacity = set->capacity * 2;
    struct slot *slots = memory_alloc_zeroed(capacity, sizeof *slots);
    if (!slots) return false;
    for (size_t i = 0; i < set->capacity; i++) {
        if (set->slots[i].round != set->round) continue;
        *find_slot(slots, capacity, set->round, set->slots[i].hash) = set->slots[i];
    }
    memory_free(set->slots);
    set->slots = slots;
    set->capacity = capacity;
    return true;
}

bool paragraph_set_add(struct paragraph_set *set, uint64_t hash, bool *seen) {
    struct slot *slot = find_slot(set->slots, set->capacity, set->round, hash);
    if (slot->round == set->round) {
        *seen = true;
        return true;
    }
    if ((set->count + 1) * 4 > set->capacity * 3) {
        if (!grow(set)) return false;
        slot = find_slot(set->slots, set->capacity, set->round, hash);
    }
    slot->hash = hash;
    slot->round = set->round;
    set->count++;
    *seen = false;
    return true;
}
