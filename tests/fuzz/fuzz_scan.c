/* fuzz_scan.c - any bytes, repaired to UTF-8 as the archive readers do: spans follow each other to the end without a hole,
 * gaps do not follow gaps, bigrams cover their run; the unrepaired bytes must at least not be read past their end. */
#include <stdlib.h>

#include "indexer/base/utf8.h"
#include "indexer/text/scan.h"
#include "tests/fuzz/fuzz.h"

static void check_bigrams(struct view run) {
    uint32_t at = 0, start, size, last_start = 0, last_end = 0;
    while (ideographs_next(run, &at, &start, &size)) {
        require(size > 0 && start + size <= run.size);
        if (last_end == 0)
            require(start == 0);
        else
            require(start > last_start && start < last_end && start + size > last_end);
        last_start = start;
        last_end = start + size;
    }
    require(last_end == run.size);
}

static void check_spans(struct view text, bool is_valid) {
    struct scanner scanner;
    struct span span;
    uint32_t at = 0;
    bool after_gap = false;
    scanner_start(&scanner, text);
    while (scanner_next(&scanner, &span)) {
        require(span.start == at && span.size > 0 && span.size <= text.size - at);
        require(!(span.kind == SPAN_GAP && after_gap));
        if (is_valid) require(utf8_valid_prefix(text.data + span.start, span.size) == span.size);
        if (span.kind == SPAN_IDEOGRAPHS) check_bigrams(view_of(text.data + span.start, span.size));
        after_gap = span.kind == SPAN_GAP;
        at += span.size;
    }
    require(at == text.size);
}

/* An exact copy, so that a sanitizer sees the first byte read past the end. */
static void check_exact(const void *data, size_t size, bool is_valid) {
    char *exact = malloc(size ? size : 1);
    require(exact);
    if (size) memcpy(exact, data, size);
    check_spans(view_of(exact, size), is_valid);
    for (uint32_t at = 0; at < size;) {
        uint32_t next = scan_uax29_next(exact, (uint32_t)size, at);
        require(next > at && next <= size);
        at = next;
    }
    free(exact);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct bytes text = {0};
    if (size > 1 << 16) return 0;
    utf8_repair(&text, (const char *)data, size);
    require(!text.failed);
    check_exact(text.data, text.size, true);
    check_exact(data, size, false);
    bytes_free(&text);
    return 0;
}
