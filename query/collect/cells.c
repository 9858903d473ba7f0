/* cells.c - see cells.h. At most half of the places are taken. */
#include "query/collect/cells.h"

#include "indexer/base/memory.h"

#include <string.h>

#define CAPACITY_LEAST 64u

static size_t place_of(const struct cells *cells, int64_t key) {
    if (cells->has_all) return (size_t)key;
    size_t place = (size_t)(((uint64_t)key * 0x9E3779B97F4A7C15u) >> 32) & (cells->capacity - 1); /* Fibonacci hashing */
    while (cells->places[place].count > 0 && cells->places[place].key != key)
        place = (place + 1) & (cells->capacity - 1);
    return place;
}

static bool grow(struct cells *cells) {
    struct cells grown = *cells;
    grown.capacity = cells->capacity > 0 ? cells->capacity * 2 : CAPACITY_LEAST;
    if (cells->limit > 0 && grown.capacity >= cells->limit) {
        grown.capacity = cells->limit;
        grown.has_all = true;
    }
    grown.places = memory_alloc_zeroed(grown.capacity, sizeof *grown.places);
    if (!grown.places) return false;
    for (size_t i = 0; i < cells->capacity; i++)
        if (cells->places[i].count > 0) grown.places[place_of(&grown, cells->places[i].key)] = cells->places[i];
    memory_free(cells->places);
    *cells = grown;
    return true;
}

struct cell *cells_at(struct cells *cells, int64_t key) {
    if (!cells->has_all && cells->count * 2 >= cells->capacity && !grow(cells)) return NULL;
    struct cell *cell = &cells->places[place_of(cells, key)];
    if (cell->count == 0) {
        cell->key = key;
        cells->count++;
    }
    return cell;
}

struct cell *cells_next(const struct cells *cells, size_t *place) {
    while (*place < cells->capacity) {
        struct cell *cell = &cells->places[(*place)++];
        if (cell->count > 0) return cell;
    }
    return NULL;
}

void cells_free(struct cells *cells) {
    memory_free(cells->places);
    memset(cells, 0, sizeof *cells);
}
