/* update_shadows.c - ids that several sources give. The first source in order has the review; the others are remembered as
 * its shadows, so that one of them takes the id over when the review vanishes, in the same run and without reading the
 * whole archive again.
 *
 * What the table says of an unchanged source is exact: of a source that was read in a run, all rows it no longer deserves
 * are dropped with the commit. Rows also name the sources that hold a blocked id, so that unblocking it knows what to read.
 */
#include "indexer/update.h"

#include "indexer/base/hash.h"
#include "indexer/base/memory.h"

#include <string.h>

/* ---- remembering ---- */

static revue_status is_in_table(struct update_run *run, struct view key, bool *is_known, revue_error *error) {
    struct view value;
    *is_known = false;
    if (run->writer.is_new || !run->has_shadows) return REVUE_OK;
    revue_status status = store_get(run->writer.read, TABLE_SHADOWS, key, &value, error);
    *is_known = status == REVUE_OK;
    return status == REVUE_NO_MATCH ? REVUE_OK : status;
}

revue_status shadow_is_known(struct update_run *run, struct view id, uint32_t source, bool *is_known, revue_error *error) {
    struct key key = key_shadow(id, source);
    return is_in_table(run, key_view(&key), is_known, error);
}

revue_status shadow_remember(struct update_run *run, struct view id, uint32_t source, bool *is_new, revue_error *error) {
    struct key key = key_shadow(id, source);
    bool was_there, is_known;
    *is_new = true;
    if (!run->has_writer) return REVUE_OK;
    if (!id_set_add_hash(&run->shadow_keys, hash_view(key_view(&key)), &was_there)) return error_no_memory(error);
    TRY(is_in_table(run, key_view(&key), &is_known, error));
    *is_new = !is_known || run->options->full; /* a full run says all again */
    if (was_there) return REVUE_OK;
    if (!MEMORY_RESERVE(run->shadows, run->shadow_capacity, run->shadow_count + 1)) return error_no_memory(error);
    char *copy = arena_copy(&run->arena, key.data, key.size);
    if (!copy) return error_no_memory(error);
    run->shadows[run->shadow_count++] = view_of(copy, key.size);
    return REVUE_OK;
}

/* Rows of sources that were read whole are those met in this run, and no others. */
static revue_status drop_stale(struct update_run *run, store_txn *txn, revue_error *error) {
    store_cursor *cursor;
    struct view key, value, id;
    uint32_t source;
    TRY(store_cursor_open(run->writer.read, TABLE_SHADOWS, &cursor, error));
    revue_status status = store_cursor_at_or_after(cursor, view_of(NULL, 0), &key, &value, error);
    while (status == REVUE_OK) {
        status = shadow_split(key, &id, &source, error);
        if (status == REVUE_OK && source_is_read(run, source) && !id_set_has_hash(&run->shadow_keys, hash_view(key)))
            status = store_delete(txn, TABLE_SHADOWS, key, error);
        if (status == REVUE_OK) status = store_cursor_next(cursor, &key, &value, error);
    }
    store_cursor_close(cursor);
    return status == REVUE_NO_MATCH ? REVUE_OK : status;
}

revue_status shadows_write(struct update_run *run, store_txn *txn, revue_error *error) {
    if (run->has_shadows) TRY(drop_stale(run, txn, error));
    for (size_t i = 0; i < run->shadow_count; i++)
        TRY(store_put(txn, TABLE_SHADOWS, run->shadows[i], view_of(NULL, 0), error));
    return REVUE_OK;
}

/* ---- who comes first ---- */

struct search {
    struct update_run *run;
    bool is_found;
};

/* Only a source whose root was looked through can be read in this run. */
static bool can_be_read(const struct update_run *run, const struct source_state *state) {
    size_t root = (size_t)(state->place >> 40);
    return root < run->root_count && run->roots[root].is_open && (state->place & (((uint64_t)1 << 40) - 1)) > 0;
}

static revue_status visit_source(void *context, uint32_t source, revue_error *error) {
    struct search *search = context;
    struct source_state *state = source_state(search->run, source);
    (void)error;
    if (!state || !source_is_kept(search->run, source) || state->place >= search->run->place) return REVUE_OK;
    if (!can_be_read(search->run, state)) return REVUE_OK;
    state->mark = MARK_DUE;
    search->is_found = true;
    return REVUE_OK;
}

revue_status shadow_comes_first(struct update_run *run, struct view id, bool *comes_first, revue_error *error) {
    struct search search = {.run = run};
    *comes_first = false;
    if (!run->has_shadows || run->stop_signal) return REVUE_OK;
    TRY(shadow_each_source(run->writer.read, id, visit_source, &search, error));
    *comes_first = search.is_found;
    return REVUE_OK;
}

/* ---- taking over ---- */

/* Is there no review under the id any more, once the run has swept? */
static revue_status is_vacant(struct update_run *run, struct view id, bool *vacant, revue_error *error) {
    struct review_location location;
    bool is_blocked, has;
    int64_t source;
    *vacant = false;
    if (id_set_has(&run->ids, id)) return REVUE_OK;
    TRY(update_is_blocked(run, id, &is_blocked, error));
    if (is_blocked) return REVUE_OK;
    revue_status status = writer_find(&run->writer, id, &location, error);
    if (status == REVUE_NO_MATCH) {
        *vacant = true;
        return REVUE_OK;
    }
    TRY(status);
    TRY(column_reader_integer(&run->writer.live[location.segment].source, location.doc, &has, &source, error));
    *vacant = has && source_is_read(run, (uint32_t)source);
    return REVUE_OK;
}

/* Marks the sources that are due, of shadows whose review is gone. */
static revue_status mark_due(struct update_run *run, bool *is_due, revue_error *error) {
    store_cursor *cursor;
    struct view key, value, id;
    uint32_t source;
    bool vacant = false;
    *is_due = false;
    TRY(store_cursor_open(run->writer.read, TABLE_SHADOWS, &cursor, error));
    revue_status status = store_cursor_at_or_after(cursor, view_of(NULL, 0), &key, &value, error);
    while (status == REVUE_OK) {
        status = shadow_split(key, &id, &source, error);
        bool is_kept = status == REVUE_OK && source_is_kept(run, source);
        if (is_kept) status = is_vacant(run, id, &vacant, error);
        if (is_kept && status == REVUE_OK && vacant) {
            source_state(run, source)->mark = MARK_DUE;
            *is_due = true;
        }
        if (status == REVUE_OK) status = store_cursor_next(cursor, &key, &value, error);
    }
    store_cursor_close(cursor);
    return status == REVUE_NO_MATCH ? REVUE_OK : status;
}

/* Reading a due source may show that more is gone, should it have changed meanwhile; but no file is read twice. */
revue_status shadows_take_over(struct update_run *run, revue_error *error) {
    bool is_due, has_read = true;
    while (has_read && run->has_shadows && (run->rows.count > 0 || run->gone_count > 0)) {
        TRY(mark_due(run, &is_due, error));
        has_read = false;
        if (is_due) TRY(sources_read_due(run, &has_read, error));
        TRY(sources_find_gone(run, error));
    }
    return REVUE_OK;
}
