/* printer_json.c - see printer.h. JSON as RFC 8259 has it, on one line, without blanks.
 *
 * What is printed ends up in logs, on terminals and inside <script> elements as often as in a parser, so every string is
 * written to be harmless there too: control characters of both sets, the line separators JavaScript once stumbled over,
 * characters that turn the direction of writing, and "</" are escaped. A parser reads them back as they were. */
#include "indexer/base/printer.h"

#include "indexer/base/number.h"
#include "indexer/base/utf8.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

void printer_start(struct printer *printer, struct bytes *out) {
    memset(printer, 0, sizeof *printer);
    printer->out = out;
}

/* What stands before a value or a key: a comma unless it is the first of its map or list, or follows its key. */
static void separate(struct printer *printer) {
    if (printer->after_key) {
        printer->after_key = false;
        return;
    }
    if (printer->needs_comma[printer->depth]) bytes_append_u8(printer->out, ',');
    printer->needs_comma[printer->depth] = true;
}

static void begin(struct printer *printer, uint8_t bracket) {
    separate(printer);
    if (printer->depth + 1 >= PRINTER_DEPTH) {
        printer->out->failed = true;
        return;
    }
    bytes_append_u8(printer->out, bracket);
    printer->needs_comma[++printer->depth] = false;
}

static void end(struct printer *printer, uint8_t bracket) {
    if (printer->depth > 0) printer->depth--;
    bytes_append_u8(printer->out, bracket);
}

void printer_begin_map(struct printer *printer) {
    begin(printer, '{');
}

void printer_end_map(struct printer *printer) {
    end(printer, '}');
}

void printer_begin_list(struct printer *printer) {
    begin(printer, '[');
}

void printer_end_list(struct printer *printer) {
    end(printer, ']');
}

/* Characters past ASCII that are written as \uXXXX: the controls of Latin-1, line and paragraph separator, and what
 * changes the direction of writing. All are in the basic plane. */
static bool is_escaped(uint32_t character) {
    if (character < 0xA0) return true;
    if (character == 0x061C || character == 0x200E || character == 0x200F) return true;
    return (character >= 0x2028 && character <= 0x202E) || (character >= 0x2066 && character <= 0x2069);
}

static void append_escaped_ascii(struct bytes *out, char character) {
    switch (character) {
    case '"': bytes_append_string(out, "\\\""); break;
    case '\\': bytes_append_string(out, "\\\\"); break;
    case '/': bytes_append_string(out, "\\/"); break;
    case '\b': bytes_append_string(out, "\\b"); break;
    case '\f': bytes_append_string(out, "\\f"); break;
    case '\n': bytes_append_string(out, "\\n"); break;
    case '\r': bytes_append_string(out, "\\r"); break;
    case '\t': bytes_append_string(out, "\\t"); break;
    default: bytes_append_format(out, "\\u%04x", (unsigned)(unsigned char)character); break;
    }
}

static bool is_plain_ascii(const char *data, size_t at) {
    char character = data[at];
    if (character == '/') return at == 0 || data[at - 1] != '<';
    return character >= ' ' && character < 0x7F && character != '"' && character != '\\';
}

/* One character that may not be copied as it stands; returns its length. */
static size_t append_special(struct bytes *out, const char *data, size_t size) {
    if ((unsigned char)*data < 0x80) {
        append_escaped_ascii(out, *data);
        return 1;
    }
    size_t length;
    uint32_t character = utf8_decode(data, size, &length);
    char encoded[4];
    if (is_escaped(character)) {
        bytes_append_format(out, "\\u%04" PRIx32, character);
    } else {
        bytes_append(out, encoded, utf8_encode(character, encoded));
    }
    return length;
}

static void append_text(struct bytes *out, const char *data, size_t size) {
    for (size_t at = 0; at < size;) {
        size_t run = at;
        while (run < size && is_plain_ascii(data, run))
            run++;
        bytes_append(out, data + at, run - at);
        at = run;
        if (at < size) at += append_special(out, data + at, size - at);
    }
}

/* The text with every maximal ill-formed part replaced, in *repaired when that was needed. */
static struct view repair(struct view text, struct bytes *repaired) {
    if (text.size == 0 || utf8_valid_prefix(text.data, text.size) == text.size) return text;
    utf8_repair(repaired, text.data, text.size);
    return bytes_view(repaired);
}

static void append_quoted(struct bytes *out, struct view text) {
    struct bytes repaired = {0};
    text = repair(text, &repaired);
    bytes_append_u8(out, '"');
    append_text(out, text.data, text.size);
    bytes_append_u8(out, '"');
    if (repaired.failed) out->failed = true;
    bytes_free(&repaired);
}

void printer_string(struct printer *printer, struct view text) {
    separate(printer);
    append_quoted(printer->out, text);
}

void printer_key(struct printer *printer, const char *key) {
    separate(printer);
    append_quoted(printer->out, view_of_string(key));
    bytes_append_u8(printer->out, ':');
    printer->after_key = true;
}

void printer_integer(struct printer *printer, int64_t value) {
    separate(printer);
    bytes_append_format(printer->out, "%" PRId64, value);
}

void printer_unsigned(struct printer *printer, uint64_t value) {
    separate(printer);
    bytes_append_format(printer->out, "%" PRIu64, value);
}

void printer_number(struct printer *printer, double value) {
    separate(printer);
    if (isfinite(value))
        number_append(printer->out, value);
    else
        bytes_append_string(printer->out, "null");
}

void printer_decimals(struct printer *printer, double value, int decimals) {
    separate(printer);
    if (isfinite(value))
        number_append_decimals(printer->out, value, decimals);
    else
        bytes_append_string(printer->out, "null");
}

void printer_boolean(struct printer *printer, bool value) {
    separate(printer);
    bytes_append_string(printer->out, value ? "true" : "false");
}

void printer_key_string(struct printer *printer, const char *key, const char *text) {
    if (!text) return;
    printer_key(printer, key);
    printer_string(printer, view_of_string(text));
}

void printer_key_unsigned(struct printer *printer, const char *key, uint64_t value) {
    printer_key(printer, key);
    printer_unsigned(printer, value);
}

void printer_key_number(struct printer *printer, const char *key, double value) {
    printer_key(printer, key);
    printer_number(printer, value);
}

void printer_key_boolean(struct printer *printer, const char *key, bool value) {
    printer_key(printer, key);
    printer_boolean(printer, value);
}
