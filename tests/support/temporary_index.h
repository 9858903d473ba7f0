/* temporary_index.h - an index in a folder of its own, for tests. */
#ifndef REVUE_TEST_TEMPORARY_INDEX_H
#define REVUE_TEST_TEMPORARY_INDEX_H

#include "indexer/store/store.h"

#define TEMPORARY_PATH_SIZE 64

/* Makes an empty folder and writes its path; temporary_folder_remove removes it with all that is in it. Both end the test
 * program when they cannot. */
void temporary_folder_create(char path[TEMPORARY_PATH_SIZE]);
void temporary_folder_remove(const char *path);

/* The same with a new, empty index in it (STORE_CREATE), which is open for writing. The caller closes the store. */
store *temporary_index_create(char path[TEMPORARY_PATH_SIZE]);
void temporary_index_remove(const char *path);

#endif
