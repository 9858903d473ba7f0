/* set_format_main.c - gives an index the format number of another version, checksum and all: `set_format INDEX NUMBER`. For
 * the cases that show how such an index is refused. */
#include "indexer/store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT_AT 4u /* of the manifest: behind "RVU1" */
#define MANIFEST_MAX 65536u

static revue_status set_format(store_txn *txn, uint32_t number, revue_error *error) {
    static char manifest[MANIFEST_MAX];
    const struct view key = view_of_string("manifest");
    struct view found;
    TRY(store_get(txn, TABLE_INDEX, key, &found, error));
    if (found.size < FORMAT_AT + sizeof number || found.size > MANIFEST_MAX)
        return error_set(error, REVUE_CORRUPT, "a manifest of %zu bytes", found.size);
    memcpy(manifest, found.data, found.size);
    store_le32(manifest + FORMAT_AT, number);
    return store_put(txn, TABLE_INDEX, key, view_of(manifest, found.size), error);
}

int main(int argc, char **argv) {
    store *opened = NULL;
    store_txn *txn;
    revue_error error = {0};
    if (argc != 3) return REVUE_USAGE;
    revue_status status = store_open(&opened, argv[1], STORE_WRITE, &error);
    if (status == REVUE_OK) status = store_begin_write(opened, &txn, &error);
    if (status == REVUE_OK) {
        status = set_format(txn, (uint32_t)strtoul(argv[2], NULL, 10), &error);
        if (status == REVUE_OK)
            status = store_commit(txn, &error);
        else
            store_abort(txn);
    }
    if (status != REVUE_OK) fprintf(stderr, "set_format: %s\n", error.message);
    store_close(opened);
    return (int)status;
}
