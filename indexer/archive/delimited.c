/* delimited.c - reader of CSV and TSV: rows are found in the growing window of the input, decoded, cut into cells and put
 * under the keys that table_plan.c gave to their columns.
 *
 * Rows that do not fit: missing cells at the end are absent values as long as there is review text; further cells than
 * columns are a problem, and the row is skipped. A quote that never closes would swallow the rest of the file: then only
 * the line it stands on is given up, and reading goes on behind it.
 *
 * Row numbers: where the first header cell is empty (pandas and R write tables so) the first column numbers the rows. A row
 * that does not begin with a number is then the rest of a cell that was cut at a line end when its quotes were lost: it is
 * joined to the row before, its first cell to that row's last one. */
#include "indexer/archive/charset.h"
#include "indexer/archive/format.h"
#include "indexer/archive/names.h"
#include "indexer/archive/table.h"
#include "indexer/base/memory.h"

#define WINDOW_BYTES ((size_t)1 << 16)
#define UNCLOSED_LIMIT 100u /* after so many unclosed quotes the source is given up: each costs a long look ahead */

/* A row kept until it is known whether the next one continues it. */
struct held_row {
    struct bytes *cells; /* column_count of them */
    uint64_t bytes;      /* of these: no more than of any record */
    uint64_t line;
    bool full;
};

struct table_reader {
    struct format_reader base;
    struct format_source source;
    struct table_plan plan;
    struct view product; /* from the file's name */
    struct bytes decoded, stem;
    struct view cells[TABLE_COLUMNS];
    struct held_row held[2]; /* of a numbered table: the row in hand, and the one given out */
    unsigned current;
    unsigned unclosed;
    bool header_passed, ended;
    bool is_lost; /* a quote did not close: where the rows after it end is a guess */
};

static void table_close(struct format_reader *base) {
    struct table_reader *reader = (struct table_reader *)base;
    for (unsigned i = 0; i < 2; i++) {
        for (size_t j = 0; reader->held[i].cells && j < reader->plan.column_count; j++)
            bytes_free(&reader->held[i].cells[j]);
        memory_free(reader->held[i].cells);
    }
    table_plan_free(&reader->plan);
    bytes_free(&reader->decoded);
    bytes_free(&reader->stem);
    memory_free(reader);
}

/* ---- finding rows ---- */

enum row_state { ROW_WHOLE, ROW_TOO_LONG, ROW_UNCLOSED, ROW_CUT, ROW_END };

/* Passes over a row that is longer than the limit, without holding it. */
static revue_status skip_row(struct table_reader *reader, struct row_scan scan, revue_error *error) {
    struct input *input = reader->source.input;
    for (;;) {
        struct view window = input_window(input);
        bool ended = table_find_row_end(reader->plan.dialect, &scan, window);
        input_consume(input, scan.at);
        if (ended || input_at_end(input)) return REVUE_OK;
        scan.at = 0;
        TRY(input_need(input, 1, error));
    }
}

/* Rest begins with a row whose quote does not close before the source ends. When no line after its first is a row of the
 * table it is the last one, cut off while it was written; else the quote was lost. */
static revue_status look_behind_quote(struct table_reader *reader, struct view rest, bool *is_cut, revue_error *error) {
    const char *line_end = memchr(rest.data, '\n', rest.size);
    *is_cut = true;
    while (line_end && *is_cut) {
        rest = view_of(line_end + 1, rest.size - (size_t)(line_end + 1 - rest.data));
        line_end = rest.size ? memchr(rest.data, '\n', rest.size) : NULL;
        struct view line = line_end ? view_of(rest.data, (size_t)(line_end - rest.data)) : rest;
        bytes_clear(&reader->decoded);
        bytes_append(&reader->decoded, line.data, line.size);
        if (reader->decoded.failed) return error_no_memory(error);
        *is_cut = line.size == 0 || table_split(reader->plan.dialect, (char *)reader->decoded.data, line.size,
                                                reader->cells, TABLE_COLUMNS) < reader->plan.column_count;
    }
    return REVUE_OK;
}

