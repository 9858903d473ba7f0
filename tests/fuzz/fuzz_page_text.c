/* fuzz_page_text.c - what reviews, queries and links bring to the search page. Input: any bytes.
 *
 * Whatever they are, the HTML made of them is valid UTF-8 without a control, and none of its bytes opens or closes an
 * element or an attribute. A filter that can be cut is put together again from its parts. Of addresses only http: and
 * https: pass. */
#include "indexer/base/memory.h"
#include "indexer/base/utf8.h"
#include "query/serve/page/filter_parts.h"
#include "query/serve/page/labels.h"
#include "query/serve/page/page_html.h"
#include "tests/fuzz/fuzz.h"

#include <strings.h>

/* Takes what was appended. */
static void require_harmless(struct bytes *out, bool may_have_elements) {
    require(utf8_valid_prefix((const char *)out->data, out->size) == out->size);
    for (size_t i = 0; i < out->size; i++) {
        const uint8_t byte = out->data[i];
        require((byte >= 0x20 || byte == '\n' || byte == '\t') && byte != 0x7F && byte != '\'');
        require(may_have_elements || (byte != '<' && byte != '>' && byte != '"'));
    }
    bytes_free(out);
}

static void try_text(struct view text) {
    struct bytes out = {0};
    page_html_text(&out, text);
    require_harmless(&out, false);
    page_html_attribute(&out, text);
    require_harmless(&out, false);
    label_field(text, &out);
    require_harmless(&out, false);
    label_value(view_of_string("lang"), text, &out);
    require_harmless(&out, false);
}

static void try_filter(const char *filter) {
    struct filter_parts parts;
    struct bytes again = {0}, label = {0};
    filter_parts_read(filter, &parts);
    require(parts.count <= FILTER_PARTS_MAX && (parts.count == 1 || !parts.is_whole));
    size_t part_bytes = 0;
    for (size_t i = 0; i < parts.count; i++) {
        require(filter_parts_find(&parts, parts.parts[i]) <= i);
        part_bytes += parts.parts[i].size;
        filter_part_label(parts.parts[i], &label);
        require_harmless(&label, true);
        filter_parts_without(&parts, i, &again);
    }
    filter_parts_without(&parts, FILTER_PART_NONE, &again);
    require(parts.count == 0 || again.size == part_bytes + parts.count);
    bytes_free(&again);
}

static void try_string(const char *string) {
    struct bytes out = {0};
    label_date(string, &out);
    require_harmless(&out, true);
    page_html_direction(&out, string);
    require_harmless(&out, true);
    if (page_html_is_web_address(string)) {
        require(strncasecmp(string, "http://", 7) == 0 || strncasecmp(string, "https://", 8) == 0);
        require(strpbrk(string, " \t\r\n\\") == NULL);
    }
    try_filter(string);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    try_text(view_of(data, size));
    char *string = memory_copy_bytes(data, size);
    if (string) try_string(string);
    memory_free(string);
    return 0;
}
