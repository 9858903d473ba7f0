/* segment.c - the META record of a segment and opening one for reading (FORMAT.md, 4, 5 and 7). */
#include "indexer/format/segment.h"

#include "indexer/base/memory.h"

#define HAS_POSITIONS 1u
#define HAS_TEXT 2u

/* ---- META ---- */

static uint8_t encode_flags(const struct segment_meta *meta) {
    return (uint8_t)((meta->has_positions ? HAS_POSITIONS : 0) | (meta->has_text ? HAS_TEXT : 0));
}

static void encode_kinds(const struct segment_meta *meta, struct bytes *out) {
    unsigned present = 0;
    for (unsigned kind = 0; kind < KIND_COUNT; kind++)
        present += meta->kinds[kind].records > 0;
    bytes_append_u8(out, (uint8_t)present);
    for (unsigned kind = 0; kind < KIND_COUNT; kind++) {
        if (meta->kinds[kind].records == 0) continue;
        bytes_append_u8(out, (uint8_t)kind);
        bytes_append_u32(out, meta->kinds[kind].records);
        bytes_append_u64(out, meta->kinds[kind].bytes);
        bytes_append_u64(out, meta->kinds[kind].checksum);
    }
}

/* The base symbol table, which has no reviews, says the code of the generation. */
static void encode_code(const struct segment_meta *meta, struct bytes *out) {
    for (unsigned class = 0; class < NUMBER_CLASSES; class += 2)
        bytes_append_u8(out, (uint8_t)(meta->code_lengths[class] | meta->code_lengths[class + 1] << 4));
}

void segment_meta_encode(const struct segment_meta *meta, struct bytes *out) {
    bytes_append_u32(out, FORMAT_VERSION);
    bytes_append_u32(out, meta->doc_count);
    bytes_append_u32(out, meta->term_count);
    bytes_append_u32(out, meta->form_count);
    bytes_append_u64(out, meta->posting_count);
    bytes_append_u64(out, meta->token_count);
    bytes_append_u8(out, encode_flags(meta));
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        bytes_append_u8(out, meta->fields[field].length_width);
        bytes_append_u64(out, meta->fields[field].total_length);
        bytes_append_u32(out, meta->fields[field].docs_with_field);
    }
    bytes_append_u32(out, meta->symbol_count);
    bytes_append_u32(out, meta->first_symbol);
    encode_kinds(meta, out);
    if (meta->doc_count == 0) encode_code(meta, out);
}

static bool decode_flags(uint8_t flags, struct segment_meta *meta) {
    meta->has_positions = (flags & HAS_POSITIONS) != 0;
    meta->has_text = (flags & HAS_TEXT) != 0;
    return flags <= (HAS_POSITIONS | HAS_TEXT);
}

static bool decode_field(struct byte_reader *reader, uint32_t doc_count, struct segment_field *field) {
    field->length_width = byte_reader_u8(reader);
    field->total_length = byte_reader_u64(reader);
    field->docs_with_field = byte_reader_u32(reader);
    unsigned width = field->length_width;
    return (width <= 2 || width == 4) && field->docs_with_field <= doc_count;
}

/* The bytes of a stream must be what its extents hold, so that nobody makes room for a stream that cannot be there. */
static bool is_sound_kind(unsigned kind, const struct segment_kind_size *size) {
    if (kind == KIND_META || kind >= KIND_COUNT || size->records == 0) return false;
    if (kind == KIND_TERMS || kind == KIND_FORMS) return true;
    return size->bytes > 0 && (size->bytes - 1) / EXTENT_BYTES + 1 == size->records;
}

static bool decode_kinds(struct byte_reader *reader, struct segment_meta *meta) {
    unsigned present = byte_reader_u8(reader), least = 0;
    for (unsigned i = 0; i < present; i++) {
        unsigned kind = byte_reader_u8(reader);
        struct segment_kind_size size;
        size.records = byte_reader_u32(reader);
        size.bytes = byte_reader_u64(reader);
        size.checksum = byte_reader_u64(reader);
        if (reader->failed || kind < least || !is_sound_kind(kind, &size)) return false;
        meta->kinds[kind] = size;
        least = kind + 1;
    }
    return true;
}

