/* copy.c - revue_copy: a consistent copy of an index that may be in use.
 *
 * A read transaction is the moment that is copied: a run that writes meanwhile is neither waited for nor seen. All that is
 * live then goes into the first generation of a new index, and CURRENT is written when everything else is on the disk: a
 * copy that was interrupted is no index, and a copy that failed is removed. */
#include "indexer/base/memory.h"
#include "indexer/copy_tables.h"
#include "indexer/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct copy {
    const char *from_path, *to_path;
    store *from;
    store_txn *txn;
    struct manifest manifest;
    struct stop stop;
    index_lock *lock; /* of the copy */
    bool has_directory;
    store *to;
};

/* ---- runs.jsonl ---- */

static revue_status read_file(int file, struct bytes *content, const char *path, revue_error *error) {
    for (;;) {
        uint8_t *room = bytes_extend(content, 65536);
        if (!room) return error_no_memory(error);
        ssize_t got = read(file, room, 65536);
        content->size -= 65536 - (got > 0 ? (size_t)got : 0);
        if (got == 0) return REVUE_OK;
        if (got < 0 && errno != EINTR) return error_from_errno(error, errno, path);
    }
}

/* Whole lines only: a run may be writing the last one. */
static void cut_to_lines(struct bytes *content) {
    while (content->size > 0 && content->data[content->size - 1] != '\n')
        content->size--;
}

static revue_status write_file(const char *path, const struct bytes *content, revue_error *error) {
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0) return error_from_errno(error, errno, path);
    size_t done = 0;
    int failure = 0;
    while (done < content->size && failure == 0) {
        ssize_t written = write(file, content->data + done, content->size - done);
        if (written >= 0)
            done += (size_t)written;
        else if (errno != EINTR)
            failure = errno;
    }
    if (failure == 0 && fsync(file) != 0) failure = errno;
    if (close(file) != 0 && failure == 0) failure = errno;
    return failure == 0 ? REVUE_OK : error_from_errno(error, failure, path);
}

static revue_status copy_runs(const struct copy *copy, revue_error *error) {
    char from[4096], to[4096];
    struct bytes content = {0};
    if (snprintf(from, sizeof from, "%s/runs.jsonl", copy->from_path) >= (int)sizeof from ||
        snprintf(to, sizeof to, "%s/runs.jsonl", copy->to_path) >= (int)sizeof to)
        return error_set(error, REVUE_USAGE, "the path of the index is too long");
    int file = open(from, O_RDONLY | O_CLOEXEC);
    if (file < 0) return errno == ENOENT ? REVUE_OK : error_from_errno(error, errno, from);
    revue_status status = read_file(file, &content, from, error);
    (void)close(file);
    cut_to_lines(&content);
    if (status == REVUE_OK) status = write_file(to, &content, error);
    bytes_free(&content);
    return status;
}

/* ---- the copy ---- */

static revue_status open_source(struct copy *copy, revue_error *error) {
    TRY(store_open(&copy->from, copy->from_path, STORE_READ_ALL, error));
    TRY(store_begin_read(copy->from, &copy->txn, error));
    revue_status status = manifest_read(copy->txn, &copy->manifest, error);
    if (status == REVUE_OK) return manifest_new_uuid(&copy->manifest, error); /* from here on the two differ */
    if (status != REVUE_NO_MATCH) return status;
    return error_set(error, REVUE_CORRUPT, "%s holds no finished run yet: let revue-indexer update end", copy->from_path);
}

static revue_status refuse_existing(const char *path, revue_error *error) {
    return error_set(error, REVUE_CANNOT_CREATE, "%s exists: a copy is made under a new name", path);
}

static bool is_same_folder(const struct stat *a, const struct stat *b) {
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Is the folder that path is to be made in the index, or below it? Asked of the folders themselves, from there up to the
 * root, for names have links in them. What cannot be looked at is left to who makes the copy. */
static bool lies_below(const char *path, const char *index_path) {
    char above[PATH_MAX];
    struct stat index, here, before = {0};
    if (stat(index_path, &index) != 0 || strlen(path) >= sizeof above) return false;
    (void)strcpy(above, path);
    const char *folder = dirname(above);
    if (folder != above) (void)strcpy(above, folder);
    for (size_t size = strlen(above); stat(above, &here) == 0 && !is_same_folder(&here, &before); before = here) {
        if (is_same_folder(&here, &index)) return true;
        if (size + sizeof "/.." > sizeof above) return false;
        (void)strcpy(above + size, "/..");
        size += sizeof "/.." - 1;
    }
    return false;
}

/* Under the lock of the copy nobody else makes one of the same name. */
static revue_status make_target(struct copy *copy, revue_error *error) {
    struct stat about;
    uint32_t generation;
    if (lstat(copy->to_path, &about) == 0) return refuse_existing(copy->to_path, error);
    if (lies_below(copy->to_path, copy->from_path))
        return error_set(error, REVUE_CANNOT_CREATE, "%s lies in the index itself: name a place outside of it",
                         copy->to_path);
    TRY(store_make_directory(copy->to_path, error));
    revue_status status = index_lock_take(&copy->lock, copy->to_path, 0, error);
    copy->has_directory = status != REVUE_BUSY; /* then it is that of another copy, which began at the same moment */
    TRY(status);
    copy->has_directory = store_live_generation(copy->to_path, &generation, NULL) != REVUE_OK;
    if (!copy->has_directory) return refuse_existing(copy->to_path, error);
    return store_create_generation(&copy->to, copy->to_path, error);
}

static revue_status publish(struct copy *copy, revue_error *error) {
    store *made = copy->to;
    copy->to = NULL;
    return store_publish(made, error);
}

static void close_copy(struct copy *copy, bool is_whole) {
    manifest_free(&copy->manifest);
    store_abort(copy->txn);
    store_close(copy->from);
    store_discard(copy->to);
    if (copy->has_directory && !is_whole) store_remove_directory(copy->to_path);
    index_lock_release(copy->lock);
}

revue_status revue_copy(const char *index_path, const char *to, const revue_copy_options *options, revue_error *error) {
    struct copy copy = {.from_path = index_path, .to_path = to};
    const struct copy_poll poll = {stop_may_go_on, &copy.stop};
    revue_error own_error;
    if (options) copy.stop = (struct stop){.should_stop = options->should_stop, .context = options->context};
    if (!error) error = &own_error;
    error_clear(error);
    revue_status status = open_source(&copy, error);
    if (status == REVUE_OK) status = make_target(&copy, error);
    if (status == REVUE_OK) status = copy_all_tables(copy.txn, &copy.manifest, false, &poll, copy.to, error);
    if (status == REVUE_INTERRUPTED) status = stop_status(&copy.stop, "no copy was made", error);
    if (status == REVUE_OK) status = copy_runs(&copy, error);
    if (status == REVUE_OK) status = publish(&copy, error);
    close_copy(&copy, status == REVUE_OK);
    return status;
}
