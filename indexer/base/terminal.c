/* terminal.c - see terminal.h. Widths are those of Unicode (width_table.c), which is what terminals go by today; no
 * terminal is asked, and no locale is needed. */
#include "indexer/base/terminal.h"

#include "indexer/base/utf8.h"
#include "indexer/base/width_table.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool terminal_is(int descriptor) {
    return isatty(descriptor) == 1;
}

bool terminal_has_colour(int descriptor) {
    const char *forbidden = getenv("NO_COLOR"), *kind = getenv("TERM");
    if (forbidden && *forbidden) return false;
    return terminal_is(descriptor) && kind && *kind && strcmp(kind, "dumb") != 0;
}

unsigned terminal_width(int descriptor) {
    struct winsize size;
    memset(&size, 0, sizeof size);
    if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return TERMINAL_WIDTH_DEFAULT;
    return size.ws_col;
}

static bool in_ranges(const struct width_range *ranges, size_t count, uint32_t character) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ranges[middle].last < character) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < count && ranges[low].first <= character;
}

unsigned terminal_character_width(uint32_t character) {
    if (character < width_zero[0].first || terminal_is_hostile(character)) return 1;
    if (in_ranges(width_zero, width_zero_count, character)) return 0;
    return in_ranges(width_wide, width_wide_count, character) ? 2 : 1;
}

size_t terminal_text_width(struct view text) {
    size_t width = 0;
    for (size_t at = 0, length; at < text.size; at += length) {
        width += terminal_character_width(utf8_decode(text.data + at, text.size - at, &length));
    }
    return width;
}

bool terminal_is_hostile(uint32_t character) {
    if (character < 0x20 || (character >= 0x7F && character < 0xA0)) return true;
    if (character == 0x061C || character == 0x200E || character == 0x200F || character == 0xFEFF) return true;
    if (character >= 0x2028 && character <= 0x202E) return true;
    return (character >= 0x2066 && character <= 0x2069) || (character >= 0xFFF9 && character <= 0xFFFB) ||
           (character >= 0xE0000 && character <= 0xE007F);
}

static bool is_line_or_tab(uint32_t character) {
    return character == '\n' || character == '\t' || character == '\r';
}

void terminal_append_harmless(struct bytes *out, struct view text, enum terminal_keep keep) {
    for (size_t at = 0, length; at < text.size; at += length) {
        char encoded[4];
        uint32_t character = utf8_decode(text.data + at, text.size - at, &length);
        if (is_line_or_tab(character)) {
            bool is_kept = keep == TERMINAL_KEEP_LINES && character != '\r';
            if (is_kept || keep == TERMINAL_ONE_LINE) bytes_append_u8(out, is_kept ? (uint8_t)character : ' ');
            continue;
        }
        if (terminal_is_hostile(character)) character = UTF8_REPLACEMENT;
        bytes_append(out, encoded, utf8_encode(character, encoded));
    }
}