static void decode_code(struct byte_reader *reader, struct segment_meta *meta) {
    for (unsigned class = 0; class < NUMBER_CLASSES; class += 2) {
        unsigned pair = byte_reader_u8(reader);
        meta->code_lengths[class] = pair & 15;
        meta->code_lengths[class + 1] = (uint8_t)(pair >> 4);
    }
}

static bool decode_meta(struct byte_reader *reader, struct segment_meta *meta) {
    meta->doc_count = byte_reader_u32(reader);
    meta->term_count = byte_reader_u32(reader);
    meta->form_count = byte_reader_u32(reader);
    meta->posting_count = byte_reader_u64(reader);
    meta->token_count = byte_reader_u64(reader);
    bool is_sound = decode_flags(byte_reader_u8(reader), meta);
    for (unsigned field = 0; field < FIELD_COUNT; field++) {
        is_sound = decode_field(reader, meta->doc_count, &meta->fields[field]) && is_sound;
    }
    meta->symbol_count = byte_reader_u32(reader);
    meta->first_symbol = byte_reader_u32(reader);
    is_sound = decode_kinds(reader, meta) && is_sound;
    if (meta->doc_count == 0) decode_code(reader, meta);
    return is_sound && !reader->failed && byte_reader_left(reader) == 0;
}

revue_status segment_meta_decode(struct view record, struct segment_meta *meta, revue_error *error) {
    struct byte_reader reader = byte_reader_of(record.data, record.size);
    struct segment_meta decoded = {0};
    uint32_t version = byte_reader_u32(&reader);
    if (!reader.failed && version != FORMAT_VERSION) {
        return error_set(error, REVUE_CORRUPT, "a segment has format %u, this program reads format %u", version,
                         FORMAT_VERSION);
    }
    if (!decode_meta(&reader, &decoded)) {
        return error_set(
            error, REVUE_CORRUPT,
            "the META record of a segment contradicts itself: restore the index, or rebuild it from its archive");
    }
    *meta = decoded;
    return REVUE_OK;
}

revue_status segment_meta_read(store_txn *txn, uint32_t segment, struct segment_meta *meta, uint64_t *checksum,
                               revue_error *error) {
    struct key key = key_segment_kind(segment, KIND_META);
    struct view value;
    TRY(store_get(txn, TABLE_SEGMENTS, key_view(&key), &value, error));
    TRY(segment_meta_decode(value, meta, error));
    *checksum = load_le64(value.data + value.size);
    return REVUE_OK;
}

/* ---- opening ---- */

static void open_symbol_streams(struct stream *bytes, struct stream *index, store_txn *txn, uint32_t segment,
                                const struct segment_meta *meta) {
    stream_open(bytes, txn, segment, KIND_SYMBOL_BYTES, meta->kinds[KIND_SYMBOL_BYTES].bytes);
    stream_open(index, txn, segment, KIND_SYMBOL_INDEX, meta->kinds[KIND_SYMBOL_INDEX].bytes);
}

static revue_status open_symbols(struct segment *segment, const struct segment_meta *base, revue_error *error) {
    struct symbol_tables *symbols = &segment->symbols;
    const struct segment_meta *meta = &segment->meta;
    if (base) {
        symbols->base_count = base->symbol_count;
        if (!number_code_make(&symbols->code, base->code_lengths))
            return error_set(error, REVUE_CORRUPT, "the base symbol table has no code; rebuild the index");
        open_symbol_streams(&symbols->base_bytes, &symbols->base_index, segment->txn, BASE_SEGMENT, base);
    }
    if (segment->number == BASE_SEGMENT || meta->symbol_count == 0) return REVUE_OK;
    if ((uint64_t)SYMBOL_FIRST + symbols->base_count != meta->first_symbol) {
        return error_set(error, REVUE_CORRUPT, "segment %u counts its symbols from %u, behind a base table of %u",
                         segment->number, meta->first_symbol, symbols->base_count);
    }
    symbols->local_count = meta->symbol_count;
    open_symbol_streams(&symbols->local_bytes, &symbols->local_index, segment->txn, segment->number, meta);
    return REVUE_OK;
}

