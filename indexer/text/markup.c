/* markup.c - see markup.h.
 *
 * A tag is '<', maybe '/', the name of an element HTML has or had (or a name with '-' or ':': custom elements, what word
 * processors paste), then attributes, then '>'. "a < b", "<3" and "x <y and z> w" are text. Not a tag either: one with a
 * '<' outside of quotes, or with a quote that does not follow '='. The second rule is not only taste: every quote then
 * either opens or closes for whoever reads it, two readings that began at different '<' never fall together, and as there
 * are three states (outside, in ", in ') at most two of them can be under way over the same byte. So any number of
 * unfinished tags costs linear time. Comments, <script> and <style> may hold anything, so of them it is
 * remembered that their end is missing.
 *
 * Entities: those of HTML 4.01 and &apos;, with their ';', and numeric ones; &#128; to &#159; are read as Windows-1252, as
 * every browser does. */
#include "indexer/text/markup.h"

#include <string.h>

enum element { ELEMENT_UNKNOWN, ELEMENT_INLINE, ELEMENT_BLOCK, ELEMENT_SCRIPT, ELEMENT_STYLE };

#define NAME_MAX_BYTES 10 /* of an element: "blockquote", "figcaption" */

/* Separated by blanks, so that one strstr-like look finds a name; sorted for people. */
static const char block_elements[] =
    " address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset figcaption figure"
    " footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li main menu nav ol option p pre section"
    " summary table tbody tfoot thead title tr ul ";
static const char inline_elements[] =
    " a abbr acronym applet area audio b base basefont bdi bdo big blink button canvas cite code col colgroup data datalist"
    " del dfn em embed font frame frameset i iframe img input ins kbd label link map mark marquee meta meter nobr noframes"
    " noscript object optgroup output param picture progress q rp rt ruby s samp select slot small source span strike"
    " strong sub sup svg td template textarea th time track tt u var video wbr ";

static bool is_letter(char byte) {
    return (unsigned char)((byte | 0x20) - 'a') < 26;
}

static bool is_digit(char byte) {
    return (unsigned char)(byte - '0') < 10;
}

