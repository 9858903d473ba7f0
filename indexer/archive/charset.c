/* charset.c - see charset.h. */
#include "indexer/archive/charset.h"

#include "indexer/base/utf8.h"

/* Bytes 0x80 to 0x9F of Windows-1252 (WHATWG Encoding, index windows-1252). */
static const uint16_t windows_1252_high[32] = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
};

/* Without a mark: Latin text in UTF-16 has a zero byte in nearly every unit, always on the same side. */
static enum charset detect_by_zeros(struct view head) {
    size_t even = 0, odd = 0, units = (head.size < 512 ? head.size : 512) / 2;
    for (size_t i = 0; i < units; i++) {
        even += head.data[2 * i] == 0;
        odd += head.data[2 * i + 1] == 0;
    }
    if (units >= 4 && even == 0 && odd * 10 >= units * 6) return CHARSET_UTF16_LE;
    if (units >= 4 && odd == 0 && even * 10 >= units * 6) return CHARSET_UTF16_BE;
    return CHARSET_BYTES;
}

enum charset charset_detect(struct view head, size_t *mark_size) {
    const uint8_t *b = (const uint8_t *)head.data;
    *mark_size = 0;
    if (head.size >= 3 && b[0] == 0xEF && b[1] == 0xBB && b[2] == 0xBF) {
        *mark_size = 3;
        return CHARSET_BYTES;
    }
    if (head.size >= 4 && b[0] == 0xFF && b[1] == 0xFE && b[2] == 0 && b[3] == 0)
        return CHARSET_BYTES; /* UTF-32: refused */
    if (head.size >= 2 && ((b[0] == 0xFF && b[1] == 0xFE) || (b[0] == 0xFE && b[1] == 0xFF))) {
        *mark_size = 2;
        return b[0] == 0xFF ? CHARSET_UTF16_LE : CHARSET_UTF16_BE;
    }
    return detect_by_zeros(head);
}

/* Counts well-formed multi-byte characters and ill-formed parts. */
static void weigh(struct view record, size_t *well_formed, size_t *ill_formed) {
    *well_formed = *ill_formed = 0;
    for (size_t at = 0; at < record.size;) {
        size_t length;
        if ((uint8_t)record.data[at] < 0x80) {
            at++;
            continue;
        }
        bool replaced = utf8_decode(record.data + at, record.size - at, &length) == UTF8_REPLACEMENT && length == 1;
        if (replaced)
            ++*ill_formed;
        else
            ++*well_formed;
        at += length;
    }
}

void charset_append_windows_1252(struct bytes *out, struct view text) {
    for (size_t at = 0; at < text.size;) {
        size_t run = at;
        while (run < text.size && (uint8_t)text.data[run] < 0x80)
            run++;
        bytes_append(out, text.data + at, run - at);
        for (at = run; at < text.size && (uint8_t)text.data[at] >= 0x80; at++) {
            uint8_t byte = (uint8_t)text.data[at];
            char encoded[4];
            size_t size = utf8_encode(byte < 0xA0 ? windows_1252_high[byte - 0x80] : byte, encoded);
            bytes_append(out, encoded, size);
        }
    }
}

bool charset_decode(struct view record, struct bytes *scratch, struct view *text) {
    size_t valid = utf8_valid_prefix(record.data, record.size), well_formed, ill_formed;
    if (valid == record.size) {
        *text = record;
        return true;
    }
    weigh(record, &well_formed, &ill_formed);
    bytes_clear(scratch);
    if (well_formed > ill_formed)
        (void)utf8_repair(scratch, record.data, record.size);
    else
        charset_append_windows_1252(scratch, record);
    if (scratch->failed) return false;
    *text = bytes_view(scratch);
    return true;
}

/* ---- UTF-16 ---- */

static void append_character(struct bytes *out, uint32_t character) {
    char encoded[4];
    size_t size = utf8_encode(character, encoded);
    bytes_append(out, encoded, size);
}

static void take_unit(struct utf16_decoder *decoder, uint32_t unit, struct bytes *out) {
    bool is_low = unit >= 0xDC00 && unit <= 0xDFFF;
    if (decoder->high && is_low) {
        append_character(out, 0x10000 + ((decoder->high - 0xD800) << 10) + (unit - 0xDC00));
        decoder->high = 0;
        return;
    }
    if (decoder->high) append_character(out, UTF8_REPLACEMENT);
    decoder->high = unit >= 0xD800 && unit <= 0xDBFF ? unit : 0;
    if (!decoder->high) append_character(out, unit); /* a low surrogate alone is written as U+FFFD */
}

void utf16_decode(struct utf16_decoder *decoder, struct view piece, struct bytes *out) {
    for (size_t i = 0; i < piece.size; i++) {
        uint8_t byte = (uint8_t)piece.data[i];
        if (!decoder->has_byte) {
            decoder->byte = byte;
            decoder->has_byte = true;
            continue;
        }
        decoder->has_byte = false;
        uint32_t first = decoder->byte, second = byte;
        take_unit(decoder, decoder->big_endian ? first << 8 | second : second << 8 | first, out);
    }
}

void utf16_finish(struct utf16_decoder *decoder, struct bytes *out) {
    if (decoder->high || decoder->has_byte) append_character(out, UTF8_REPLACEMENT);
    decoder->high = 0;
    decoder->has_byte = false;
}
