/* fuzz_index.h - a store for targets whose records lie in one, with checksums that are right: made at the first input,
 * removed at the end of the process. */
#ifndef REVUE_TESTS_FUZZ_INDEX_H
#define REVUE_TESTS_FUZZ_INDEX_H

#include "tests/fuzz/fuzz.h"
#include "tests/support/temporary_index.h"

static char fuzz_index_path[TEMPORARY_PATH_SIZE];
static store *fuzz_store;

static void fuzz_index_remove(void) {
    store_close(fuzz_store);
    temporary_index_remove(fuzz_index_path);
}

static inline store *fuzz_index(void) {
    if (fuzz_store) return fuzz_store;
    fuzz_store = temporary_index_create(fuzz_index_path);
    require(atexit(fuzz_index_remove) == 0);
    return fuzz_store;
}

#endif
