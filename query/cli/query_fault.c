/* query_fault.c - see query_fault.h. */
#include "query/cli/query_fault.h"

#include "indexer/base/terminal.h"
#include "indexer/base/utf8.h"

#define MARGIN 2u
#define ELLIPSIS "\342\200\246"

static size_t character_size(struct view text, size_t at) {
    size_t length;
    (void)utf8_decode(text.data + at, text.size - at, &length);
    return length;
}

/* Where the shown part begins so that the columns from there to place are at most columns. */
static size_t first_shown(struct view query, size_t place, size_t columns) {
    size_t from = 0, width = terminal_text_width(view_of(query.data, place));
    while (from < place && width > columns) {
        size_t size = character_size(query, from);
        width -= terminal_text_width(view_of(query.data + from, size));
        from += size;
    }
    return from;
}

static size_t end_shown(struct view query, size_t from, size_t columns) {
    size_t to = from, width = 0;
    while (to < query.size) {
        size_t size = character_size(query, to);
        width += terminal_text_width(view_of(query.data + to, size));
        if (width > columns) break;
        to += size;
    }
    return to;
}

void append_query_fault(struct bytes *out, struct view query, uint64_t column, size_t width) {
    size_t place = column > query.size ? query.size : column > 0 ? (size_t)column - 1 : 0;
    size_t columns = width > 2 * MARGIN + 8 ? width - 2 * MARGIN : 8;
    size_t from = first_shown(query, place, columns * 3 / 4), to = end_shown(query, from, columns - 2);
    bytes_append_format(out, "%*s%s", (int)MARGIN, "", from > 0 ? ELLIPSIS : "");
    size_t caret = MARGIN + (from > 0 ? 1 : 0) + terminal_text_width(view_of(query.data + from, place - from));
    terminal_append_harmless(out, view_of(query.data + from, to - from), TERMINAL_ONE_LINE);
    bytes_append_format(out, "%s\n%*s^\n", to < query.size ? ELLIPSIS : "", (int)caret, "");
}
