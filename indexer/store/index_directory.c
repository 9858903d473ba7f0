/* index_directory.c - the folder of a new index. */
#include "indexer/store/store.h"

#include <errno.h>
#include <sys/stat.h>

revue_status store_make_directory(const char *index_path, revue_error *error) {
    if (mkdir(index_path, 0777) == 0 || errno == EEXIST) return REVUE_OK;
    revue_status status = error_from_errno(error, errno, index_path);
    return status == REVUE_NO_INPUT || status == REVUE_IO
               ? error_set(error, REVUE_CANNOT_CREATE, "%s cannot be made: is the folder above it there and writable?", index_path)
               : status;
}
