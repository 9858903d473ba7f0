/* writer.c - see writer.h. */
#include "indexer/writer.h"

#include "indexer/base/clock.h"
#include "indexer/base/memory.h"
#include "indexer/format/rows_ahead.h"
#include "indexer/format/run_times.h"
#include "indexer/merge/merge.h"
#include "indexer/rewrite.h"

#include <string.h>
#include <sys/stat.h>

#define RELEASE_EVERY 32u                /* look-ups of ids: each may touch four places of the index, 64 KiB at each */
#define HELD_EVERY 64u                   /* reviews, to look again at what is held for them */
#define SPLIT_MEMORY ((size_t)512 << 20) /* less is used up by what the kernel maps around what merges read */

static revue_status open_live(struct writer *writer, uint32_t index, revue_error *error) {
    struct live_segment *live = &writer->live[index];
    live->row = writer->manifest.segments[index];
    TRY(segment_open_listed(&live->segment, writer->read, live->row.number, live->row.doc_count,
                            writer->base.code.is_made ? &writer->base.meta : NULL, error));
    TRY(deletes_read(&live->deletes, writer->read, live->row.number, live->row.doc_count, error));
    live->seen = memory_alloc_zeroed((size_t)live->row.doc_count / 64 + 1, sizeof *live->seen);
    if (!live->seen) return error_no_memory(error);
    column_reader_open(&live->source, writer->read, live->row.number, COLUMN_OF_SOURCE);
    column_reader_open(&live->column_hash, writer->read, live->row.number, COLUMN_OF_HASH);
    return REVUE_OK;
}

/* The first that the manifest does not list: what a stopped run left. Numbers only grow, so it is at or over next_segment.
 * REVUE_NO_MATCH when there is none. */
static revue_status find_leftover(struct writer *writer, store_txn *txn, uint32_t *segment, revue_error *error) {
    store_cursor *cursor;
    struct view key, value;
    struct key from = key_segment(writer->manifest.next_segment);
    TRY(store_cursor_open(txn, TABLE_SEGMENTS, &cursor, error));
    revue_status status = store_cursor_at_or_after(cursor, key_view(&from), &key, &value, error);
    if (status == REVUE_OK && key.size < from.size)
        status = error_set(error, REVUE_CORRUPT, "%s: a key of %zu bytes is of no segment; run a check of the index",
                           store_path(writer->store), key.size);
    if (status == REVUE_OK) *segment = load_be32(key.data);
    store_cursor_close(cursor);
    return status;
}

static revue_status remove_leftovers(struct writer *writer, revue_error *error) {
    store_txn *txn;
    uint32_t segment;
    bool found = false;
    TRY(store_begin_write(writer->store, &txn, error));
    for (;;) {
        revue_status status = find_leftover(writer, txn, &segment, error);
        if (status == REVUE_NO_MATCH) break;
        if (status == REVUE_OK) status = segment_remove(txn, segment, error);
        if (status != REVUE_OK) {
            store_abort(txn);
            return status;
        }
        found = true;
    }
    if (found) return store_commit(txn, error);
    store_abort(txn);
    return REVUE_OK;
}

static revue_status open_existing(struct writer *writer, revue_error *error) {
    TRY(remove_leftovers(writer, error));
    TRY(store_begin_read(writer->store, &writer->read, error));
    uint64_t checksum;
    revue_status status = segment_meta_read(writer->read, BASE_SEGMENT, &writer->base.meta, &checksum, error);
    if (status == REVUE_OK) number_code_make(&writer->base.code, writer->base.meta.code_lengths);
    if (status != REVUE_OK && status != REVUE_NO_MATCH) return status;
    writer->live = memory_alloc_zeroed(writer->manifest.segment_count, sizeof *writer->live);
    if (!writer->live) return error_no_memory(error);
    writer->live_count = writer->manifest.segment_count;
    for (uint32_t i = 0; i < writer->live_count; i++)
        TRY(open_live(writer, i, error));
    return REVUE_OK;
}

static revue_status read_state(struct writer *writer, revue_error *error) {
    store_txn *txn;
    TRY(store_begin_read(writer->store, &txn, error));
    revue_status status = manifest_read(txn, &writer->manifest, error);
    if (status == REVUE_OK) status = schema_read(txn, &writer->schema, error);
    if (status == REVUE_OK) status = settings_read(txn, &writer->settings, error);
    store_abort(txn);
    if (status != REVUE_NO_MATCH) return status;
    if (!writer->options.create)
        return error_set(error, REVUE_CORRUPT, "%s holds no manifest: it is not a whole index", store_path(writer->store));
    writer->is_new = true;
    TRY(manifest_new(&writer->manifest, error));
    return schema_new(&writer->schema, error);
}

