/* stored_text.c - the records of stored text: title, url and body of every review (FORMAT.md, 7).
 *
 * A record says its own size, and TEXT_INDEX knows every 4th, so that two bytes a review buy access to any of them: from
 * the indexed one, at most 3 sizes are skipped, each of which may have to come from memory. A field is word codes, a zstd
 * frame where codes do not pay (CJK, base64), or its bytes as they are. */
#include "indexer/format/stored_text.h"

#include "indexer/base/memory.h"
#include "indexer/format/element.h"

#include <zstd.h>
#include <zstd_errors.h>

#define INDEXED_EVERY 4u
#define VARINT_MAX 10u
#define ZSTD_LEVEL 3
#define ALL_CODINGS 0x3Fu

/* ---- writing ---- */

struct text_writer {
    struct stream_writer text, index;
    struct bytes record, head; /* of the review being written */
    uint64_t count;
};

revue_status text_writer_create(text_writer **created, const struct segment_sink *sink, revue_error *error) {
    text_writer *writer = memory_alloc_zeroed(1, sizeof *writer);
    if (!writer) return error_no_memory(error);
    revue_status status = stream_writer_open(&writer->text, sink, KIND_TEXT, error);
    if (status == REVUE_OK) {
        status = stream_writer_open(&writer->index, sink, KIND_TEXT_INDEX, error);
        if (status != REVUE_OK) stream_writer_free(&writer->text);
    }
    if (status != REVUE_OK) {
        memory_free(writer);
        return status;
    }
    *created = writer;
    return REVUE_OK;
}

/* Everything behind the size: codings, then the fields, the last one without its size. */
static void record_encode(struct bytes *record, const struct text_part parts[TEXT_FIELD_COUNT]) {
    unsigned codings = 0, last = 0;
    for (unsigned field = 0; field < TEXT_FIELD_COUNT; field++) {
        codings |= (unsigned)parts[field].coding << (2 * field);
        if (parts[field].coding != CODING_ABSENT) last = field;
    }
    bytes_append_u8(record, (uint8_t)codings);
    for (unsigned field = 0; field < TEXT_FIELD_COUNT; field++) {
        if (parts[field].coding == CODING_ABSENT) continue;
        if (field < last) bytes_append_varint(record, parts[field].data.size);
        bytes_append(record, parts[field].data.data, parts[field].data.size);
    }
}

revue_status text_writer_add(text_writer *writer, const struct text_part parts[TEXT_FIELD_COUNT], revue_error *error) {
    bytes_clear(&writer->record);
    bytes_clear(&writer->head);
    record_encode(&writer->record, parts);
    bytes_append_varint(&writer->head, writer->record.size);
    if (writer->record.failed || writer->head.failed) return error_no_memory(error);
    if (writer->count % INDEXED_EVERY == 0) {
        uint8_t offset[8];
        store_le64(offset, writer->text.size);
        TRY(stream_writer_append(&writer->index, offset, sizeof offset, error));
    }
    TRY(stream_writer_append(&writer->text, writer->head.data, writer->head.size, error));
    TRY(stream_writer_append(&writer->text, writer->record.data, writer->record.size, error));
    writer->count++;
    return REVUE_OK;
}

revue_status text_writer_finish(text_writer *writer, uint64_t *text_size, uint64_t *index_size, revue_error *error) {
    TRY(stream_writer_finish(&writer->text, error));
    TRY(stream_writer_finish(&writer->index, error));
    *text_size = writer->text.size;
    *index_size = writer->index.size;
    return REVUE_OK;
}

void text_writer_free(text_writer *writer) {
    if (!writer) return;
    stream_writer_free(&writer->text);
    stream_writer_free(&writer->index);
    bytes_free(&writer->record);
    bytes_free(&writer->head);
    memory_free(writer);
}

/* ---- choosing a coding ---- */

