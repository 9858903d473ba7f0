/* filter_parts.c - see filter_parts.h. */
#include "query/serve/page/filter_parts.h"

#include "query/serve/page/page_html.h"
#include "query/serve/page/labels.h"

#include <stdio.h>

/* ---- cutting ---- */

static bool is_word(struct view part, const char *word) {
    return view_equal(part, view_of_string(word));
}

/* Words that join their neighbours or turn them around. */
static bool is_joining(struct view part) {
    return is_word(part, "AND") || is_word(part, "OR") || is_word(part, "NOT");
}

/* The end of the part that begins at start; NULL when quotes or parentheses do not end. */
static const char *part_end(const char *start) {
    unsigned depth = 0;
    bool is_quoted = false;
    const char *at = start;
    for (; *at && (*at != ' ' || is_quoted || depth > 0); at++) {
        if (*at == '"') {
            is_quoted = !is_quoted;
        } else if (!is_quoted && *at == '(') {
            depth++;
        } else if (!is_quoted && *at == ')') {
            if (depth == 0) return NULL;
            depth--;
        }
    }
    return is_quoted || depth > 0 ? NULL : at;
}

/* False when the filter is not made of parts that stand for themselves. */
static bool cut(const char *filter, struct filter_parts *parts) {
    parts->count = 0;
    for (const char *at = filter; *at;) {
        if (*at == ' ') {
            at++;
            continue;
        }
        const char *end = part_end(at);
        const struct view part = view_of(at, end ? (size_t)(end - at) : 0);
        if (!end || is_joining(part) || parts->count == FILTER_PARTS_MAX) return false;
        parts->parts[parts->count++] = part;
        at = end;
    }
    return true;
}

void filter_parts_read(const char *filter, struct filter_parts *parts) {
    parts->is_whole = !cut(filter ? filter : "", parts);
    if (!parts->is_whole) return;
    parts->parts[0] = view_of_string(filter);
    parts->count = 1;
}

size_t filter_parts_find(const struct filter_parts *parts, struct view part) {
    for (size_t i = 0; i < parts->count; i++) {
        if (view_equal(parts->parts[i], part)) return i;
    }
    return FILTER_PART_NONE;
}

/* ---- making ---- */

static void append_part(struct bytes *out, struct view part, bool is_guarded) {
    if (out->size > 0) bytes_append_u8(out, ' ');
    if (is_guarded) bytes_append_u8(out, '(');
    bytes_append(out, part.data, part.size);
    if (is_guarded) bytes_append_u8(out, ')');
}

void filter_parts_with(const struct filter_parts *parts, struct view part, size_t instead_of, struct bytes *out) {
    bytes_clear(out);
    for (size_t i = 0; i < parts->count; i++) {
        if (i != instead_of) append_part(out, parts->parts[i], parts->is_whole);
    }
    append_part(out, part, false);
    bytes_append_u8(out, 0);
}

void filter_parts_without(const struct filter_parts *parts, size_t number, struct bytes *out) {
    bytes_clear(out);
    for (size_t i = 0; i < parts->count; i++) {
        if (i != number) append_part(out, parts->parts[i], false);
    }
    bytes_append_u8(out, 0);
}

/* Quotes cannot stand in quotes; without them a value is found by its words. */
static void append_quoted(struct bytes *out, const char *text) {
    bytes_append_u8(out, '"');
    for (const char *at = text; *at; at++)
        bytes_append_u8(out, *at == '"' ? ' ' : (uint8_t)*at);
    bytes_append_u8(out, '"');
}

/* Stars are counted by whole ones, to which they are rounded. */
#define STARS_PART_MAX 48
static struct view write_stars(char out[STARS_PART_MAX], int whole) {
    const char *format = whole > 0 ? "(stars:>=%d.5 stars:<%d.5)" : "stars:<0.5";
    const int size = snprintf(out, STARS_PART_MAX, format, whole - 1, whole);
    return view_of(out, (size_t)size);
}

static bool is_whole_stars(const char *text) {
    return text[0] >= '0' && text[0] <= '5' && text[1] == '\0';
}

void filter_part_of_value(const revue_facet *facet, const revue_facet_value *value, struct bytes *out) {
    if (strcmp(facet->name, "stars") == 0 && is_whole_stars(value->text)) {
        char stars[STARS_PART_MAX];
        const struct view part = write_stars(stars, value->text[0] - '0');
        bytes_append(out, part.data, part.size);
        return;
    }
    bytes_append_string(out, facet->name);
    bytes_append_u8(out, ':');
    if (strcmp(facet->kind, "keyword") != 0) {
        bytes_append_string(out, value->text);
        return;
    }
    if (strcmp(facet->name, "product") == 0 || strcmp(facet->name, "author") == 0) bytes_append_u8(out, '=');
    append_quoted(out, value->text);
}

/* ---- showing ---- */

/* The number of whole stars when the part is what write_stars makes, else -1. */
static int stars_of(struct view part) {
    char stars[STARS_PART_MAX];
    for (int whole = 0; whole <= REVUE_STARS; whole++) {
        if (view_equal(write_stars(stars, whole), part)) return whole;
    }
    return -1;
}

/* NAME:="value" or NAME:"value"; the value may hold no quotes. */
static bool read_quoted(struct view part, struct view *name, struct view *value) {
    const char *colon = memchr(part.data, ':', part.size), *end = part.data + part.size;
    if (!colon) return false;
    const char *quote = colon + 1;
    if (quote < end && *quote == '=') quote++;
    if (end - quote < 3 || *quote != '"' || end[-1] != '"') return false;
    *name = view_of(part.data, (size_t)(colon - part.data));
    *value = view_of(quote + 1, (size_t)(end - quote) - 2);
    return !memchr(value->data, '"', value->size);
}

void filter_part_label(struct view part, struct bytes *out) {
    struct view name, value;
    const int stars = stars_of(part);
    if (stars >= 0) {
        bytes_append_format(out, stars == 1 ? "%d star" : "%d stars", stars);
    } else if (read_quoted(part, &name, &value)) {
        label_field(name, out);
        bytes_append_string(out, ": <bdi>");
        label_value(name, value, out);
        bytes_append_string(out, "</bdi>");
    } else if (part.size > 5 && memcmp(part.data, "date:", 5) == 0 && part.data[5] >= '0' && part.data[5] <= '9') {
        page_html_text(out, view_of(part.data + 5, part.size - 5));
    } else {
        bytes_append_string(out, "<bdi>");
        page_html_text(out, part);
        bytes_append_string(out, "</bdi>");
    }
}
