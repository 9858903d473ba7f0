/* fuzz_charset.c - character sets: whatever the bytes, the text is valid UTF-8, and UTF-16 is the same however it is cut.
 */
#include "tests/fuzz/fuzz_source.h"

#include "indexer/archive/charset.h"

static void check_utf16(struct view bytes, bool big_endian, size_t cut) {
    struct utf16_decoder whole = {.big_endian = big_endian}, pieces = whole;
    struct bytes a = {0}, b = {0};
    utf16_decode(&whole, bytes, &a);
    utf16_finish(&whole, &a);
    utf16_decode(&pieces, view_of(bytes.data, cut), &b);
    utf16_decode(&pieces, view_of(bytes.data + cut, bytes.size - cut), &b);
    utf16_finish(&pieces, &b);
    require(view_equal(bytes_view(&a), bytes_view(&b)));
    fuzz_check_text(bytes_view(&a));
    bytes_free(&a);
    bytes_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct archive_options options = {0};
    struct view bytes = view_of(data, size), text;
    struct bytes scratch = {0};
    require(charset_decode(bytes, &scratch, &text));
    fuzz_check_text(text);
    bytes_free(&scratch);
    check_utf16(bytes, size % 2, size / 3);
    fuzz_source(ARCHIVE_LINES, "x.pos", &options, data, size);
    fuzz_source(ARCHIVE_TEXT, "x.txt", &options, data, size);
    return 0;
}
