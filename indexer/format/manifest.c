/* manifest.c - the record that says which segments are live (FORMAT.md, 3): writer and reader. */
#include "indexer/format/manifest.h"

#include "indexer/base/memory.h"
#include "indexer/format/keys.h"

#include <errno.h>
#include <sys/random.h>

#define MAGIC "RVU1"
#define SEGMENT_ROW_BYTES (24u + FIELD_COUNT * 12u)

/* ---- in memory ---- */

revue_status manifest_new_uuid(struct manifest *manifest, revue_error *error) {
    uint8_t uuid[sizeof manifest->uuid];
    if (getrandom(uuid, sizeof uuid, 0) != (ssize_t)sizeof uuid) {
        return error_from_errno(error, errno, "random bytes for the identity of the index");
    }
    uuid[6] = (uint8_t)((uuid[6] & 0x0F) | 0x40); /* version 4, RFC 9562 */
    uuid[8] = (uint8_t)((uuid[8] & 0x3F) | 0x80);
    memcpy(manifest->uuid, uuid, sizeof uuid);
    return REVUE_OK;
}

revue_status manifest_new(struct manifest *manifest, revue_error *error) {
    struct manifest made = {.next_segment = BASE_SEGMENT + 1, .next_source = 1};
    TRY(manifest_new_uuid(&made, error));
    *manifest = made;
    return REVUE_OK;
}

void manifest_free(struct manifest *manifest) {
    memory_free(manifest->segments);
    memset(manifest, 0, sizeof *manifest);
}

void manifest_uuid_text(const struct manifest *manifest, char out[UUID_TEXT]) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < sizeof manifest->uuid; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) *out++ = '-';
        *out++ = digits[manifest->uuid[i] >> 4];
        *out++ = digits[manifest->uuid[i] & 15];
    }
    *out = '\0';
}

revue_status manifest_add_segment(struct manifest *manifest, const struct manifest_segment *segment, revue_error *error) {
    uint32_t at = manifest->segment_count;
    while (at > 0 && manifest->segments[at - 1].number > segment->number)
        at--;
    if (at > 0 && manifest->segments[at - 1].number == segment->number) {
        return error_set(error, REVUE_BUG, "segment %u is in the manifest already", segment->number);
    }
    size_t capacity = manifest->segment_capacity;
    if (!MEMORY_RESERVE(manifest->segments, capacity, (size_t)manifest->segment_count + 1)) return error_no_memory(error);
    manifest->segment_capacity = (uint32_t)capacity;
    struct manifest_segment *place = &manifest->segments[at];
    memmove(place + 1, place, (manifest->segment_count - at) * sizeof *place);
    *place = *segment;
    manifest->segment_count++;
    return REVUE_OK;
}

/* ---- writing ---- */