/* A quote that never closes costs its line only, or all that is left when that is one row. */
static revue_status pass_unclosed(struct table_reader *reader, enum row_state *state, revue_error *error) {
    struct input *input = reader->source.input;
    bool is_cut;
    TRY(look_behind_quote(reader, input_window(input), &is_cut, error));
    *state = is_cut ? ROW_CUT : ROW_UNCLOSED;
    if (!is_cut) return input_skip_line(input, error);
    input_consume(input, input_window(input).size);
    return REVUE_OK;
}

/* Finds the next row: size bytes at the window's start. Only ROW_WHOLE leaves it there, to be consumed. */
static revue_status find_row(struct table_reader *reader, size_t *size, enum row_state *state, revue_error *error) {
    struct input *input = reader->source.input;
    struct row_scan scan = {0};
    for (;;) {
        struct view window = input_window(input);
        if (table_find_row_end(reader->plan.dialect, &scan, window)) break;
        if (input_is_full(input)) {
            *state = ROW_TOO_LONG;
            return skip_row(reader, scan, error);
        }
        if (!input_at_end(input)) {
            TRY(input_need(input, window.size + 1, error));
            continue;
        }
        if (window.size == 0 || input_failure(input)) {
            *state = ROW_END;
            return REVUE_OK;
        }
        if (scan.state == ROW_QUOTED) return pass_unclosed(reader, state, error);
        break;
    }
    *size = scan.at;
    *state = scan.at > input_record_limit(input) ? ROW_TOO_LONG : ROW_WHOLE;
    if (*state == ROW_TOO_LONG) input_consume(input, scan.at);
    return REVUE_OK;
}

/* Decodes the row at the window's start, consumes it and cuts it. Returns the number of cells in *count. */
static revue_status cut_row(struct table_reader *reader, size_t size, size_t *count, revue_error *error) {
    struct input *input = reader->source.input;
    struct view raw = view_of(input_window(input).data, size), text;
    char *bytes = input_bytes(input);
    if (!charset_decode(raw, &reader->decoded, &text)) return error_no_memory(error);
    if (text.data != raw.data) bytes = (char *)reader->decoded.data;
    input_consume(input, size);
    *count = table_split(reader->plan.dialect, bytes, text.size, reader->cells, TABLE_COLUMNS);
    return REVUE_OK;
}

static bool is_blank_row(const struct view *cells, size_t count) {
    return count == 1 && cells[0].size == 0;
}

/* ---- rows into reviews ---- */

/* Cells beyond the columns that are not empty. */
static bool has_surplus(const struct table_reader *reader, size_t count) {
    if (count > TABLE_COLUMNS) return true;
    for (size_t i = reader->plan.column_count; i < count; i++) {
        if (reader->cells[i].size > 0) return true;
    }
    return false;
}

/* The row in reader->cells becomes a review, or a problem that says why not. */
static revue_status give_row(struct table_reader *reader, size_t count, uint64_t line, struct archive_event *event,
                             revue_error *error) {
    struct record *record = reader->source.record;
    size_t columns = reader->plan.column_count;
    if (has_surplus(reader, count)) {
        return format_problem(&reader->base, event, line, "row of %zu cells in a table of %zu columns", count, columns);
    }
    record_start(record, line);
    for (size_t i = 0; i < count && i < columns; i++)
        record_put(record, reader->plan.keys[i], reader->cells[i]);
    if (count < columns && !record_has(record, SLOT_BODY)) {
        return format_problem(&reader->base, event, line, "row of %zu cells in a table of %zu columns, without review text",
                              count, columns);
    }
    if (!record_has_any(record)) return format_problem(&reader->base, event, line, "row without any value of a review");
    if (reader->plan.product_is_name && !record_has(record, SLOT_PRODUCT)) {
        record_put(record, (struct record_key){.slot = SLOT_PRODUCT, .rank = SCHEMA_WEAK}, reader->product);
    }
    event->kind = ARCHIVE_REVIEW;
    return record_finish(record, &event->review, error);
}

