/* generation.c - the folders of an index, store.<n>, and the file CURRENT that names the live one (FORMAT.md, 1).
 *
 * CURRENT is replaced by syncing the folder, writing CURRENT.new, syncing it, renaming it and syncing the folder again, so
 * that it names either the old or the new generation whenever the power fails: the first of these syncs brings the new
 * generation's folder to the disk before anything may name it. A generation's data.mdb is never renamed or copied over. */
#include "indexer/store/internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_PREFIX "store."
#define CURRENT_BYTES_MAX 17u /* "store.4294967295\n" */

bool generation_parse_name(const char *name, uint32_t *generation) {
    size_t prefix = sizeof NAME_PREFIX - 1;
    if (strncmp(name, NAME_PREFIX, prefix) != 0) return false;
    const char *digit = name + prefix;
    if (*digit < '1' || *digit > '9') return false;
    uint64_t number = 0;
    for (; *digit >= '0' && *digit <= '9' && number <= UINT32_MAX; digit++)
        number = number * 10 + (uint64_t)(*digit - '0');
    if (*digit != '\0' || number > UINT32_MAX) return false;
    *generation = (uint32_t)number;
    return true;
}

revue_status generation_path(char *out, const char *index_path, uint32_t generation, revue_error *error) {
    char name[32];
    (void)snprintf(name, sizeof name, NAME_PREFIX "%u", generation);
    return path_join(out, index_path, name, error);
}

/* Up to size bytes of a small file. REVUE_NO_MATCH when it does not exist. */
static revue_status read_small_file(const char *path, char *out, size_t size, size_t *got, revue_error *error) {
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 && errno == ENOENT) return REVUE_NO_MATCH;
    if (file < 0) return error_from_errno(error, errno, path);
    size_t filled = 0;
    ssize_t count = 0;
    while (filled < size && ((count = read(file, out + filled, size - filled)) > 0 || (count < 0 && errno == EINTR))) {
        if (count > 0) filled += (size_t)count;
    }
    int failure = count < 0 ? errno : 0;
    (void)close(file);
    if (failure) return error_from_errno(error, failure, path);
    *got = filled;
    return REVUE_OK;
}

revue_status generation_read_current(const char *index_path, uint32_t *generation, revue_error *error) {
    char path[STORE_PATH_MAX], text[CURRENT_BYTES_MAX + 2];
    size_t size = 0;
    TRY(path_join(path, index_path, "CURRENT", error));
    TRY(read_small_file(path, text, sizeof text - 1, &size, error));
    bool is_line = size >= 1 && text[size - 1] == '\n' && !memchr(text, '\0', size);
    text[is_line ? size - 1 : size] = '\0';
    if (is_line && generation_parse_name(text, generation)) return REVUE_OK;
    return error_set(error, REVUE_CORRUPT,
                     "%s does not name a store as in \"store.1\": write the name of the newest folder store.<n> into it",
                     path);
}

static revue_status write_all(int file, const char *text, size_t size, const char *path, revue_error *error) {
    while (size > 0) {
        ssize_t count = write(file, text, size);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return lmdb_error_set(error, errno, path);
        text += count;
        size -= (size_t)count;
    }
    return fsync(file) == 0 ? REVUE_OK : lmdb_error_set(error, errno, path);
}

/* CURRENT.new, open and locked. Whoever renames it holds this lock, so two that create one index at once take turns, and
 * the one that waited finds its file gone and opens another. */
static revue_status open_new_current(const char *path, int *opened, revue_error *error) {
    for (;;) {
        int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (file < 0) return lmdb_error_set(error, errno, path);
        int code = flock(file, LOCK_EX) == 0 ? 0 : errno;
        if (code == 0 && is_file_at(file, path)) {
            *opened = file;
            return REVUE_OK;
        }
        (void)close(file);
        if (code != 0 && code != EINTR) return lmdb_error_set(error, code, path);
    }
}

revue_status generation_write_current(const char *index_path, uint32_t generation, revue_error *error) {
    char made[STORE_PATH_MAX], path[STORE_PATH_MAX], text[CURRENT_BYTES_MAX + 1];
    TRY(path_join(made, index_path, "CURRENT.new", error));
    TRY(path_join(path, index_path, "CURRENT", error));
    TRY(sync_folder(index_path, error));
    int file = -1, length = snprintf(text, sizeof text, NAME_PREFIX "%u\n", generation);
    TRY(open_new_current(made, &file, error));
    revue_status status = REVUE_OK;
    if (ftruncate(file, 0) != 0) status = lmdb_error_set(error, errno, made);
    if (status == REVUE_OK) status = write_all(file, text, (size_t)length, made, error);
    if (status == REVUE_OK) status = rights_like(made, path, error);
    if (status == REVUE_OK && rename(made, path) != 0) status = lmdb_error_set(error, errno, path);
    (void)close(file);
    return status == REVUE_OK ? sync_folder(index_path, error) : status;
}

