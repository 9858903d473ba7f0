/* delete.c - revue_delete: reviews and sources taken out by hand, which stay out until they are unblocked.
 *
 * The block list says what stays out. So that nothing waits for a source to change or for a full run, the row of every
 * source that a deletion or an unblocking concerns is marked due: the next update reads it. Which those are is told by the
 * shadows (update_shadows.c): the sources that hold an id without having it.
 *
 * The path of a remembered root instead of a pattern forgets the root: its reviews and the rows of its sources go, and
 * nothing of it is blocked, for later runs do not look there unless it is named again. */
#include "indexer/base/memory.h"
#include "indexer/blocks.h"
#include "indexer/format/ids.h"
#include "indexer/id_set.h"
#include "indexer/remembered_roots.h"
#include "indexer/stop.h"
#include "indexer/writer.h"

#include <stdio.h>
#include <string.h>

#define NO_SOURCE UINT32_MAX

struct deletion {
    struct writer writer;
    const revue_delete_options *options;
    struct block_patterns patterns; /* the one of --source at hand */
    uint32_t *sources_of_ids;       /* by --id: the source that held the review, or NO_SOURCE */
    struct id_set given_ids;        /* so that one given twice is not missing */
    struct id_set hit_sources;      /* numbers of the sources they match */
    uint16_t *forgotten;            /* places of roots that are forgotten */
    size_t forgotten_count, forgotten_capacity;
    struct id_set forgotten_sources; /* theirs, which are among the hit ones */
    bool *names_root;                /* by --source: it is the path of a root */
    struct id_set due_sources;       /* to be read by the next update */
    uint64_t deleted;
    uint64_t matched_sources;
    const char *missing;    /* the first of what was named and not there; NULL when all was */
    uint64_t missing_count; /* of all of them */
};

/* ---- checks ---- */

static revue_status check_names(const char *const *names, size_t count, size_t longest, const char *option,
                                revue_error *error) {
    for (size_t i = 0; i < count; i++) {
        size_t size = strlen(names[i]);
        if (size == 0 || size > longest)
            return error_set(error, REVUE_USAGE, "%s takes 1 to %zu bytes, not %zu", option, longest, size);
    }
    return REVUE_OK;
}

static revue_status check_options(const revue_delete_options *options, revue_error *error) {
    TRY(check_names(options->ids, options->id_count, ID_MAX, "--id", error));
    TRY(check_names(options->sources, options->source_count, BLOCK_PATTERN_MAX, "--source", error));
    return check_names(options->unblock, options->unblock_count, BLOCK_PATTERN_MAX, "--unblock", error);
}

/* ---- what becomes due ---- */

static revue_status add_due(void *context, uint32_t source, revue_error *error) {
    struct deletion *deletion = context;
    bool was_there;
    return id_set_add_hash(&deletion->due_sources, (uint64_t)source + 1, &was_there) ? REVUE_OK : error_no_memory(error);
}

static void note_missing(struct deletion *deletion, const char *name) {
    if (deletion->missing_count++ == 0) deletion->missing = name;
}

/* ---- ids ---- */

static revue_status source_of(struct deletion *deletion, struct review_location location, uint32_t *source,
                              revue_error *error) {
    bool has;
    int64_t value;
    TRY(column_reader_integer(&deletion->writer.live[location.segment].source, location.doc, &has, &value, error));
    *source = has ? (uint32_t)value : 0;
    return REVUE_OK;
}

static revue_status delete_ids(struct deletion *deletion, revue_error *error) {
    const revue_delete_options *options = deletion->options;
    deletion->sources_of_ids = memory_alloc_array(options->id_count, sizeof *deletion->sources_of_ids);
    if (!deletion->sources_of_ids) return error_no_memory(error);
    for (size_t i = 0; i < options->id_count; i++) {
        struct review_location location;
        bool was_given;
        deletion->sources_of_ids[i] = NO_SOURCE;
        if (!id_set_add(&deletion->given_ids, view_of_string(options->ids[i]), &was_given)) return error_no_memory(error);
        if (was_given) continue;
        revue_status status = writer_find(&deletion->writer, view_of_string(options->ids[i]), &location, error);
        if (status == REVUE_NO_MATCH) {
            note_missing(deletion, options->ids[i]);
            continue;
        }
        TRY(status);
        TRY(source_of(deletion, location, &deletion->sources_of_ids[i], error));
        TRY(writer_delete(&deletion->writer, location, error));
        deletion->deleted++;
    }
    return REVUE_OK;
}

