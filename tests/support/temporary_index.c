/* temporary_index.c - see temporary_index.h. */
#include "tests/support/temporary_index.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void give_up(const char *path, const char *why) {
    fprintf(stderr, "%s: %s\n", path, why);
    exit(99);
}

void temporary_folder_create(char path[TEMPORARY_PATH_SIZE]) {
    (void)snprintf(path, TEMPORARY_PATH_SIZE, "/tmp/revue-test-XXXXXX");
    if (!mkdtemp(path)) give_up(path, "cannot create the folder");
}

static int remove_entry(const char *path, const struct stat *about, int type, struct FTW *walk) {
    (void)about, (void)type, (void)walk;
    return remove(path);
}

void temporary_folder_remove(const char *path) {
    if (nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) != 0) give_up(path, "cannot remove the folder");
}

store *temporary_index_create(char path[TEMPORARY_PATH_SIZE]) {
    store *created = NULL;
    revue_error error;
    temporary_folder_create(path);
    if (store_open(&created, path, STORE_CREATE, &error) != REVUE_OK) give_up(path, error.message);
    return created;
}

void temporary_index_remove(const char *path) {
    temporary_folder_remove(path);
}