static revue_status give_bad_row(struct table_reader *reader, enum row_state state, uint64_t line,
                                 struct archive_event *event) {
    if (state == ROW_TOO_LONG) return format_too_long(&reader->base, event, reader->source.input, line);
    if (state == ROW_CUT) return format_cut(&reader->base, event, line, "a quote does not close");
    reader->is_lost = true;
    reader->base.whole_bytes = 0;
    if (++reader->unclosed > UNCLOSED_LIMIT) {
        return format_fatal(&reader->base, event, line,
                            "too many quotes that never close: if quotes mean nothing here, use --format lines");
    }
    return format_problem(&reader->base, event, line, "a quote that never closes");
}

/* ---- numbered tables ---- */

static bool begins_with_number(const struct table_reader *reader, size_t count) {
    double number;
    return count > 0 && schema_parse_number(reader->cells[0], &number);
}

static size_t last_filled(const struct view *cells, size_t count) {
    size_t last = 0;
    for (size_t i = 0; i < count; i++) {
        if (cells[i].size > 0) last = i;
    }
    return last;
}

static bool hold_row(struct table_reader *reader, size_t count, uint64_t line) {
    struct held_row *held = &reader->held[reader->current];
    bool failed = false;
    held->bytes = 0;
    for (size_t i = 0; i < reader->plan.column_count; i++) {
        bytes_clear(&held->cells[i]);
        if (i < count) bytes_append(&held->cells[i], reader->cells[i].data, reader->cells[i].size);
        held->bytes += held->cells[i].size;
        failed = failed || held->cells[i].failed;
    }
    held->line = line;
    held->full = true;
    return !failed;
}

/* With the line end before it. */
static uint64_t bytes_of_row(const struct table_reader *reader, size_t count) {
    uint64_t bytes = 1;
    for (size_t i = 0; i < count; i++)
        bytes += reader->cells[i].size;
    return bytes;
}

/* Joins the row in reader->cells to the held one; false when it does not fit, *failed when out of memory. */
static bool join_row(struct table_reader *reader, size_t count, bool *failed) {
    struct held_row *held = &reader->held[reader->current];
    size_t columns = reader->plan.column_count, last = 0;
    if (!held->full || has_surplus(reader, count)) return false;
    if (count > columns) count = columns;
    for (size_t i = 0; i < columns; i++) {
        if (held->cells[i].size > 0) last = i;
    }
    size_t more = last_filled(reader->cells, count);
    if (last + more >= columns) return false;
    held->bytes += bytes_of_row(reader, count);
    bytes_append_u8(&held->cells[last], '\n');
    for (size_t i = 0; i <= more; i++) {
        bytes_append(&held->cells[last + i], reader->cells[i].data, reader->cells[i].size);
        *failed = *failed || held->cells[last + i].failed;
    }
    return true;
}

static revue_status give_held(struct table_reader *reader, unsigned which, struct archive_event *event,
                              revue_error *error) {
    struct held_row *held = &reader->held[which];
    for (size_t i = 0; i < reader->plan.column_count; i++)
        reader->cells[i] = bytes_view(&held->cells[i]);
    held->full = false;
    return give_row(reader, reader->plan.column_count, held->line, event, error);
}

/* Takes one row of a numbered table; *given when that completed the row before, which event then holds. */
static revue_status take_numbered(struct table_reader *reader, size_t count, uint64_t line, bool *given,
                                  struct archive_event *event, revue_error *error) {
    bool failed = false;
    *given = true;
    if (!begins_with_number(reader, count)) {
        const struct held_row *held = &reader->held[reader->current];
        if (held->full && held->bytes + bytes_of_row(reader, count) > input_record_limit(reader->source.input))
            return format_too_long(&reader->base, event, reader->source.input, line);
        *given = !join_row(reader, count, &failed);
        if (failed) return error_no_memory(error);
        if (!*given) return REVUE_OK;
        return format_problem(&reader->base, event, line, "row without a number that does not continue the row before it");
    }
    if (has_surplus(reader, count)) {
        return format_problem(&reader->base, event, line, "row of %zu cells in a table of %zu columns", count,
                              reader->plan.column_count);
    }
    unsigned complete = reader->current;
    *given = reader->held[complete].full;
    if (*given) reader->current = 1 - complete;
    if (!hold_row(reader, count, line)) return error_no_memory(error);
    return *given ? give_held(reader, complete, event, error) : REVUE_OK;
}

/* ---- the reader ---- */

