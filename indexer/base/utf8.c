/* utf8.c - see utf8.h. Eight ASCII bytes at a time; everything else by the table of the Unicode Standard (3-7). */
#include "indexer/base/utf8.h"

/* Length of the well-formed character at data, or 0; *bad is then the length of the maximal ill-formed part. */
static size_t character_length(const uint8_t *data, size_t size, size_t *bad) {
    *bad = 1;
    uint8_t lead = data[0];
    if (lead < 0x80) return 1;
    if (lead < 0xC2 || lead > 0xF4) return 0;
    size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    uint8_t low = 0x80, high = 0xBF;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
    for (size_t i = 1; i < length; i++) {
        if (i >= size || data[i] < low || data[i] > high) {
            *bad = i;
            return 0;
        }
        low = 0x80;
        high = 0xBF;
    }
    return length;
}

size_t utf8_valid_prefix(const char *data, size_t size) {
    const uint8_t *bytes = (const uint8_t *)data;
    size_t at = 0, bad;
    while (at < size) {
        if (size - at >= 8 && (load_le64(bytes + at) & 0x8080808080808080u) == 0) {
            at += 8;
            continue;
        }
        size_t length = character_length(bytes + at, size - at, &bad);
        if (length == 0) return at;
        at += length;
    }
    return size;
}

size_t utf8_repair(struct bytes *out, const char *data, size_t size) {
    size_t replacements = 0;
    while (size > 0) {
        size_t valid = utf8_valid_prefix(data, size), bad = 0;
        bytes_append(out, data, valid);
        data += valid;
        size -= valid;
        if (size == 0) break;
        (void)character_length((const uint8_t *)data, size, &bad);
        bytes_append(out, "\xEF\xBF\xBD", 3);
        data += bad;
        size -= bad;
        replacements++;
    }
    return replacements;
}

uint32_t utf8_decode(const char *data, size_t size, size_t *length) {
    const uint8_t *b = (const uint8_t *)data;
    size_t bad;
    *length = character_length(b, size, &bad);
    switch (*length) {
    case 1: return b[0];
    case 2: return (uint32_t)(b[0] & 0x1F) << 6 | (b[1] & 0x3F);
    case 3: return (uint32_t)(b[0] & 0x0F) << 12 | (uint32_t)(b[1] & 0x3F) << 6 | (b[2] & 0x3F);
    case 4:
        return (uint32_t)(b[0] & 0x07) << 18 | (uint32_t)(b[1] & 0x3F) << 12 | (uint32_t)(b[2] & 0x3F) << 6 | (b[3] & 0x3F);
    default: *length = 1; return UTF8_REPLACEMENT;
    }
}

size_t utf8_encode(uint32_t character, char out[4]) {
    if (character > 0x10FFFF || (character >= 0xD800 && character <= 0xDFFF)) character = UTF8_REPLACEMENT;
    if (character < 0x80) {
        out[0] = (char)character;
        return 1;
    }
    if (character < 0x800) {
        out[0] = (char)(0xC0 | character >> 6);
        out[1] = (char)(0x80 | (character & 0x3F));
        return 2;
    }
    if (character < 0x10000) {
        out[0] = (char)(0xE0 | character >> 12);
        out[1] = (char)(0x80 | (character >> 6 & 0x3F));
        out[2] = (char)(0x80 | (character & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | character >> 18);
    out[1] = (char)(0x80 | (character >> 12 & 0x3F));
    out[2] = (char)(0x80 | (character >> 6 & 0x3F));
    out[3] = (char)(0x80 | (character & 0x3F));
    return 4;
}

size_t utf8_floor(const char *data, size_t at) {
    while (at > 0 && ((uint8_t)data[at] & 0xC0) == 0x80)
        at--;
    return at;
}
