/* request.c - see request.h: the defaults, and the canonical form. */
#include "query/serve/request.h"

#include <string.h>

void search_request_init(struct search_request *request) {
    memset(request, 0, sizeof *request);
    request->query = view_of("", 0);
    request->n = REQUEST_N_DEFAULT;
}

void search_request_free(struct search_request *request) {
    arena_free(&request->arena);
    search_request_init(request);
}

/* ---- percent signs (RFC 3986) ---- */

static bool is_unreserved(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '-' ||
           byte == '.' || byte == '_' || byte == '~';
}

static void append_encoded_but(struct view text, const char *kept, struct bytes *out) {
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.size; i++) {
        const char byte = text.data[i];
        if (is_unreserved(byte) || (byte && strchr(kept, byte))) {
            bytes_append_u8(out, (uint8_t)byte);
        } else {
            const char escape[3] = {'%', digits[(uint8_t)byte >> 4], digits[(uint8_t)byte & 15]};
            bytes_append(out, escape, sizeof escape);
        }
    }
}

void request_append_encoded(struct view text, struct bytes *out) {
    append_encoded_but(text, "", out);
}

/* "." and ".." between slashes, escaped or not, would be taken away by whoever resolves the address, a browser or a proxy,
 * and two slashes be made one. */
static bool has_odd_segment(struct view path) {
    size_t from = 0;
    while (from <= path.size) {
        const char *slash = memchr(path.data + from, '/', path.size - from);
        size_t to = slash ? (size_t)(slash - path.data) : path.size;
        struct view segment = view_of(path.data + from, to - from);
        if (segment.size == 0 || view_equal(segment, view_of("..", 2)) || view_equal(segment, view_of(".", 1))) return true;
        from = to + 1;
    }
    return false;
}

void request_append_path(struct view text, struct bytes *out) {
    append_encoded_but(text, has_odd_segment(text) ? ":@" : "/:@", out);
}

/* ---- the canonical form ---- */

struct query_writer {
    struct bytes *out;
    size_t start; /* of out before anything was appended */
};

static void append_name(struct query_writer *writer, const char *name) {
    if (writer->out->size > writer->start) bytes_append_u8(writer->out, '&');
    bytes_append_string(writer->out, name);
    bytes_append_u8(writer->out, '=');
}

static void append_text(struct query_writer *writer, const char *name, const char *text) {
    if (!text) return;
    append_name(writer, name);
    request_append_encoded(view_of_string(text), writer->out);
}

static void append_count(struct query_writer *writer, const char *name, size_t value, size_t usual) {
    if (value == usual) return;
    append_name(writer, name);
    bytes_append_format(writer->out, "%zu", value);
}

void request_append_query(const struct search_request *request, struct bytes *out) {
    static const char *const operators[] = {NULL, "any", "all"}; /* in the order of revue_operator */
    struct query_writer writer = {out, out->size};
    if (request->has_query) append_text(&writer, "q", request->query.data);
    append_text(&writer, "filter", request->filter);
    append_text(&writer, "op", operators[request->op]);
    append_text(&writer, "min_match", request->min_match);
    append_text(&writer, "lang", request->lang);
    append_text(&writer, "prior", request->prior);
    append_text(&writer, "sort", request->sort);
    append_text(&writer, "group", request->group);
    for (size_t i = 0; i < request->facet_count; i++)
        append_text(&writer, "facet", request->facets[i]);
    append_count(&writer, "n", request->n, REQUEST_N_DEFAULT);
    append_count(&writer, "offset", request->offset, 0);
    append_text(&writer, "after", request->after);
    append_count(&writer, "count", request->count, 0);
}
