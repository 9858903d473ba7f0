/* memory.h - all allocation of the library goes through here, so that tests can make any one of them fail.
 *
 * No function aborts: NULL means out of memory. Sizes are checked before multiplication. Thread-safe. */
#ifndef REVUE_BASE_MEMORY_H
#define REVUE_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *memory_alloc(size_t size); /* size 0 gives a valid pointer */
void *memory_alloc_zeroed(size_t count, size_t size);
/* The same, for a table that is probed, so read before it is written: there each page of new memory would cost two faults,
 * and the second one stops all other threads. Here every page was written, and many megabytes lie in large pages. The table
 * begins with a line of the cache. */
void *memory_alloc_table(size_t count, size_t size);
void *memory_alloc_array(size_t count, size_t size); /* NULL when count * size overflows */
void *memory_resize(void *old, size_t size);         /* the old block stays valid on NULL */
void *memory_resize_array(void *old, size_t count, size_t size);
void memory_free(void *block); /* NULL is fine */
/* Lets the system have back what was freed and is kept for later, as far as the C library can. Takes milliseconds: for the
 * end of a stage that held much. */
void memory_give_back(void);
/* Asks for large pages (2 MiB) behind a block of many megabytes that is about to be filled: it is faulted in in a few steps
 * and its places are found without walking page tables. Takes at most one such page more. Without effect where the system
 * has none, or the block is small. */
void memory_use_large_pages(void *block, size_t size);
/* For a program's main: blocks of megabytes come from the system one by one, so that they grow without being copied and go
 * back when freed. It is a setting of the whole process, which is why the library leaves it alone. */
void memory_keep_large_apart(void);
char *memory_copy_string(const char *text);             /* NULL on NULL or out of memory */
char *memory_copy_bytes(const void *data, size_t size); /* adds a zero byte */

/* For tests: called before every allocation; returning false makes it fail. NULL switches it off. Set it while no other
 * thread allocates. */
void memory_set_test_hook(bool (*may_allocate)(void *context), void *context);

/* Grows the array (of element_size) whose pointer lies at place so that it holds at least needed elements, doubling; false
 * when out of memory, pointer and *capacity unchanged then. */
bool memory_reserve(void *place, size_t *capacity, size_t needed, size_t element_size);
/* The same without a call where there is room, as there is nearly always. */
static inline bool memory_has_or_reserve(void *place, size_t *capacity, size_t needed, size_t element_size) {
    return needed <= *capacity || memory_reserve(place, capacity, needed, element_size);
}
#define MEMORY_RESERVE(array, capacity, needed) memory_has_or_reserve(&(array), &(capacity), (needed), sizeof *(array))

#endif
