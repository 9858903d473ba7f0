/* memory.c - see memory.h. Plain malloc underneath; the hook is one predictable branch. */
#include "indexer/base/memory.h"

#include <stdlib.h>
#include <string.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <sys/mman.h>
#include <unistd.h>

#define SMALL_BYTES 1008u
#define LINE_BYTES ((size_t)64) /* of a cache */
#define LARGE_BYTES (4 << 20)
#define LARGE_PAGES_BYTES ((size_t)16 << 20) /* of a block they are asked for */

static bool (*test_hook)(void *context);
static void *test_context;

void memory_set_test_hook(bool (*may_allocate)(void *context), void *context) {
    test_hook = may_allocate;
    test_context = context;
}

static bool may_allocate(void) {
    return !test_hook || test_hook(test_context);
}

void *memory_alloc(size_t size) {
    if (!may_allocate()) return NULL;
    return malloc(size ? size : 1);
}

/* calloc of glibc does not look into what the thread keeps at hand of small blocks. */
void *memory_alloc_zeroed(size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) return NULL;
    if (!may_allocate()) return NULL;
    if (bytes > SMALL_BYTES) return calloc(count, size);
    void *block = malloc(bytes ? bytes : 1);
    return block ? memset(block, 0, bytes) : NULL;
}

void *memory_alloc_array(size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) return NULL;
    return memory_alloc(bytes);
}

void *memory_alloc_table(size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX - LINE_BYTES || !may_allocate()) return NULL;
    void *table = aligned_alloc(LINE_BYTES, (bytes / LINE_BYTES + 1) * LINE_BYTES);
    if (!table) return NULL;
    memory_use_large_pages(table, bytes);
    return memset(table, 0, bytes);
}

void *memory_resize(void *old, size_t size) {
    if (!may_allocate()) return NULL;
    return realloc(old, size ? size : 1);
}

void *memory_resize_array(void *old, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) return NULL;
    return memory_resize(old, bytes);
}

void memory_free(void *block) {
    free(block);
}

void memory_give_back(void) {
#ifdef __GLIBC__
    (void)malloc_trim(0);
#endif
}

/* From the page the block begins in to the one it ends in: a large block of the C library is a mapping of its own, and one
 * that is of one kind throughout can grow without being copied. */
void memory_use_large_pages(void *block, size_t size) {
#ifdef MADV_HUGEPAGE
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), before = (uintptr_t)block % page;
    if (size >= LARGE_PAGES_BYTES)
        (void)madvise((char *)block - before, (before + size + page - 1) / page * page, MADV_HUGEPAGE);
#else
    (void)block;
    (void)size;
#endif
}

void memory_keep_large_apart(void) {
#ifdef __GLIBC__
    (void)mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
    (void)mallopt(M_TRIM_THRESHOLD, 2 * LARGE_BYTES);
#endif
}

char *memory_copy_bytes(const void *data, size_t size) {
    if (size == SIZE_MAX) return NULL;
    char *copy = memory_alloc(size + 1);
    if (!copy) return NULL;
    if (size) memcpy(copy, data, size);
    copy[size] = '\0';
    return copy;
}

char *memory_copy_string(const char *text) {
    return text ? memory_copy_bytes(text, strlen(text)) : NULL;
}

/* The pointer is copied as bytes, since its type is not void *. */
bool memory_reserve(void *place, size_t *capacity, size_t needed, size_t element_size) {
    void *array;
    if (needed <= *capacity) return true;
    size_t grown = *capacity ? *capacity : 16;
    while (grown < needed) {
        if (grown > SIZE_MAX / 2) return false;
        grown *= 2;
    }
    memcpy(&array, place, sizeof array);
    array = memory_resize_array(array, grown, element_size);
    if (!array) return false;
    memcpy(place, &array, sizeof array);
    *capacity = grown;
    return true;
}
