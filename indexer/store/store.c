/* store.c - opening an index, making a new one, and replacing its generation. */
#include "indexer/store/internal.h"

#include "indexer/base/memory.h"

#include <errno.h>
#include <sys/stat.h>

#define OPEN_TRIES 8 /* each one after CURRENT was replaced under our hands */

/* ---- handles ---- */

static revue_status open_generation(store **opened, const char *index_path, uint32_t generation, enum environment_use use,
                                    enum store_mode mode, revue_error *error) {
    char path[STORE_PATH_MAX];
    TRY(generation_path(path, index_path, generation, error));
    store *made = memory_alloc_zeroed(1, sizeof *made);
    if (!made) return error_no_memory(error);
    made->generation = generation;
    made->mode = mode;
    made->path = memory_copy_string(index_path);
    revue_status status = made->path ? environment_acquire(&made->environment, path, use, error) : error_no_memory(error);
    if (status != REVUE_OK) {
        store_close(made);
        return status;
    }
    *opened = made;
    return REVUE_OK;
}

void store_close(store *opened) {
    if (!opened) return;
    environment_release(opened->environment);
    memory_free(opened->path);
    memory_free(opened);
}

uint32_t store_generation(const store *opened) {
    return opened->generation;
}

const char *store_path(const store *opened) {
    return opened->path;
}

/* ---- making an index ---- */

static revue_status make_generation_folder(const char *index_path, uint32_t generation, revue_error *error) {
    char path[STORE_PATH_MAX];
    TRY(generation_path(path, index_path, generation, error));
    if (mkdir(path, 0777) != 0 && errno != EEXIST) return lmdb_error_set(error, errno, path);
    return REVUE_OK;
}

static revue_status sync_generation_folder(const char *index_path, uint32_t generation, revue_error *error) {
    char path[STORE_PATH_MAX];
    TRY(generation_path(path, index_path, generation, error));
    return sync_folder(path, error);
}

/* In a folder without CURRENT. Every step may find itself done already, by a run that was stopped or by one that does the
 * same right now. */
static revue_status create_index(store **opened, const char *index_path, revue_error *error) {
    TRY(refuse_network_file_system(index_path, error));
    TRY(make_generation_folder(index_path, FIRST_GENERATION, error));
    store *made;
    TRY(open_generation(&made, index_path, FIRST_GENERATION, ENVIRONMENT_CREATE, STORE_CREATE, error));
    revue_status status = sync_generation_folder(index_path, FIRST_GENERATION, error);
    if (status == REVUE_OK) status = generation_write_current(index_path, FIRST_GENERATION, error);
    if (status != REVUE_OK) {
        store_close(made);
        return status;
    }
    *opened = made;
    return REVUE_OK;
}

/* ---- opening ---- */

static enum environment_use use_for(enum store_mode mode) {
    return mode == STORE_READ ? ENVIRONMENT_SEARCH : mode == STORE_READ_ALL ? ENVIRONMENT_READ : ENVIRONMENT_WRITE;
}

/* A generation may be replaced and removed between reading CURRENT and opening it: then CURRENT names another one. */
static revue_status open_index(store **opened, const char *index_path, enum store_mode mode, revue_error *error) {
    uint32_t generation, now;
    TRY(store_live_generation(index_path, &generation, error));
    TRY(refuse_network_file_system(index_path, error));
    for (int i = 0;; i++) {
        revue_status status = open_generation(opened, index_path, generation, use_for(mode), mode, error);
        if (status == REVUE_OK || i == OPEN_TRIES) return status;
        if (generation_read_current(index_path, &now, NULL) != REVUE_OK || now == generation) return status;
        generation = now;
    }
}

revue_status store_open(store **opened, const char *index_path, enum store_mode mode, revue_error *error) {
    if (mode == STORE_CREATE) {
        uint32_t generation;
        revue_status status = generation_read_current(index_path, &generation, error);
        struct stat about;
        bool is_file = stat(index_path, &about) == 0 && !S_ISDIR(about.st_mode);
        if (status == REVUE_NO_MATCH || is_file) {
            TRY(index_directory_make(index_path, true, error));
            /* Another process may have made it meanwhile, from nothing to a whole index. */
            status = generation_read_current(index_path, &generation, error);
        }
        if (status == REVUE_NO_MATCH) return create_index(opened, index_path, error);
        if (status != REVUE_OK) return status;
    }
    return open_index(opened, index_path, mode, error);
}

/* ---- generations ---- */

/* The number a new generation takes, and a folder to put it in. */
static revue_status choose_generation(const char *index_path, uint32_t *generation, revue_error *error) {
    uint32_t live = 0;
    revue_status status = generation_read_current(index_path, &live, error);
    if (status == REVUE_NO_MATCH) {
        TRY(index_directory_make(index_path, false, error));
    } else if (status != REVUE_OK) {
        return status;
    }
    if (live == UINT32_MAX)
        return error_set(error, REVUE_CANNOT_CREATE, "%s: no numbers are left for its stores", index_path);
    *generation = live + 1;
    return REVUE_OK;
}

