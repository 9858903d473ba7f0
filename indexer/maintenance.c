/* maintenance.c - what the public header promises of whole indexes and this version refuses by name. */
#include "indexer/base/error.h"

revue_status revue_check(const char *index_path, void (*on_fault)(void *context, const char *fault), void *context,
                         revue_error *error) {
    (void)index_path;
    (void)on_fault;
    (void)context;
    return error_set(error, REVUE_USAGE, "check is not part of this version: index into a new directory instead");
}