/* The source holds the id on: a row of the shadows says so, for the day when the id is unblocked. */
static revue_status block_ids(struct deletion *deletion, store_txn *txn, revue_error *error) {
    for (size_t i = 0; i < deletion->options->id_count; i++) {
        struct view id = view_of_string(deletion->options->ids[i]);
        struct key key = key_blocked_id(id), shadow = key_shadow(id, deletion->sources_of_ids[i]);
        bool changed;
        TRY(block_put(txn, key_view(&key), &changed, error));
        deletion->writer.manifest.blocked += changed;
        if (deletion->sources_of_ids[i] != NO_SOURCE)
            TRY(store_put(txn, TABLE_SHADOWS, key_view(&shadow), view_of(NULL, 0), error));
    }
    return REVUE_OK;
}

/* ---- sources ---- */

/* Rows of blocked sources stay. */
static bool mark_blocked(const struct deletion *deletion, struct source_row *row) {
    if (!id_set_has_hash(&deletion->hit_sources, (uint64_t)row->number + 1)) return false;
    row->state = (uint8_t)((row->state & ~SOURCE_DUE) | SOURCE_BLOCKED);
    row->reviews = 0;
    return true;
}

static revue_status add_hit(struct deletion *deletion, const struct source_row *row, revue_error *error) {
    bool was_there;
    deletion->matched_sources++;
    return id_set_add_hash(&deletion->hit_sources, (uint64_t)row->number + 1, &was_there) ? REVUE_OK
                                                                                          : error_no_memory(error);
}

static revue_status find_sources(struct deletion *deletion, revue_error *error) {
    store_cursor *cursor;
    struct view key, value;
    TRY(store_cursor_open(deletion->writer.read, TABLE_SOURCES, &cursor, error));
    revue_status status = store_cursor_at_or_after(cursor, view_of(NULL, 0), &key, &value, error);
    while (status == REVUE_OK) {
        struct source_row row;
        bool matches = false;
        status = source_row_decode(value, &row, error);
        if (status == REVUE_OK && key.size > 2)
            status = block_patterns_match(&deletion->patterns, view_of(key.data + 2, key.size - 2), &matches, error);
        if (status == REVUE_OK && matches) status = add_hit(deletion, &row, error);
        if (status == REVUE_OK) status = store_cursor_next(cursor, &key, &value, error);
    }
    store_cursor_close(cursor);
    return status == REVUE_NO_MATCH ? REVUE_OK : status;
}

/* ---- roots ---- */

/* "/srv/archive" or "/srv/archive/" of a root that is remembered. */
static bool find_root(const struct deletion *deletion, const char *pattern, uint16_t *place) {
    struct view path = view_of_string(pattern);
    while (path.size > 1 && path.data[path.size - 1] == '/')
        path.size--;
    return path.data[0] == '/' && remembered_root_find(&deletion->writer.settings, path, place);
}

static revue_status hit_sources_of_root(struct deletion *deletion, uint16_t place, revue_error *error) {
    struct key from = key_source(place, view_of(NULL, 0));
    store_cursor *cursor;
    struct view key, value;
    bool was_there;
    TRY(store_cursor_open(deletion->writer.read, TABLE_SOURCES, &cursor, error));
    revue_status status = store_cursor_at_or_after(cursor, key_view(&from), &key, &value, error);
    while (status == REVUE_OK && key.size >= from.size && memcmp(key.data, from.data, from.size) == 0) {
        struct source_row row;
        status = source_row_decode(value, &row, error);
        if (status == REVUE_OK) status = add_hit(deletion, &row, error);
        if (status == REVUE_OK && !id_set_add_hash(&deletion->forgotten_sources, (uint64_t)row.number + 1, &was_there))
            status = error_no_memory(error);
        if (status == REVUE_OK) status = store_cursor_next(cursor, &key, &value, error);
    }
    store_cursor_close(cursor);
    return status == REVUE_NO_MATCH ? REVUE_OK : status;
}

static revue_status forget_root(struct deletion *deletion, uint16_t place, revue_error *error) {
    if (!MEMORY_RESERVE(deletion->forgotten, deletion->forgotten_capacity, deletion->forgotten_count + 1))
        return error_no_memory(error);
    deletion->forgotten[deletion->forgotten_count++] = place;
    deletion->writer.settings_changed = true;
    TRY(remembered_root_rename(&deletion->writer.settings, place, SETTING_FORGOTTEN_ROOT, error));
    return hit_sources_of_root(deletion, place, error);
}

