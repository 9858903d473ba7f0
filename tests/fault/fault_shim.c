/* fault_shim.c - a library to be preloaded that kills a program, fills its disk, or writes down what it does to the disk.
 *
 * It stands between the programs and what stores: the calls of LMDB that change something, and those of libc that change
 * files below one folder. What it does is said by its environment:
 *
 *     FAULT_FOLDER   the folder that counts (a path without links); without it nothing happens
 *     FAULT_KILL     kill -9 this process just before call N (from 0)
 *     FAULT_COUNT    a file to write the number of calls into when the process ends
 *     FAULT_SPACE    bytes that may still be written; then writes are cut short, and further ones fail with ENOSPC
 *     FAULT_TIME     the seconds that time() tells, with or without a folder
 *     FAULT_RANDOM   the byte, a number, that getrandom() gives again and again; with or without a folder
 *     FAULT_STATFS   the kind of file system that statfs() tells, a number; with or without a folder
 *     FAULT_LOG      a file to append every change to, with its data: the disk of tests/fault/disk.py is built from it
 *
 * A record of the log is: kind u8, inode u64, number u64, size of a u32, size of b u32, a, b. Kinds: 'o' opened (number: 1
 * made, 2 emptied; a: path), 'w' written (number: offset; a: data), 'W' written and on the disk on return (O_DSYNC), 't'
 * cut or lengthened to number bytes, 's' synced (a: path), 'r' a renamed to b, 'u' a unlinked, 'm' folder a made, 'd'
 * folder a removed. Changes through a map (lock.mdb) are not seen; what they hold is of no use after a restart. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#define FILES_MAX 1024
#define PATH_BYTES 4096

static char folder[PATH_BYTES];
static size_t folder_size;
static long long kill_at = -1, space = -1;
static const char *count_path;
static int log_file = -1;
static long long calls;
static bool is_tracked[FILES_MAX];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

/* The function that this library stands before. */
#define REAL(name) ((__typeof__(&name))real_function(#name))

typedef void any_function(void);

static any_function *real_function(const char *name) {
    any_function *function;
    void *found = dlsym(RTLD_NEXT, name);
    if (!found) abort();
    memcpy(&function, &found, sizeof function); /* ISO C has no cast from data to code */
    return function;
}

static long long number_of(const char *name) {
    const char *text = getenv(name);
    return text && *text ? strtoll(text, NULL, 10) : -1;
}

