/* check_index.c - the order of the work. What a later part relies on is proved by an earlier one: first that all records
 * are those that were written and that none is missing, then what each segment means by itself, then what all of them say
 * together. All of it is one snapshot, so that a run which commits meanwhile changes nothing. */
#include "indexer/check/check.h"

#include "indexer/base/memory.h"
#include "indexer/format/run_times.h"

/* ---- the three records of the table index ---- */

/* The message names the record, in the words the walk over all records has for it. */
static revue_status outcome(struct check *check, revue_status status, const revue_error *error) {
    if (!check_is_damage(status)) return status;
    check_fault(check, "%s", error->message);
    return REVUE_OK;
}

static revue_status read_manifest(struct check *check, revue_error *error) {
    revue_status status = manifest_read(check->txn, &check->manifest, error);
    check->has_manifest = status == REVUE_OK;
    check->lacks_manifest = status == REVUE_NO_MATCH;
    if (status != REVUE_OK && status != REVUE_NO_MATCH) return outcome(check, status, error);
    check->segments = memory_alloc_zeroed((size_t)check->manifest.segment_count + 1, sizeof *check->segments);
    if (!check->segments) return error_no_memory(error);
    for (uint32_t i = 0; i < check->manifest.segment_count; i++) {
        check->segments[i].row = &check->manifest.segments[i];
        if (check->manifest.segments[i].run > check->manifest.last_run)
            check_fault(check, "manifest: segment %u is of run %u, and the last one was %u",
                        check->manifest.segments[i].number, check->manifest.segments[i].run, check->manifest.last_run);
    }
    return REVUE_OK;
}

static revue_status read_schema(struct check *check, revue_error *error) {
    revue_status status = schema_read(check->txn, &check->schema, error);
    check->has_schema = status == REVUE_OK;
    if (status == REVUE_NO_MATCH) {
        if (check->has_manifest) check_fault(check, "schema: the record is missing");
        return REVUE_OK;
    }
    TRY(outcome(check, status, error));
    for (unsigned number = 0; check->has_schema && number < COLUMN_BUILT_IN_COUNT; number++)
        if (!check_find_column(check, number)) check_fault(check, "schema: built-in column %u is missing", number);
    for (uint32_t i = 0; check->has_schema && i < check->schema.count; i++)
        if (check->schema.columns[i].number >= CHECK_COLUMNS)
            check_fault(check, "schema: column %u has too high a number", check->schema.columns[i].number);
    return REVUE_OK;
}

static revue_status read_base(struct check *check, revue_error *error) {
    uint64_t checksum;
    revue_status status = segment_meta_read(check->txn, BASE_SEGMENT, &check->base, &checksum, error);
    check->has_base = status == REVUE_OK;
    if (status == REVUE_NO_MATCH) return REVUE_OK;
    return outcome(check, status, error);
}

static revue_status read_heads(struct check *check, revue_error *error) {
    check_part(check, "manifest, schema and settings");
    TRY(read_manifest(check, error));
    TRY(read_schema(check, error));
    TRY(outcome(check, settings_read(check->txn, &check->settings, error), error));
    return read_base(check, error);
}

/* ---- the parts ---- */

/* Without a manifest nothing is live: that is an index that was made and not written yet, unless a commit left its rows.
 * Keyword values and rows of sources may be written ahead of it. */
static void check_unwritten(struct check *check) {
    static const enum store_table committed[] = {TABLE_INDEX, TABLE_DELETES, TABLE_SOURCES, TABLE_BLOCKS, TABLE_SHADOWS};
    check->rows[TABLE_INDEX] -= check->row_chunks;
    for (size_t i = 0; i < sizeof committed / sizeof *committed; i++) {
        if (check->rows[committed[i]] == 0) continue;
        check_fault(check, "the record manifest is missing, though runs have ended");
        return;
    }
    if (check->fault_count == 0) check_note(check, "no run has ended yet: there is nothing in this index");
}