/* What sources of forgotten roots held beside others. */
static revue_status drop_shadows(struct deletion *deletion, store_txn *txn, revue_error *error) {
    store_cursor *cursor;
    struct view key, value, id;
    uint32_t source;
    TRY(store_cursor_open(deletion->writer.read, TABLE_SHADOWS, &cursor, error));
    revue_status status = store_cursor_at_or_after(cursor, view_of(NULL, 0), &key, &value, error);
    while (status == REVUE_OK) {
        status = shadow_split(key, &id, &source, error);
        if (status == REVUE_OK && id_set_has_hash(&deletion->forgotten_sources, (uint64_t)source + 1))
            status = store_delete(txn, TABLE_SHADOWS, key, error);
        if (status == REVUE_OK) status = store_cursor_next(cursor, &key, &value, error);
    }
    store_cursor_close(cursor);
    return status == REVUE_NO_MATCH ? REVUE_OK : status;
}

static revue_status drop_forgotten(struct deletion *deletion, store_txn *txn, revue_error *error) {
    if (deletion->forgotten_count == 0) return REVUE_OK;
    for (size_t i = 0; i < deletion->forgotten_count; i++) {
        struct key prefix = key_source(deletion->forgotten[i], view_of(NULL, 0));
        TRY(store_delete_prefix(txn, TABLE_SOURCES, key_view(&prefix), error));
    }
    return drop_shadows(deletion, txn, error);
}

/* ---- reviews of sources ---- */

/* Another source may hold the id: it takes over with the next update. */
static revue_status delete_review(struct deletion *deletion, struct review_location location, struct bytes *id,
                                  revue_error *error) {
    struct segment *segment = deletion->writer.live[location.segment].segment;
    TRY(ids_get(segment_ids(segment), location.doc, id, error));
    TRY(shadow_each_source(deletion->writer.read, bytes_view(id), add_due, deletion, error));
    deletion->deleted++;
    return writer_delete(&deletion->writer, location, error);
}

static revue_status delete_from_segment(struct deletion *deletion, uint32_t index, struct bytes *id, revue_error *error) {
    struct live_segment *live = &deletion->writer.live[index];
    for (uint32_t doc = 0; doc < live->row.doc_count; doc++) {
        const struct review_location location = {index, doc};
        uint32_t source;
        if (deletes_has(&live->deletes, doc)) continue;
        TRY(source_of(deletion, location, &source, error));
        if (id_set_has_hash(&deletion->hit_sources, (uint64_t)source + 1))
            TRY(delete_review(deletion, location, id, error));
    }
    return REVUE_OK;
}

static revue_status delete_sources(struct deletion *deletion, revue_error *error) {
    const revue_delete_options *options = deletion->options;
    struct bytes id = {0};
    deletion->names_root = memory_alloc_zeroed(options->source_count, sizeof *deletion->names_root);
    if (!deletion->names_root) return error_no_memory(error);
    for (size_t i = 0; i < options->source_count; i++) {
        uint64_t before = deletion->matched_sources;
        uint16_t place;
        deletion->names_root[i] = find_root(deletion, options->sources[i], &place);
        if (deletion->names_root[i]) {
            TRY(forget_root(deletion, place, error));
            continue;
        }
        block_patterns_free(&deletion->patterns);
        TRY(block_patterns_add(&deletion->patterns, view_of_string(options->sources[i]), error));
        TRY(find_sources(deletion, error));
        if (deletion->matched_sources == before) note_missing(deletion, options->sources[i]);
    }
    revue_status status = REVUE_OK;
    for (uint32_t i = 0; i < deletion->writer.live_count && deletion->matched_sources > 0 && status == REVUE_OK; i++)
        status = delete_from_segment(deletion, i, &id, error);
    bytes_free(&id);
    return status;
}

static revue_status block_sources(struct deletion *deletion, store_txn *txn, revue_error *error) {
    const revue_delete_options *options = deletion->options;
    for (size_t i = 0; i < options->source_count; i++) {
        if (deletion->names_root[i]) continue;
        struct key key = key_blocked_source(view_of_string(options->sources[i]));
        bool changed;
        TRY(block_put(txn, key_view(&key), &changed, error));
        deletion->writer.manifest.blocked += changed;
    }
    return REVUE_OK;
}

/* ---- unblocking ---- */

/* An id, a pattern, or both. Sources that no pattern blocks any more are found by the next update by themselves: their rows
 * say that they were blocked. */
