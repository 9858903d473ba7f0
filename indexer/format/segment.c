/* segment.c - the META record of a segment and opening one for reading (FORMAT.md, 5). */
#include "indexer/format/segment.h"

#include "indexer/base/memory.h"

#include <string.h>

void segment_meta_encode(const struct segment_meta *meta, struct bytes *out) {
    bytes_append_u32(out, FORMAT_VERSION);
    bytes_append_u32(out, meta->doc_count);
    bytes_append_u32(out, meta->term_count);
    bytes_append_u32(out, meta->form_count);
    bytes_append_u64(out, meta->posting_count);
    bytes_append_u64(out, meta->token_count);
    bytes_append_u8(out, (uint8_t)((meta->has_positions ? 1 : 0) | (meta->has_text ? 2 : 0)));
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        bytes_append_u8(out, meta->fields[field].length_width);
        bytes_append_u64(out, meta->fields[field].total_length);
        bytes_append_u32(out, meta->fields[field].docs_with_field);
    }
    bytes_append_u32(out, meta->symbol_count);
    bytes_append_u32(out, meta->first_symbol);
    bytes_append_u8(out, meta->code_s);
    uint8_t kinds = 0;
    for (unsigned kind = 0; kind < KIND_COUNT; kind++) kinds = (uint8_t)(kinds + (meta->kinds[kind].records > 0));
    bytes_append_u8(out, kinds);
    for (unsigned kind = 0; kind < KIND_COUNT; kind++) {
        if (meta->kinds[kind].records == 0) continue;
        bytes_append_u8(out, (uint8_t)kind);
        bytes_append_u32(out, meta->kinds[kind].records);
        bytes_append_u64(out, meta->kinds[kind].bytes);
        bytes_append_u64(out, meta->kinds[kind].checksum);
    }
}

static void decode_kinds(struct byte_reader *reader, struct segment_meta *meta) {
    unsigned kinds = byte_reader_u8(reader);
    for (unsigned i = 0; i < kinds && !reader->failed; i++) {
        unsigned kind = byte_reader_u8(reader);
        struct segment_kind_size size = {.records = byte_reader_u32(reader)};
        size.bytes = byte_reader_u64(reader);
        size.checksum = byte_reader_u64(reader);
        if (kind >= KIND_COUNT)
            reader->failed = true;
        else
            meta->kinds[kind] = size;
    }
}

revue_status segment_meta_decode(struct view record, struct segment_meta *meta, revue_error *error) {
    struct byte_reader reader = byte_reader_of(record.data, record.size);
    memset(meta, 0, sizeof *meta);
    uint32_t version = byte_reader_u32(&reader);
    if (!reader.failed && version != FORMAT_VERSION)
        return error_set(error, REVUE_CORRUPT, "a segment has format %u, this program reads format %u", version, FORMAT_VERSION);
    meta->doc_count = byte_reader_u32(&reader);
    meta->term_count = byte_reader_u32(&reader);
    meta->form_count = byte_reader_u32(&reader);
    meta->posting_count = byte_reader_u64(&reader);
    meta->token_count = byte_reader_u64(&reader);
    unsigned flags = byte_reader_u8(&reader);
    meta->has_positions = flags & 1;
    meta->has_text = (flags & 2) != 0;
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        meta->fields[field].length_width = byte_reader_u8(&reader);
        meta->fields[field].total_length = byte_reader_u64(&reader);
        meta->fields[field].docs_with_field = byte_reader_u32(&reader);
        uint8_t width = meta->fields[field].length_width;
        if (width != 0 && width != 1 && width != 2 && width != 4) reader.failed = true;
    }
    meta->symbol_count = byte_reader_u32(&reader);
    meta->first_symbol = byte_reader_u32(&reader);
    meta->code_s = byte_reader_u8(&reader);
    decode_kinds(&reader, meta);
    if (reader.failed || byte_reader_left(&reader) > 0)
        return error_set(error, REVUE_CORRUPT, "the META record of a segment has the wrong size or content: the index is damaged");
    return REVUE_OK;
}

