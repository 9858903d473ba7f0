/* stats.c - revue_stats_read: what an index holds, what it takes, and who keeps its old pages. */
#include <xxhash.h>

#include "indexer/base/memory.h"
#include "indexer/format/manifest.h"
#include "indexer/format/segment.h"
#include "indexer/text/stem.h"

#include <stdio.h>
#include <string.h>

#define STATS_FIELDS_MAX 64u

static void add_bytes(revue_stats *stats, const struct segment_meta *meta) {
    const struct segment_kind_size *kinds = meta->kinds;
    stats->bytes_terms += kinds[KIND_TERMS].bytes + kinds[KIND_FORMS].bytes;
    stats->bytes_postings += kinds[KIND_POSTINGS].bytes + kinds[KIND_SKIPS].bytes;
    stats->bytes_positions += kinds[KIND_POSITIONS].bytes;
    for (unsigned field = 0; field < FIELD_COUNT; field++)
        stats->bytes_lengths += kinds[KIND_LENGTHS + field].bytes;
    stats->bytes_text += kinds[KIND_TEXT].bytes + kinds[KIND_TEXT_INDEX].bytes + kinds[KIND_SYMBOL_BYTES].bytes +
                         kinds[KIND_SYMBOL_INDEX].bytes;
    stats->bytes_ids +=
        kinds[KIND_IDS].bytes + kinds[KIND_ID_INDEX].bytes + kinds[KIND_ID_HASHES].bytes + kinds[KIND_TEXT_HASHES].bytes;
}

static revue_status sum_table(store_txn *txn, enum store_table table, uint64_t *bytes, uint64_t *rows, revue_error *error) {
    store_cursor *cursor;
    struct view key, value;
    TRY(store_cursor_open(txn, table, &cursor, error));
    revue_status status = store_cursor_at_or_after(cursor, view_of("", 0), &key, &value, error);
    while (status == REVUE_OK) {
        *bytes += key.size + value.size;
        if (rows) ++*rows;
        status = store_cursor_next(cursor, &key, &value, error);
    }
    store_cursor_close(cursor);
    return status == REVUE_NO_MATCH ? REVUE_OK : status;
}

/* How many live reviews of a segment have a value in the column. */
static revue_status count_column(struct segment *segment, const struct deletes *deletes, uint16_t column, uint64_t *filled,
                                 revue_error *error) {
    struct column_reader reader;
    column_reader_open(&reader, segment->txn, segment->number, column);
    for (uint32_t doc = 0; doc < segment->meta.doc_count; doc++) {
        if (deletes_has(deletes, doc)) continue;
        TRY(column_reader_seek(&reader, doc, error));
        if (!reader.is_absent) *filled += column_chunk_has(&reader.chunk, doc % COLUMN_CHUNK);
    }
    return REVUE_OK;
}

struct reading {
    store *store;
    store_txn *txn;
    struct manifest manifest;
    struct schema schema;
    revue_stats *stats;
    struct segment_meta base;
    bool has_base;
    XXH3_state_t *digest;
};

/* Text fields are counted by the manifest, columns one by one. */
static revue_status count_fields(struct reading *reading, revue_error *error) {
    static const char *const kinds[] = {[COLUMN_KEYWORD] = "keyword", [COLUMN_NUMBER] = "number", [COLUMN_DATE] = "date"};
    static const char *const texts[FIELD_COUNT] = {"body", "title", "product", "author"};
    revue_stats *stats = reading->stats;
    stats->fields = memory_alloc_zeroed((size_t)reading->schema.count + FIELD_COUNT, sizeof *stats->fields);
    if (!stats->fields) return error_no_memory(error);
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        revue_field_stats *row = &stats->fields[stats->field_count++];
        *row = (revue_field_stats){memory_copy_string(texts[field]), "text", 0};
        if (!row->name) return error_no_memory(error);
        for (uint32_t i = 0; i < reading->manifest.segment_count; i++)
            row->filled += reading->manifest.segments[i].fields[field].doc_count;
    }
    for (uint32_t c = 0; c < reading->schema.count; c++) {
        const struct schema_column *column = &reading->schema.columns[c];
        if (column->is_internal || column->number == COLUMN_OF_PRODUCT || column->number == COLUMN_OF_AUTHOR) continue;
        revue_field_stats *row = &stats->fields[stats->field_count++];
        *row = (revue_field_stats){memory_copy_string(column->name), kinds[column->kind], 0};
        if (!row->name) return error_no_memory(error);
        for (uint32_t i = 0; i < reading->manifest.segment_count; i++) {
            struct segment *segment;
            struct deletes deletes;
            const struct manifest_segment *listed = &reading->manifest.segments[i];
            TRY(segment_open_listed(&segment, reading->txn, listed->number, listed->doc_count,
                                    reading->has_base ? &reading->base : NULL, error));
            revue_status status = deletes_read(&deletes, reading->txn, listed->number, listed->doc_count, error);
            if (status == REVUE_OK) {
                status = count_column(segment, &deletes, column->number, &row->filled, error);
                deletes_free(&deletes);
            }
            segment_close(segment);
            TRY(status);
        }
    }
    return REVUE_OK;
}

