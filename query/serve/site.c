/* site.c - see site.h. Resting searchers are a stack: the one used last is warmest. */
#include "query/serve/site.h"

#include "indexer/base/error.h"
#include "indexer/base/memory.h"
#include "indexer/base/program.h"

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>

struct site_index {
    const char *name, *path;
    char *base;
    pthread_mutex_t *mutex; /* guards what follows */
    struct resting {
        revue_searcher **searchers; /* room for one each thread */
        size_t count, capacity;
        char trouble[512]; /* of the last refresh; empty: none */
    } * resting;
};
struct site {
    struct site_index *indexes;
    size_t count;
    const char **names;
};

/* ---- making one ---- */

static revue_status create_index(struct site_index *index, const struct settings_index *wanted, size_t threads,
                                 revue_error *error) {
    struct bytes base = {0};
    index->name = wanted->name;
    index->path = wanted->path;
    index->resting = memory_alloc_zeroed(1, sizeof *index->resting);
    index->mutex = memory_alloc_zeroed(1, sizeof *index->mutex);
    if (!index->resting || !index->mutex) return error_no_memory(error);
    (void)pthread_mutex_init(index->mutex, NULL);
    index->resting->searchers = memory_alloc_array(threads, sizeof *index->resting->searchers);
    index->resting->capacity = threads;
    bytes_append_string(&base, wanted->name ? "/" : "");
    bytes_append_string(&base, wanted->name ? wanted->name : "");
    bytes_append_u8(&base, '\0');
    index->base = (char *)base.data;
    return !index->resting->searchers || base.failed ? error_no_memory(error) : REVUE_OK;
}

static revue_status open_first(struct site_index *index, revue_error *error) {
    TRY(revue_searcher_open(&index->resting->searchers[0], index->path, error));
    revue_searcher_rest(index->resting->searchers[0]);
    index->resting->count = 1;
    return REVUE_OK;
}

revue_status site_create(struct site **created, const struct serve_settings *settings, revue_error *error) {
    struct site *site = memory_alloc_zeroed(1, sizeof *site);
    if (!site) return error_no_memory(error);
    revue_status status = REVUE_OK;
    site->indexes = memory_alloc_zeroed(settings->index_count, sizeof *site->indexes);
    site->names = memory_alloc_zeroed(settings->index_count, sizeof *site->names);
    if (!site->indexes || !site->names) status = error_no_memory(error);
    while (status == REVUE_OK && site->count < settings->index_count) {
        struct site_index *index = &site->indexes[site->count];
        site->names[site->count] = settings->indexes[site->count].name;
        status = create_index(index, &settings->indexes[site->count++], 2 * settings->workers + 2, error);
        if (status == REVUE_OK) status = open_first(index, error);
    }
    if (status == REVUE_OK)
        *created = site;
    else
        site_free(site);
    return status;
}

static void close_resting(struct site_index *index) {
    while (index->resting->count > 0)
        revue_searcher_close(index->resting->searchers[--index->resting->count]);
}

static void free_index(struct site_index *index) {
    if (index->resting) {
        close_resting(index);
        memory_free(index->resting->searchers);
    }
    if (index->mutex) (void)pthread_mutex_destroy(index->mutex);
    memory_free(index->mutex);
    memory_free(index->resting);
    memory_free(index->base);
}

void site_free(struct site *site) {
    if (!site) return;
    for (size_t i = 0; i < site->count; i++)
        free_index(&site->indexes[i]);
    memory_free(site->indexes);
    memory_free(site->names);
    memory_free(site);
}

size_t site_count(const struct site *site) {
    return site->count;
}

const struct site_index *site_at(const struct site *site, size_t at) {
    return &site->indexes[at];
}

const char *site_index_name(const struct site_index *index) {
    return index->name;
}

const char *site_index_base(const struct site_index *index) {
    return index->base;
}

const char *site_index_path(const struct site_index *index) {
    return index->path;
}

const char *const *site_names(const struct site *site) {
    return site->names[0] ? site->names : NULL;
}

/* ---- lending ---- */

static revue_searcher *take(const struct site_index *index) {
    (void)pthread_mutex_lock(index->mutex);
    struct resting *resting = index->resting;
    revue_searcher *searcher = resting->count > 0 ? resting->searchers[--resting->count] : NULL;
    (void)pthread_mutex_unlock(index->mutex);
    return searcher;
}

/* The one that rests longest. */
static revue_searcher *take_oldest(const struct site_index *index) {
    (void)pthread_mutex_lock(index->mutex);
    struct resting *resting = index->resting;
    revue_searcher *searcher = resting->count > 0 ? resting->searchers[0] : NULL;
    if (searcher) {
        resting->count--;
        memmove(resting->searchers, resting->searchers + 1, resting->count * sizeof(revue_searcher *));
    }
    (void)pthread_mutex_unlock(index->mutex);
    return searcher;
}