revue_status no_such_index(const char *index_path, revue_error *error) {
    if (!*index_path) return error_set(error, REVUE_NO_INPUT, "the name of the index is empty: name its folder");
    return error_set(error, REVUE_NO_INPUT, "there is no index %s: make it with `revue-indexer update %s ARCHIVE`",
                     index_path, index_path);
}

void store_stamp_of(const char *index_path, struct store_stamp *stamp) {
    char path[STORE_PATH_MAX];
    struct stat about;
    memset(stamp, 0, sizeof *stamp);
    if (path_join(path, index_path, "CURRENT", NULL) != REVUE_OK || stat(path, &about) != 0) return;
    /* The change time too: a file restored from a copy may have any other. */
    *stamp = (struct store_stamp){{(uint64_t)about.st_dev, (uint64_t)about.st_ino, (uint64_t)about.st_mtim.tv_sec,
                                   (uint64_t)about.st_mtim.tv_nsec, (uint64_t)about.st_ctim.tv_sec,
                                   (uint64_t)about.st_ctim.tv_nsec}};
}

static revue_status note_generation(void *context, const char *name, revue_error *error) {
    uint32_t generation;
    (void)error;
    *(bool *)context |= strcmp(name, "CURRENT") == 0 || generation_parse_name(name, &generation);
    return REVUE_OK;
}

bool store_may_be_index(const char *index_path) {
    bool has_part = false;
    return generation_each_name(index_path, note_generation, &has_part, NULL) == REVUE_OK && has_part;
}

revue_status store_live_generation(const char *index_path, uint32_t *generation, revue_error *error) {
    struct stat about;
    if (stat(index_path, &about) == 0 && !S_ISDIR(about.st_mode))
        return error_set(error, REVUE_CORRUPT, "%s is not an index but a file: an index is a folder", index_path);
    revue_status status = generation_read_current(index_path, generation, error);
    if (status != REVUE_NO_MATCH) return status;
    if (stat(index_path, &about) != 0 && errno == ENOENT) {
        return no_such_index(index_path, error);
    }
    if (store_may_be_index(index_path))
        return error_set(
            error, REVUE_CORRUPT,
            "%s: the file CURRENT is missing in it: write the name of the newest folder store.<n> into it; after a first "
            "run that did not end, let revue-indexer update run again",
            index_path);
    return error_set(error, REVUE_CORRUPT, "%s is not an index: the file CURRENT is missing in it", index_path);
}

/* Removes a file that may be gone already. */
static revue_status remove_file(const char *folder, const char *name, revue_error *error) {
    char path[STORE_PATH_MAX];
    TRY(path_join(path, folder, name, error));
    if (unlink(path) == 0 || errno == ENOENT) return REVUE_OK;
    return error_from_errno(error, errno, path);
}

revue_status generation_remove(const char *index_path, uint32_t generation, revue_error *error) {
    char folder[STORE_PATH_MAX];
    TRY(generation_path(folder, index_path, generation, error));
    TRY(remove_file(folder, "data.mdb", error));
    TRY(remove_file(folder, "lock.mdb", error));
    /* Whoever looked for readers in it at this very moment has made its files anew: they go with the next run. */
    if (rmdir(folder) == 0 || errno == ENOENT || errno == ENOTEMPTY) return REVUE_OK;
    return error_from_errno(error, errno, folder);
}

revue_status generation_each_name(const char *index_path,
                                  revue_status (*visit)(void *context, const char *name, revue_error *error), void *context,
                                  revue_error *error) {
    DIR *folder = opendir(index_path);
    if (!folder) return error_from_errno(error, errno, index_path);
    revue_status status = REVUE_OK;
    const struct dirent *entry;
    while (status == REVUE_OK && (errno = 0, entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            status = visit(context, entry->d_name, error);
    }
    if (status == REVUE_OK && errno != 0) status = error_from_errno(error, errno, index_path);
    (void)closedir(folder);
    return status;
}