__attribute__((constructor)) static void begin(void) {
    const char *named = getenv("FAULT_FOLDER"), *log_path = getenv("FAULT_LOG");
    if (!named || !*named || strlen(named) >= sizeof folder) return;
    memcpy(folder, named, strlen(named) + 1);
    folder_size = strlen(folder);
    kill_at = number_of("FAULT_KILL");
    space = number_of("FAULT_SPACE");
    count_path = getenv("FAULT_COUNT");
    if (log_path && *log_path) log_file = REAL(open)(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
}

__attribute__((destructor)) static void end(void) {
    char text[32];
    if (!folder_size || !count_path) return;
    int file = REAL(open)(count_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    int size = snprintf(text, sizeof text, "%lld\n", calls);
    if (file >= 0 && REAL(write)(file, text, (size_t)size) == size) (void)REAL(close)(file);
}

/* ---- calls ---- */

static void count_call(void) {
    if (!folder_size) return;
    if (__atomic_fetch_add(&calls, 1, __ATOMIC_SEQ_CST) == kill_at) {
        (void)kill(getpid(), SIGKILL);
        for (;;)
            (void)pause();
    }
}

static bool is_inside(const char *path) {
    if (!folder_size) return false;
    return strncmp(path, folder, folder_size) == 0 && (path[folder_size] == '/' || path[folder_size] == '\0');
}

/* The path from the root, without looking at links. */
static const char *absolute(const char *path, char out[PATH_BYTES]) {
    if (path[0] == '/') return path;
    if (!getcwd(out, PATH_BYTES)) return path;
    size_t size = strlen(out);
    (void)snprintf(out + size, PATH_BYTES - size, "/%s", path);
    return out;
}

static bool tracks(int file) {
    return file >= 0 && file < FILES_MAX && is_tracked[file];
}

/* ---- the log ---- */

static void write_log(const void *data, size_t size) {
    if (REAL(write)(log_file, data, size) != (ssize_t)size) abort(); /* a log with a hole would prove nothing */
}

static void note(char kind, uint64_t inode, uint64_t number, const void *a, size_t a_size, const char *b) {
    if (log_file < 0) return;
    uint32_t sizes[2] = {(uint32_t)a_size, b ? (uint32_t)strlen(b) : 0};
    uint8_t head[25];
    head[0] = (uint8_t)kind;
    memcpy(head + 1, &inode, 8);
    memcpy(head + 9, &number, 8);
    memcpy(head + 17, sizes, 8);
    (void)pthread_mutex_lock(&mutex);
    write_log(head, sizeof head);
    if (a_size) write_log(a, a_size);
    if (b) write_log(b, sizes[1]);
    (void)pthread_mutex_unlock(&mutex);
}

static uint64_t inode_of(int file) {
    struct stat about;
    return fstat(file, &about) == 0 ? (uint64_t)about.st_ino : 0;
}

static void note_path(char kind, uint64_t inode, uint64_t number, const char *path) {
    note(kind, inode, number, path, strlen(path), NULL);
}

/* ---- opening and closing ---- */

static int open_file(const char *path, int flags, mode_t mode) {
    char room[PATH_BYTES];
    const char *full = absolute(path, room);
    if (!is_inside(full)) return REAL(open)(path, flags, mode);
    bool changes = flags & (O_CREAT | O_TRUNC), was_there = access(path, F_OK) == 0;
    if (changes) count_call();
    int file = REAL(open)(path, flags, mode);
    if (file < 0 || file >= FILES_MAX) return file;
    is_tracked[file] = true;
    bool made = (flags & O_CREAT) && !was_there, emptied = was_there && (flags & O_TRUNC);
    if (made || emptied) note_path('o', inode_of(file), made ? 1 : 2, full);
    return file;
}

static mode_t mode_of(int flags, va_list arguments) {
    return flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
}

int open(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_file(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_file(path, flags, mode);
}

int __open_2(const char *path, int flags);
int __open_2(const char *path, int flags) {
    return open_file(path, flags, 0);
}

int __open64_2(const char *path, int flags);
int __open64_2(const char *path, int flags) {
    return open_file(path, flags, 0);
}

int close(int file) {
    if (tracks(file)) is_tracked[file] = false;
    return REAL(close)(file);
}

/* ---- writing ---- */

/* How many of size bytes still fit. */
static size_t take_space(size_t size) {
    if (space < 0) return size;
    size_t taken = (long long)size < space ? size : (size_t)space;
    space -= (long long)taken;
    return taken;
}

static void note_write(int file, uint64_t offset, const void *data, size_t size) {
    int flags = fcntl(file, F_GETFL);
    note(flags >= 0 && flags & (O_DSYNC | O_SYNC) ? 'W' : 'w', inode_of(file), offset, data, size, NULL);
}

static uint64_t position_of(int file) {
    int flags = fcntl(file, F_GETFL);
    off_t at = lseek(file, 0, flags >= 0 && flags & O_APPEND ? SEEK_END : SEEK_CUR);
    return at > 0 ? (uint64_t)at : 0;
}

static ssize_t write_at(int file, const void *data, size_t size, off_t offset) {
    count_call();
    size_t fits = take_space(size);
    if (size > 0 && fits == 0) {
        errno = ENOSPC;
        return -1;
    }
    ssize_t written = REAL(pwrite)(file, data, fits, offset);
    if (written > 0) note_write(file, (uint64_t)offset, data, (size_t)written);
    return written;
}

ssize_t write(int file, const void *data, size_t size) {
    if (!tracks(file)) return REAL(write)(file, data, size);
    uint64_t offset = position_of(file);
    ssize_t written = write_at(file, data, size, (off_t)offset);
    if (written > 0) (void)lseek(file, (off_t)offset + written, SEEK_SET);
    return written;
}

ssize_t pwrite(int file, const void *data, size_t size, off_t offset) {
    return tracks(file) ? write_at(file, data, size, offset) : REAL(pwrite)(file, data, size, offset);
}

ssize_t pwrite64(int file, const void *data, size_t size, off64_t offset) {
    return pwrite(file, data, size, offset);
}

/* Part after part: each is a call of its own, since a disk may stop between any two. */
static ssize_t write_parts(int file, const struct iovec *parts, int count, off_t offset) {
    ssize_t all = 0;
    for (int i = 0; i < count; i++) {
        ssize_t written = write_at(file, parts[i].iov_base, parts[i].iov_len, offset + all);
        if (written < 0) return all > 0 ? all : written;
        all += written;
        if ((size_t)written < parts[i].iov_len) break;
    }
    return all;
}

ssize_t writev(int file, const struct iovec *parts, int count) {
    if (!tracks(file)) return REAL(writev)(file, parts, count);
    uint64_t offset = position_of(file);
    ssize_t written = write_parts(file, parts, count, (off_t)offset);
    if (written > 0) (void)lseek(file, (off_t)offset + written, SEEK_SET);
    return written;
}

ssize_t pwritev(int file, const struct iovec *parts, int count, off_t offset) {
    return tracks(file) ? write_parts(file, parts, count, offset) : REAL(pwritev)(file, parts, count, offset);
}

ssize_t pwritev64(int file, const struct iovec *parts, int count, off64_t offset) {
    return pwritev(file, parts, count, offset);
}

int ftruncate(int file, off_t size) {
    if (!tracks(file)) return REAL(ftruncate)(file, size);
    count_call();
    int code = REAL(ftruncate)(file, size);
    if (code == 0) note('t', inode_of(file), (uint64_t)size, NULL, 0, NULL);
    return code;
}

int ftruncate64(int file, off64_t size) {
    return ftruncate(file, size);
}

/* Room for a file that is written through a map. */
int fallocate(int file, int mode, off_t offset, off_t size) {
    if (!tracks(file)) return REAL(fallocate)(file, mode, offset, size);
    count_call();
    if (space >= 0 && take_space((size_t)size) < (size_t)size) {
        errno = ENOSPC;
        return -1;
    }
    return REAL(fallocate)(file, mode, offset, size);
}

int fallocate64(int file, int mode, off64_t offset, off64_t size) {
    return fallocate(file, mode, offset, size);
}

/* ---- syncing ---- */

static int sync_file(int file, int (*sync)(int)) {
    char link[64], path[PATH_BYTES];
    if (!tracks(file)) return sync(file);
    count_call();
    int code = sync(file);
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t size = readlink(link, path, sizeof path);
    if (code == 0 && size > 0) note('s', inode_of(file), 0, path, (size_t)size, NULL);
    return code;
}

int fsync(int file) {
    return sync_file(file, REAL(fsync));
}

int fdatasync(int file) {
    return sync_file(file, REAL(fdatasync));
}

/* ---- names ---- */

int rename(const char *from, const char *to) {
    char from_room[PATH_BYTES], to_room[PATH_BYTES];
    const char *full_from = absolute(from, from_room), *full_to = absolute(to, to_room);
    if (!is_inside(full_from) && !is_inside(full_to)) return REAL(rename)(from, to);
    count_call();
    int code = REAL(rename)(from, to);
    if (code == 0) note('r', 0, 0, full_from, strlen(full_from), full_to);
    return code;
}

static int change_name(char kind, const char *path, int (*change)(const char *)) {
    char room[PATH_BYTES];
    const char *full = absolute(path, room);
    if (!is_inside(full)) return change(path);
    count_call();
    int code = change(path);
    if (code == 0) note_path(kind, 0, 0, full);
    return code;
}

int unlink(const char *path) {
    return change_name('u', path, REAL(unlink));
}

int rmdir(const char *path) {
    return change_name('d', path, REAL(rmdir));
}

int mkdir(const char *path, mode_t mode) {
    char room[PATH_BYTES];
    const char *full = absolute(path, room);
    if (!is_inside(full)) return REAL(mkdir)(path, mode);
    count_call();
    int code = REAL(mkdir)(path, mode);
    if (code == 0) note_path('m', 0, 0, full);
    return code;
}

/* ---- the clock ---- */

time_t time(time_t *out) {
    long long told = number_of("FAULT_TIME");
    time_t now = told >= 0 ? (time_t)told : REAL(time)(NULL);
    if (out) *out = now;
    return now;
}

ssize_t getrandom(void *buffer, size_t size, unsigned flags) {
    const long long byte = number_of("FAULT_RANDOM");
    if (byte < 0) return REAL(getrandom)(buffer, size, flags);
    memset(buffer, (int)byte, size);
    return (ssize_t)size;
}

/* ---- the file system ---- */

int statfs(const char *path, struct statfs *about) {
    long long magic = number_of("FAULT_STATFS");
    int code = REAL(statfs)(path, about);
    if (code == 0 && magic >= 0) about->f_type = (__typeof__(about->f_type))magic;
    return code;
}

/* ---- LMDB ---- */

int mdb_env_open(MDB_env *env, const char *path, unsigned flags, mdb_mode_t mode) {
    count_call();
    return REAL(mdb_env_open)(env, path, flags, mode);
}

int mdb_env_sync(MDB_env *env, int force) {
    count_call();
    return REAL(mdb_env_sync)(env, force);
}

int mdb_txn_begin(MDB_env *env, MDB_txn *parent, unsigned flags, MDB_txn **txn) {
    count_call();
    return REAL(mdb_txn_begin)(env, parent, flags, txn);
}

int mdb_txn_commit(MDB_txn *txn) {
    count_call();
    return REAL(mdb_txn_commit)(txn);
}

int mdb_put(MDB_txn *txn, MDB_dbi table, MDB_val *key, MDB_val *value, unsigned flags) {
    count_call();
    return REAL(mdb_put)(txn, table, key, value, flags);
}

int mdb_del(MDB_txn *txn, MDB_dbi table, MDB_val *key, MDB_val *value) {
    count_call();
    return REAL(mdb_del)(txn, table, key, value);
}

int mdb_cursor_del(MDB_cursor *cursor, unsigned flags) {
    count_call();
    return REAL(mdb_cursor_del)(cursor, flags);
}
