/* id_set.c - see id_set.h. Open addressing, at most three quarters full; two different ids of ten million share a hash once
 * in a million runs, and then the second is reported as a repeat.
 *
 * Memory for a review each is what a run of millions would not have with a small --memory: then the slots lie in a file.
 * Adding one touches a page, of which some hundred are mapped before they are given back. */
#include "indexer/id_set.h"

#include "indexer/base/file_memory.h"
#include "indexer/base/hash.h"
#include "indexer/base/memory.h"

#define FIRST_SLOTS 1024u
#define KEPT_BYTES ((size_t)64 << 10)  /* a larger table that is cleared is made anew */
#define GIVE_BACK_EVERY 64u            /* numbers added to a file ... */
#define MAPPED_BYTES ((size_t)4 << 20) /* ... which map so much at most */
#define MOVED_BYTES ((size_t)1 << 20)  /* of an old table, by the time its pages and the new one's are given back */

static size_t table_bytes(const struct id_set *set) {
    return set->slots ? (set->mask + 1) * sizeof *set->slots : 0;
}

static bool allocate(struct id_set *set, size_t slot_count) {
    size_t size = slot_count * sizeof *set->slots;
    set->is_in_file = set->most_bytes > 0 && size > set->most_bytes;
    set->slots = set->is_in_file ? file_memory_open(size) : NULL;
    if (set->slots) return true;
    set->is_in_file = false;
    set->slots = memory_alloc_table(slot_count, sizeof *set->slots);
    return set->slots != NULL;
}

static void release(struct id_set *set) {
    if (set->is_in_file)
        file_memory_close(set->slots, table_bytes(set));
    else
        memory_free(set->slots);
}

static void give_back(const struct id_set *set) {
    if (set->is_in_file) file_memory_give_back(set->slots, table_bytes(set));
}

/* Numbers of an old table come to two places of one twice as large, and both move on with them. */
static void move(const struct id_set *from, struct id_set *to) {
    for (size_t i = 0; from->slots && i <= from->mask; i++) {
        if (i % (MOVED_BYTES / sizeof *from->slots) == 0) {
            give_back(from);
            give_back(to);
        }
        if (!from->slots[i]) continue;
        size_t at = (size_t)from->slots[i] & to->mask;
        while (to->slots[at])
            at = (at + 1) & to->mask;
        to->slots[at] = from->slots[i];
    }
}

static bool grow(struct id_set *set) {
    struct id_set grown = *set;
    size_t slot_count = set->slots ? (set->mask + 1) * 2 : FIRST_SLOTS;
    if (!allocate(&grown, slot_count)) return false;
    grown.mask = slot_count - 1;
    move(set, &grown);
    release(set);
    *set = grown;
    give_back(set);
    return true;
}

bool id_set_add_hash(struct id_set *set, uint64_t hash, bool *was_there) {
    if ((!set->slots || set->used >= (set->mask + 1) / 4 * 3) && !grow(set)) return false;
    if (set->is_in_file && ++set->touched % GIVE_BACK_EVERY == 0) give_back(set);
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
    return set->is_in_file ? MAPPED_BYTES : table_bytes(set);
}

void id_set_clear(struct id_set *set) {
    if (set->used == 0) return;
    if (table_bytes(set) <= KEPT_BYTES) {
        memset(set->slots, 0, table_bytes(set));
        set->used = 0;
        return;
    }
    id_set_free(set);
}

void id_set_free(struct id_set *set) {
    const struct id_set empty = {.seed = set->seed, .most_bytes = set->most_bytes};
    release(set);
    *set = empty;
}
