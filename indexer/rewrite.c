/* rewrite.c - see rewrite.h.
 *
 * LMDB never gives pages back: what a merge frees serves later writes, but the file stays as large as it ever was. So a run
 * may end by copying what lives into a new generation, side by side, at about 1 GB/s. When:
 *  - after the run that made the index, if pages for a tenth of what is used are free: they are those of its own merges,
 *    and an index that is then only searched would carry them for good;
 *  - after any run, if more than half of the file is free pages. Such a rewrite halves the file at least, and for the next
 *    one runs must free as many bytes again as it wrote: so a run on a timer seldom does it, and all of them together write
 *    at most twice what they would have written anyway.
 * And not when less than 1 MiB is to be had, since everybody who searches has to open the new generation; nor while anybody
 * reads, for then the old file would stay beside the new one; nor when the disk has no room for both.
 *
 * It is an optimisation: what hinders it is no failure, and the next run looks again. A stop at any point leaves the old
 * generation whole, until CURRENT is replaced, and then the new one; whichever is not named the next run removes. Readers
 * that opened the old one meanwhile go on with it, and find the new one when they refresh. */
#include "indexer/rewrite.h"

#include "indexer/base/memory.h"

#include <sys/statvfs.h>

#define HOLES_LEAST ((uint64_t)1 << 20)
#define ROOM_PART 8u /* so much more (an eighth) than what is used must be free on the disk */

static bool is_due(const struct store_sizes *sizes, bool is_first) {
    if (sizes->readers > 0 || sizes->free_bytes < HOLES_LEAST) return false;
    return sizes->free_bytes > (is_first ? sizes->used_bytes / REWRITE_HOLES_PART : sizes->used_bytes);
}

/* A file system that does not tell is tried. */
static bool has_room(const char *path, uint64_t used_bytes) {
    struct statvfs about;
    if (statvfs(path, &about) != 0) return true;
    return (uint64_t)about.f_bavail * about.f_frsize > used_bytes + used_bytes / ROOM_PART;
}

/* The new generation, not live yet; NULL when there is nothing to do. */
static revue_status make(store *live, const struct manifest *manifest, bool is_first, const struct copy_poll *poll,
                         store **made, revue_error *error) {
    struct store_sizes sizes;
    store *to;
    *made = NULL;
    TRY(store_measure(live, &sizes, error));
    if (!is_due(&sizes, is_first) || !has_room(store_path(live), sizes.used_bytes)) return REVUE_OK;
    TRY(store_create_generation(&to, store_path(live), error));
    revue_status status = copy_live_tables(live, manifest, poll, to, error);
    if (status == REVUE_OK)
        *made = to;
    else
        store_discard(to);
    return status;
}

/* The old generation is removed only when CURRENT names the new one for good. */
static revue_status move_to(store **live, store *made, revue_error *error) {
    store *old = *live, *opened;
    TRY(store_publish(made, error));
    TRY(store_open(&opened, store_path(old), STORE_WRITE, error));
    *live = opened;
    store_close(old);
    return store_remove_dead(store_path(opened), error);
}

revue_status rewrite_as_needed(store **live, const struct manifest *manifest, bool is_first, const struct copy_poll *poll,
                               revue_error *error) {
    store *made;
    revue_status status = make(*live, manifest, is_first, poll, &made, error);
    if (status == REVUE_CORRUPT) return status;
    if (status == REVUE_OK) return made ? move_to(live, made, error) : REVUE_OK;
    error_clear(error);
    return REVUE_OK;
}
