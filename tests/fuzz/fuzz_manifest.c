/* fuzz_manifest.c - the small records from hostile bytes: manifest, schema, settings, source row and META.
 *
 * Input: u8 which one, then the record. What is accepted is encoded again: records of fixed-width fields must come out byte
 * for byte as they were, those with sized bytes must say the same a second time. */
#include "indexer/format/manifest.h"
#include "indexer/format/segment.h"
#include "tests/fuzz/fuzz.h"

static void require_same(struct bytes *encoded, struct view expected) {
    require(!encoded->failed && view_equal(bytes_view(encoded), expected));
    bytes_free(encoded);
}

static void try_manifest(struct view record) {
    struct manifest manifest;
    struct bytes encoded = {0};
    revue_error error;
    revue_status status = manifest_decode(record, &manifest, &error);
    require(status == REVUE_OK || status == REVUE_CORRUPT);
    if (status != REVUE_OK) return;
    for (uint32_t i = 0; i < manifest.segment_count; i++)
        require(manifest.segments[i].deleted <= manifest.segments[i].doc_count);
    manifest_encode(&manifest, &encoded);
    require_same(&encoded, record);
    manifest_free(&manifest);
}

static void try_meta(struct view record) {
    struct segment_meta meta;
    struct bytes encoded = {0};
    revue_error error;
    revue_status status = segment_meta_decode(record, &meta, &error);
    require(status == REVUE_OK || status == REVUE_CORRUPT);
    if (status != REVUE_OK) return;
    segment_meta_encode(&meta, &encoded);
    require_same(&encoded, record);
}

static void try_source_row(struct view record) {
    struct source_row row, again;
    struct bytes first = {0}, second = {0};
    revue_error error;
    revue_status status = source_row_decode(record, &row, &error);
    require(status == REVUE_OK || status == REVUE_CORRUPT);
    if (status != REVUE_OK) return;
    source_row_encode(&row, &first);
    require(source_row_decode(bytes_view(&first), &again, &error) == REVUE_OK);
    source_row_encode(&again, &second);
    require_same(&second, bytes_view(&first));
    bytes_free(&first);
}

static void try_schema(struct view record) {
    struct schema schema, again;
    struct bytes first = {0}, second = {0};
    revue_error error;
    revue_status status = schema_decode(record, &schema, &error);
    require(status == REVUE_OK || status == REVUE_CORRUPT);
    if (status != REVUE_OK) return;
    for (uint32_t i = 0; i < schema.count; i++) {
        require(schema_find(&schema, view_of_string(schema.columns[i].name)) == &schema.columns[i]);
    }
    schema_encode(&schema, &first);
    require(schema_decode(bytes_view(&first), &again, &error) == REVUE_OK);
    schema_encode(&again, &second);
    require_same(&second, bytes_view(&first));
    bytes_free(&first);
    schema_free(&schema);
    schema_free(&again);
}

static void try_settings(struct view record) {
    struct settings settings, again;
    struct bytes first = {0}, second = {0};
    revue_error error;
    revue_status status = settings_decode(record, &settings, &error);
    require(status == REVUE_OK || status == REVUE_CORRUPT);
    if (status != REVUE_OK) return;
    settings_encode(&settings, &first);
    require(settings_decode(bytes_view(&first), &again, &error) == REVUE_OK);
    settings_encode(&again, &second);
    require_same(&second, bytes_view(&first));
    bytes_free(&first);
    settings_free(&settings);
    settings_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static void (*const tries[])(struct view) = {try_manifest, try_meta, try_source_row, try_schema, try_settings};
    if (size > 0) tries[data[0] % (sizeof tries / sizeof *tries)](view_of(data + 1, size - 1));
    return 0;
}
