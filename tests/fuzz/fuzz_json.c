/* fuzz_json.c - JSON lines, arrays and objects, with a --map that follows a path and a column. */
#include "tests/fuzz/fuzz_source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct archive_map map[] = {{SLOT_PRODUCT, view_of_string("a.b")}, {SLOT_TAGS, view_of_string("c")}};
    const struct archive_column columns[] = {{view_of_string("d"), COLUMN_NUMBER}, {view_of_string("a.d"), COLUMN_KEYWORD}};
    const struct archive_options options = {.map = map, .map_count = 2, .columns = columns, .column_count = 2};
    fuzz_source(ARCHIVE_JSONL, "x.json", &options, data, size);
    return 0;
}
