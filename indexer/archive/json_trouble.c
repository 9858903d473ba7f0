/* json_trouble.c - see json_trouble.h. */
#include "indexer/archive/json_trouble.h"

#include "indexer/archive/names.h"
#include "indexer/base/utf8.h"

#include <stdio.h>
#include <string.h>

#define SHOWN_BYTES 24u /* of what was met */

enum json_trouble_kind json_trouble_kind(enum json_tokener_error result) {
    switch (result) {
    case json_tokener_continue:
    case json_tokener_error_parse_eof: return JSON_ENDS_EARLY;
    case json_tokener_error_depth: return JSON_TOO_DEEP;
    case json_tokener_error_parse_unexpected:
    case json_tokener_error_parse_null:
    case json_tokener_error_parse_boolean: return JSON_NO_VALUE;
    case json_tokener_error_parse_number: return JSON_NO_NUMBER;
    case json_tokener_error_parse_object_key_name: return JSON_NO_KEY;
    case json_tokener_error_parse_object_key_sep: return JSON_NO_COLON;
    case json_tokener_error_parse_array:
    case json_tokener_error_parse_object_value_sep: return JSON_NO_COMMA;
    case json_tokener_error_parse_string: return JSON_NO_STRING;
    case json_tokener_error_size: return JSON_TOO_LONG;
    default: return JSON_OTHER;
    }
}

/* What belongs where the trouble is; NULL when that says nothing. */
static const char *expected_at(enum json_trouble_kind kind) {
    switch (kind) {
    case JSON_NO_OBJECT: return "an object belongs";
    case JSON_TEXT_AFTER: return "the value has ended";
    case JSON_NO_VALUE: return "a value belongs";
    case JSON_NO_NUMBER: return "a number belongs";
    case JSON_NO_KEY: return "a key in quotes belongs";
    case JSON_NO_COLON: return "a colon belongs";
    case JSON_NO_COMMA: return "a comma or the end belongs";
    case JSON_NO_STRING: return "a sound string belongs";
    default: return NULL;
    }
}

static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '+' || c == '-' ||
           c == '_' || (uint8_t)c >= 0x80;
}

/* The beginning of the word that the trouble is in: json-c stops at its first letter that fits no word it knows. */
static size_t word_start(struct view text, size_t at) {
    while (at > 0 && is_word(text.data[at - 1]))
        at--;
    return at;
}

/* The text from there on, as far as its line and a little room go. */
static void show_met(struct view text, size_t at, char *met, size_t size) {
    struct view rest = view_of(text.data + at, text.size - at);
    const char *end = rest.size ? memchr(rest.data, '\n', rest.size) : NULL;
    struct bytes printable = {0};
    size_t shown = end ? (size_t)(end - rest.data) : rest.size;
    bool is_cut = shown > SHOWN_BYTES;
    if (is_cut) shown = utf8_floor(rest.data, SHOWN_BYTES);
    name_append_printable(&printable, view_of(rest.data, shown));
    (void)snprintf(met, size, "'%.*s%s'", (int)printable.size, printable.data ? (const char *)printable.data : "",
                   is_cut ? "..." : "");
    bytes_free(&printable);
}

uint64_t json_explain(const struct json_trouble *trouble, struct view text, bool with_column, char *why, size_t size) {
    const char *expected = expected_at(trouble->kind);
    char met[4 * SHOWN_BYTES + 8], column[40] = "";
    size_t at = trouble->at < text.size ? trouble->at : text.size, line_start = 0;
    uint64_t lines = 0;
    if (trouble->kind == JSON_NO_VALUE || trouble->kind == JSON_NO_NUMBER) at = word_start(text, at);
    for (size_t i = 0; i < at; i++) {
        if (text.data[i] != '\n') continue;
        lines++;
        line_start = i + 1;
    }
    if (with_column || lines > 0) (void)snprintf(column, sizeof column, " at column %zu", at - line_start + 1);
    show_met(text, at, met, sizeof met);
    if (trouble->kind == JSON_TOO_LONG) {
        (void)snprintf(why, size, "one value of more than 2 GiB");
        return 0;
    }
    if (trouble->kind == JSON_ENDS_EARLY || (expected && at == text.size))
        (void)snprintf(why, size, "it ends early, after byte %zu", text.size);
    else if (trouble->kind == JSON_TOO_DEEP)
        (void)snprintf(why, size, "nested too deeply%s", column);
    else if (expected)
        (void)snprintf(why, size, "%s%s, where %s", met, column, expected);
    else
        (void)snprintf(why, size, "%s%s cannot be read", met, column);
    return lines;
}