/* What an index keeps of texts is decided once, when it is made. */
static revue_status settle_contents(struct writer *writer, revue_error *error) {
    if (writer->is_new) {
        if (writer->options.no_positions) TRY(settings_add(&writer->settings, "no-positions", "1", error));
        if (writer->options.no_text) TRY(settings_add(&writer->settings, "no-text", "1", error));
    }
    writer->has_positions = settings_get(&writer->settings, "no-positions") == NULL;
    writer->has_text = settings_get(&writer->settings, "no-text") == NULL;
    if (!writer->is_new &&
        ((writer->options.no_positions && writer->has_positions) || (writer->options.no_text && writer->has_text)))
        return error_set(error, REVUE_USAGE,
                         "%s was made with positions and text: --no-positions and --no-text are for a new index",
                         store_path(writer->store));
    return REVUE_OK;
}

static revue_status open_accumulator(struct writer *writer, revue_error *error) {
    const struct accumulator_options options = {
        .keep_text = writer->has_text, .memory_bytes = writer->options.memory_bytes, .threads = writer->options.threads};
    return accumulator_init(&writer->accumulator, &options, error);
}

revue_status writer_open(struct writer *writer, const char *index_path, const struct writer_options *options,
                         revue_error *error) {
    struct stat about;
    memset(writer, 0, sizeof *writer);
    writer->options = *options;
    writer->is_live = true;
    writer->index_path = index_path;
    writer->made_directory = options->create && stat(index_path, &about) != 0;
    revue_status status;
    uint32_t generation;
    /* A folder that is no index gets no lock in it. */
    TRY_DONE(options->create ? store_make_directory(index_path, error)
                             : store_live_generation(index_path, &generation, error));
    TRY_DONE(
        index_lock_wait(&writer->lock, index_path, options->wait_seconds, options->may_wait, options->wait_context, error));
    TRY_DONE(store_open(&writer->store, index_path, options->create ? STORE_CREATE : STORE_WRITE, error));
    if (options->memory_bytes < SPLIT_MEMORY) store_split_map(writer->store);
    TRY_DONE(store_remove_dead(index_path, error));
    TRY_DONE(rows_ahead_settle(writer->store, options->memory_bytes, error));
    TRY_DONE(read_state(writer, error));
    TRY_DONE(settle_contents(writer, error));
    writer->run = writer->manifest.last_run + 1;
    writer->began = clock_seconds_after(writer->manifest.committed_at);
    TRY_DONE(open_existing(writer, error));
    TRY_DONE(open_accumulator(writer, error));
    writer->page_bytes = store_resident_bytes();
    if (writer->page_bytes < SIZE_MAX) writer->page_bytes += options->memory_bytes / WRITER_PAGES_PART;
    if (writer->manifest.segment_count == 0) writer->base.code.is_made = false; /* a base table nobody uses is made anew */
done:
    if (status != REVUE_OK) writer_close(writer);
    return status;
}

static void close_reading(struct writer *writer) {
    writer_close_keywords(writer);
    for (uint32_t i = 0; i < writer->live_count; i++) {
        segment_close(writer->live[i].segment);
        deletes_free(&writer->live[i].deletes);
        memory_free(writer->live[i].seen);
    }
    memory_free(writer->live);
    writer->live = NULL;
    writer->live_count = 0;
    store_abort(writer->read);
    writer->read = NULL;
}

/* Another run may have made the index at the same moment, and then it is not ours to remove: under the lock we know. */
static bool is_half_made(const struct writer *writer) {
    uint32_t generation;
    if (!writer->made_directory || !writer->lock || writer->is_committed) return false;
    return writer->is_new || (!writer->store && store_live_generation(writer->index_path, &generation, NULL) != REVUE_OK);
}

