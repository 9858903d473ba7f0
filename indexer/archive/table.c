/* table.c - see table.h: the state machine of rows and cells. */
#include "indexer/archive/table.h"

/* The next separator or line end at or after at. */
static size_t plain_end(struct view window, size_t at, char separator) {
    while (at < window.size && window.data[at] != separator && window.data[at] != '\n')
        at++;
    return at;
}

bool table_find_row_end(struct table_dialect dialect, struct row_scan *scan, struct view window) {
    while (scan->at < window.size) {
        char c = window.data[scan->at];
        switch (scan->state) {
        case ROW_QUOTED: {
            const char *quote = memchr(window.data + scan->at, '"', window.size - scan->at);
            scan->at = quote ? (size_t)(quote - window.data) + 1 : window.size;
            if (quote) scan->state = ROW_QUOTE_SEEN;
            continue;
        }
        case ROW_QUOTE_SEEN:
        case ROW_CELL_START:
            if (c == '"' && dialect.quotes) {
                scan->state = ROW_QUOTED;
                scan->at++;
                continue;
            }
            break;
        case ROW_PLAIN: break;
        }
        scan->at = plain_end(window, scan->at, dialect.separator);
        scan->state = ROW_PLAIN;
        if (scan->at == window.size) return false;
        if (window.data[scan->at++] == '\n') return true;
        scan->state = ROW_CELL_START;
    }
    return false;
}

/* Unquotes the cell whose opening quote is at row[at]; *end is the separator behind it, or size. */
static struct view quoted_cell(struct table_dialect dialect, char *row, size_t size, size_t at, size_t *end) {
    char *start = row + at, *write = start;
    bool inside = true;
    for (at++; at < size; at++) {
        char c = row[at];
        if (inside && c == '"') {
            if (at + 1 < size && row[at + 1] == '"')
                at++;
            else {
                inside = false;
                continue;
            }
        } else if (!inside && c == dialect.separator) {
            break;
        }
        *write++ = c;
    }
    *end = at;
    return view_of(start, (size_t)(write - start));
}

size_t table_split(struct table_dialect dialect, char *row, size_t size, struct view *cells, size_t capacity) {
    size_t count = 0, at = 0;
    if (size > 0 && row[size - 1] == '\n') size--;
    if (size > 0 && row[size - 1] == '\r') size--;
    for (;;) {
        struct view cell;
        size_t end;
        if (dialect.quotes && at < size && row[at] == '"') {
            cell = quoted_cell(dialect, row, size, at, &end);
        } else {
            const char *found = at < size ? memchr(row + at, dialect.separator, size - at) : NULL;
            end = found ? (size_t)(found - row) : size;
            cell = view_of(row + at, end - at);
        }
        if (count < capacity) cells[count] = cell;
        count++;
        if (end >= size) return count;
        at = end + 1;
    }
}
