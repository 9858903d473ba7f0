/* json.c - reader of JSON: an object a line, an array of objects, or objects one after another over several lines.
 *
 * The text is cut into values before it is parsed: by line ends, or by counting brackets outside of strings. So a bad value
 * costs only itself, and one that is too long is passed over without being held. Flat objects in strict JSON, nearly all
 * there are, are read by json_flat.c; the others by json-c, whose leniency is welcome here (single quotes, trailing
 * commas); what follows a value on its line is an error all the same. */
#include "indexer/archive/charset.h"
#include "indexer/archive/format.h"
#include "indexer/archive/json_record.h"
#include "indexer/archive/json_trouble.h"
#include "indexer/archive/names.h"
#include "indexer/base/memory.h"

#include <stdio.h>

#define WINDOW_BYTES ((size_t)1 << 16)
#define PROBE_RECORDS 100u /* records looked at to see whether the file holds reviews */

enum json_mode { JSON_LINES, JSON_VALUES }; /* VALUES: an array, or objects over several lines */

struct json_reader {
    struct format_reader base;
    struct format_source source;
    enum json_mode mode;
    struct json_tokener *tokener;
    struct json_object *object; /* of the review given out last */
    struct json_object *list;   /* reviews inside object, being given out one by one; borrowed from it */
    size_t list_at;
    uint64_t list_line;
    struct bytes decoded;
    struct json_flat flat;
    bool may_be_flat; /* no option follows a path into a record */
    bool in_array;
    bool ends_early; /* the value at hand does, before its end */
    char why[200];   /* the value at hand is no object */
};

static void drop_object(struct json_reader *reader) {
    if (reader->object) json_object_put(reader->object);
    reader->object = reader->list = NULL;
}