static revue_status read_segments(struct reading *reading, revue_error *error) {
    revue_stats *stats = reading->stats;
    struct segment_meta meta;
    uint64_t checksum;
    revue_status status = segment_meta_read(reading->txn, BASE_SEGMENT, &reading->base, &checksum, error);
    reading->has_base = status == REVUE_OK;
    if (reading->has_base) add_bytes(stats, &reading->base);
    if (status != REVUE_OK && status != REVUE_NO_MATCH) return status;
    for (uint32_t i = 0; i < reading->manifest.segment_count; i++) {
        const struct manifest_segment *row = &reading->manifest.segments[i];
        TRY(segment_meta_read(reading->txn, row->number, &meta, &checksum, error));
        (void)XXH3_128bits_update(reading->digest, &checksum, sizeof checksum);
        add_bytes(stats, &meta);
        stats->reviews += row->doc_count - row->deleted;
        stats->deleted += row->deleted;
        stats->terms += meta.term_count;
        stats->tokens += meta.token_count;
    }
    stats->segments = reading->manifest.segment_count;
    return REVUE_OK;
}

static revue_status describe_manifest(struct reading *reading, revue_error *error) {
    revue_stats *stats = reading->stats;
    const struct manifest *manifest = &reading->manifest;
    stats->format = FORMAT_VERSION;
    stats->blocked = manifest->blocked;
    stats->text_bytes = manifest->text_bytes;
    stats->generation = store_generation(reading->store);
    stats->commit = manifest->commit;
    stats->run = manifest->last_run;
    stats->committed_at = manifest->committed_at;
    uint64_t fingerprint = text_fingerprint();
    if (fingerprint == 0) return error_no_memory(error);
    stats->analysis_differs = manifest->fingerprint != fingerprint;
    (void)snprintf(stats->analysis, sizeof stats->analysis, "%016llx", (unsigned long long)manifest->fingerprint);
    manifest_uuid_text(manifest, stats->uuid);
    return REVUE_OK;
}

static revue_status read_readers(struct reading *reading, revue_error *error) {
    struct store_reader found[STORE_READERS_TOLD];
    revue_stats *stats = reading->stats;
    size_t count;
    TRY(store_lagging_readers(reading->store, found, &count, error));
    stats->readers = memory_alloc_zeroed(count, sizeof *stats->readers);
    if (!stats->readers) return error_no_memory(error);
    for (size_t i = 0; i < count; i++) {
        revue_reader *reader = &stats->readers[stats->reader_count++];
        *reader = (revue_reader){.process = found[i].process, .lag = found[i].lag, .of_old_store = found[i].of_old_store};
        store_reader_name(&found[i], reader->name, sizeof reader->name);
    }
    return REVUE_OK;
}

static revue_status read_all(struct reading *reading, bool with_digest, revue_error *error) {
    revue_stats *stats = reading->stats;
    struct store_sizes sizes;
    revue_status status = manifest_read(reading->txn, &reading->manifest, error);
    if (status == REVUE_NO_MATCH)
        return error_set(error, REVUE_CORRUPT, "the index holds no finished run yet: let revue-indexer update end");
    TRY(status);
    TRY(schema_read(reading->txn, &reading->schema, error));
    TRY(describe_manifest(reading, error));
    TRY(read_segments(reading, error));
    TRY(count_fields(reading, error));
    TRY(sum_table(reading->txn, TABLE_COLUMNS, &stats->bytes_columns, NULL, error));
    TRY(sum_table(reading->txn, TABLE_KEYWORDS, &stats->bytes_columns, NULL, error));
    TRY(sum_table(reading->txn, TABLE_SOURCES, &stats->bytes_sources, &stats->sources, error));
    TRY(store_measure(reading->store, &sizes, error));
    TRY(read_readers(reading, error));
    stats->bytes_file = sizes.file_bytes;
    stats->bytes_used = sizes.used_bytes;
    stats->bytes_free = sizes.free_bytes;
    stats->oldest_reader_lag = sizes.oldest_reader_lag;
    uint64_t named = stats->bytes_terms + stats->bytes_postings + stats->bytes_positions + stats->bytes_lengths +
                     stats->bytes_columns + stats->bytes_text + stats->bytes_ids + stats->bytes_sources;
    stats->bytes_other = stats->bytes_used > named ? stats->bytes_used - named : 0;
    uint64_t all = stats->reviews + stats->deleted;
    if (all > 0) stats->bytes_dead = (uint64_t)((double)named * (double)stats->deleted / (double)all);
    if (with_digest) {
        XXH128_hash_t digest = XXH3_128bits_digest(reading->digest);
        (void)snprintf(stats->digest, sizeof stats->digest, "%016llx%016llx", (unsigned long long)digest.high64,
                       (unsigned long long)digest.low64);
    }
    return REVUE_OK;
}

revue_status revue_stats_read(const char *index_path, bool with_digest, revue_stats **stats, revue_error *error) {
    struct reading reading = {.stats = memory_alloc_zeroed(1, sizeof *reading.stats), .digest = XXH3_createState()};
    revue_status status = reading.stats && reading.digest ? REVUE_OK : error_no_memory(error);
    if (status == REVUE_OK) (void)XXH3_128bits_reset(reading.digest);
    if (status == REVUE_OK) status = store_open(&reading.store, index_path, STORE_READ, error);
    if (status == REVUE_OK) status = store_begin_read(reading.store, &reading.txn, error);
    if (status == REVUE_OK) status = read_all(&reading, with_digest, error);
    manifest_free(&reading.manifest);
    schema_free(&reading.schema);
    store_abort(reading.txn);
    store_close(reading.store);
    if (reading.digest) (void)XXH3_freeState(reading.digest);
    if (status == REVUE_OK)
        *stats = reading.stats;
    else
        revue_stats_free(reading.stats);
    return status;
}

void revue_stats_free(revue_stats *stats) {
    if (!stats) return;
    for (size_t i = 0; i < stats->field_count; i++)
        memory_free((void *)(uintptr_t)stats->fields[i].name);
    memory_free(stats->fields);
    memory_free(stats->readers);
    memory_free(stats);
}

void revue_string_free(char *string) {
    memory_free(string);
}
