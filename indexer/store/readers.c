/* readers.c - who reads what is not the newest: pages that such a reader may still look at cannot be used again, so the
 * file grows while it is open; and a generation that was replaced stays on the disk as long as anybody reads it. */
#include "indexer/store/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct search {
    struct store_reader *readers;
    size_t count;
    uint64_t newest; /* snapshots before it are behind */
    bool of_old_store;
};

static int compare(const void *left, const void *right) {
    const struct store_reader *a = left, *b = right;
    if (a->of_old_store != b->of_old_store) return a->of_old_store ? -1 : 1;
    return (a->snapshot > b->snapshot) - (a->snapshot < b->snapshot);
}

/* Keeps the oldest ones: the last gives way. */
static void keep(struct search *search, const struct store_reader *reader) {
    if (search->count == STORE_READERS_TOLD) {
        if (compare(reader, &search->readers[STORE_READERS_TOLD - 1]) >= 0) return;
        search->count--;
    }
    search->readers[search->count++] = *reader;
    qsort(search->readers, search->count, sizeof *search->readers, compare);
}

/* LMDB's line "pid thread snapshot", "-" for a reader that reads nothing now. */
static int take_line(const char *line, void *context) {
    struct search *search = context;
    long process;
    unsigned long thread;
    unsigned long long snapshot;
    if (sscanf(line, "%ld %lx %llu", &process, &thread, &snapshot) != 3) return 0;
    if (!search->of_old_store && snapshot >= search->newest) return 0;
    keep(search, &(struct store_reader){.process = process,
                                        .snapshot = snapshot,
                                        .lag = search->of_old_store ? 0 : search->newest - snapshot,
                                        .of_old_store = search->of_old_store});
    return 0;
}

/* Slots of the dead are cleared first. */
static revue_status list_readers(struct environment *environment, struct search *search, revue_error *error) {
    int dead, code = environment->has_locks ? LMDB_READ(mdb_reader_check(environment->handle, &dead)) : 0;
    if (code == 0) code = LMDB_READ(mdb_reader_list(environment->handle, take_line, search));
    return code < 0 || code == EIO ? lmdb_error_set(error, code, environment->path) : REVUE_OK;
}

struct old_stores {
    const store *live;
    struct search *search;
};

/* Of an old store nothing need be told when it cannot be opened: it may be on its way out right now. */
static revue_status list_old_store(void *context, const char *name, revue_error *error) {
    struct old_stores *old = context;
    struct environment *environment;
    uint32_t generation;
    char path[STORE_PATH_MAX];
    /* One with a higher number is being made, which is nothing to open. */
    if (!generation_parse_name(name, &generation) || generation >= old->live->generation) return REVUE_OK;
    TRY(generation_path(path, old->live->path, generation, error));
    if (environment_acquire(&environment, path, ENVIRONMENT_READ, NULL) != REVUE_OK) return REVUE_OK;
    old->search->of_old_store = true;
    revue_status status = list_readers(environment, old->search, error);
    environment_release(environment);
    return status;
}

revue_status store_lagging_readers(store *opened, struct store_reader readers[STORE_READERS_TOLD], size_t *count,
                                   revue_error *error) {
    MDB_envinfo info;
    int code = LMDB_READ(mdb_env_info(opened->environment->handle, &info));
    if (code != 0) return lmdb_error_set(error, code, opened->environment->path);
    struct search search = {.readers = readers, .newest = info.me_last_txnid};
    struct old_stores old = {opened, &search};
    TRY(list_readers(opened->environment, &search, error));
    TRY(generation_each_name(opened->path, list_old_store, &old, error));
    *count = search.count;
    return REVUE_OK;
}

void store_reader_name(const struct store_reader *reader, char *out, size_t size) {
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%ld/comm", reader->process);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = file < 0 ? 0 : read(file, out, size - 1);
    if (file >= 0) (void)close(file);
    if (got < 0) got = 0;
    while (got > 0 && out[got - 1] == '\n')
        got--;
    out[got] = '\0';
}