/* Says what changed about the index, once. message NULL: all is well. */
static void note_trouble(const struct site_index *index, const char *message) {
    struct resting *resting = index->resting;
    (void)pthread_mutex_lock(index->mutex);
    const bool is_news = strcmp(resting->trouble, message ? message : "") != 0;
    (void)snprintf(resting->trouble, sizeof resting->trouble, "%s", message ? message : "");
    (void)pthread_mutex_unlock(index->mutex);
    if (is_news && message)
        program_say("%s: %s", index->path, message);
    else if (is_news)
        program_say("%s: can be read again", index->path);
}

/* What rests was opened on a generation that is gone, or about to. */
static void drop_resting(const struct site_index *index) {
    revue_searcher *searcher;
    while ((searcher = take(index)))
        revue_searcher_close(searcher);
}

/* searcher: one that rested, or NULL. */
static revue_status wake(const struct site_index *index, revue_searcher *searcher, struct lease *lease,
                         revue_error *error) {
    revue_error own = {0};
    bool moved = false;
    revue_status status =
        searcher ? revue_searcher_refresh(searcher, &moved, &own) : revue_searcher_open(&searcher, index->path, &own);
    note_trouble(index, status == REVUE_OK ? NULL : own.message);
    if (moved) drop_resting(index);
    if (status != REVUE_OK && (!searcher || revue_searcher_rests(searcher))) {
        revue_searcher_close(searcher);
        if (error) *error = own;
        return status;
    }
    *lease = (struct lease){index, searcher};
    return REVUE_OK;
}

revue_status site_borrow(const struct site_index *index, struct lease *lease, revue_error *error) {
    return wake(index, take(index), lease, error);
}

void site_return(struct lease *lease) {
    if (!lease->searcher) return;
    struct resting *resting = lease->index->resting;
    revue_searcher *left = lease->searcher;
    revue_searcher_rest(left);
    (void)pthread_mutex_lock(lease->index->mutex);
    if (resting->count < resting->capacity) {
        resting->searchers[resting->count++] = left;
        left = NULL;
    }
    (void)pthread_mutex_unlock(lease->index->mutex);
    revue_searcher_close(left);
    lease->searcher = NULL;
}

/* All in turn: one that nobody takes, since others lie above it, would keep a generation that was replaced. */
void site_look_after(struct site *site) {
    for (size_t i = 0; i < site->count; i++)
        for (size_t left = site->indexes[i].resting->capacity; left > 0; left--) {
            struct lease lease;
            revue_searcher *oldest = take_oldest(&site->indexes[i]);
            if (!oldest) break;
            if (wake(&site->indexes[i], oldest, &lease, NULL) == REVUE_OK) site_return(&lease);
        }
}

/* ---- how it is ---- */

/* Allocated bytes of a folder's files, and those of the folders in it. */
static uint64_t folder_bytes(const char *path, unsigned depth) {
    uint64_t bytes = 0;
    DIR *folder = opendir(path);
    const struct dirent *entry;
    while (folder && (entry = readdir(folder))) {
        char name[4096];
        struct stat about;
        if (entry->d_name[0] == '.' && (!entry->d_name[1] || strcmp(entry->d_name, "..") == 0)) continue;
        if (snprintf(name, sizeof name, "%s/%s", path, entry->d_name) >= (int)sizeof name || lstat(name, &about) != 0)
            continue;
        if (S_ISREG(about.st_mode)) bytes += (uint64_t)about.st_blocks * 512;
        if (S_ISDIR(about.st_mode) && depth > 0) bytes += folder_bytes(name, depth - 1);
    }
    if (folder) (void)closedir(folder);
    return bytes;
}

void site_look_at(const struct site_index *index, struct site_state *state) {
    struct lease lease = {0};
    *state = (struct site_state){.bytes = folder_bytes(index->path, 1)};
    state->is_readable = site_borrow(index, &lease, NULL) == REVUE_OK;
    if (state->is_readable) {
        state->reviews = revue_searcher_reviews(lease.searcher);
        state->generation = revue_searcher_generation(lease.searcher);
        state->commit = revue_searcher_commit(lease.searcher);
        state->run = revue_searcher_last_run(lease.searcher);
        site_return(&lease);
    }
    if (revue_last_success(index->path, &state->last_success, NULL) != REVUE_OK) state->last_success = 0;
    (void)pthread_mutex_lock(index->mutex);
    (void)snprintf(state->trouble, sizeof state->trouble, "%s", index->resting->trouble);
    (void)pthread_mutex_unlock(index->mutex);
    state->is_newest = state->is_readable && !state->trouble[0];
}