static void json_close(struct format_reader *base) {
    struct json_reader *reader = (struct json_reader *)base;
    drop_object(reader);
    if (reader->tokener) json_tokener_free(reader->tokener);
    bytes_free(&reader->decoded);
    bytes_free(&reader->flat.scratch);
    memory_free(reader);
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t skip_blanks(struct view text) {
    size_t at = 0;
    while (at < text.size && is_blank(text.data[at]))
        at++;
    return at;
}

/* ---- parsing one value ---- */

/* The value in text, which must hold nothing else; NULL when it does not, with *trouble set. */
static struct json_object *parse(struct json_tokener *tokener, struct view text, struct json_trouble *trouble) {
    *trouble = (struct json_trouble){JSON_TOO_LONG, 0};
    if (text.size > INT32_MAX) return NULL;
    json_tokener_reset(tokener);
    struct json_object *value = json_tokener_parse_ex(tokener, text.data, (int)text.size);
    enum json_tokener_error result = json_tokener_get_error(tokener);
    trouble->at = json_tokener_get_parse_end(tokener);
    if (result == json_tokener_success) {
        trouble->at += skip_blanks(view_of(text.data + trouble->at, text.size - trouble->at));
        trouble->kind = JSON_TEXT_AFTER;
        if (trouble->at == text.size) return value;
    } else {
        trouble->kind = json_trouble_kind(result);
    }
    if (value) json_object_put(value);
    return NULL;
}

/* ---- cutting values ---- */

/* Finds the end of a value that begins with '{' or '['. Kept while the window grows. */
struct value_scan {
    size_t at;
    unsigned depth;
    bool in_string, escaped;
};

static bool find_value_end(struct value_scan *scan, struct view window) {
    for (; scan->at < window.size; scan->at++) {
        char c = window.data[scan->at];
        if (scan->escaped)
            scan->escaped = false;
        else if (scan->in_string) {
            if (c == '\\')
                scan->escaped = true;
            else if (c == '"')
                scan->in_string = false;
        } else if (c == '"')
            scan->in_string = true;
        else if (c == '{' || c == '[')
            scan->depth++;
        else if ((c == '}' || c == ']') && --scan->depth == 0) {
            scan->at++;
            return true;
        }
    }
    return false;
}

static bool opens_value(char c) {
    return c == '{' || c == '[';
}

/* ---- from values to events ---- */

/* The record is filled. around: the object that its object stands in; may be NULL. */
static revue_status give_record(struct json_reader *reader, struct json_object *around, uint64_t line,
                                struct archive_event *event, revue_error *error) {
    struct record *record = reader->source.record;
    if (!record_has_any(record))
        return format_problem(&reader->base, event, line, "an object without any value of a review");
    if (around) json_record_inherit(record, around);
    event->kind = ARCHIVE_REVIEW;
    return record_finish(record, &event->review, error);
}

static revue_status give_object(struct json_reader *reader, struct json_object *object, struct json_object *around,
                                uint64_t line, struct archive_event *event, revue_error *error) {
    record_start(reader->source.record, line);
    json_record_fill(reader->source.record, reader->source.options, object);
    return give_record(reader, around, line, event, error);
}

static revue_status give_flat(struct json_reader *reader, uint64_t line, struct archive_event *event, revue_error *error) {
    record_start(reader->source.record, line);
    json_record_fill_flat(reader->source.record, &reader->flat);
    return give_record(reader, NULL, line, event, error);
}

/* The next review of a list inside an object; *given is false when there is none left. */
static revue_status give_listed(struct json_reader *reader, bool *given, struct archive_event *event, revue_error *error) {
    *given = reader->list && reader->list_at < json_object_array_length(reader->list);
    if (!*given) {
        reader->list = NULL;
        return REVUE_OK;
    }
    struct json_object *element = json_object_array_get_idx(reader->list, reader->list_at++);
    if (element && json_object_is_type(element, json_type_object)) {
        return give_object(reader, element, reader->object, reader->list_line, event, error);
    }
    return format_problem(&reader->base, event, reader->list_line, "element %zu of a list of reviews is not an object",
                          reader->list_at);
}

/* One raw value becomes an event; *given is false when it was an empty list of reviews. */
static revue_status give_value(struct json_reader *reader, struct view raw, uint64_t line, bool *given,
                               struct archive_event *event, revue_error *error) {
    struct view text;
    struct json_trouble trouble;
    *given = true;
    drop_object(reader);
    if (!charset_decode(raw, &reader->decoded, &text)) return error_no_memory(error);
    if (reader->may_be_flat && json_flat_read(&reader->flat, text)) return give_flat(reader, line, event, error);
    struct json_object *value = parse(reader->tokener, text, &trouble);
    bool is_parsed = trouble.kind == JSON_TEXT_AFTER && trouble.at == text.size;
    reader->ends_early = !value && trouble.kind == JSON_ENDS_EARLY;
    if (!value || !json_object_is_type(value, json_type_object)) {
        if (is_parsed) trouble = (struct json_trouble){JSON_NO_OBJECT, skip_blanks(text)};
        if (value) json_object_put(value);
        line += json_explain(&trouble, text, reader->mode == JSON_LINES, reader->why, sizeof reader->why);
        return format_problem(&reader->base, event, line, "invalid JSON: %s", reader->why);
    }
    reader->object = value;
    if (!json_is_review(reader->source.record, reader->source.options, value)) {
        reader->list = json_find_reviews(reader->source.record, reader->source.options, value);
        reader->list_at = 0;
        reader->list_line = line;
        if (reader->list) return give_listed(reader, given, event, error);
    }
    return give_object(reader, value, NULL, line, event, error);
}

static revue_status next_line(struct json_reader *reader, bool *given, struct archive_event *event, revue_error *error) {
    struct input *input = reader->source.input;
    struct view line;
    uint64_t number;
    enum input_state state;
    *given = true;
    TRY(input_line(input, &line, &number, &state, error));
    if (state == INPUT_END) return format_end(&reader->base, event, input);
    if (state == INPUT_TOO_LONG) return format_too_long(&reader->base, event, input, number);
    if (skip_blanks(line) == line.size) {
        *given = false;
        return REVUE_OK;
    }
    uint64_t end = input_position(input);
    TRY(give_value(reader, line, number, given, event, error));
    if (reader->ends_early && input_line_is_open(input)) {
        return format_cut(&reader->base, event, number, "its object does not close");
    }
    reader->base.whole_bytes = end;
    return REVUE_OK;
}

static void lines_resume(struct format_reader *base) {
    drop_object((struct json_reader *)base);
}

/* Passes over blanks, commas and the brackets of the outer array; false at the end of the input. */
static revue_status skip_between(struct json_reader *reader, bool *more, revue_error *error) {
    struct input *input = reader->source.input;
    for (;;) {
        struct view window = input_window(input);
        size_t at = 0;
        for (; at < window.size; at++) {
            char c = window.data[at];
            if (is_blank(c) || (reader->in_array && c == ',')) continue;
            if (c == '[' && !reader->in_array)
                reader->in_array = true;
            else if (c == ']' && reader->in_array)
                reader->in_array = false;
            else
                break;
        }
        *more = at < window.size;
        input_consume(input, at);
        if (*more || input_at_end(input)) return REVUE_OK;
        TRY(input_need(input, 1, error));
    }
}

/* Passes over the rest of a value that is longer than the limit. */
static revue_status skip_value(struct input *input, struct value_scan *scan, revue_error *error) {
    for (;;) {
        bool ended = find_value_end(scan, input_window(input));
        input_consume(input, scan->at);
        if (ended || input_at_end(input)) return REVUE_OK;
        scan->at = 0;
        TRY(input_need(input, 1, error));
    }
}

/* A value that is no object: passed over to the next comma or line end. */
static revue_status skip_scalar(struct json_reader *reader, uint64_t line, struct archive_event *event,
                                revue_error *error) {
    struct input *input = reader->source.input;
    bool found = false;
    while (!found) {
        struct view window = input_window(input);
        size_t at = 0;
        while (at < window.size && window.data[at] != ',' && window.data[at] != '\n' && !opens_value(window.data[at]) &&
               window.data[at] != ']') {
            at++;
        }
        found = at < window.size;
        if (found && at == 0) at = 1; /* never without progress */
        input_consume(input, at);
        if (!found && input_at_end(input)) break;
        TRY(input_need(input, 1, error));
    }
    return format_problem(&reader->base, event, line, "invalid JSON: not an object");
}

static revue_status next_value(struct json_reader *reader, bool *given, struct archive_event *event, revue_error *error) {
    struct input *input = reader->source.input;
    struct value_scan scan = {0};
    bool more;
    *given = true;
    TRY(skip_between(reader, &more, error));
    uint64_t line = input_line_number(input);
    if (!more) {
        if (!reader->in_array || input_failure(input)) return format_end(&reader->base, event, input);
        return format_fatal(&reader->base, event, line, "invalid JSON: the array never closes");
    }
    if (input_window(input).data[0] != '{') return skip_scalar(reader, line, event, error);
    while (!find_value_end(&scan, input_window(input))) {
        if (input_is_full(input)) {
            TRY(skip_value(input, &scan, error));
            return format_too_long(&reader->base, event, input, line);
        }
        if (input_failure(input)) return format_end(&reader->base, event, input);
        if (input_at_end(input))
            return format_fatal(&reader->base, event, line, "invalid JSON: the value that begins here never ends");
        TRY(input_need(input, input_window(input).size + 1, error));
    }
    struct view raw = view_of(input_window(input).data, scan.at);
    input_consume(input, scan.at);
    if (raw.size > input_record_limit(input)) return format_too_long(&reader->base, event, input, line);
    return give_value(reader, raw, line, given, event, error);
}

static revue_status json_next(struct format_reader *base, struct archive_event *event, revue_error *error) {
    struct json_reader *reader = (struct json_reader *)base;
    for (;;) {
        bool given;
        TRY(give_listed(reader, &given, event, error));
        if (given) return REVUE_OK;
        if (reader->mode == JSON_LINES)
            TRY(next_line(reader, &given, event, error));
        else
            TRY(next_value(reader, &given, event, error));
        if (given) return REVUE_OK;
    }
}

/* ---- opening: lines or values, reviews or not ---- */

/* The first line of the window without blank ones before it. */
static struct view first_line(struct view window) {
    size_t start = skip_blanks(window);
    struct view rest = view_of(window.data + start, window.size - start);
    const char *end = rest.size ? memchr(rest.data, '\n', rest.size) : NULL;
    return end ? view_of(rest.data, (size_t)(end - rest.data)) : rest;
}

/* Objects stand on lines of their own when the first line is one, or is no beginning of one that ends further down. */
static enum json_mode decide_mode(struct json_reader *reader, struct view window) {
    struct json_trouble trouble;
    struct value_scan scan = {0};
    struct view line = first_line(window);
    if (line.size == 0 || line.data[0] == '[') return JSON_VALUES;
    if (line.data[0] != '{') return JSON_LINES;
    struct json_object *value = parse(reader->tokener, line, &trouble);
    if (value) {
        json_object_put(value);
        return JSON_LINES;
    }
    if (find_value_end(&scan, line)) return JSON_LINES; /* invalid, but whole */
    struct view rest = view_of(line.data + line.size, (size_t)(window.data + window.size - (line.data + line.size)));
    return first_line(rest).size > 0 && first_line(rest).data[0] == '{' ? JSON_LINES : JSON_VALUES;
}

/* The next whole value of the window, without consuming it; false when there is none. */
static bool next_in_window(enum json_mode mode, struct view *window, bool whole, struct view *value) {
    size_t at = 0;
    if (mode == JSON_LINES) {
        at = skip_blanks(*window);
        const char *end = window->size > at ? memchr(window->data + at, '\n', window->size - at) : NULL;
        if (!end && (!whole || at == window->size)) return false;
        size_t stop = end ? (size_t)(end - window->data) : window->size;
        *value = view_of(window->data + at, stop - at);
        *window = view_of(window->data + stop, window->size - stop);
        return true;
    }
    while (at < window->size && window->data[at] != '{')
        at++;
    struct value_scan scan = {0};
    struct view rest = view_of(window->data + at, window->size - at);
    if (!find_value_end(&scan, rest)) return false;
    *value = view_of(rest.data, scan.at);
    *window = view_of(rest.data + scan.at, rest.size - scan.at);
    return true;
}

static void list_keys(struct json_object *object, char *out, size_t size) {
    size_t used = 0;
    json_object_object_foreach(object, name, value) {
        (void)value;
        int wrote = snprintf(out + used, size - used, "%s%.40s", used ? ", " : "", name);
        if (wrote < 0 || (size_t)wrote >= size - used) {
            out[used] = '\0';
            return;
        }
        used += (size_t)wrote;
    }
}

struct probe {
    size_t parsed, reviews;
    char keys[200]; /* of the first object */
};

static void probe_value(struct json_reader *reader, struct view raw, struct probe *probe) {
    struct json_trouble trouble;
    struct json_object *value = parse(reader->tokener, raw, &trouble);
    if (value && json_object_is_type(value, json_type_object)) {
        if (probe->parsed++ == 0) list_keys(value, probe->keys, sizeof probe->keys);
        probe->reviews += json_is_review(reader->source.record, reader->source.options, value) ||
                          json_find_reviews(reader->source.record, reader->source.options, value);
    }
    if (value) json_object_put(value);
}

/* Grows the window until it holds a whole value, and looks at the values in it. */
static revue_status probe_records(struct json_reader *reader, struct probe *probe, revue_error *error) {
    struct input *input = reader->source.input;
    for (size_t wanted = WINDOW_BYTES;; wanted *= 2) {
        TRY(input_need(input, wanted, error));
        struct view window = input_window(input), value;
        bool whole = input_at_end(input);
        reader->mode = decide_mode(reader, window);
        if (reader->mode == JSON_VALUES && first_line(window).size == 0) return REVUE_OK;
        size_t seen = 0;
        for (; seen < PROBE_RECORDS && probe->reviews == 0 && next_in_window(reader->mode, &window, whole, &value);
             seen++) {
            probe_value(reader, value, probe);
        }
        if (seen > 0 || whole || input_is_full(input)) return REVUE_OK;
    }
}

static revue_status decide(struct json_reader *reader, struct format_opening *opening, revue_error *error) {
    struct probe probe = {0};
    TRY(probe_records(reader, &probe, error));
    if (probe.parsed == 0 || probe.reviews > 0) return REVUE_OK; /* nothing readable yet: its problems will be told */
    struct bytes keys = {0};
    name_append_printable(&keys, view_of_string(probe.keys));
    (void)snprintf(opening->buffer, sizeof opening->buffer,
                   "JSON without review text (it has: %.*s); name it with --map body=NAME",
                   keys.size > 200 ? 200 : (int)keys.size, keys.data ? (const char *)keys.data : "");
    bytes_free(&keys);
    opening->beside = opening->buffer;
    return REVUE_OK;
}

revue_status json_reader_open(struct format_opening *opening, const struct format_source *source, revue_error *error) {
    struct json_reader *reader = memory_alloc_zeroed(1, sizeof *reader);
    if (!reader) return error_no_memory(error);
    reader->base.next = json_next;
    reader->base.close = json_close;
    reader->source = *source;
    reader->may_be_flat = !json_has_paths(source->options);
    reader->tokener = json_tokener_new_ex(JSON_DEPTH);
    revue_status status = reader->tokener ? decide(reader, opening, error) : error_no_memory(error);
    if (reader->mode == JSON_LINES) reader->base.resume = lines_resume;
    if (status == REVUE_OK && !opening->beside)
        opening->reader = &reader->base;
    else
        json_close(&reader->base);
    return status;
}
