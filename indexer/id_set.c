/* id_set.c - see id_set.h. Open addressing at half full; two different ids of ten million share a hash once in a million
 * runs, and then the second is reported as a repeat. */
#include "indexer/id_set.h"

#include "indexer/base/hash.h"
#include "indexer/base/memory.h"

static bool id_set_grow(struct id_set *set) {
    size_t size = set->slots ? (set->mask + 1) * 2 : 1024;
    uint64_t *grown = memory_alloc_zeroed(size, sizeof *grown);
    if (!grown) return false;
    for (size_t i = 0; set->slots && i <= set->mask; i++) {
        if (!set->slots[i]) continue;
        size_t at = (size_t)set->slots[i] & (size - 1);
        while (grown[at])
            at = (at + 1) & (size - 1);
        grown[at] = set->slots[i];
    }
    memory_free(set->slots);
    set->slots = grown;
    set->mask = size - 1;
    return true;
}

bool id_set_add_hash(struct id_set *set, uint64_t hash, bool *was_there) {
    if ((!set->slots || set->used * 2 > set->mask) && !id_set_grow(set)) return false;
    if (hash == 0) hash = 1;
    size_t at = (size_t)hash & set->mask;
    *was_there = false;
    for (; set->slots[at]; at = (at + 1) & set->mask)
        if (set->slots[at] == hash) {
            *was_there = true;
            return true;
        }
    set->slots[at] = hash;
    set->used++;
    return true;
}

bool id_set_add(struct id_set *set, struct view id, bool *was_there) {
    return id_set_add_hash(set, hash_bytes_seeded(id.data, id.size, set->seed), was_there);
}

bool id_set_has_hash(const struct id_set *set, uint64_t hash) {
    if (!set->slots) return false;
    if (hash == 0) hash = 1;
    for (size_t at = (size_t)hash & set->mask; set->slots[at]; at = (at + 1) & set->mask)
        if (set->slots[at] == hash) return true;
    return false;
}

bool id_set_has(const struct id_set *set, struct view id) {
    return id_set_has_hash(set, hash_bytes_seeded(id.data, id.size, set->seed));
}

size_t id_set_memory(const struct id_set *set) {
    return set->slots ? (set->mask + 1) * sizeof *set->slots : 0;
}

void id_set_clear(struct id_set *set) {
    if (set->slots) memset(set->slots, 0, (set->mask + 1) * sizeof *set->slots);
    set->used = 0;
}

void id_set_free(struct id_set *set) {
    memory_free(set->slots);
    memset(set, 0, sizeof *set);
}