static bool is_blank(char byte) {
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static char lower(char byte) {
    return byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte;
}

/* The element with that name, in any case. */
static enum element element_of(const char *name, uint32_t size) {
    char padded[NAME_MAX_BYTES + 3] = " ";
    if (memchr(name, ':', size) || memchr(name, '-', size)) return ELEMENT_INLINE;
    if (size > NAME_MAX_BYTES) return ELEMENT_UNKNOWN;
    for (uint32_t i = 0; i < size; i++)
        padded[1 + i] = lower(name[i]);
    padded[1 + size] = ' ';
    if (strcmp(padded, " script ") == 0) return ELEMENT_SCRIPT;
    if (strcmp(padded, " style ") == 0) return ELEMENT_STYLE;
    if (strstr(block_elements, padded)) return ELEMENT_BLOCK;
    return strstr(inline_elements, padded) ? ELEMENT_INLINE : ELEMENT_UNKNOWN;
}

/* From behind the name to behind '>'; 0 when this is no tag. */
static uint32_t attributes_end(const char *data, uint32_t size, uint32_t at) {
    bool after_equals = false;
    if (at < size && !is_blank(data[at]) && data[at] != '/' && data[at] != '>') return 0;
    for (; at < size; at++) {
        char byte = data[at];
        if (byte == '>') return at + 1;
        if (byte == '<') return 0;
        if (byte == '"' || byte == '\'') {
            if (!after_equals) return 0;
            const char *close = memchr(data + at + 1, byte, size - at - 1);
            if (!close) return 0;
            at = (uint32_t)(close - data);
        }
        after_equals = byte == '=' || (after_equals && is_blank(byte));
    }
    return 0;
}

/* Behind the closing tag of <script> or <style>, whose content starts at; 0 when there is none. */
static uint32_t content_end(const char *data, uint32_t size, uint32_t at, const char *name) {
    uint32_t length = (uint32_t)strlen(name);
    for (;;) {
        const char *found = at < size ? memchr(data + at, '<', size - at) : NULL;
        if (!found || (uint32_t)(found - data) + 2 + length > size) return 0;
        at = (uint32_t)(found - data) + 1;
        uint32_t same = 0;
        while (data[at] == '/' && same < length && lower(data[at + 1 + same]) == name[same])
            same++;
        if (same < length) continue;
        uint32_t end = attributes_end(data, size, at + 1 + length);
        return end ? end : at + 1 + length;
    }
}

static uint32_t comment_end(const char *data, uint32_t size, uint32_t at, uint8_t *missing) {
    if (*missing & MISSING_COMMENT_END) return 0;
    const char *close = memmem(data + at, size - at, "-->", 3);
    if (close) return (uint32_t)(close - data) + 3;
    *missing |= MISSING_COMMENT_END;
    return 0;
}

/* <!doctype ...>, <?xml ...?>, and the opening of a CDATA section, whose content is text. */
static uint32_t declaration_end(const char *data, uint32_t size, uint32_t at) {
    static const char cdata[] = "<![CDATA[";
    if (size - at >= sizeof cdata - 1 && memcmp(data + at, cdata, sizeof cdata - 1) == 0) {
        return at + (uint32_t)sizeof cdata - 1;
    }
    if (size - at < 3 || !is_letter(data[at + 2])) return 0;
    for (at += 2; at < size && data[at] != '<'; at++) {
        if (data[at] == '>') return at + 1;
    }
    return 0;
}

/* The tag at '<', whose first letter of the name is at name; 0 when it is none. */
static uint32_t element_end(const char *data, uint32_t size, uint32_t name, uint8_t *missing, bool *block) {
    uint32_t at = name;
    while (at < size && (is_letter(data[at]) || is_digit(data[at]) || data[at] == '-' || data[at] == ':'))
        at++;
    enum element element = element_of(data + name, at - name);
    if (element == ELEMENT_UNKNOWN) return 0;
    uint32_t end = attributes_end(data, size, at);
    if (end == 0) return 0;
    if (element == ELEMENT_BLOCK) *block = true;
    if ((element == ELEMENT_SCRIPT || element == ELEMENT_STYLE) && data[name - 1] == '<') {
        bool script = element == ELEMENT_SCRIPT;
        uint8_t flag = script ? MISSING_SCRIPT_END : MISSING_STYLE_END;
        uint32_t closed = *missing & flag ? 0 : content_end(data, size, end, script ? "script" : "style");
        if (closed) return closed;
        *missing |= flag;
    }
    return end;
}

uint32_t markup_tag_end(const char *data, uint32_t size, uint32_t at, uint8_t *missing, bool *block) {
    uint32_t end = 0;
    if (size - at < 3) return at;
    if (data[at + 1] == '!' && data[at + 2] == '-') {
        if (size - at >= 4 && data[at + 3] == '-') end = comment_end(data, size, at + 4, missing);
    } else if (data[at + 1] == '!' || data[at + 1] == '?') {
        end = declaration_end(data, size, at);
    } else {
        uint32_t name = at + (data[at + 1] == '/' ? 2 : 1);
        if (is_letter(data[name])) end = element_end(data, size, name, missing, block);
    }
    return end ? end : at;
}

/* What Windows-1252 has at 0x80 to 0x9F; its five holes stay controls. */
static const uint16_t windows_1252[32] = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
};

static int hex_value(char byte) {
    if (is_digit(byte)) return byte - '0';
    byte = lower(byte);
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* &#233; and &#xE9; : up to 7 decimal or 6 hexadecimal digits. What is no character counts as U+FFFD. */
static uint32_t numeric_entity(const char *data, uint32_t size, uint32_t at, uint32_t *character) {
    uint32_t start = at, value = 0, digits = 0;
    at += 2;
    bool hex = at < size && (data[at] | 0x20) == 'x';
    uint32_t most = hex ? 6 : 7;
    if (hex) at++;
    for (; at < size && digits < most; at++, digits++) {
        int digit = hex_value(data[at]);
        if (digit < 0 || (!hex && digit > 9)) break;
        value = value * (hex ? 16 : 10) + (uint32_t)digit;
    }
    if (digits == 0 || at >= size || data[at] != ';') return 0;
    if (value >= 0x80 && value <= 0x9F) value = windows_1252[value - 0x80];
    if (value == 0 || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) value = 0xFFFD;
    *character = value;
    return at + 1 - start;
}

uint32_t markup_entity(const char *data, uint32_t size, uint32_t at, uint32_t *character) {
    char name[sizeof entity_names[0].name] = {0};
    uint32_t length = 0;
    if (size - at < 4) return 0;
    if (data[at + 1] == '#') return numeric_entity(data, size, at, character);
    while (at + 1 + length < size && (is_letter(data[at + 1 + length]) || is_digit(data[at + 1 + length]))) {
        if (length == sizeof name - 1) return 0;
        name[length] = data[at + 1 + length];
        length++;
    }
    if (length == 0 || at + 1 + length >= size || data[at + 1 + length] != ';') return 0;
    for (unsigned low = 0, high = ENTITY_NAME_COUNT; low < high;) {
        unsigned middle = (low + high) / 2;
        int order = strcmp(name, entity_names[middle].name);
        if (order == 0) {
            *character = entity_names[middle].character;
            return length + 2;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return 0;
}
