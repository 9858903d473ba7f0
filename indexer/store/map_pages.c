/* map_pages.c - pages of the map that count as this process's memory, and giving them back.
 *
 * LMDB reads through one shared map of data.mdb. The kernel counts every page that was touched, and with each what it holds
 * around it anyway: the 64 KiB around, and since Linux 6.18 all of what it holds in one piece (a large folio), up to 2 MiB
 * of what was written at once. That is until the map goes: a run that reads what it wrote would seem to hold all of it.
 * Nobody writes through the map, so its pages can be given up at any moment, also while views of them are held: what is
 * touched again is mapped again, for a microsecond.
 *
 * LMDB does not tell where its map lies, so it is looked up among the maps of the process, by the inode of the file and the
 * size; where that does not show (no /proc, some layered file systems) nothing is given back, and nothing else changes. */
#include "indexer/store/internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE_BYTES ((uint64_t)128 << 10)
#define PIECE_MOST ((uint64_t)2 << 20)
#define PIECES_OF_A_SIZE 8192u            /* so many bytes from the start a byte of a piece: the first GiB has 128 KiB */
#define PIECES_AHEAD ((uint64_t)32 << 20) /* of where the file ends */

/* ---- where the map lies ---- */

static void find_map(struct environment *environment) {
    char line[STORE_PATH_MAX];
    struct stat about;
    mdb_filehandle_t data;
    FILE *maps;
    environment->map_is_sought = true;
    if (mdb_env_get_fd(environment->handle, &data) != 0 || fstat(data, &about) != 0) return;
    maps = fopen("/proc/self/maps", "re");
    if (!maps) return;
    while (environment->map_address == 0 && fgets(line, sizeof line, maps)) {
        unsigned long long first, end, offset, inode;
        if (sscanf(line, "%llx-%llx %*s %llx %*s %llu", &first, &end, &offset, &inode) != 4) continue;
        if (offset == 0 && inode == about.st_ino && end - first >= environment->map_bytes)
            environment->map_address = (uintptr_t)first;
    }
    (void)fclose(maps);
}

/* ---- pieces ---- */

/* A folio is mapped as a whole only where it lies within one map. Folios are aligned to their size, so that one of two
 * halves of a piece or more has a border of pieces within it when these begin half a piece off: 64 KiB is the most that a
 * touch brings in. Another flag on every second piece keeps them apart: this one speaks of dumps of a process that died, in
 * which a shared map of a file is not anyway. A system that wants none of it goes on mapping as it likes. Behind the first
 * GiB pieces are larger the farther they lie, since a process may have 65,530 of them. */
static void split_map(struct environment *environment, uint64_t used) {
    while (environment->map_split < used + PIECES_AHEAD) {
        const uint64_t at = environment->map_split;
        uint64_t piece = PIECE_BYTES;
        while (at / PIECES_OF_A_SIZE >= piece)
            piece *= 2;
        if (piece > PIECE_MOST || at + 2 * piece > environment->map_bytes) return;
        (void)madvise((void *)(environment->map_address + at + piece / 2), piece, MADV_DONTDUMP);
        environment->map_split = at + 2 * piece;
    }
}

void store_split_map(store *opened) {
    struct environment *environment = opened->environment;
    (void)pthread_mutex_lock(&environment->mutex);
    environment->is_map_split = true;
    (void)pthread_mutex_unlock(&environment->mutex);
}

/* ---- giving back ---- */

void environment_release_pages(struct environment *environment) {
    (void)pthread_mutex_lock(&environment->mutex);
    if (environment->handle && !environment->map_is_sought) find_map(environment);
    if (environment->handle && environment->map_address) {
        uint64_t used = environment_committed_bytes(environment);
        if (environment->is_map_split) split_map(environment, used);
        size_t bytes = used < environment->map_bytes ? (size_t)used : environment->map_bytes;
        (void)madvise((void *)environment->map_address, bytes, MADV_DONTNEED);
    }
    (void)pthread_mutex_unlock(&environment->mutex);
}

void store_release_pages(store_txn *txn) {
    environment_release_pages(txn->environment);
}

/* The third number of statm: pages of files and of shared memory. */
size_t store_resident_bytes(void) {
    char text[128];
    unsigned long long all, resident, shared;
    long page_bytes = sysconf(_SC_PAGESIZE);
    int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (file < 0) return SIZE_MAX;
    ssize_t size = read(file, text, sizeof text - 1);
    (void)close(file);
    if (size <= 0 || page_bytes <= 0) return SIZE_MAX;
    text[size] = '\0';
    if (sscanf(text, "%llu %llu %llu", &all, &resident, &shared) != 3) return SIZE_MAX;
    return (size_t)shared * (size_t)page_bytes;
}

void store_limit_pages(store_txn *txn, size_t most_bytes) {
    if (store_resident_bytes() > most_bytes) store_release_pages(txn);
}