void writer_close(struct writer *writer) {
    bool must_remove = is_half_made(writer);
    close_reading(writer);
    accumulator_free(&writer->accumulator);
    base_symbols_free(&writer->base);
    arena_free(&writer->patch_arena);
    memory_free(writer->patches);
    memory_free(writer->added);
    paged_array_free(&writer->scales);
    manifest_free(&writer->manifest);
    schema_free(&writer->schema);
    settings_free(&writer->settings);
    store_close(writer->store);
    if (must_remove) store_remove_directory(writer->index_path);
    index_lock_release(writer->lock);
    memset(writer, 0, sizeof *writer);
}

/* ---- a new generation ---- */

static revue_status copy_names(struct writer *writer, const struct writer *from, revue_error *error) {
    struct bytes schema = {0}, settings = {0};
    schema_encode(&from->schema, &schema);
    settings_encode(&from->settings, &settings);
    revue_status status = schema.failed || settings.failed ? error_no_memory(error) : REVUE_OK;
    if (status == REVUE_OK) status = schema_decode(bytes_view(&schema), &writer->schema, error);
    if (status == REVUE_OK) status = settings_decode(bytes_view(&settings), &writer->settings, error);
    bytes_free(&schema);
    bytes_free(&settings);
    return status;
}

revue_status writer_open_generation(struct writer *writer, const struct writer *from, revue_error *error) {
    memset(writer, 0, sizeof *writer);
    writer->options = from->options;
    writer->is_new = true;
    writer->has_positions = from->has_positions;
    writer->has_text = from->has_text;
    writer->run = from->manifest.last_run;
    revue_status status;
    TRY_DONE(store_create_generation(&writer->store, store_path(from->store), error));
    writer->manifest = from->manifest;
    writer->manifest.segments = NULL;
    writer->manifest.segment_count = writer->manifest.segment_capacity = 0;
    writer->manifest.next_segment = BASE_SEGMENT + 1;
    writer->manifest.text_bytes = 0;
    TRY_DONE(copy_names(writer, from, error));
    TRY_DONE(store_begin_read(writer->store, &writer->read, error));
    TRY_DONE(open_accumulator(writer, error));
done:
    if (status != REVUE_OK) writer_discard(writer);
    return status;
}

/* Closes all but the store. */
static store *close_around_store(struct writer *writer) {
    store *generation = writer->store;
    close_reading(writer);
    writer->store = NULL;
    writer_close(writer);
    return generation;
}

revue_status writer_publish(struct writer *writer, revue_error *error) {
    return store_publish(close_around_store(writer), error);
}

void writer_discard(struct writer *writer) {
    store_discard(close_around_store(writer));
}

/* ---- reviews ---- */

struct find {
    const struct live_segment *live;
    uint32_t doc;
    bool is_found;
};

static bool on_found(void *context, uint32_t doc) {
    struct find *find = context;
    if (deletes_has(&find->live->deletes, doc)) return true;
    find->doc = doc;
    find->is_found = true;
    return false;
}

void writer_limit_pages(struct writer *writer) {
    if (writer->finds++ % RELEASE_EVERY == 0) store_limit_pages(writer->read, writer->page_bytes);
}

revue_status writer_find(struct writer *writer, struct view id, struct review_location *location, revue_error *error) {
    if (writer->live_count > 0) writer_limit_pages(writer);
    for (uint32_t i = writer->live_count; i-- > 0;) {
        struct find find = {.live = &writer->live[i]};
        TRY(ids_find(segment_ids(writer->live[i].segment), id, on_found, &find, error));
        if (!find.is_found) continue;
        *location = (struct review_location){i, find.doc};
        return REVUE_OK;
    }
    return REVUE_NO_MATCH;
}

bool writer_mark_seen(struct writer *writer, struct review_location location) {
    uint64_t *word = &writer->live[location.segment].seen[location.doc / 64];
    uint64_t bit = (uint64_t)1 << (location.doc % 64);
    bool is_new = (*word & bit) == 0;
    *word |= bit;
    return is_new;
}

void writer_note_held(struct writer *writer, size_t bytes) {
    writer->held_by_caller = bytes;
}

static size_t held_elsewhere(const struct writer *writer) {
    return writer->held_by_caller + writer_keyword_bytes(writer) + writer->patch_arena.total_bytes +
           writer->patch_capacity * sizeof *writer->patches + paged_array_memory(&writer->scales);
}