static revue_status open_into(struct segment *segment, const struct segment_meta *base, revue_error *error) {
    uint64_t checksum;
    revue_status status = segment_meta_read(segment->txn, segment->number, &segment->meta, &checksum, error);
    if (status == REVUE_NO_MATCH) {
        return error_set(error, REVUE_CORRUPT,
                         "segment %u has no META record: restore the index, or rebuild it from its archive",
                         segment->number);
    }
    if (status != REVUE_OK) return status;
    for (unsigned kind = 0; kind < KIND_COUNT; kind++) {
        stream_open(&segment->streams[kind], segment->txn, segment->number, (enum segment_kind)kind,
                    segment->meta.kinds[kind].bytes);
    }
    return open_symbols(segment, base, error);
}

revue_status segment_open(struct segment **opened, store_txn *txn, uint32_t number, const struct segment_meta *base,
                          revue_error *error) {
    struct segment *segment = memory_alloc_zeroed(1, sizeof *segment);
    if (!segment) return error_no_memory(error);
    segment->txn = txn;
    segment->number = number;
    revue_status status = open_into(segment, base, error);
    if (status != REVUE_OK) {
        segment_close(segment);
        return status;
    }
    *opened = segment;
    return REVUE_OK;
}

revue_status segment_open_listed(struct segment **opened, store_txn *txn, uint32_t number, uint32_t doc_count,
                                 const struct segment_meta *base, revue_error *error) {
    struct segment *segment;
    TRY(segment_open(&segment, txn, number, base, error));
    const uint32_t found = segment->meta.doc_count;
    if (found == doc_count) {
        *opened = segment;
        return REVUE_OK;
    }
    segment_close(segment);
    return error_set(error, REVUE_CORRUPT, "segment %u has %u reviews, its row of the manifest says %u; rebuild the index",
                     number, found, doc_count);
}

void segment_close(struct segment *segment) {
    if (!segment) return;
    terms_reader_close(segment->terms);
    forms_reader_close(segment->forms);
    for (unsigned kind = 0; kind < KIND_COUNT; kind++)
        stream_close(&segment->streams[kind]);
    symbol_tables_close(&segment->symbols);
    memory_free(segment);
}

/* ---- its parts ---- */

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
    return (struct postings_streams){.postings = &segment->streams[KIND_POSTINGS],
                                     .positions = &segment->streams[KIND_POSITIONS],
                                     .skips = &segment->streams[KIND_SKIPS]};
}

struct lengths_reader segment_lengths(struct segment *segment, enum review_field field) {
    return (struct lengths_reader){.stream = &segment->streams[KIND_LENGTHS + field],
                                   .width = segment->meta.fields[field].length_width,
                                   .doc_count = segment->meta.doc_count};
}

struct ids_streams segment_ids(struct segment *segment) {
    return (struct ids_streams){.ids = &segment->streams[KIND_IDS],
                                .index = &segment->streams[KIND_ID_INDEX],
                                .hashes = &segment->streams[KIND_ID_HASHES],
                                .text_hashes = &segment->streams[KIND_TEXT_HASHES],
                                .doc_count = segment->meta.doc_count};
}

struct text_streams segment_text(struct segment *segment) {
    return (struct text_streams){.text = &segment->streams[KIND_TEXT],
                                 .index = &segment->streams[KIND_TEXT_INDEX],
                                 .doc_count = segment->meta.doc_count};
}
