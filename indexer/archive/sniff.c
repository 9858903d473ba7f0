/* sniff.c - see sniff.h. An extension that names a format is believed as long as the content can be that; without one the
 * content decides, from what is easy to tell to what is not: JSON, HTML, a table, a review a line, one text. */
#include "indexer/archive/sniff.h"

#include "indexer/archive/names.h"
#include "indexer/archive/table.h"

#define WINDOW_BYTES ((size_t)1 << 16)
#define LINES_AT_LEAST 8u /* fewer lines are one text */

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct view skip_blanks(struct view text) {
    while (text.size > 0 && is_blank(text.data[0]))
        text = view_of(text.data + 1, text.size - 1);
    return text;
}

/* Zero bytes, or more than one in fifty control characters, are not text. */
static bool is_binary(struct view window) {
    size_t controls = 0;
    for (size_t i = 0; i < window.size; i++) {
        uint8_t c = (uint8_t)window.data[i];
        if (c == 0) return true;
        controls += c < 0x20 && !is_blank((char)c) && c != '\f' && c != 0x1B;
    }
    return controls * 50 > window.size || (window.size >= 5 && memcmp(window.data, "%PDF-", 5) == 0);
}

/* word is in lower case. */
static bool begins_with(struct view text, const char *word) {
    size_t size = strlen(word);
    if (text.size < size) return false;
    for (size_t i = 0; i < size; i++) {
        char c = text.data[i];
        if ((c >= 'A' && c <= 'Z' ? (char)(c + 32) : c) != word[i]) return false;
    }
    return true;
}

static bool looks_html(struct view text) {
    return begins_with(text, "<!doctype html") || begins_with(text, "<html") || begins_with(text, "<head");
}

/* An object with a quoted key, or an array of such. */
static bool looks_json(struct view text) {
    if (text.size > 0 && text.data[0] == '[') text = skip_blanks(view_of(text.data + 1, text.size - 1));
    if (text.size == 0 || text.data[0] != '{') return false;
    text = skip_blanks(view_of(text.data + 1, text.size - 1));
    return text.size > 0 && (text.data[0] == '"' || text.data[0] == '\'');
}

/* ---- lines ---- */

struct line_shape {
    size_t lines, blank, longest, full; /* full: at least three quarters of 80 columns */
    size_t words, letters, bytes;
    size_t tabs_first, tabs_equal; /* tabs of the first line, lines with as many */
    size_t mechanical;             /* lines that begin with '#', or end in a number behind a separator: "a_b;4.9" */
};

static bool is_letter(uint8_t c) {
    return (c | 0x20u) - 'a' < 26u || c >= 0x80;
}

/* Sentences may end in a number, but then a blank stands before it. */
static bool is_mechanical(struct view line) {
    while (line.size > 0 && is_blank(line.data[line.size - 1]))
        line.size--;
    if (line.size > 0 && line.data[0] == '#') return true;
    size_t at = line.size;
    while (at > 0 && ((line.data[at - 1] >= '0' && line.data[at - 1] <= '9') || line.data[at - 1] == '.'))
        at--;
    return at < line.size && at > 0 && strchr(";,:=|\t", line.data[at - 1]) != NULL;
}

static void add_line(struct line_shape *shape, struct view line) {
    size_t tabs = 0;
    bool inside = false, blank = true;
    for (size_t i = 0; i < line.size; i++) {
        uint8_t c = (uint8_t)line.data[i];
        bool letter = is_letter(c);
        tabs += c == '\t';
        if (is_blank((char)c)) {
            inside = false;
            continue;
        }
        blank = false;
        shape->bytes++;
        shape->letters += letter;
        shape->words += letter && !inside;
        inside = true; /* words are what blanks separate: "a_b;c" is one */
    }
    if (blank) {
        shape->blank++;
        return;
    }
    if (shape->lines++ == 0) shape->tabs_first = tabs;
    shape->tabs_equal += tabs == shape->tabs_first;
    shape->full += line.size >= 60;
    shape->mechanical += is_mechanical(line);
    if (line.size > shape->longest) shape->longest = line.size;
}

/* Measures the whole lines of the window, or the only one. */
static struct line_shape measure_lines(struct view window, bool whole) {
    struct line_shape shape = {0};
    while (window.size > 0) {
        const char *end = memchr(window.data, '\n', window.size);
        size_t size = end ? (size_t)(end - window.data) : window.size;
        if (!end && !whole && shape.lines > 0) break;
        add_line(&shape, view_of(window.data, size));
        size += end != NULL;
        window = view_of(window.data + size, window.size - size);
    }
    return shape;
}

