/* fuzz_stored_text.c - the records of stored text and their codings from hostile bytes.
 *
 * Input: u8 number code (see symbol_code.h), u8 symbols, u8 reviews (under 48), u8 0, u16 bytes of TEXT_INDEX, u16 of
 * SYMBOL_INDEX, u16 of SYMBOL_BYTES, then those bytes and, to the end, TEXT. Records written anew of the parts that are
 * read give the same parts, a part decodes to the same bytes every time, and those bytes survive whatever coding is chosen
 * for them. */
#include "indexer/format/stored_text.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/memory_stream.h"
#include "tests/support/symbol_code.h"

#define HEAD 10u
#define LIMIT (1u << 16)
#define REVIEWS_MAX 48u

static void choose_anew(struct symbol_tables *tables, struct view raw, struct view codes) {
    struct bytes again = {0};
    struct text_packer packer = {0};
    struct text_part part;
    require(text_part_choose(raw, codes, &packer, &part, NULL) == REVUE_OK);
    require(part.data.size <= raw.size);
    require(text_part_decode(tables, part, raw.size, &again, NULL) == REVUE_OK);
    require(view_equal(bytes_view(&again), raw));
    text_packer_free(&packer);
    bytes_free(&again);
}

static void decode(struct symbol_tables *tables, struct text_part part) {
    struct bytes first = {0}, second = {0};
    revue_status status = text_part_decode(tables, part, LIMIT, &first, NULL);
    require(status == REVUE_OK || status == REVUE_CORRUPT);
    require(text_part_decode(tables, part, LIMIT, &second, NULL) == status);
    require(first.size <= LIMIT && (status == REVUE_OK || first.size == 0));
    require(view_equal(bytes_view(&first), bytes_view(&second)));
    if (status == REVUE_OK) {
        struct view codes = part.coding == CODING_WORDS ? part.data : view_of(NULL, 0);
        choose_anew(tables, bytes_view(&first), codes);
        choose_anew(tables, bytes_view(&first), view_of(NULL, 0));
    }
    bytes_free(&first);
    bytes_free(&second);
}

static void write_anew(const struct text_part parts[TEXT_FIELD_COUNT]) {
    struct memory_sink sink;
    struct stream text, index;
    text_writer *writer;
    uint64_t text_size, index_size;
    struct bytes scratch = {0};
    struct text_part again[TEXT_FIELD_COUNT];
    memory_sink_open(&sink);
    require(text_writer_create(&writer, &sink.sink, NULL) == REVUE_OK);
    require(text_writer_add(writer, parts, NULL) == REVUE_OK);
    require(text_writer_finish(writer, &text_size, &index_size, NULL) == REVUE_OK);
    memory_stream_open(&text, KIND_TEXT, sink.kinds[KIND_TEXT].data, (size_t)text_size);
    memory_stream_open(&index, KIND_TEXT_INDEX, sink.kinds[KIND_TEXT_INDEX].data, (size_t)index_size);
    require(text_read((struct text_streams){&text, &index, 1}, 0, &scratch, again, NULL) == REVUE_OK);
    for (unsigned field = 0; field < TEXT_FIELD_COUNT; field++)
        require(again[field].coding == parts[field].coding && view_equal(again[field].data, parts[field].data));
    text_writer_free(writer);
    memory_stream_close(&text);
    memory_stream_close(&index);
    memory_sink_close(&sink);
    bytes_free(&scratch);
}

static void read_all(struct text_streams streams, struct symbol_tables *tables) {
    struct bytes scratch = {0};
    struct text_part parts[TEXT_FIELD_COUNT];
    for (uint32_t doc = 0; doc < streams.doc_count; doc++) {
        revue_status status = text_read(streams, doc, &scratch, parts, NULL);
        require(status == REVUE_OK || status == REVUE_CORRUPT);
        if (status != REVUE_OK) continue;
        for (unsigned field = 0; field < TEXT_FIELD_COUNT; field++)
            decode(tables, parts[field]);
        write_anew(parts);
    }
    require(text_read(streams, streams.doc_count, &scratch, parts, NULL) == REVUE_CORRUPT);
    bytes_free(&scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < HEAD) return 0;
    const size_t text_index_size = load_le16(data + 4), index_size = load_le16(data + 6), bytes_size = load_le16(data + 8);
    if (size - HEAD < text_index_size + index_size + bytes_size) return 0;
    const uint8_t *text_index = data + HEAD, *index = text_index + text_index_size, *bytes = index + index_size;
    const uint8_t *text = bytes + bytes_size;
    struct symbol_tables tables = {.local_count = data[1]};
    symbol_code_make(&tables.code, data[0]);
    struct stream text_stream, text_index_stream;
    memory_stream_open(&tables.local_index, KIND_SYMBOL_INDEX, index, index_size);
    memory_stream_open(&tables.local_bytes, KIND_SYMBOL_BYTES, bytes, bytes_size);
    memory_stream_open(&text_index_stream, KIND_TEXT_INDEX, text_index, text_index_size);
    memory_stream_open(&text_stream, KIND_TEXT, text, (size_t)(data + size - text));
    read_all((struct text_streams){&text_stream, &text_index_stream, data[2] % REVIEWS_MAX}, &tables);
    memory_stream_close(&tables.local_index);
    memory_stream_close(&tables.local_bytes);
    memory_stream_close(&text_index_stream);
    memory_stream_close(&text_stream);
    symbol_tables_close(&tables);
    return 0;
}
