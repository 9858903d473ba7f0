/* file_memory.c - see file_memory.h. */
#include "indexer/base/file_memory.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* An unnamed file of that size, or -1. */
static int make_file(size_t size) {
    const char *folder = getenv("TMPDIR");
    int file = open(folder && folder[0] ? folder : "/var/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file >= 0 && posix_fallocate(file, 0, (off_t)size) == 0) return file;
    if (file >= 0) (void)close(file);
    return -1;
}

void *file_memory_open(size_t size) {
    int file = make_file(size);
    if (file < 0) return NULL;
    void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    (void)close(file);
    return map == MAP_FAILED ? NULL : map;
}

void file_memory_give_back(void *map, size_t size) {
    (void)madvise(map, size, MADV_DONTNEED);
}

void file_memory_close(void *map, size_t size) {
    (void)munmap(map, size);
}
