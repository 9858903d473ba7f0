/* paged_array.c - see paged_array.h. */
#include "indexer/base/paged_array.h"

#include "indexer/base/memory.h"

#include <string.h>

void paged_array_free(struct paged_array *array) {
    for (size_t page = 0; page < array->page_capacity; page++)
        memory_free(array->pages[page]);
    memory_free(array->pages);
    *array = (struct paged_array){0};
}

static void *element_of(const struct paged_array *array, uint32_t number) {
    return (uint8_t *)array->pages[number / PAGED_ARRAY_PAGE] + number % PAGED_ARRAY_PAGE * array->element_size;
}

void *paged_array_find(const struct paged_array *array, uint32_t number) {
    const size_t page = number / PAGED_ARRAY_PAGE;
    return page < array->page_capacity && array->pages[page] ? element_of(array, number) : NULL;
}

void *paged_array_make(struct paged_array *array, uint32_t number, size_t element_size) {
    const size_t page = number / PAGED_ARRAY_PAGE, old_capacity = array->page_capacity;
    if (!MEMORY_RESERVE(array->pages, array->page_capacity, page + 1)) return NULL;
    if (array->page_capacity > old_capacity)
        memset(array->pages + old_capacity, 0, (array->page_capacity - old_capacity) * sizeof *array->pages);
    array->element_size = element_size;
    if (!array->pages[page]) {
        array->pages[page] = memory_alloc_zeroed(PAGED_ARRAY_PAGE, element_size);
        if (!array->pages[page]) return NULL;
        array->page_count++;
    }
    return element_of(array, number);
}

size_t paged_array_memory(const struct paged_array *array) {
    return array->page_capacity * sizeof *array->pages + array->page_count * PAGED_ARRAY_PAGE * array->element_size;
}
