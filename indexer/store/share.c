/* share.c - who may read an index: rights given to a group, and carried over to what replaces a file.
 *
 * Readers must read CURRENT, runs.jsonl and data.mdb, and write lock.mdb, where LMDB keeps who reads (LMDB maps it). The
 * folders get the set-group-id bit, so that what is made in them later belongs to the group as well. Rights stay with an
 * index whoever set them, `update --group` or chmod: a new generation, and each file that replaces another, gets those of
 * the one before it (and its owner, where root works for somebody else: the owner's own next run must not be shut out).
 * What is right already is not touched: a run that may change no rights at all (systemd's RestrictSUIDSGID) can keep an
 * index that was shared before. */
#include "indexer/store/internal.h"

#include "indexer/base/memory.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_FOLDER (S_IRGRP | S_IXGRP | S_ISGID)
#define READ_FILE S_IRGRP
#define WRITE_FILE (S_IRGRP | S_IWGRP)
#define RIGHTS 07777u
#define GROUP_BYTES ((size_t)1 << 10) /* of an entry, to begin with: all members are in it */
#define GROUP_BYTES_MAX ((size_t)1 << 26)

/* ---- giving ---- */

/* REVUE_NO_MATCH when no group has the name. Thousands of members make an entry long. */
static revue_status find_by_name(const char *name, uint32_t *number, revue_error *error) {
    struct group entry, *found = NULL;
    int code = ERANGE;
    for (size_t size = GROUP_BYTES; code == ERANGE && size <= GROUP_BYTES_MAX; size *= 2) {
        char *room = memory_alloc(size);
        if (!room) return error_no_memory(error);
        code = getgrnam_r(name, &entry, room, size, &found);
        if (code == 0 && found) *number = (uint32_t)found->gr_gid;
        memory_free(room);
    }
    return code == 0 && found ? REVUE_OK : REVUE_NO_MATCH;
}

revue_status store_find_group(const char *group, uint32_t *number, revue_error *error) {
    char *end;
    revue_status status = find_by_name(group, number, error);
    if (status != REVUE_NO_MATCH) return status;
    errno = 0;
    unsigned long value = strtoul(group, &end, 10);
    if (*group < '0' || *group > '9' || *end != '\0' || errno != 0 || value >= UINT32_MAX)
        return error_set(error, REVUE_USAGE, "there is no group %s: name one that exists, or its number", group);
    *number = (uint32_t)value;
    return REVUE_OK;
}

static revue_status refused(const char *path, int failure, revue_error *error) {
    if (failure != EPERM && failure != EACCES) return error_from_errno(error, failure, path);
    return error_set(error, REVUE_NO_RIGHTS,
                     "the rights of %s cannot be changed: only its owner can, and only for a group that he belongs to",
                     path);
}

/* Changing the group may take the set-group-id bit away, so it comes first. */
static revue_status set_rights(const char *path, const struct stat *about, gid_t group, mode_t mode, revue_error *error) {
    if (about->st_gid != group && chown(path, (uid_t)-1, group) != 0) return refused(path, errno, error);
    bool is_right = (about->st_mode & RIGHTS) == mode && about->st_gid == group;
    return is_right || chmod(path, mode) == 0 ? REVUE_OK : refused(path, errno, error);
}

/* What is not there needs no rights. */
static revue_status give(const char *folder, const char *name, gid_t group, mode_t more, revue_error *error) {
    char path[STORE_PATH_MAX];
    struct stat about;
    TRY(path_join(path, folder, name, error));
    if (stat(path, &about) != 0) return errno == ENOENT ? REVUE_OK : error_from_errno(error, errno, path);
    return set_rights(path, &about, group, (about.st_mode & RIGHTS) | more, error);
}

struct sharing {
    const char *index_path;
    gid_t group;
};

static revue_status give_generation(void *context, const char *name, revue_error *error) {
    const struct sharing *sharing = context;
    char path[STORE_PATH_MAX];
    uint32_t generation;
    if (!generation_parse_name(name, &generation)) return REVUE_OK;
    TRY(path_join(path, sharing->index_path, name, error));
    TRY(give(path, ".", sharing->group, READ_FOLDER, error));
    TRY(give(path, "data.mdb", sharing->group, READ_FILE, error));
    return give(path, "lock.mdb", sharing->group, WRITE_FILE, error);
}

revue_status store_share(const char *index_path, uint32_t group, revue_error *error) {
    struct sharing sharing = {index_path, (gid_t)group};
    TRY(give(index_path, ".", sharing.group, READ_FOLDER, error));
    TRY(give(index_path, "CURRENT", sharing.group, READ_FILE, error));
    TRY(give(index_path, "runs.jsonl", sharing.group, READ_FILE, error));
    return generation_each_name(index_path, give_generation, &sharing, error);
}

/* ---- carrying over ---- */

/* Only root can give a file away. */
static revue_status keep_owner(const char *path, const struct stat *about, uid_t owner, revue_error *error) {
    if (geteuid() != 0 || about->st_uid == owner || chown(path, owner, (gid_t)-1) == 0) return REVUE_OK;
    return refused(path, errno, error);
}

/* Of a file that is to replace another, if there is one. */
revue_status rights_like(const char *path, const char *before, revue_error *error) {
    struct stat old, about;
    if (stat(before, &old) != 0) return errno == ENOENT ? REVUE_OK : error_from_errno(error, errno, before);
    if (stat(path, &about) != 0) return error_from_errno(error, errno, path);
    TRY(keep_owner(path, &about, old.st_uid, error));
    return set_rights(path, &about, old.st_gid, old.st_mode & RIGHTS, error);
}

revue_status generation_rights_like(const char *index_path, uint32_t generation, uint32_t before, revue_error *error) {
    static const char *const names[] = {".", "data.mdb", "lock.mdb"};
    char folder[STORE_PATH_MAX], old_folder[STORE_PATH_MAX], path[STORE_PATH_MAX], old_path[STORE_PATH_MAX];
    TRY(generation_path(folder, index_path, generation, error));
    TRY(generation_path(old_folder, index_path, before, error));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        TRY(path_join(path, folder, names[i], error));
        TRY(path_join(old_path, old_folder, names[i], error));
        TRY(rights_like(path, old_path, error));
    }
    return REVUE_OK;
}
