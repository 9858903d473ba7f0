/* delete.c - revue_delete: reviews and sources taken out by hand, which stay out until they are unblocked. */
#include "indexer/identity.h"
#include "indexer/writer.h"

#include <string.h>

struct deletion {
    struct writer *writer;
    const revue_delete_options *options;
    uint64_t deleted;
    bool is_missing;
};

/* Blocks and unblocks go into the transaction that deletes. */
static revue_status write_blocks(void *context, store_txn *txn, revue_error *error) {
    struct deletion *deletion = context;
    struct manifest *manifest = &deletion->writer->manifest;
    struct view value;
    for (size_t i = 0; i < deletion->options->id_count; i++) {
        struct key key = key_blocked_id(view_of_string(deletion->options->ids[i]));
        revue_status status = store_get(txn, TABLE_BLOCKS, key_view(&key), &value, error);
        if (status == REVUE_OK) continue;
        if (status != REVUE_NO_MATCH) return status;
        TRY(store_put(txn, TABLE_BLOCKS, key_view(&key), view_of(NULL, 0), error));
        manifest->blocked++;
    }
    for (size_t i = 0; i < deletion->options->unblock_count; i++) {
        struct key key = key_blocked_id(view_of_string(deletion->options->unblock[i]));
        revue_status status = store_get(txn, TABLE_BLOCKS, key_view(&key), &value, error);
        if (status == REVUE_NO_MATCH) continue;
        TRY(status);
        TRY(store_delete(txn, TABLE_BLOCKS, key_view(&key), error));
        if (manifest->blocked > 0) manifest->blocked--;
    }
    return REVUE_OK;
}

static revue_status delete_ids(struct deletion *deletion, revue_error *error) {
    for (size_t i = 0; i < deletion->options->id_count; i++) {
        struct review_location location;
        revue_status status = writer_find(deletion->writer, view_of_string(deletion->options->ids[i]), &location, error);
        if (status == REVUE_NO_MATCH) {
            deletion->is_missing = true;
            continue;
        }
        TRY(status);
        TRY(writer_delete(deletion->writer, location, error));
        deletion->deleted++;
    }
    return REVUE_OK;
}

revue_status revue_delete(const char *index_path, const revue_delete_options *options, uint64_t *deleted,
                          revue_error *error) {
    struct writer writer;
    struct writer_options writer_options = {.wait_seconds = options->wait_seconds, .memory_bytes = (size_t)256 << 20};
    struct deletion deletion = {.writer = &writer, .options = options};
    if (options->source_count > 0)
        return error_set(error, REVUE_USAGE, "--source is not part of this version: name the reviews with --id");
    TRY(writer_open(&writer, index_path, &writer_options, error));
    revue_status status = delete_ids(&deletion, error);
    writer.sources_changed = true; /* an unblocked review comes back with the next full update */
    if (status == REVUE_OK) status = writer_commit(&writer, write_blocks, &deletion, error);
    writer_close(&writer);
    TRY(status);
    if (deleted) *deleted = deletion.deleted;
    return deletion.is_missing
               ? error_set(error, REVUE_NO_MATCH, "some of the ids are not in the index; they are blocked all the same")
               : REVUE_OK;
}
