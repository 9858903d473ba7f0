/* copy_tables.c - see copy_tables.h. */
#include "indexer/copy_tables.h"

#include "indexer/format/keys.h"

#define STEP_BYTES ((uint64_t)10 << 20)
#define RELEASE_BYTES ((uint64_t)4 << 20) /* of what was read, with ... */
#define AROUND_BYTES ((uint64_t)64 << 10) /* ... what the kernel maps around each value */

/* Records on their way into a store. */
struct copying {
    store_txn *from;
    store *to;
    store_txn *txn;      /* of to; NULL between steps */
    uint64_t unreleased; /* bytes read */
    const struct manifest *manifest;
    const struct copy_poll *poll;
    uint32_t segment; /* looked up last ... */
    bool is_listed;   /* ... and what came of it */
};

static revue_status end_step(struct copying *copying, revue_error *error) {
    store_txn *txn = copying->txn;
    copying->txn = NULL;
    return txn ? store_commit(txn, error) : REVUE_OK;
}

static revue_status ask(const struct copying *copying, revue_error *error) {
    if (!copying->poll || !copying->poll->may_go_on || copying->poll->may_go_on(copying->poll->context)) return REVUE_OK;
    return error_set(error, REVUE_INTERRUPTED, "copying was stopped");
}

static revue_status put(struct copying *copying, enum store_table table, struct view key, struct view value,
                        revue_error *error) {
    if (!copying->txn) TRY(store_begin_write(copying->to, &copying->txn, error));
    TRY(store_put(copying->txn, table, key, value, error));
    copying->unreleased += value.size + AROUND_BYTES;
    if (copying->unreleased >= RELEASE_BYTES) {
        store_release_pages(copying->from);
        copying->unreleased = 0;
    }
    if (store_txn_written(copying->txn) < STEP_BYTES) return REVUE_OK;
    TRY(end_step(copying, error));
    return ask(copying, error);
}

/* Keys of the tables that hold segments begin with the segment's number, and come in its order. */
static bool is_wanted(struct copying *copying, enum store_table table, struct view key) {
    const struct manifest *manifest = copying->manifest;
    if (!manifest || key.size < 4 || (table != TABLE_SEGMENTS && table != TABLE_COLUMNS && table != TABLE_DELETES))
        return true;
    uint32_t segment = load_be32(key.data);
    if (segment == copying->segment) return copying->is_listed;
    copying->segment = segment;
    copying->is_listed = segment == BASE_SEGMENT;
    for (uint32_t i = 0; i < manifest->segment_count && !copying->is_listed; i++)
        copying->is_listed = manifest->segments[i].number == segment;
    return copying->is_listed;
}

static revue_status copy_records(struct copying *copying, enum store_table table, revue_error *error) {
    struct key manifest_key = key_name("manifest");
    store_cursor *cursor;
    struct view key, value;
    TRY(store_cursor_open(copying->from, table, &cursor, error));
    revue_status status = store_cursor_at_or_after(cursor, view_of(NULL, 0), &key, &value, error);
    while (status == REVUE_OK) {
        bool is_manifest = table == TABLE_INDEX && view_equal(key, key_view(&manifest_key));
        if (!is_manifest && is_wanted(copying, table, key)) status = put(copying, table, key, value, error);
        if (status == REVUE_OK) status = store_cursor_next(cursor, &key, &value, error);
    }
    store_cursor_close(cursor);
    return status == REVUE_NO_MATCH ? REVUE_OK : status;
}

revue_status copy_table(store_txn *from, store *to, enum store_table table, revue_error *error) {
    struct copying copying = {.from = from, .to = to};
    revue_status status = copy_records(&copying, table, error);
    if (status == REVUE_OK) return end_step(&copying, error);
    store_abort(copying.txn);
    return status;
}

revue_status copy_all_tables(store_txn *from, const struct manifest *manifest, bool without_keywords,
                             const struct copy_poll *poll, store *to, revue_error *error) {
    struct copying copying = {
        .from = from, .to = to, .manifest = manifest, .poll = poll, .segment = BASE_SEGMENT, .is_listed = true};
    revue_status status = REVUE_OK;
    for (unsigned table = 0; table < TABLE_COUNT && status == REVUE_OK; table++) {
        status = ask(&copying, error);
        if (status != REVUE_OK || (without_keywords && table == TABLE_KEYWORDS)) continue;
        status = copy_records(&copying, (enum store_table)table, error);
    }
    if (status == REVUE_OK && !copying.txn) status = store_begin_write(to, &copying.txn, error);
    if (status == REVUE_OK) status = manifest_write(copying.txn, manifest, error);
    if (status == REVUE_OK) return end_step(&copying, error);
    store_abort(copying.txn);
    return status;
}

revue_status copy_live_tables(store *from, const struct manifest *manifest, const struct copy_poll *poll, store *to,
                              revue_error *error) {
    store_txn *txn;
    TRY(store_begin_read(from, &txn, error));
    revue_status status = copy_all_tables(txn, manifest, false, poll, to, error);
    store_abort(txn);
    return status;
}
