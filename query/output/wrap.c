/* wrap.c - see wrap.h. A word is collected until it is whole, then put on the line or on the next one; the style goes on
 * over a blank when the words on both sides of it share one, and is closed at the end of every line. */
#include "query/output/wrap.h"

#include "indexer/base/terminal.h"
#include "indexer/base/utf8.h"

static const char *style_escape(enum wrap_style style) {
    switch (style) {
    case WRAP_PLAIN: return "";
    case WRAP_BOLD: return "\033[1m";
    case WRAP_DIM: return "\033[2m";
    case WRAP_STARS: return "\033[33m";
    case WRAP_MARK: return "\033[1;31m";
    }
    return "";
}

void wrap_start(struct wrap *wrap, struct bytes *out, unsigned width, unsigned indent, unsigned column, bool colour) {
    memset(wrap, 0, sizeof *wrap);
    wrap->out = out;
    wrap->colour = colour;
    wrap->indent = indent;
    wrap->width = width < indent + 2 ? indent + 2 : width;
    wrap->column = column;
    wrap->line_is_empty = true;
}

static void change_style(struct bytes *out, enum wrap_style from, enum wrap_style to) {
    if (from == to) return;
    if (from != WRAP_PLAIN) bytes_append_string(out, "\033[0m");
    bytes_append_string(out, style_escape(to));
}

static void set_line_style(struct wrap *wrap, enum wrap_style style) {
    change_style(wrap->out, wrap->line_style, style);
    wrap->line_style = style;
}

static void break_line(struct wrap *wrap) {
    set_line_style(wrap, WRAP_PLAIN);
    bytes_append_format(wrap->out, "\n%*s", (int)wrap->indent, "");
    wrap->column = wrap->indent;
    wrap->line_is_empty = true;
}

/* Puts the collected word on a line. */
static void place_word(struct wrap *wrap) {
    if (wrap->word.failed) wrap->out->failed = true;
    if (wrap->word.size == 0) return;
    unsigned blank = wrap->owes_blank && !wrap->line_is_empty;
    if (!wrap->line_is_empty && wrap->column + blank + wrap->word_width > wrap->width) {
        break_line(wrap);
        blank = 0;
    }
    if (wrap->line_style != wrap->word_first) set_line_style(wrap, WRAP_PLAIN);
    if (blank) bytes_append_u8(wrap->out, ' ');
    set_line_style(wrap, wrap->word_first);
    bytes_append(wrap->out, wrap->word.data, wrap->word.size);
    wrap->line_style = wrap->word_last;
    wrap->column += blank + wrap->word_width;
    wrap->line_is_empty = false;
    wrap->owes_blank = false;
    bytes_clear(&wrap->word);
    wrap->word_width = 0;
}

static bool is_blank(uint32_t character) {
    return character == ' ' || (character >= 0x09 && character <= 0x0D) || character == 0x85 || character == 0x2028 ||
           character == 0x2029;
}

/* A word as wide as a whole line cannot grow, and a wide character is a word of its own. */
static bool begins_new_word(const struct wrap *wrap, unsigned width) {
    if (wrap->word_width == 0 || width == 0) return false;
    return width == 2 || wrap->indent + wrap->word_width + width > wrap->width;
}

static void add_character(struct wrap *wrap, uint32_t character, enum wrap_style style) {
    char encoded[4];
    if (terminal_is_hostile(character)) character = UTF8_REPLACEMENT;
    unsigned width = terminal_character_width(character);
    if (begins_new_word(wrap, width)) place_word(wrap);
    if (!wrap->colour) style = WRAP_PLAIN;
    if (wrap->word.size == 0) {
        wrap->word_first = style;
    } else {
        change_style(&wrap->word, wrap->word_last, style);
    }
    wrap->word_last = style;
    bytes_append(&wrap->word, encoded, utf8_encode(character, encoded));
    wrap->word_width += width;
}

void wrap_text(struct wrap *wrap, struct view text, enum wrap_style style) {
    for (size_t at = 0, length; at < text.size; at += length) {
        uint32_t character = utf8_decode(text.data + at, text.size - at, &length);
        if (is_blank(character)) {
            place_word(wrap);
            wrap->owes_blank = true;
        } else {
            add_character(wrap, character, style);
        }
    }
}

void wrap_end(struct wrap *wrap) {
    place_word(wrap);
    set_line_style(wrap, WRAP_PLAIN);
    bytes_append_u8(wrap->out, '\n');
    bytes_free(&wrap->word);
}