static void check_run_times(struct check *check) {
    uint32_t chunks = check->manifest.last_run / RUNS_IN_CHUNK + 1;
    if (check->manifest.last_run == 0 || check->has_bad_records[TABLE_INDEX] || check->run_chunks == chunks) return;
    check_fault(check, "times of the runs: there are %u records of them instead of %u", check->run_chunks, chunks);
}

static void check_totals(struct check *check) {
    bool has_text = check->manifest.segment_count > 0; /* without texts nobody counts what is deleted */
    if (check->rows[TABLE_BLOCKS] != check->manifest.blocked && !check->has_bad_records[TABLE_BLOCKS])
        check_fault(check, "manifest: it counts %u blocks, there are %llu", check->manifest.blocked,
                    (unsigned long long)check->rows[TABLE_BLOCKS]);
    if (!check->counts_are_whole) return;
    check_source_counts(check);
    for (uint32_t i = 0; i < check->manifest.segment_count; i++)
        has_text = has_text && check->segments[i].segment->meta.has_text;
    if (has_text && check->text_bytes != check->manifest.text_bytes)
        check_fault(check, "manifest: it counts %llu bytes of live text, there are %llu",
                    (unsigned long long)check->manifest.text_bytes, (unsigned long long)check->text_bytes);
}

static revue_status check_all(struct check *check, revue_error *error) {
    TRY(read_heads(check, error));
    TRY(check_records(check, error));
    if (check->is_store_damaged) {
        check_note(check, "what comes behind the damaged page was not checked");
        return REVUE_OK;
    }
    if (check->lacks_manifest) check_unwritten(check);
    if (!check->has_manifest || !check->has_schema) return REVUE_OK;
    check_run_times(check);
    check->counts_are_whole = !check->has_bad_records[TABLE_SOURCES] && !check->rows_wait;
    TRY(check_keywords(check, error));
    for (uint32_t i = 0; i < check->manifest.segment_count; i++)
        TRY(check_segment_open(check, &check->segments[i], error));
    TRY(check_symbols(check, error));
    for (uint32_t i = 0; i < check->manifest.segment_count; i++) {
        struct check_segment *segment = &check->segments[i];
        if (segment->segment && !segment->is_damaged)
            TRY(check_segment_contents(check, segment, error));
        else
            check->counts_are_whole = false;
    }
    TRY(check_ids_once(check, error));
    check_part(check, "totals of the manifest");
    check_totals(check);
    return REVUE_OK;
}

/* ---- opening ---- */

static void close_all(struct check *check) {
    for (uint32_t i = 0; check->segments && i < check->manifest.segment_count; i++) {
        segment_close(check->segments[i].segment);
        deletes_free(&check->segments[i].deletes);
    }
    memory_free(check->segments);
    memory_free(check->sources);
    memory_free(check->leftovers);
    manifest_free(&check->manifest);
    schema_free(&check->schema);
    settings_free(&check->settings);
    store_abort(check->txn);
    store_close(check->store);
}

static revue_status open_and_check(struct check *check, const char *index_path, revue_error *error) {
    check_part(check, "CURRENT and the size of data.mdb");
    TRY(store_open(&check->store, index_path, STORE_READ_ALL, error));
    TRY(store_begin_read(check->store, &check->txn, error));
    return check_all(check, error);
}

/* Where LMDB itself has met damage it refuses what comes after: trouble behind a fault says only how far the work went. */
revue_status check_index(const char *index_path, uint64_t fingerprint, const struct check_sink *sink, revue_error *error) {
    revue_error own_error;
    struct check *check = memory_alloc_zeroed(1, sizeof *check);
    if (!error) error = &own_error;
    if (!check) return error_no_memory(error);
    check->sink = sink;
    check->fingerprint = fingerprint;
    revue_status status = open_and_check(check, index_path, error);
    if (check_is_damage(status))
        check_fault(check, "%s", error->message);
    else if (status != REVUE_OK && check->fault_count > 0)
        check_note(check, "what follows was not checked: %s", error->message);
    check_say_rest(check);
    if (check->fault_count > 0) status = error_set(error, REVUE_CORRUPT, "%s is damaged", index_path);
    close_all(check);
    memory_free(check);
    return status;
}
