/* maintenance.c - what the public header promises of whole generations and this version refuses by name. */
#include "indexer/base/error.h"

static revue_status refuse(revue_error *error, const char *what) {
    return error_set(error, REVUE_USAGE, "%s is not part of this version: index into a new directory instead", what);
}

revue_status revue_compact(const char *index_path, const revue_compact_options *options, revue_error *error) {
    (void)index_path;
    (void)options;
    return refuse(error, "compact");
}

revue_status revue_copy(const char *index_path, const char *to, revue_error *error) {
    (void)index_path;
    (void)to;
    return refuse(error, "copy");
}

revue_status revue_check(const char *index_path, void (*on_fault)(void *context, const char *fault), void *context,
                         revue_error *error) {
    (void)index_path;
    (void)on_fault;
    (void)context;
    return refuse(error, "check");
}
