/* id_set.h - the ids met in one run, by 64-bit hash; and other sets of 64-bit numbers, of which 0 and 1 count as one. */
#ifndef REVUE_ID_SET_H
#define REVUE_ID_SET_H

#include "indexer/base/bytes.h"

struct id_set {
    uint64_t *slots; /* 0 is free */
    size_t mask, used;
    uint64_t seed;     /* random per run: nobody can prepare ids that collide */
    size_t most_bytes; /* more lie in a file (base/file_memory.h), 0: never */
    bool is_in_file;
    uint32_t touched; /* since the file's pages were given back */
};
/* Zero bytes but for seed and most_bytes are ready for use. *was_there tells if the hash was added before; false: out of
 * memory. */
bool id_set_add(struct id_set *set, struct view id, bool *was_there);
bool id_set_add_hash(struct id_set *set, uint64_t hash, bool *was_there);
bool id_set_has(const struct id_set *set, struct view id);
bool id_set_has_hash(const struct id_set *set, uint64_t hash);
size_t id_set_memory(const struct id_set *set); /* bytes held: of a file, what is mapped at once */
void id_set_clear(struct id_set *set);
void id_set_free(struct id_set *set); /* most_bytes stays */

#endif
