/* paged_array.h - an array by numbers that are dense where they are used: sources of an index by their numbers. It takes
 * memory for the numbers that were met and not for the largest, which a damaged index may say is four thousand million. */
#ifndef REVUE_BASE_PAGED_ARRAY_H
#define REVUE_BASE_PAGED_ARRAY_H

#include <stddef.h>
#include <stdint.h>

#define PAGED_ARRAY_PAGE 1024u /* elements */

/* Zeros are an empty array. Belongs to one thread at a time. */
struct paged_array {
    void **pages; /* by number / PAGED_ARRAY_PAGE; NULL: none of its numbers was met */
    size_t page_capacity, page_count;
    size_t element_size;
};

void paged_array_free(struct paged_array *array); /* leaves it empty */
/* The element, which stays where it is until the array is freed; NULL when no number of its page was met. */
void *paged_array_find(const struct paged_array *array, uint32_t number);
/* The element, which begins as zeros, of that many bytes, the same for all; NULL when out of memory. */
void *paged_array_make(struct paged_array *array, uint32_t number, size_t element_size);
size_t paged_array_memory(const struct paged_array *array); /* bytes that it holds */

#endif