revue_status writer_add(struct writer *writer, const struct review *review, struct view id, enum language language,
                        uint64_t text_hash, const struct pending_values *values, revue_error *error) {
    if (writer->accumulator.review_count % HELD_EVERY == 0) {
        TRY(writer_spill_keywords(writer, error));
        writer->accumulator.held_elsewhere = held_elsewhere(writer);
    }
    TRY(accumulator_add(&writer->accumulator, review, id, language, text_hash, values, error));
    return accumulator_is_full(&writer->accumulator) ? writer_flush(writer, error) : REVUE_OK;
}

/* Live lengths of a deleted review leave the totals that averages are made of; so do its bytes. */
revue_status writer_delete(struct writer *writer, struct review_location location, revue_error *error) {
    struct live_segment *live = &writer->live[location.segment];
    bool was_live;
    writer_limit_pages(writer);
    TRY(deletes_mark(&live->deletes, location.doc, &was_live, error));
    if (!was_live) return REVUE_OK;
    live->deletes_changed = true;
    live->row.deleted++;
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        struct lengths_reader lengths = segment_lengths(live->segment, field);
        uint32_t length;
        TRY(lengths_get(&lengths, location.doc, &length, error));
        live->row.fields[field].total_length -= length;
        live->row.fields[field].doc_count -= length > 0;
    }
    if (!live->segment->meta.has_text) return REVUE_OK;
    struct text_part parts[TEXT_FIELD_COUNT];
    struct bytes scratch = {0}, text = {0};
    revue_status status = text_read(segment_text(live->segment), location.doc, &scratch, parts, error);
    if (status == REVUE_OK) status = text_part_decode(&live->segment->symbols, parts[TEXT_TITLE], SIZE_MAX, &text, error);
    if (status == REVUE_OK) status = text_part_decode(&live->segment->symbols, parts[TEXT_BODY], SIZE_MAX, &text, error);
    writer->text_bytes_removed += text.size;
    bytes_free(&scratch);
    bytes_free(&text);
    return status;
}

static bool copy_pending_values(struct writer *writer, struct pending_values *values) {
    if (values->tag_count) {
        char *tags = arena_copy(&writer->patch_arena, values->tags, values->tag_count * sizeof *values->tags);
        if (!tags) return false;
        values->tags = (const uint32_t *)(const void *)tags;
    }
    if (values->extra_count) {
        char *extras = arena_copy(&writer->patch_arena, values->extras, values->extra_count * sizeof *values->extras);
        if (!extras) return false;
        values->extras = (const struct pending_extra *)(const void *)extras;
    }
    return true;
}

revue_status writer_patch(struct writer *writer, struct review_location location, const struct pending_values *values,
                          revue_error *error) {
    if (writer->patch_count % HELD_EVERY == 0) TRY(writer_spill_keywords(writer, error));
    if (!MEMORY_RESERVE(writer->patches, writer->patch_capacity, writer->patch_count + 1)) return error_no_memory(error);
    struct column_patch *patch = &writer->patches[writer->patch_count];
    *patch = (struct column_patch){location.segment, location.doc, *values};
    if (!copy_pending_values(writer, &patch->values)) return error_no_memory(error);
    writer->patch_count++;
    return REVUE_OK;
}

/* ---- segments ---- */

revue_status writer_flush(struct writer *writer, revue_error *error) {
    if (writer->accumulator.review_count == 0) return REVUE_OK;
    if (writer->has_text && writer->base.code.is_made && !writer->base.symbols) {
        base_symbols_free(&writer->base);
        TRY(base_symbols_read(&writer->base, writer->read, error));
    }
    if (!MEMORY_RESERVE(writer->added, writer->added_capacity, (size_t)writer->added_count + 1))
        return error_no_memory(error);
    struct manifest_segment *row = &writer->added[writer->added_count];
    TRY(flush_segment(&writer->accumulator, &writer->base, writer->store, writer->manifest.next_segment,
                      writer->has_positions, row, error));
    row->run = writer->run;
    writer->manifest.next_segment++;
    writer->manifest.text_bytes += writer->accumulator.text_bytes;
    writer->added_count++;
    accumulator_clear(&writer->accumulator);
    memory_give_back(); /* of what a flush frees the next segment cannot use all, and one after the other would lose more */
    return REVUE_OK;
}

bool writer_is_clean(const struct writer *writer) {
    if (writer->is_new || writer->added_count || writer->accumulator.review_count || writer->patch_count ||
        writer->settings_changed || writer->schema_changed || writer->sources_changed)
        return false;
    for (uint32_t i = 0; i < writer->live_count; i++)
        if (writer->live[i].deletes_changed) return false;
    return true;
}

