/* store_test.h - what the tests of the store share. */
#ifndef REVUE_TESTS_STORE_TEST_H
#define REVUE_TESTS_STORE_TEST_H

#include "indexer/base/memory.h"
#include "indexer/store/internal.h"
#include "tests/support/temporary_index.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define assert_ok(expression)                                                                                              \
    do {                                                                                                                   \
        revue_status assert_status = (expression);                                                                         \
        if (assert_status != REVUE_OK) fail_msg("%s: status %d: %s", #expression, (int)assert_status, error.message);      \
    } while (0)
/* A failure of this status, whose message holds the text. */
#define assert_fails(expression, expected, text)                                                                           \
    do {                                                                                                                   \
        error.message[0] = '\0';                                                                                           \
        revue_status assert_status = (expression);                                                                         \
        if (assert_status != (expected)) fail_msg("%s: status %d: %s", #expression, (int)assert_status, error.message);    \
        if (!strstr(error.message, (text))) fail_msg("%s: \"%s\" lacks \"%s\"", #expression, error.message, (text));       \
    } while (0)

static inline struct view text(const char *string) {
    return view_of_string(string);
}
static inline void assert_text(struct view found, const char *expected) {
    assert_int_equal(found.size, strlen(expected));
    assert_memory_equal(found.data, expected, found.size);
}

/* The path of a name in the index, in one of a few static buffers. */
static inline const char *inside(const char *index_path, const char *name) {
    static char paths[4][256];
    static unsigned next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s", index_path, name);
    return path;
}
static inline void write_file(const char *path, const char *content) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, strlen(content), file), strlen(content));
    assert_int_equal(fclose(file), 0);
}
static inline bool exists(const char *path) {
    struct stat about;
    return lstat(path, &about) == 0;
}
static inline uint64_t size_of_file(const char *path) {
    struct stat about;
    assert_int_equal(stat(path, &about), 0);
    return (uint64_t)about.st_size;
}

/* One record in one transaction. */
static inline void put_one(store *to, enum store_table table, const char *key, struct view value) {
    revue_error error;
    store_txn *txn;
    assert_ok(store_begin_write(to, &txn, &error));
    assert_ok(store_put(txn, table, text(key), value, &error));
    assert_ok(store_commit(txn, &error));
}

/* Runs act in a child process and returns its wait status; act's result is the exit code. The child must not return to
 * cmocka, and finds no open store: those of the parent are not for it. */
static inline int in_child(int (*act)(void *context), void *context) {
    (void)fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) _exit(act(context));
    int status;
    while (waitpid(child, &status, 0) < 0)
        assert_int_equal(errno, EINTR);
    return status;
}

#endif
