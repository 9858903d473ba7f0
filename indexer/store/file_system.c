/* file_system.c - what the store asks of the file system below it.
 *
 * LMDB maps its file and locks with POSIX locks and mutexes in shared memory: both need one kernel. So network and cluster
 * file systems are refused by their statfs magic. One mounted through FUSE (sshfs, for one) shows FUSE's magic only and
 * cannot be told from a local FUSE file system: it is let through, and that is the user's risk. */
#include "indexer/store/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

static const struct {
    unsigned long magic;
    const char *name;
} network_file_systems[] = {
    {0x6969, "NFS"},       {0x517B, "SMB"},      {0xFF534D42, "CIFS"},    {0xFE534D42, "SMB 2"},
    {0x01021997, "9p"},    {0x00C36400, "Ceph"}, {0x5346414F, "OpenAFS"}, {0x6B414653, "AFS"},
    {0x73757245, "Coda"},  {0x564C, "NCP"},      {0x0BD00BD0, "Lustre"},  {0x01161970, "GFS2"},
    {0x7461636F, "OCFS2"}, {0x47504653, "GPFS"}, {0x786F4256, "vboxsf"},  {0xBACBACBC, "VMware shared folders"},
};

const char *network_file_system(unsigned long magic) {
    for (size_t i = 0; i < sizeof network_file_systems / sizeof *network_file_systems; i++) {
        if (network_file_systems[i].magic == magic) return network_file_systems[i].name;
    }
    return NULL;
}

revue_status refuse_network_file_system(const char *path, revue_error *error) {
    struct statfs about;
    if (statfs(path, &about) != 0) return error_from_errno(error, errno, path);
    /* The type is signed and of another width on some machines; all magics are 32 bits. */
    const char *name = network_file_system((unsigned long)about.f_type & 0xFFFFFFFFu);
    if (!name) return REVUE_OK;
    return error_set(error, REVUE_USAGE,
                     "%s lies on a network file system (%s), where the store's locks do not hold and its data could "
                     "be lost: keep the index on a local disk",
                     path, name);
}

revue_status sync_folder(const char *path, revue_error *error) {
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return error_from_errno(error, errno, path);
    int failure = fsync(folder) == 0 ? 0 : errno;
    (void)close(folder);
    /* Some file systems cannot sync a folder and say so with EINVAL; there is nothing more to do there. */
    if (failure == 0 || failure == EINVAL) return REVUE_OK;
    return error_from_errno(error, failure, path);
}

bool is_file_at(int file, const char *path) {
    struct stat held, found;
    return fstat(file, &held) == 0 && stat(path, &found) == 0 && held.st_dev == found.st_dev && held.st_ino == found.st_ino;
}

revue_status path_join(char *out, const char *folder, const char *name, revue_error *error) {
    int length = snprintf(out, STORE_PATH_MAX, "%s/%s", folder, name);
    if (length >= 0 && (unsigned)length < STORE_PATH_MAX) return REVUE_OK;
    return error_set(error, REVUE_USAGE, "the path of the index is longer than %u bytes", STORE_PATH_MAX - 64);
}
