/* completions.c - see completions.h. */
#include "query/suggest/completions.h"

#include "indexer/base/memory.h"

#include <string.h>

revue_completions *completions_create(void) {
    return memory_alloc_zeroed(1, sizeof(revue_completions));
}

bool completions_add(revue_completions *completions, struct view before, struct view text, struct view after,
                     uint64_t count) {
    struct bytes whole = {0};
    bytes_append(&whole, before.data, before.size);
    bytes_append(&whole, text.data, text.size);
    bytes_append(&whole, after.data, after.size);
    char *copy = whole.failed ? NULL : arena_copy(&completions->arena, whole.data, whole.size);
    bytes_free(&whole);
    if (!copy || !MEMORY_RESERVE(completions->items, completions->capacity, completions->count + 1)) return false;
    for (size_t i = 0; i < completions->count; i++)
        if (strcmp(completions->items[i].text, copy) == 0) return true;
    completions->items[completions->count++] = (revue_completion){copy, count};
    return true;
}

revue_status completions_check(size_t n, revue_error *error) {
    if (n <= REVUE_COMPLETIONS_MAX) return REVUE_OK;
    return error_set(error, REVUE_USAGE, "at most %u can be asked for", (unsigned)REVUE_COMPLETIONS_MAX);
}

size_t revue_completions_count(const revue_completions *completions) {
    return completions->count;
}

const revue_completion *revue_completions_item(const revue_completions *completions, size_t index) {
    return index < completions->count ? &completions->items[index] : NULL;
}

void revue_completions_free(revue_completions *completions) {
    if (!completions) return;
    arena_free(&completions->arena);
    memory_free(completions->items);
    memory_free(completions);
}
