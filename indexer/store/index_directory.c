/* index_directory.c - the folder of an index before it is one: made, and seen to hold nothing that is somebody else's. */
#include "indexer/store/internal.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

struct folder_contents {
    const char *path;
    bool may_adopt; /* a store.1 that lacks only CURRENT is welcome: what a stopped run left; so is CURRENT, which was not
                     * there before: the folder became an index since */
};

/* A name that a folder may hold which is to become an index. Any other generation than the first is somebody's data. */
static revue_status check_name(void *context, const char *name, revue_error *error) {
    static const char *const harmless[] = {"lock", "CURRENT.new", "runs.jsonl", "runs.jsonl.new"};
    const struct folder_contents *contents = context;
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++) {
        if (strcmp(name, harmless[i]) == 0) return REVUE_OK;
    }
    uint32_t generation;
    if (contents->may_adopt && strcmp(name, "CURRENT") == 0) return REVUE_OK;
    if (!generation_parse_name(name, &generation)) {
        return error_set(error, REVUE_CANNOT_CREATE,
                         "%s is not an index and holds other things (%s): name a new or an empty folder", contents->path,
                         name);
    }
    if (contents->may_adopt && generation == FIRST_GENERATION) return REVUE_OK;
    return error_set(error, REVUE_CORRUPT,
                     "%s holds %s, but no file CURRENT to name it: write the line \"%s\" into CURRENT, "
                     "or remove the folder",
                     contents->path, name, name);
}

/* Why mkdir failed, other than that something is there. */
static revue_status cannot_make(const char *path, int failure, revue_error *error) {
    if (failure == EACCES || failure == EPERM || failure == EROFS) {
        return error_set(error, REVUE_NO_RIGHTS, "cannot create the folder %s: no right to write to the folder above it",
                         path);
    }
    if (!*path) return error_set(error, REVUE_CANNOT_CREATE, "the name of the index is empty: name its folder");
    if (failure == ENOENT) {
        return error_set(error, REVUE_CANNOT_CREATE, "cannot create the folder %s: the folder above it does not exist",
                         path);
    }
    return error_set(error, REVUE_CANNOT_CREATE, "cannot create the folder %s: %s", path, strerror(failure));
}

revue_status index_directory_make(const char *path, bool may_adopt, revue_error *error) {
    char parent[STORE_PATH_MAX];
    struct stat about;
    if (mkdir(path, 0777) == 0) {
        TRY(path_join(parent, path, "..", error));
        return sync_folder(parent, error);
    }
    if (errno != EEXIST) return cannot_make(path, errno, error);
    if (stat(path, &about) != 0 || !S_ISDIR(about.st_mode)) {
        return error_set(error, REVUE_CANNOT_CREATE, "cannot create the index %s: a file of that name exists", path);
    }
    struct folder_contents contents = {path, may_adopt};
    return generation_each_name(path, check_name, &contents, error);
}

revue_status store_make_directory(const char *index_path, revue_error *error) {
    uint32_t generation;
    revue_status status = generation_read_current(index_path, &generation, NULL);
    /* Whatever CURRENT says: store_open is who judges an index that exists. */
    if (status == REVUE_OK || status == REVUE_CORRUPT) return REVUE_OK;
    return index_directory_make(index_path, true, error);
}

/* Errors do not stop it: as much goes as can. */
static revue_status remove_generation(void *context, const char *name, revue_error *error) {
    uint32_t generation;
    (void)error;
    if (generation_parse_name(name, &generation)) (void)generation_remove(context, generation, NULL);
    return REVUE_OK;
}

void store_remove_directory(const char *index_path) {
    static const char *const files[] = {"CURRENT", "CURRENT.new", "runs.jsonl", "runs.jsonl.new", "lock"};
    char path[STORE_PATH_MAX];
    /* CURRENT goes first: an index half removed is none. */
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (path_join(path, index_path, files[i], NULL) == REVUE_OK) (void)unlink(path);
    (void)generation_each_name(index_path, remove_generation, (void *)(uintptr_t)index_path, NULL);
    (void)rmdir(index_path);
}