static revue_status zstd_failed(size_t code, const char *doing, revue_error *error) {
    if (ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation) return error_no_memory(error);
    return error_set(error, REVUE_CORRUPT, "stored text: %s failed: %s; rebuild the index", doing, ZSTD_getErrorName(code));
}

void text_packer_free(struct text_packer *packer) {
    (void)ZSTD_freeCCtx(packer->context);
    bytes_free(&packer->frame);
    packer->context = NULL;
}

/* packer->frame becomes the zstd frame of raw, with raw's size in its head. A context of its own for each would cost 14 us,
 * whatever is packed; an address takes less than one. */
static revue_status compress(struct view raw, struct text_packer *packer, revue_error *error) {
    bytes_clear(&packer->frame);
    if (!packer->context) packer->context = ZSTD_createCCtx();
    size_t bound = ZSTD_compressBound(raw.size);
    uint8_t *room = !packer->context || ZSTD_isError(bound) ? NULL : bytes_extend(&packer->frame, bound);
    if (!room) return error_no_memory(error);
    size_t size = ZSTD_compressCCtx(packer->context, room, bound, raw.data, raw.size, ZSTD_LEVEL);
    if (ZSTD_isError(size)) return zstd_failed(size, "compressing", error);
    packer->frame.size = size;
    return REVUE_OK;
}

revue_status text_part_choose(struct view raw, struct view codes, struct text_packer *packer, struct text_part *part,
                              revue_error *error) {
    struct text_part best = {CODING_PLAIN, raw};
    if (raw.size == 0) best.coding = CODING_ABSENT;
    if (codes.size > 0 && codes.size < raw.size) best = (struct text_part){CODING_WORDS, codes};
    bool codes_pay = codes.size > 0 && codes.size <= raw.size / 5 * 4 + raw.size % 5 * 4 / 5;
    if (raw.size > 0 && !codes_pay) {
        TRY(compress(raw, packer, error));
        if (packer->frame.size < best.data.size) best = (struct text_part){CODING_ZSTD, bytes_view(&packer->frame)};
    }
    *part = best;
    return REVUE_OK;
}

/* ---- reading ---- */

static revue_status damaged(const struct text_streams *streams, uint32_t doc, const char *what, revue_error *error) {
    return error_set(error, REVUE_CORRUPT, "stored text of segment %u, review %u: %s; rebuild the index",
                     streams->text->segment, doc, what);
}

/* Reads the size at *at of the stream and moves *at behind it. */
static revue_status read_size(const struct text_streams *streams, uint32_t doc, uint64_t *at, struct bytes *scratch,
                              uint64_t *size, revue_error *error) {
    const uint8_t *data;
    uint64_t left = *at < streams->text->size ? streams->text->size - *at : 0;
    size_t most = left < VARINT_MAX ? (size_t)left : VARINT_MAX;
    TRY(stream_view(streams->text, *at, most, scratch, &data, error));
    struct byte_reader reader = byte_reader_of(data, most);
    uint64_t found = byte_reader_varint(&reader);
    if (reader.failed) return damaged(streams, doc, "a record has no size", error);
    *at += (uint64_t)(reader.next - data);
    if (found == 0 || found > streams->text->size - *at)
        return damaged(streams, doc, "a record ends outside of the stream", error);
    *size = found;
    return REVUE_OK;
}

static revue_status find_record(const struct text_streams *streams, uint32_t doc, struct bytes *scratch, uint64_t *at,
                                uint64_t *size, revue_error *error) {
    uint64_t offset = 0, found = 0;
    TRY(element_u64(streams->index, doc / INDEXED_EVERY, &offset, error));
    TRY(read_size(streams, doc, &offset, scratch, &found, error));
    for (uint32_t skip = doc % INDEXED_EVERY; skip > 0; skip--) {
        offset += found;
        TRY(read_size(streams, doc, &offset, scratch, &found, error));
    }
    *at = offset;
    *size = found;
    return REVUE_OK;
}