static void encode_segment(const struct manifest_segment *segment, struct bytes *out) {
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

void manifest_encode(const struct manifest *manifest, struct bytes *out) {
    bytes_append_string(out, MAGIC);
    bytes_append_u32(out, FORMAT_VERSION);
    bytes_append(out, manifest->uuid, sizeof manifest->uuid);
    bytes_append_u64(out, manifest->commit);
    bytes_append_u64(out, (uint64_t)manifest->committed_at);
    bytes_append_u32(out, manifest->next_segment);
    bytes_append_u32(out, manifest->next_source);
    bytes_append_u32(out, manifest->last_run);
    bytes_append_u32(out, manifest->segment_count);
    for (uint32_t i = 0; i < manifest->segment_count; i++)
        encode_segment(&manifest->segments[i], out);
    bytes_append_u64(out, manifest->fingerprint);
    bytes_append_u64(out, manifest->text_bytes);
    bytes_append_u32(out, manifest->blocked);
}

revue_status manifest_write(store_txn *txn, const struct manifest *manifest, revue_error *error) {
    struct key key = key_name("manifest");
    struct bytes record = {0};
    manifest_encode(manifest, &record);
    revue_status status =
        record.failed ? error_no_memory(error) : store_put(txn, TABLE_INDEX, key_view(&key), bytes_view(&record), error);
    bytes_free(&record);
    return status;
}

/* ---- reading ---- */

static revue_status wrong_size(revue_error *error) {
    return error_set(error, REVUE_CORRUPT,
                     "the manifest has the wrong size: restore the index, or rebuild it from its archive");
}

/* What every version begins with: so another version is refused by name. */
static revue_status decode_version(struct byte_reader *reader, revue_error *error) {
    struct view magic = byte_reader_bytes(reader, sizeof MAGIC - 1);
    uint32_t version = byte_reader_u32(reader);
    if (reader->failed || !view_equal(magic, view_of_string(MAGIC))) {
        return error_set(error, REVUE_CORRUPT,
                         "the manifest does not begin with " MAGIC ": not an index of revue, or damaged");
    }
    if (version == FORMAT_VERSION) return REVUE_OK;
    return error_set(
        error, REVUE_CORRUPT,
        "the index has format %u, this program reads format %u: use the program that made it, or rebuild the index "
        "from its archive",
        version, FORMAT_VERSION);
}

static revue_status decode_segment(struct byte_reader *reader, struct manifest *manifest, revue_error *error) {
    struct manifest_segment segment;
    segment.number = byte_reader_u32(reader);
    segment.doc_count = byte_reader_u32(reader);
    segment.deleted = byte_reader_u32(reader);
    segment.run = byte_reader_u32(reader);
    segment.meta_checksum = byte_reader_u64(reader);
    bool is_sound =
        segment.number != BASE_SEGMENT && segment.number < manifest->next_segment && segment.deleted <= segment.doc_count;
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        segment.fields[field].total_length = byte_reader_u64(reader);
        segment.fields[field].doc_count = byte_reader_u32(reader);
        is_sound = is_sound && segment.fields[field].doc_count <= segment.doc_count;
    }
    if (manifest->segment_count > 0) {
        is_sound = is_sound && manifest->segments[manifest->segment_count - 1].number < segment.number;
    }
    if (is_sound) return manifest_add_segment(manifest, &segment, error);
    return error_set(
        error, REVUE_CORRUPT,
        "the manifest's row of segment %u contradicts itself: restore the index, or rebuild it from its archive",
        segment.number);
}

/* Fills a manifest of zeros; what it holds after a failure is the caller's to free. */
static revue_status decode_into(struct byte_reader *reader, struct manifest *manifest, revue_error *error) {
    TRY(decode_version(reader, error));
    struct view uuid = byte_reader_bytes(reader, sizeof manifest->uuid);
    if (!reader->failed) memcpy(manifest->uuid, uuid.data, sizeof manifest->uuid);
    manifest->commit = byte_reader_u64(reader);
    manifest->committed_at = (int64_t)byte_reader_u64(reader);
    manifest->next_segment = byte_reader_u32(reader);
    manifest->next_source = byte_reader_u32(reader);
    manifest->last_run = byte_reader_u32(reader);
    uint32_t count = byte_reader_u32(reader);
    if (!reader->failed && (manifest->next_segment == BASE_SEGMENT || manifest->next_source == 0))
        return error_set(error, REVUE_CORRUPT, "the manifest has no numbers to give: restore the index, or rebuild it");
    if (reader->failed || byte_reader_left(reader) / SEGMENT_ROW_BYTES < count) return wrong_size(error);
    for (uint32_t i = 0; i < count; i++)
        TRY(decode_segment(reader, manifest, error));
    manifest->fingerprint = byte_reader_u64(reader);
    manifest->text_bytes = byte_reader_u64(reader);
    manifest->blocked = byte_reader_u32(reader);
    return reader->failed || byte_reader_left(reader) > 0 ? wrong_size(error) : REVUE_OK;
}

revue_status manifest_decode(struct view record, struct manifest *manifest, revue_error *error) {
    struct byte_reader reader = byte_reader_of(record.data, record.size);
    struct manifest decoded = {0};
    revue_status status = decode_into(&reader, &decoded, error);
    if (status != REVUE_OK) {
        manifest_free(&decoded);
        return status;
    }
    *manifest = decoded;
    return REVUE_OK;
}

revue_status manifest_read(store_txn *txn, struct manifest *manifest, revue_error *error) {
    struct key key = key_name("manifest");
    struct view value;
    TRY(store_get(txn, TABLE_INDEX, key_view(&key), &value, error));
    return manifest_decode(value, manifest, error);
}