/* Mostly letters, and of several words a line or without blanks at all (Chinese): written by someone for reading. */
static bool is_prose(const struct line_shape *shape, struct view window) {
    size_t beyond_ascii = 0;
    for (size_t i = 0; i < window.size; i++)
        beyond_ascii += (uint8_t)window.data[i] >= 0x80;
    if (shape->letters * 2 < shape->bytes || shape->letters == 0 || shape->mechanical * 3 > shape->lines) return false;
    return shape->words >= 3 * shape->lines || beyond_ascii * 2 > shape->bytes || shape->lines < 3;
}

/* Every line as many tabs, at least one. */
static bool is_tabbed(const struct line_shape *shape) {
    return shape->tabs_first > 0 && shape->tabs_equal == shape->lines;
}

/* A review a line: many lines, no paragraphs (blank lines between them), and not one text broken at a margin, whose lines
 * are all short and mostly full. */
static bool is_line_per_review(const struct line_shape *shape) {
    if (shape->lines < LINES_AT_LEAST || shape->blank * 50 > shape->lines + 50) return false;
    bool broken_at_margin = shape->longest <= 100 && shape->full * 2 > shape->lines;
    return !broken_at_margin;
}

/* ---- the decision ---- */

static struct view first_line(struct view window) {
    const char *end = memchr(window.data, '\n', window.size);
    struct view line = end ? view_of(window.data, (size_t)(end - window.data)) : window;
    if (line.size > 0 && line.data[line.size - 1] == '\r') line.size--;
    return line;
}

/* What any text file may turn out to be, whatever it is called. ARCHIVE_AUTO when it is plain text. */
static enum archive_format structured_format(const struct format_source *source, struct view window) {
    struct view text = skip_blanks(window);
    if (looks_json(text)) return ARCHIVE_JSONL;
    if (looks_html(text)) return ARCHIVE_HTML;
    struct view line = first_line(window);
    if (table_line_is_review_header(line, '\t', source->record)) return ARCHIVE_TSV;
    if (table_line_is_review_header(line, ',', source->record)) return ARCHIVE_CSV;
    return ARCHIVE_AUTO;
}

static enum archive_format plain_format(struct view window, bool whole, const char **beside) {
    struct line_shape shape = measure_lines(window, whole);
    if (is_tabbed(&shape)) return ARCHIVE_TSV;
    if (!is_prose(&shape, window)) {
        *beside = "not written text: few words a line";
        return ARCHIVE_AUTO;
    }
    return is_line_per_review(&shape) ? ARCHIVE_LINES : ARCHIVE_TEXT;
}

static enum archive_format decide(const struct format_source *source, struct view window, bool whole, const char **beside) {
    enum name_kind kind = name_kind_of(source->path);
    switch (kind) {
    case NAME_HTML: return ARCHIVE_HTML;
    case NAME_JSON: return ARCHIVE_JSONL;
    case NAME_CSV: return ARCHIVE_CSV;
    case NAME_TSV: return ARCHIVE_TSV;
    case NAME_TEXT:
    case NAME_BESIDE: /* asked for by name all the same */
    case NAME_UNKNOWN: break;
    }
    enum archive_format format = structured_format(source, window);
    if (format != ARCHIVE_AUTO) return format;
    if (kind == NAME_UNKNOWN) return plain_format(window, whole, beside);
    struct line_shape shape = measure_lines(window, whole);
    if (kind == NAME_TEXT && shape.letters * 3 < shape.bytes) *beside = "not written text: more signs than letters";
    return ARCHIVE_TEXT;
}

revue_status sniff_format(const struct format_source *source, enum archive_format *format, const char **beside,
                          revue_error *error) {
    TRY(input_need(source->input, WINDOW_BYTES, error));
    struct view window = input_window(source->input);
    bool whole = input_at_end(source->input);
    *beside = NULL;
    if (window.size > WINDOW_BYTES) {
        window.size = WINDOW_BYTES;
        whole = false;
    }
    *format = source->options->format;
    if (skip_blanks(window).size == 0 && whole && !input_failure(source->input))
        *beside = SNIFF_EMPTY;
    else if (is_binary(window))
        *beside = "not text";
    else if (*format == ARCHIVE_AUTO)
        *format = decide(source, window, whole, beside);
    return REVUE_OK;
}