/* Rows of the manifest: the old segments with their new counts, then the added ones. A segment of which nothing lives goes.
 */
static revue_status update_manifest(struct writer *writer, revue_error *error) {
    bool has_older = false; /* as long as some is left, the analysis is said to be theirs */
    writer->manifest.segment_count = 0;
    for (uint32_t i = 0; i < writer->live_count; i++)
        has_older |= writer->live[i].row.deleted < writer->live[i].row.doc_count;
    for (uint32_t i = 0; i < writer->live_count; i++)
        if (writer->live[i].row.deleted < writer->live[i].row.doc_count)
            TRY(manifest_add_segment(&writer->manifest, &writer->live[i].row, error));
    for (uint32_t i = 0; i < writer->added_count; i++)
        TRY(manifest_add_segment(&writer->manifest, &writer->added[i], error));
    writer->manifest.commit++;
    writer->manifest.committed_at = clock_seconds_after(writer->manifest.committed_at);
    writer->manifest.last_run = writer->run;
    if (!has_older) writer->manifest.fingerprint = text_fingerprint();
    if (writer->manifest.fingerprint == 0) return error_no_memory(error);
    writer->manifest.text_bytes -=
        writer->text_bytes_removed < writer->manifest.text_bytes ? writer->text_bytes_removed : writer->manifest.text_bytes;
    return REVUE_OK;
}

static bool lists(const struct manifest *manifest, uint32_t segment) {
    for (uint32_t i = 0; i < manifest->segment_count; i++)
        if (manifest->segments[i].number == segment) return true;
    return false;
}

static revue_status write_commit(struct writer *writer, store_txn *txn,
                                 revue_status (*in_commit)(void *, store_txn *, revue_error *), void *context,
                                 revue_error *error) {
    for (uint32_t i = 0; i < writer->live_count; i++)
        if (writer->live[i].deletes_changed && lists(&writer->manifest, writer->live[i].row.number))
            TRY(deletes_write(&writer->live[i].deletes, txn, writer->live[i].row.number, error));
    TRY(writer_apply_patches(writer, txn, error));
    TRY(writer_rescale_stars(writer, txn, error));
    TRY(writer_write_keywords(writer, txn, error));
    if (in_commit) TRY(in_commit(context, txn, error));
    if (writer->is_live) TRY(run_times_note(txn, writer->run, writer->began, error));
    TRY(schema_write(txn, &writer->schema, error));
    TRY(settings_write(txn, &writer->settings, error));
    for (uint32_t i = 0; i < writer->live_count; i++)
        if (!lists(&writer->manifest, writer->live[i].row.number))
            TRY(segment_remove(txn, writer->live[i].row.number, error));
    return manifest_write(txn, &writer->manifest, error);
}

/* What is due once the commit stands. The memory of the accumulator is given back first: nothing more is added. */
static revue_status settle(struct writer *writer, revue_error *error) {
    const struct copy_poll poll = {writer->options.may_merge, writer->options.merge_context};
    struct merge_options options = {.memory_bytes = writer->options.memory_bytes,
                                    .threads = writer->options.threads,
                                    .may_go_on = writer->options.may_merge,
                                    .context = writer->options.merge_context};
    accumulator_free(&writer->accumulator);
    memory_give_back();
    if (!writer->is_live) return REVUE_OK;
    TRY(rows_ahead_settle(writer->store, options.memory_bytes, error));
    TRY(merge_as_needed(writer->store, &writer->manifest, &options, error));
    memory_give_back();
    return rewrite_as_needed(&writer->store, &writer->manifest, writer->is_new, &poll, error);
}

revue_status writer_commit(struct writer *writer, revue_status (*in_commit)(void *, store_txn *, revue_error *),
                           void *context, revue_error *error) {
    TRY(writer_flush(writer, error));
    TRY(writer_derive_stars(writer, error));
    TRY(writer_finish_keywords(writer, error));
    TRY(update_manifest(writer, error));
    store_txn *txn;
    TRY(store_begin_write(writer->store, &txn, error));
    revue_status status = write_commit(writer, txn, in_commit, context, error);
    if (status != REVUE_OK) {
        store_abort(txn);
        return status;
    }
    TRY(store_commit(txn, error));
    writer->is_committed = true;
    close_reading(writer);
    return settle(writer, error);
}
