/* json_flat.c - see json_flat.h. One pass; a string without escapes stays where it is. */
#include "indexer/archive/json_flat.h"

#include "indexer/base/byte_lanes.h"
#include "indexer/base/utf8.h"

#define DIGITS_MAX 15u /* of a number: json-c keeps each as it is written, as a 64-bit integer or a double */

struct reading {
    struct view text;
    size_t at;
    char *kept; /* where the next string without its escapes goes; there is room for all of them */
};

static char byte_at(const struct reading *reading) {
    return reading->at < reading->text.size ? reading->text.data[reading->at] : '\0';
}

static bool is_blank(char byte) {
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static void skip_blanks(struct reading *reading) {
    while (is_blank(byte_at(reading)))
        reading->at++;
}

static bool take(struct reading *reading, char wanted) {
    if (byte_at(reading) != wanted) return false;
    reading->at++;
    return true;
}

/* ---- strings ---- */

/* The next byte from at on that is a quote, a backslash or a control; the size when there is none. */
static size_t next_stop(struct view text, size_t at) {
    for (; text.size - at >= BYTE_LANES; at += BYTE_LANES) {
        byte_lanes bytes = byte_lanes_load(text.data + at);
        uint32_t stops =
            byte_lanes_bits((byte_lanes)(bytes == '"') | (byte_lanes)(bytes == '\\') | (byte_lanes)(bytes < 0x20));
        if (stops) return at + (size_t)__builtin_ctz(stops);
    }
    while (at < text.size && text.data[at] != '"' && text.data[at] != '\\' && (uint8_t)text.data[at] >= 0x20)
        at++;
    return at;
}

/* Four hexadecimal digits; a value beyond 16 bits when they are not there. */
static uint32_t take_hex(struct reading *reading) {
    uint32_t value = 0;
    for (unsigned i = 0; i < 4; i++, reading->at++) {
        char byte = byte_at(reading), lower = (char)(byte | 0x20);
        bool is_digit = byte >= '0' && byte <= '9', is_letter = lower >= 'a' && lower <= 'f';
        if (!is_digit && !is_letter) return UINT32_MAX;
        value = value << 4 | (uint32_t)(is_digit ? byte - '0' : lower - 'a' + 10);
    }
    return value;
}

/* The character behind "\u"; zero, and halves of a pair that stand alone, are left to json-c. */
static bool take_code(struct reading *reading) {
    uint32_t code = take_hex(reading);
    if (code >= 0xD800 && code <= 0xDBFF) {
        if (!take(reading, '\\') || !take(reading, 'u')) return false;
        uint32_t low = take_hex(reading);
        if (low < 0xDC00 || low > 0xDFFF) return false;
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (code == 0 || code > 0xFFFF || (code >= 0xDC00 && code <= 0xDFFF)) {
        return false;
    }
    reading->kept += utf8_encode(code, reading->kept);
    return true;
}

/* What a backslash begins. */
static bool take_escape(struct reading *reading) {
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    reading->at++;
    char byte = byte_at(reading);
    const char *name = byte ? strchr(names, byte) : NULL;
    if (byte) reading->at++;
    if (!name) return byte == 'u' && take_code(reading);
    *reading->kept++ = values[name - names];
    return true;
}

/* A string from its opening quote on. */
static bool take_string(struct reading *reading, bool may_escape, struct view *string) {
    if (!take(reading, '"')) return false;
    const char *data = reading->text.data;
    size_t start = reading->at, stop = next_stop(reading->text, start);
    char *const kept = reading->kept;
    for (;; stop = next_stop(reading->text, start)) {
        reading->at = stop;
        char byte = byte_at(reading);
        bool is_whole = byte == '"' && reading->kept == kept;
        if (is_whole) *string = view_of(data + start, stop - start);
        if (!is_whole) reading->kept = mempcpy(reading->kept, data + start, stop - start);
        if (byte == '"') break;
        if (byte != '\\' || !may_escape || !take_escape(reading)) return false;
        start = reading->at;
    }
    reading->at++;
    if (reading->kept != kept) *string = view_of(kept, (size_t)(reading->kept - kept));
    return true;
}

/* ---- other values ---- */

static bool ends_value(const struct reading *reading) {
    char behind = byte_at(reading);
    return behind == ',' || behind == '}' || is_blank(behind);
}

static size_t take_digits(struct reading *reading) {
    size_t first = reading->at;
    while (byte_at(reading) >= '0' && byte_at(reading) <= '9')
        reading->at++;
    return reading->at - first;
}

/* 12, -3, 4.50: no exponent, no leading zero, no negative zero, and few digits. */
static bool take_number(struct reading *reading, struct view *number) {
    size_t first = reading->at, fraction = 0;
    bool is_negative = take(reading, '-'), is_zero = byte_at(reading) == '0';
    size_t digits = take_digits(reading);
    if (digits == 0 || (is_zero && (digits > 1 || is_negative))) return false;
    if (take(reading, '.')) {
        fraction = take_digits(reading);
        if (fraction == 0) return false;
    }
    *number = view_of(reading->text.data + first, reading->at - first);
    return digits + fraction <= DIGITS_MAX && ends_value(reading);
}

static bool take_word(struct reading *reading, const char *word) {
    size_t size = strlen(word);
    if (reading->text.size - reading->at < size || memcmp(reading->text.data + reading->at, word, size) != 0) return false;
    reading->at += size;
    return ends_value(reading);
}

static bool take_value(struct reading *reading, struct json_flat_member *member) {
    member->text = view_of(NULL, 0);
    switch (byte_at(reading)) {
    case '"': member->kind = JSON_FLAT_TEXT; return take_string(reading, true, &member->text);
    case 't': member->kind = JSON_FLAT_TRUE; return take_word(reading, "true");
    case 'f': member->kind = JSON_FLAT_FALSE; return take_word(reading, "false");
    case 'n': member->kind = JSON_FLAT_NULL; return take_word(reading, "null");
    default: member->kind = JSON_FLAT_NUMBER; return take_number(reading, &member->text);
    }
}

/* ---- objects ---- */

static bool is_named_already(const struct json_flat *flat, struct view name) {
    for (unsigned i = 0; i < flat->count; i++)
        if (view_equal(flat->members[i].name, name)) return true;
    return false;
}

static bool take_member(struct json_flat *flat, struct reading *reading) {
    if (flat->count == JSON_FLAT_MEMBERS) return false;
    struct json_flat_member *member = &flat->members[flat->count];
    skip_blanks(reading);
    if (!take_string(reading, false, &member->name) || is_named_already(flat, member->name)) return false;
    skip_blanks(reading);
    if (!take(reading, ':')) return false;
    skip_blanks(reading);
    if (!take_value(reading, member)) return false;
    skip_blanks(reading);
    flat->count++;
    return true;
}

bool json_flat_read(struct json_flat *flat, struct view text) {
    struct reading reading = {.text = text};
    flat->count = 0;
    skip_blanks(&reading);
    if (!take(&reading, '{')) return false;
    bytes_clear(&flat->scratch);
    reading.kept = (char *)bytes_extend(&flat->scratch, text.size);
    flat->scratch.failed = false; /* json-c will have to do with what there is */
    if (!reading.kept) return false;
    do {
        if (!take_member(flat, &reading)) return false;
    } while (take(&reading, ','));
    if (!take(&reading, '}')) return false;
    skip_blanks(&reading);
    return reading.at == text.size;
}
