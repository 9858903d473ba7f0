/* index_lock.c - INDEX/lock: one run at a time. A flock dies with its holder, so a stale file never blocks anyone; what the
 * file says ("pid TAB host TAB unix seconds") is only for the message of the one who is refused. */
#include "indexer/store/internal.h"

#include "indexer/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define RETRY_NANOSECONDS 20000000 /* 20 ms between two tries */
#define HOLDER_BYTES_MAX 400u

struct index_lock {
    int file;
};

struct patience {
    double seconds;
    bool (*may_go_on)(void *context);
    void *context;
};

/* ---- what the file says ---- */

static void write_holder(int file) {
    char host[256] = "", text[HOLDER_BYTES_MAX];
    (void)gethostname(host, sizeof host - 1);
    int length = snprintf(text, sizeof text, "%ld\t%s\t%lld\n", (long)getpid(), host, (long long)time(NULL));
    /* Best effort: on a full disk the lock holds all the same, only nobody learns who has it. */
    if (ftruncate(file, 0) == 0) (void)!pwrite(file, text, (size_t)length, 0);
}

static revue_status refuse(int file, const char *path, revue_error *error) {
    char text[HOLDER_BYTES_MAX + 1], host[257], when[32];
    ssize_t size = pread(file, text, HOLDER_BYTES_MAX, 0);
    text[size > 0 ? size : 0] = '\0';
    long process;
    long long seconds;
    struct tm date;
    if (sscanf(text, "%ld\t%256[^\t]\t%lld", &process, host, &seconds) != 3) {
        return error_set(error, REVUE_BUSY,
                         "%s is held by another run: try again when it has ended, or wait for it with --wait", path);
    }
    time_t since = (time_t)seconds;
    if (!gmtime_r(&since, &date)) memset(&date, 0, sizeof date);
    if (strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &date) == 0) when[0] = '\0';
    return error_set(error, REVUE_BUSY,
                     "%s is held by process %ld on %s since %s: try again when it has ended, or wait for it with --wait",
                     path, process, host, when);
}

/* ---- taking it ---- */

static double seconds_now(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* 0, EWOULDBLOCK when time is up, or another errno. */
static int wait_for_flock(int file, const struct patience *patience) {
    double until = seconds_now() + patience->seconds;
    for (;;) {
        if (flock(file, LOCK_EX | LOCK_NB) == 0) return 0;
        if (errno == EINTR) continue;
        if (errno != EWOULDBLOCK || seconds_now() >= until) return errno;
        if (patience->may_go_on && !patience->may_go_on(patience->context)) return EWOULDBLOCK;
        (void)nanosleep(&(struct timespec){0, RETRY_NANOSECONDS}, NULL);
    }
}

/* Somebody may have removed the file, or the whole folder, while we waited: then what we hold is nobody's lock. */
static revue_status open_and_lock(const char *path, const struct patience *patience, int *locked, revue_error *error) {
    for (;;) {
        int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (file < 0) return lmdb_error_set(error, errno, path);
        int code = wait_for_flock(file, patience);
        if (code == 0 && is_file_at(file, path)) {
            *locked = file;
            return REVUE_OK;
        }
        revue_status status = REVUE_OK;
        if (code != 0) status = code == EWOULDBLOCK ? refuse(file, path, error) : lmdb_error_set(error, code, path);
        (void)close(file);
        if (status != REVUE_OK) return status;
    }
}

revue_status index_lock_take(index_lock **lock, const char *index_path, double wait_seconds, revue_error *error) {
    return index_lock_wait(lock, index_path, wait_seconds, NULL, NULL, error);
}

revue_status index_lock_wait(index_lock **lock, const char *index_path, double wait_seconds,
                             bool (*may_go_on)(void *context), void *context, revue_error *error) {
    const struct patience patience = {wait_seconds, may_go_on, context};
    char path[STORE_PATH_MAX];
    struct stat about;
    TRY(path_join(path, index_path, "lock", error));
    if (stat(index_path, &about) != 0 && errno == ENOENT) {
        return no_such_index(index_path, error);
    }
    index_lock *taken = memory_alloc(sizeof *taken);
    if (!taken) return error_no_memory(error);
    revue_status status = open_and_lock(path, &patience, &taken->file, error);
    if (status != REVUE_OK) {
        memory_free(taken);
        return status;
    }
    write_holder(taken->file);
    *lock = taken;
    return REVUE_OK;
}

void index_lock_release(index_lock *lock) {
    if (!lock) return;
    (void)close(lock->file); /* drops the flock with it */
    memory_free(lock);
}
