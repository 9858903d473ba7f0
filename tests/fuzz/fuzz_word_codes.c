/* fuzz_word_codes.c - a coded text and its symbol tables, both from hostile bytes.
 *
 * Input: u8 number code (see symbol_code.h), u8 base symbols, u8 local ones, u8 0, u16 bytes of SYMBOL_INDEX, u16 of
 * SYMBOL_BYTES, then those bytes (the same for both tables) and, to the end, the codes. The cache must not change what is
 * decoded, and codes put together anew from their items decode to the same. */
#include "indexer/format/stored_text.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/memory_stream.h"
#include "tests/support/symbol_code.h"

#define HEAD 8u
#define LIMIT (1u << 20)

/* The items as another writer would put them; NO_BLANK is an item like any other here. */
static bool write_anew(struct view codes, const struct number_code *code, struct bytes *out) {
    struct word_codes_walk walk;
    struct word_codes_writer writer;
    struct text_item item;
    word_codes_walk_start(&walk, code, codes);
    word_codes_start(&writer, code, out);
    while (word_codes_walk_next(&walk, &item))
        word_codes_append(&writer, item, false, false, true);
    word_codes_finish(&writer);
    return !walk.failed;
}

static void decode(struct symbol_tables *tables, struct view codes) {
    struct bytes first = {0}, second = {0}, third = {0}, anew = {0};
    revue_status status = word_codes_decode_up_to(tables, codes, LIMIT, &first, NULL);
    require(word_codes_decode_up_to(tables, codes, LIMIT, &second, NULL) == status);
    require(view_equal(bytes_view(&first), bytes_view(&second)) && first.size <= LIMIT);
    if (status == REVUE_OK && tables->code.is_made) {
        require(write_anew(codes, &tables->code, &anew) && !anew.failed);
        require(word_codes_decode_up_to(tables, bytes_view(&anew), LIMIT, &third, NULL) == REVUE_OK);
        require(view_equal(bytes_view(&first), bytes_view(&third)));
    }
    bytes_free(&first);
    bytes_free(&second);
    bytes_free(&third);
    bytes_free(&anew);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < HEAD) return 0;
    size_t index_size = load_le16(data + 4), bytes_size = load_le16(data + 6);
    if (size - HEAD < index_size + bytes_size) return 0;
    const uint8_t *index = data + HEAD, *bytes = index + index_size, *codes = bytes + bytes_size;
    struct symbol_tables tables = {.base_count = data[1], .local_count = data[2]};
    symbol_code_make(&tables.code, data[0]);
    memory_stream_open(&tables.base_index, KIND_SYMBOL_INDEX, index, index_size);
    memory_stream_open(&tables.base_bytes, KIND_SYMBOL_BYTES, bytes, bytes_size);
    memory_stream_open(&tables.local_index, KIND_SYMBOL_INDEX, index, index_size);
    memory_stream_open(&tables.local_bytes, KIND_SYMBOL_BYTES, bytes, bytes_size);
    decode(&tables, view_of(codes, (size_t)(data + size - codes)));
    memory_stream_close(&tables.base_index);
    memory_stream_close(&tables.base_bytes);
    memory_stream_close(&tables.local_index);
    memory_stream_close(&tables.local_bytes);
    symbol_tables_close(&tables);
    return 0;
}
