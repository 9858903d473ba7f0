/* page_html.c - see page_html.h. */
#include "query/serve/page/page_html.h"

#include "indexer/base/number.h"
#include "indexer/base/terminal.h"
#include "indexer/base/utf8.h"

#include <inttypes.h>
#include <stdio.h>

#define LEFT_TO_RIGHT_OVERRIDE 0x202Du
#define RIGHT_TO_LEFT_OVERRIDE 0x202Eu
#define LANGUAGE_PART_MAX 8

/* ASCII that stands for itself: nearly every byte of nearly every review. */
static bool is_plain(uint8_t byte) {
    return byte >= 0x20 && byte < 0x7F && byte != '<' && byte != '>' && byte != '&' && byte != '"' && byte != '\'';
}

static bool is_control(uint32_t character) {
    const bool is_space = character == '\n' || character == '\t';
    return (character < 0x20 && !is_space) || (character >= 0x7F && character < 0xA0);
}

static bool is_overriding(uint32_t character) {
    return is_control(character) || character == LEFT_TO_RIGHT_OVERRIDE || character == RIGHT_TO_LEFT_OVERRIDE;
}

static bool is_out_of_place(uint32_t character) {
    return is_control(character) || (character >= 0x80 && terminal_is_hostile(character));
}

static void append_character(struct bytes *out, uint32_t character, bool is_hostile) {
    char encoded[4];
    switch (character) {
    case '&': bytes_append_string(out, "&amp;"); break;
    case '<': bytes_append_string(out, "&lt;"); break;
    case '>': bytes_append_string(out, "&gt;"); break;
    case '"': bytes_append_string(out, "&quot;"); break;
    case '\'': bytes_append_string(out, "&#39;"); break;
    default: bytes_append(out, encoded, utf8_encode(is_hostile ? UTF8_REPLACEMENT : character, encoded));
    }
}

static void append_escaped(struct bytes *out, struct view text, bool (*is_hostile)(uint32_t)) {
    size_t at = 0;
    while (at < text.size) {
        const size_t start = at;
        while (at < text.size && is_plain((uint8_t)text.data[at]))
            at++;
        bytes_append(out, text.data + start, at - start);
        if (at == text.size) return;
        size_t length;
        const uint32_t character = utf8_decode(text.data + at, text.size - at, &length);
        append_character(out, character, is_hostile(character));
        at += length;
    }
}

void page_html_text(struct bytes *out, struct view text) {
    append_escaped(out, text, is_overriding);
}

void page_html_attribute(struct bytes *out, struct view text) {
    append_escaped(out, text, is_out_of_place);
}

void page_html_string(struct bytes *out, const char *text) {
    page_html_text(out, view_of_string(text));
}

void page_html_attribute_string(struct bytes *out, const char *text) {
    page_html_attribute(out, view_of_string(text));
}

void page_html_isolated(struct bytes *out, const char *text) {
    bytes_append_string(out, "<bdi>");
    page_html_string(out, text);
    bytes_append_string(out, "</bdi>");
}

void page_html_count(struct bytes *out, uint64_t number) {
    char digits[24];
    const int length = snprintf(digits, sizeof digits, "%" PRIu64, number);
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) bytes_append_u8(out, ',');
        bytes_append_u8(out, (uint8_t)digits[i]);
    }
}

void page_html_decimal(struct bytes *out, double number) {
    const size_t before = out->size;
    number_append_decimals(out, number, 1);
    if (!out->failed && out->size >= before + 2 && memcmp(out->data + out->size - 2, ".0", 2) == 0) out->size -= 2;
}

/* The library's users may have set any locale: letters are those of ASCII here. */
static bool is_letter(char character) {
    return (character | 0x20) >= 'a' && (character | 0x20) <= 'z';
}

static bool is_letter_or_digit(char character) {
    return is_letter(character) || (character >= '0' && character <= '9');
}

/* What follows start, which is in lower case; NULL when text does not begin with it, in any case. */
static const char *after_start(const char *text, const char *start) {
    for (; *start; text++, start++) {
        if ((is_letter(*text) ? *text | 0x20 : *text) != *start) return NULL;
    }
    return text;
}

bool page_html_is_web_address(const char *url) {
    const char *host = url ? after_start(url, "https://") : NULL;
    if (url && !host) host = after_start(url, "http://");
    if (!host || *host == '\0' || *host == '/' || *host == '?' || *host == '#') return false;
    for (const char *at = host; *at; at++) {
        if ((uint8_t)*at <= 0x20 || *at == 0x7F || *at == '\\') return false;
    }
    return true;
}

/* The length of the part of a tag that begins here, 0 when it is none. */
static size_t language_part(const char *tag, bool (*belongs)(char)) {
    size_t length = 0;
    while (belongs(tag[length]))
        length++;
    return length <= LANGUAGE_PART_MAX && (tag[length] == '-' || tag[length] == '\0') ? length : 0;
}

bool page_html_is_language(const char *tag) {
    size_t length = tag ? language_part(tag, is_letter) : 0;
    if (length != 2 && length != 3) return false;
    for (tag += length; *tag == '-'; tag += length) {
        tag++;
        length = language_part(tag, is_letter_or_digit);
        if (length == 0) return false;
    }
    return true;
}

void page_html_direction(struct bytes *out, const char *language) {
    bytes_append_string(out, " dir=\"auto\"");
    if (!page_html_is_language(language)) return;
    bytes_append_string(out, " lang=\"");
    page_html_attribute_string(out, language);
    bytes_append_u8(out, '"');
}
