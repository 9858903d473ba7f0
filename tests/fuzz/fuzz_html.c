/* fuzz_html.c - pages, with schema.org data or without. */
#include "tests/fuzz/fuzz_source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct archive_options options = {0};
    fuzz_source(ARCHIVE_HTML, "x.html", &options, data, size);
    return 0;
}