/* Where a byte of a stream is, when its extent has been read before. */
static const uint8_t *place_of(const struct stream *stream, uint64_t offset) {
    if (!stream->extents || offset >= stream->size || !stream->extents[offset / EXTENT_BYTES]) return NULL;
    return stream->extents[offset / EXTENT_BYTES] + offset % EXTENT_BYTES;
}

void text_expect(struct text_streams streams, uint32_t doc) {
    const uint8_t *indexed = place_of(streams.index, (uint64_t)(doc / INDEXED_EVERY) * sizeof(uint64_t));
    const uint8_t *record = indexed ? place_of(streams.text, load_le64(indexed)) : NULL;
    if (record) __builtin_prefetch(record);
}

static bool record_decode(struct byte_reader *reader, struct text_part parts[TEXT_FIELD_COUNT]) {
    unsigned codings = byte_reader_u8(reader), last = 0;
    if (codings > ALL_CODINGS) return false;
    for (unsigned field = 0; field < TEXT_FIELD_COUNT; field++) {
        parts[field].coding = (enum text_coding)(codings >> (2 * field) & 3);
        if (parts[field].coding != CODING_ABSENT) last = field;
    }
    for (unsigned field = 0; field < TEXT_FIELD_COUNT; field++) {
        parts[field].data = view_of(NULL, 0);
        if (parts[field].coding == CODING_ABSENT) continue;
        parts[field].data = field < last ? byte_reader_view(reader) : byte_reader_bytes(reader, byte_reader_left(reader));
    }
    return !reader->failed && byte_reader_left(reader) == 0;
}

revue_status text_read(struct text_streams streams, uint32_t doc, struct bytes *scratch,
                       struct text_part parts[TEXT_FIELD_COUNT], revue_error *error) {
    uint64_t at, size;
    const uint8_t *record;
    struct text_part found[TEXT_FIELD_COUNT];
    if (doc >= streams.doc_count) return damaged(&streams, doc, "there is no such review", error);
    TRY(find_record(&streams, doc, scratch, &at, &size, error));
    TRY(stream_view(streams.text, at, size, scratch, &record, error));
    struct byte_reader reader = byte_reader_of(record, size);
    if (!record_decode(&reader, found)) return damaged(&streams, doc, "the fields do not fit their record", error);
    memcpy(parts, found, sizeof found);
    return REVUE_OK;
}

/* ---- decoding a part ---- */

static revue_status decompress(struct view frame, size_t limit, struct bytes *out, revue_error *error) {
    unsigned long long size = ZSTD_getFrameContentSize(frame.data, frame.size);
    if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > limit)
        return error_set(error, REVUE_CORRUPT,
                         "stored text: a compressed field does not say its size, or over %zu bytes; rebuild the index",
                         limit);
    size_t start = out->size;
    uint8_t *room = bytes_extend(out, (size_t)size);
    if (!room) return error_no_memory(error);
    size_t made = ZSTD_decompress(room, (size_t)size, frame.data, frame.size);
    if (!ZSTD_isError(made) && made == size) return REVUE_OK;
    out->size = start;
    if (ZSTD_isError(made)) return zstd_failed(made, "decompressing", error);
    return error_set(error, REVUE_CORRUPT, "stored text: a compressed field is shorter than it says; rebuild the index");
}

revue_status text_part_decode(struct symbol_tables *tables, struct text_part part, size_t limit, struct bytes *out,
                              revue_error *error) {
    switch (part.coding) {
    case CODING_ABSENT: return REVUE_OK;
    case CODING_WORDS: return word_codes_decode_up_to(tables, part.data, limit, out, error);
    case CODING_ZSTD: return decompress(part.data, limit, out, error);
    case CODING_PLAIN: break;
    }
    if (part.data.size > limit)
        return error_set(error, REVUE_CORRUPT,
                         "stored text: a field of %zu bytes; at most %zu are allowed; rebuild the index", part.data.size,
                         limit);
    bytes_append(out, part.data.data, part.data.size);
    return out->failed ? error_no_memory(error) : REVUE_OK;
}
