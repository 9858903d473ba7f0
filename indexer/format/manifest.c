/* manifest.c - the record that says which segments are live (FORMAT.md, 3): writer and reader. */
#include "indexer/format/manifest.h"

#include "indexer/base/memory.h"
#include "indexer/format/keys.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#define MAGIC "RVU1"
#define SEGMENT_ROW_BYTES (24u + FIELD_COUNT * 12u)

revue_status manifest_new(struct manifest *manifest, revue_error *error) {
    memset(manifest, 0, sizeof *manifest);
    if (getrandom(manifest->uuid, sizeof manifest->uuid, 0) != (ssize_t)sizeof manifest->uuid)
        return error_from_errno(error, errno, "random bytes for the index's UUID");
    manifest->uuid[6] = (uint8_t)((manifest->uuid[6] & 0x0F) | 0x40);       /* version 4, RFC 9562 */
    manifest->uuid[8] = (uint8_t)((manifest->uuid[8] & 0x3F) | 0x80);
    manifest->next_segment = 1;
    manifest->next_source = 1;
    return REVUE_OK;
}

void manifest_free(struct manifest *manifest) {
    memory_free(manifest->segments);
    memset(manifest, 0, sizeof *manifest);
}

revue_status manifest_add_segment(struct manifest *manifest, const struct manifest_segment *segment, revue_error *error) {
    size_t capacity = manifest->segment_capacity;
    if (!MEMORY_RESERVE(manifest->segments, capacity, (size_t)manifest->segment_count + 1)) return error_no_memory(error);
    manifest->segment_capacity = (uint32_t)capacity;
    manifest->segments[manifest->segment_count++] = *segment;
    return REVUE_OK;
}

void manifest_encode(const struct manifest *manifest, struct bytes *out) {
    bytes_append(out, MAGIC, 4);
    bytes_append_u32(out, FORMAT_VERSION);
    bytes_append(out, manifest->uuid, sizeof manifest->uuid);
    bytes_append_u64(out, manifest->commit);
    bytes_append_u64(out, (uint64_t)manifest->committed_at);
    bytes_append_u32(out, manifest->next_segment);
    bytes_append_u32(out, manifest->next_source);
    bytes_append_u32(out, manifest->last_run);
    bytes_append_u32(out, manifest->segment_count);
    for (uint32_t i = 0; i < manifest->segment_count; i++) {
        const struct manifest_segment *segment = &manifest->segments[i];
        bytes_append_u32(out, segment->number);
        bytes_append_u32(out, segment->doc_count);
        bytes_append_u32(out, segment->deleted);
        bytes_append_u32(out, segment->run);
        bytes_append_u64(out, segment->meta_checksum);
        for (unsigned field = 0; field < FIELD_COUNT; field++) {
            bytes_append_u64(out, segment->fields[field].total_length);
            bytes_append_u32(out, segment->fields[field].doc_count);
        }
    }
    bytes_append_u64(out, manifest->fingerprint);
    bytes_append_u64(out, manifest->text_bytes);
    bytes_append_u32(out, manifest->blocked);
}

static revue_status decode_head(struct byte_reader *reader, struct manifest *manifest, uint32_t *segments, revue_error *error) {
    struct view magic = byte_reader_bytes(reader, 4);
    uint32_t version = byte_reader_u32(reader);
    if (reader->failed || memcmp(magic.data, MAGIC, 4) != 0)
        return error_set(error, REVUE_CORRUPT, "the manifest does not begin as one does: this is not a revue index, or it is damaged");
    if (version != FORMAT_VERSION)
        return error_set(error, REVUE_CORRUPT, "the index has format %u, this program reads format %u: use the program that made it, or index again",
                         version, FORMAT_VERSION);
    struct view uuid = byte_reader_bytes(reader, sizeof manifest->uuid);
    if (!reader->failed) memcpy(manifest->uuid, uuid.data, sizeof manifest->uuid);
    manifest->commit = byte_reader_u64(reader);
    manifest->committed_at = (int64_t)byte_reader_u64(reader);
    manifest->next_segment = byte_reader_u32(reader);
    manifest->next_source = byte_reader_u32(reader);
    manifest->last_run = byte_reader_u32(reader);
    *segments = byte_reader_u32(reader);
    if (reader->failed || byte_reader_left(reader) / SEGMENT_ROW_BYTES < *segments)
        return error_set(error, REVUE_CORRUPT, "the manifest ends early: the index is damaged");
    return REVUE_OK;
}

static revue_status decode_segment(struct byte_reader *reader, struct manifest *manifest, revue_error *error) {
    struct manifest_segment segment = {.number = byte_reader_u32(reader), .doc_count = byte_reader_u32(reader)};
    segment.deleted = byte_reader_u32(reader);
    segment.run = byte_reader_u32(reader);
    segment.meta_checksum = byte_reader_u64(reader);
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        segment.fields[field].total_length = byte_reader_u64(reader);
        segment.fields[field].doc_count = byte_reader_u32(reader);
    }
    if (segment.number == 0 || segment.number >= manifest->next_segment || segment.deleted > segment.doc_count)
        return error_set(error, REVUE_CORRUPT, "the manifest's row of segment %u contradicts itself: the index is damaged", segment.number);
    return manifest_add_segment(manifest, &segment, error);
}

revue_status manifest_decode(struct view record, struct manifest *manifest, revue_error *error) {
    struct byte_reader reader = byte_reader_of(record.data, record.size);
    uint32_t segments = 0;
    memset(manifest, 0, sizeof *manifest);
    revue_status status = decode_head(&reader, manifest, &segments, error);
    for (uint32_t i = 0; i < segments && status == REVUE_OK; i++) status = decode_segment(&reader, manifest, error);
    manifest->fingerprint = byte_reader_u64(&reader);
    manifest->text_bytes = byte_reader_u64(&reader);
    manifest->blocked = byte_reader_u32(&reader);
    if (status == REVUE_OK && (reader.failed || byte_reader_left(&reader) > 0))
        status = error_set(error, REVUE_CORRUPT, "the manifest has the wrong size: the index is damaged");
    if (status != REVUE_OK) manifest_free(manifest);
    return status;
}

revue_status manifest_read(store_txn *txn, struct manifest *manifest, revue_error *error) {
    struct key key = key_name("manifest");
    struct view value;
    memset(manifest, 0, sizeof *manifest);
    TRY(store_get(txn, TABLE_INDEX, key_view(&key), &value, error));
    return manifest_decode(value, manifest, error);
}

revue_status manifest_write(store_txn *txn, const struct manifest *manifest, revue_error *error) {
    struct key key = key_name("manifest");
    struct bytes record = {0};
    manifest_encode(manifest, &record);
    revue_status status = record.failed ? error_no_memory(error) : store_put(txn, TABLE_INDEX, key_view(&key), bytes_view(&record), error);
    bytes_free(&record);
    return status;
}
