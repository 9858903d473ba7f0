/* fuzz_delimited.c - CSV, TSV and what a file without an extension turns out to be; the first byte chooses. */
#include "tests/fuzz/fuzz_source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct archive_map map[] = {{SLOT_BODY, view_of_string("2")}, {SLOT_RATING, view_of_string("mark")}};
    struct archive_options options = {.map = map};
    if (size == 0) return 0;
    options.map_count = data[0] & 4 ? 2 : 0;
    enum archive_format format = data[0] % 4 == 0 ? ARCHIVE_CSV : data[0] % 4 == 1 ? ARCHIVE_TSV : ARCHIVE_AUTO;
    fuzz_source(format, "folder/paris_ritz", &options, data + 1, size - 1);
    return 0;
}
