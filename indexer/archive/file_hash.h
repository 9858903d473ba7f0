/* file_hash.h - hashes and times of open files: what tells whether a file is the one that was read before. */
#ifndef REVUE_ARCHIVE_FILE_HASH_H
#define REVUE_ARCHIVE_FILE_HASH_H

#include "indexer/base/error.h"
#include "indexer/base/hash.h"

#include <sys/stat.h>

struct file_facts {
    uint64_t size, inode, device;
    int64_t modified_ns; /* nanoseconds since 1970 */
};
static inline struct file_facts file_facts_of(const struct stat *about) {
    return (struct file_facts){(uint64_t)about->st_size, (uint64_t)about->st_ino, (uint64_t)about->st_dev,
                               (int64_t)about->st_mtim.tv_sec * 1000000000 + about->st_mtim.tv_nsec};
}

/* Opens a path that is to be a regular file: a pipe put in its place must not block the run. The caller closes. */
revue_status file_open_regular(const char *path, int *descriptor, struct file_facts *facts, revue_error *error);

/* Adds bytes [from, to) of the file, or those up to its end, to hash; the place of the descriptor stays. *hashed: how many
 * there were. lines (may be NULL) gains the line ends among them. */
revue_status file_hash_range(int descriptor, uint64_t from, uint64_t to, struct hash_stream *hash, uint64_t *hashed,
                             uint64_t *lines, revue_error *error);

#endif