static revue_status unblock(struct deletion *deletion, store_txn *txn, const char *given, revue_error *error) {
    struct manifest *manifest = &deletion->writer.manifest;
    const struct view name = view_of_string(given);
    struct key id = key_blocked_id(name), pattern = key_blocked_source(name);
    bool was_id = false, was_pattern;
    if (name.size <= ID_MAX) TRY(block_take(txn, key_view(&id), &was_id, error));
    TRY(block_take(txn, key_view(&pattern), &was_pattern, error));
    uint32_t taken = (uint32_t)was_id + was_pattern;
    manifest->blocked -= taken < manifest->blocked ? taken : manifest->blocked;
    if (taken == 0) note_missing(deletion, given);
    return was_id ? shadow_each_source(txn, name, add_due, deletion, error) : REVUE_OK;
}

static bool mark_due(const struct deletion *deletion, struct source_row *row) {
    bool is_due = id_set_has_hash(&deletion->due_sources, (uint64_t)row->number + 1);
    if (!is_due || row->state & (SOURCE_DUE | SOURCE_BLOCKED)) return false;
    row->state |= SOURCE_DUE;
    return true;
}

static bool change_row(void *context, struct view name, struct source_row *row) {
    const struct deletion *deletion = context;
    (void)name;
    return mark_blocked(deletion, row) || mark_due(deletion, row);
}

static revue_status change_rows(struct deletion *deletion, store_txn *txn, revue_error *error) {
    struct row_writer writer;
    row_writer_into(&writer, txn);
    revue_status status = source_rows_change(deletion->writer.read, &writer, change_row, deletion, error);
    row_writer_free(&writer);
    return status;
}

/* ---- the run ---- */

/* Everything but the deletions of reviews, in the transaction that makes those live. */
static revue_status write_lists(void *context, store_txn *txn, revue_error *error) {
    struct deletion *deletion = context;
    for (size_t i = 0; i < deletion->options->unblock_count; i++)
        TRY(unblock(deletion, txn, deletion->options->unblock[i], error));
    TRY(block_ids(deletion, txn, error));
    TRY(block_sources(deletion, txn, error));
    if (deletion->matched_sources > 0 || deletion->due_sources.used > 0) TRY(change_rows(deletion, txn, error));
    return drop_forgotten(deletion, txn, error);
}

static revue_status delete_all(struct deletion *deletion, struct stop *stop, revue_error *error) {
    TRY(delete_ids(deletion, error));
    TRY(delete_sources(deletion, error));
    (void)stop_may_go_on(stop);
    TRY(stop_status(stop, "nothing was deleted", error));
    TRY(writer_commit(&deletion->writer, write_lists, deletion, error));
    return stop_status(stop, "all was deleted; what is left of it on the disk goes with the next runs", error);
}

static revue_status say_missing(const struct deletion *deletion, revue_error *error) {
    char more[40] = " is";
    if (deletion->missing_count > 1)
        (void)snprintf(more, sizeof more, " and %llu more are", (unsigned long long)deletion->missing_count - 1);
    return error_set(error, REVUE_NO_MATCH,
                     "%s%s not in the index: the rest was done, and what was named is blocked or unblocked from now on",
                     deletion->missing, more);
}

static void close_deletion(struct deletion *deletion) {
    writer_close(&deletion->writer);
    block_patterns_free(&deletion->patterns);
    id_set_free(&deletion->given_ids);
    id_set_free(&deletion->hit_sources);
    id_set_free(&deletion->due_sources);
    id_set_free(&deletion->forgotten_sources);
    memory_free(deletion->forgotten);
    memory_free(deletion->names_root);
    memory_free(deletion->sources_of_ids);
    memory_free(deletion);
}

revue_status revue_delete(const char *index_path, const revue_delete_options *options, uint64_t *deleted,
                          revue_error *error) {
    struct stop stop = {.should_stop = options->should_stop, .context = options->context};
    const struct writer_options writer_options = {.wait_seconds = options->wait_seconds,
                                                  .memory_bytes = (size_t)256 << 20,
                                                  .may_wait = stop_may_go_on,
                                                  .wait_context = &stop,
                                                  .may_merge = stop_may_go_on,
                                                  .merge_context = &stop};
    revue_error own_error;
    if (!error) error = &own_error;
    error_clear(error);
    TRY(check_options(options, error));
    struct deletion *deletion = memory_alloc_zeroed(1, sizeof *deletion);
    if (!deletion) return error_no_memory(error);
    deletion->options = options;
    revue_status status = writer_open(&deletion->writer, index_path, &writer_options, error);
    if (status == REVUE_BUSY && stop.signal) status = stop_status(&stop, STOPPED_WAITING, error);
    if (status == REVUE_OK) status = delete_all(deletion, &stop, error);
    if (deleted) *deleted = deletion->writer.is_committed ? deletion->deleted : 0;
    if (status == REVUE_OK && deletion->missing) status = say_missing(deletion, error);
    close_deletion(deletion);
    return status;
}