/* Makes the generation of a number that is free, or was left by an interrupted run. */
static revue_status create_generation(store **created, const char *index_path, uint32_t generation, revue_error *error) {
    char path[STORE_PATH_MAX];
    TRY(generation_path(path, index_path, generation, error));
    if (environment_is_open(path)) {
        return error_set(error, REVUE_BUSY, "%s is being written by another thread of this process", path);
    }
    /* What an interrupted run left under this number never was live. */
    TRY(generation_remove(index_path, generation, error));
    TRY(make_generation_folder(index_path, generation, error));
    revue_status status = open_generation(created, index_path, generation, ENVIRONMENT_BULK, STORE_CREATE, error);
    if (status != REVUE_OK) (void)generation_remove(index_path, generation, NULL);
    return status;
}

/* Whoever may read the live generation may read the next one. */
static revue_status take_rights(store *created, revue_error *error) {
    uint32_t live;
    revue_status status = generation_read_current(created->path, &live, error);
    if (status == REVUE_OK) return generation_rights_like(created->path, created->generation, live, error);
    return status == REVUE_NO_MATCH ? REVUE_OK : status;
}

revue_status store_create_generation(store **created, const char *index_path, revue_error *error) {
    uint32_t generation = 0;
    TRY(choose_generation(index_path, &generation, error));
    TRY(refuse_network_file_system(index_path, error));
    return create_generation(created, index_path, generation, error);
}

revue_status store_create_next_generation(store **created, const store *unpublished, revue_error *error) {
    if (unpublished->generation == UINT32_MAX)
        return error_set(error, REVUE_CANNOT_CREATE, "%s: no numbers are left for its stores", unpublished->path);
    return create_generation(created, unpublished->path, unpublished->generation + 1, error);
}

/* From here on the generation is on the disk as any other, and written like any other. */
static revue_status make_durable(store *generation, revue_error *error) {
    MDB_env *handle = generation->environment->handle;
    int code = LMDB_WRITE(mdb_env_sync(handle, 1));
    if (code == 0) code = LMDB_WRITE(mdb_env_set_flags(handle, MDB_NOSYNC, 0));
    if (code != 0) return lmdb_error_set(error, code, generation->environment->path);
    generation->environment->flags &= ~(unsigned)MDB_NOSYNC;
    return sync_generation_folder(generation->path, generation->generation, error);
}

revue_status store_publish(store *generation, revue_error *error) {
    revue_status status = take_rights(generation, error);
    if (status == REVUE_OK) status = make_durable(generation, error);
    if (status == REVUE_OK) status = generation_write_current(generation->path, generation->generation, error);
    store_close(generation);
    return status;
}

void store_discard(store *generation) {
    if (!generation) return;
    char *index_path = generation->path;
    uint32_t number = generation->generation;
    generation->path = NULL;
    store_close(generation);
    (void)generation_remove(index_path, number, NULL);
    memory_free(index_path);
}

/* Does anyone read it? A folder that is no whole environment has no readers. */
static revue_status is_read(const char *path, bool *has_readers, revue_error *error) {
    struct environment *environment;
    struct reader_count count = {0, 0};
    revue_status status = environment_acquire(&environment, path, ENVIRONMENT_READ, error);
    if (status == REVUE_OK) {
        status = environment_count_readers(environment, &count, error);
        environment_release(environment);
    } else if (status == REVUE_CORRUPT) {
        status = REVUE_OK;
    }
    if (status == REVUE_OK) *has_readers = count.readers > 0;
    return status;
}

struct removal {
    const char *path;
    uint32_t live;
};

static revue_status remove_if_dead(void *context, const char *name, revue_error *error) {
    const struct removal *removal = context;
    uint32_t generation;
    char path[STORE_PATH_MAX];
    bool has_readers = false;
    if (!generation_parse_name(name, &generation) || generation == removal->live) return REVUE_OK;
    TRY(generation_path(path, removal->path, generation, error));
    if (environment_is_open(path)) return REVUE_OK;
    TRY(is_read(path, &has_readers, error));
    return has_readers ? REVUE_OK : generation_remove(removal->path, generation, error);
}

revue_status store_remove_dead(const char *index_path, revue_error *error) {
    struct removal removal = {index_path, 0};
    TRY(store_live_generation(index_path, &removal.live, error));
    return generation_each_name(index_path, remove_if_dead, &removal, error);
}

struct dead_count {
    uint32_t live, count;
};

static revue_status count_if_dead(void *context, const char *name, revue_error *error) {
    struct dead_count *dead = context;
    uint32_t generation;
    (void)error;
    dead->count += generation_parse_name(name, &generation) && generation != dead->live;
    return REVUE_OK;
}

revue_status store_count_dead(const char *index_path, uint32_t *count, revue_error *error) {
    struct dead_count dead = {0, 0};
    TRY(store_live_generation(index_path, &dead.live, error));
    TRY(generation_each_name(index_path, count_if_dead, &dead, error));
    *count = dead.count;
    return REVUE_OK;
}