static revue_status give_end(struct table_reader *reader, struct archive_event *event, revue_error *error) {
    if (reader->held[reader->current].full) return give_held(reader, reader->current, event, error);
    return format_end(&reader->base, event, reader->source.input);
}

/* A row without line end is the last one; without review text it may be but its beginning. */
static revue_status give_last_or_whole(struct table_reader *reader, size_t count, uint64_t line, bool is_open,
                                       struct archive_event *event, revue_error *error) {
    uint64_t end = input_position(reader->source.input);
    TRY(give_row(reader, count, line, event, error));
    if (is_open && event->kind == ARCHIVE_PROBLEM && count < reader->plan.column_count)
        return format_cut(&reader->base, event, line, "cells are missing");
    if (!reader->is_lost) reader->base.whole_bytes = end;
    return REVUE_OK;
}

static revue_status table_next(struct format_reader *base, struct archive_event *event, revue_error *error) {
    struct table_reader *reader = (struct table_reader *)base;
    struct input *input = reader->source.input;
    for (;;) {
        size_t size = 0, count = 0;
        enum row_state state;
        uint64_t line = input_line_number(input);
        TRY(find_row(reader, &size, &state, error));
        if (state == ROW_END) return give_end(reader, event, error);
        if (state != ROW_WHOLE) return give_bad_row(reader, state, line, event);
        bool is_open = size > 0 && input_window(input).data[size - 1] != '\n';
        TRY(cut_row(reader, size, &count, error));
        if (is_blank_row(reader->cells, count)) continue;
        if (reader->plan.has_header && !reader->header_passed) {
            reader->header_passed = true;
            continue;
        }
        if (!reader->plan.rows_are_numbered) return give_last_or_whole(reader, count, line, is_open, event, error);
        bool given;
        TRY(take_numbered(reader, count, line, &given, event, error));
        if (given) return REVUE_OK;
    }
}

/* ---- opening ---- */

static revue_status prepare(struct table_reader *reader, revue_error *error) {
    name_append_printable(&reader->stem, name_stem(reader->source.path));
    if (reader->stem.failed) return error_no_memory(error);
    reader->product = bytes_view(&reader->stem);
    for (unsigned i = 0; i < 2 && reader->plan.rows_are_numbered; i++) {
        reader->held[i].cells = memory_alloc_zeroed(reader->plan.column_count, sizeof *reader->held[i].cells);
        if (!reader->held[i].cells) return error_no_memory(error);
    }
    return REVUE_OK;
}

static void table_resume(struct format_reader *base) {
    ((struct table_reader *)base)->header_passed = true;
}

/* The window is decoded as if it were one record: a header in Windows-1252 must be found under the names of --map. */
static revue_status decide(struct table_reader *reader, char separator, struct format_opening *opening,
                           revue_error *error) {
    struct input *input = reader->source.input;
    TRY(input_need(input, WINDOW_BYTES, error));
    struct view window = input_window(input);
    if (window.size > WINDOW_BYTES) window.size = WINDOW_BYTES;
    bool whole = input_at_end(input) && window.size == input_window(input).size;
    if (!charset_decode(window, &reader->decoded, &window)) return error_no_memory(error);
    TRY(table_plan_decide(&reader->plan, window, whole, separator, reader->source.record, opening->buffer,
                          sizeof opening->buffer, error));
    if (opening->buffer[0]) opening->beside = opening->buffer;
    return REVUE_OK;
}

revue_status table_reader_open(struct format_opening *opening, const struct format_source *source, char separator,
                               revue_error *error) {
    struct table_reader *reader = memory_alloc_zeroed(1, sizeof *reader);
    if (!reader) return error_no_memory(error);
    reader->base.next = table_next;
    reader->base.close = table_close;
    reader->source = *source;
    revue_status status = decide(reader, separator, opening, error);
    if (status == REVUE_OK && !opening->beside) status = prepare(reader, error);
    if (!reader->plan.rows_are_numbered) reader->base.resume = table_resume; /* else a row may continue the one before */
    if (status == REVUE_OK && !opening->beside)
        opening->reader = &reader->base;
    else
        table_close(&reader->base);
    return status;
}