revue_status segment_meta_read(store_txn *txn, uint32_t segment, struct segment_meta *meta, uint64_t *checksum, revue_error *error) {
    struct key key = key_segment_kind(segment, KIND_META);
    struct view value;
    TRY(store_get(txn, TABLE_SEGMENTS, key_view(&key), &value, error));
    TRY(segment_meta_decode(value, meta, error));
    *checksum = load_le64(value.data + value.size);
    return REVUE_OK;
}

static void open_symbols(struct segment *segment, const struct segment_meta *base) {
    struct symbol_tables *symbols = &segment->symbols;
    const struct segment_meta *meta = &segment->meta;
    if (base) {
        symbols->base_count = base->symbol_count;
        symbols->s = base->code_s;
        stream_open(&symbols->base_bytes, segment->txn, BASE_SEGMENT, KIND_SYMBOL_BYTES, base->kinds[KIND_SYMBOL_BYTES].bytes);
        stream_open(&symbols->base_index, segment->txn, BASE_SEGMENT, KIND_SYMBOL_INDEX, base->kinds[KIND_SYMBOL_INDEX].bytes);
    }
    if (segment->number == BASE_SEGMENT) return;
    symbols->local_count = meta->symbol_count;
    stream_open(&symbols->local_bytes, segment->txn, segment->number, KIND_SYMBOL_BYTES, meta->kinds[KIND_SYMBOL_BYTES].bytes);
    stream_open(&symbols->local_index, segment->txn, segment->number, KIND_SYMBOL_INDEX, meta->kinds[KIND_SYMBOL_INDEX].bytes);
}

revue_status segment_open(struct segment **opened, store_txn *txn, uint32_t number, const struct segment_meta *base, revue_error *error) {
    struct segment *segment = memory_alloc_zeroed(1, sizeof *segment);
    uint64_t checksum;
    if (!segment) return error_no_memory(error);
    segment->txn = txn;
    segment->number = number;
    revue_status status = segment_meta_read(txn, number, &segment->meta, &checksum, error);
    if (status != REVUE_OK) {
        memory_free(segment);
        return status == REVUE_NO_MATCH ? error_set(error, REVUE_CORRUPT, "segment %u has no META record: the index is damaged", number) : status;
    }
    for (unsigned kind = 0; kind < KIND_COUNT; kind++)
        stream_open(&segment->streams[kind], txn, number, (enum segment_kind)kind, segment->meta.kinds[kind].bytes);
    open_symbols(segment, base);
    *opened = segment;
    return REVUE_OK;
}

void segment_close(struct segment *segment) {
    if (!segment) return;
    terms_reader_close(segment->terms);
    forms_reader_close(segment->forms);
    for (unsigned kind = 0; kind < KIND_COUNT; kind++) stream_close(&segment->streams[kind]);
    symbol_tables_close(&segment->symbols);
    memory_free(segment);
}

revue_status segment_terms(struct segment *segment, terms_reader **terms, revue_error *error) {
    if (!segment->terms) TRY(terms_reader_open(&segment->terms, segment->txn, segment->number, error));
    *terms = segment->terms;
    return REVUE_OK;
}

revue_status segment_forms(struct segment *segment, forms_reader **forms, revue_error *error) {
    if (!segment->forms) TRY(forms_reader_open(&segment->forms, segment->txn, segment->number, error));
    *forms = segment->forms;
    return REVUE_OK;
}

struct postings_streams segment_postings(struct segment *segment) {
    struct postings_streams streams = {&segment->streams[KIND_POSTINGS], &segment->streams[KIND_POSITIONS], &segment->streams[KIND_SKIPS]};
    return streams;
}

struct lengths_reader segment_lengths(struct segment *segment, enum review_field field) {
    struct lengths_reader reader = {&segment->streams[KIND_LENGTHS + field], segment->meta.fields[field].length_width, segment->meta.doc_count};
    return reader;
}

struct ids_streams segment_ids(struct segment *segment) {
    struct ids_streams streams = {&segment->streams[KIND_IDS], &segment->streams[KIND_ID_INDEX], &segment->streams[KIND_ID_HASHES],
                                  &segment->streams[KIND_TEXT_HASHES], segment->meta.doc_count};
    return streams;
}

struct text_streams segment_text(struct segment *segment) {
    struct text_streams streams = {&segment->streams[KIND_TEXT], &segment->streams[KIND_TEXT_INDEX], segment->meta.doc_count};
    return streams;
}
