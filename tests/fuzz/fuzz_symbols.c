/* fuzz_symbols.c - symbol tables from hostile bytes.
 *
 * Input: u8 base symbols, u8 local ones, u16 bytes of SYMBOL_INDEX, then those and, to the end, SYMBOL_BYTES; both tables
 * have the same bytes. A symbol that is given has 1 to 127 bytes, and a table written of all that were given is the same
 * when read. */
#include "indexer/format/stored_text.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/memory_stream.h"

#define HEAD 4u
#define SYMBOLS_MAX 512u

/* Symbols that were given, each with bytes of its own. */
struct given {
    struct symbol symbols[SYMBOLS_MAX];
    char bytes[SYMBOLS_MAX][SYMBOL_BYTES_MAX];
    uint32_t count;
};
static struct given given;

static void keep(const struct symbol *symbol) {
    char *copy = given.bytes[given.count];
    memcpy(copy, symbol->bytes.data, symbol->bytes.size);
    given.symbols[given.count++] = (struct symbol){view_of(copy, symbol->bytes.size), symbol->is_gap};
}

static void read_all(struct symbol_tables *tables) {
    const uint32_t end = SYMBOL_FIRST + tables->base_count + tables->local_count;
    struct bytes scratch = {0};
    struct symbol symbol;
    given.count = 0;
    for (uint32_t number = SYMBOL_FIRST; number < end; number++) {
        revue_status status = symbol_tables_get(tables, number, &scratch, &symbol, NULL);
        require(status == REVUE_OK || status == REVUE_CORRUPT);
        if (status != REVUE_OK) continue;
        require(symbol.bytes.size >= 1 && symbol.bytes.size <= SYMBOL_BYTES_MAX);
        keep(&symbol);
    }
    for (uint32_t number = 0; number < SYMBOL_FIRST; number++)
        require(symbol_tables_get(tables, number, &scratch, &symbol, NULL) == REVUE_CORRUPT);
    require(symbol_tables_get(tables, end, &scratch, &symbol, NULL) == REVUE_CORRUPT);
    require(symbol_tables_get(tables, UINT32_MAX, &scratch, &symbol, NULL) == REVUE_CORRUPT);
    bytes_free(&scratch);
}

static void write_anew(void) {
    struct memory_sink sink;
    struct symbol_tables anew = {.local_count = given.count};
    struct bytes scratch = {0};
    struct symbol symbol;
    uint64_t bytes_size, index_size;
    memory_sink_open(&sink);
    require(symbols_write(&sink.sink, given.symbols, given.count, &bytes_size, &index_size, NULL) == REVUE_OK);
    const struct memory_kind *bytes = &sink.kinds[KIND_SYMBOL_BYTES], *index = &sink.kinds[KIND_SYMBOL_INDEX];
    require(bytes->size == bytes_size && index->size == index_size);
    memory_stream_open(&anew.local_bytes, KIND_SYMBOL_BYTES, bytes->data, bytes->size);
    memory_stream_open(&anew.local_index, KIND_SYMBOL_INDEX, index->data, index->size);
    for (uint32_t i = 0; i < given.count; i++) {
        require(symbol_tables_get(&anew, SYMBOL_FIRST + i, &scratch, &symbol, NULL) == REVUE_OK);
        require(view_equal(symbol.bytes, given.symbols[i].bytes) && symbol.is_gap == given.symbols[i].is_gap);
    }
    memory_stream_close(&anew.local_bytes);
    memory_stream_close(&anew.local_index);
    memory_sink_close(&sink);
    bytes_free(&scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < HEAD) return 0;
    const size_t index_size = load_le16(data + 2);
    if (size - HEAD < index_size) return 0;
    const uint8_t *index = data + HEAD, *bytes = index + index_size;
    const size_t bytes_size = size - HEAD - index_size;
    struct symbol_tables tables = {.base_count = data[0], .local_count = data[1]};
    memory_stream_open(&tables.base_index, KIND_SYMBOL_INDEX, index, index_size);
    memory_stream_open(&tables.base_bytes, KIND_SYMBOL_BYTES, bytes, bytes_size);
    memory_stream_open(&tables.local_index, KIND_SYMBOL_INDEX, index, index_size);
    memory_stream_open(&tables.local_bytes, KIND_SYMBOL_BYTES, bytes, bytes_size);
    read_all(&tables);
    write_anew();
    memory_stream_close(&tables.base_index);
    memory_stream_close(&tables.base_bytes);
    memory_stream_close(&tables.local_index);
    memory_stream_close(&tables.local_bytes);
    symbol_tables_close(&tables);
    return 0;
}
