/* exchange.c - see exchange.h: headers, and the replies that every route can give. */
#include "query/serve/exchange.h"

#include "indexer/base/printer.h"
#include "query/serve/complain.h"
#include "query/serve/page/page.h"
#include "query/serve/routes.h"

#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

const char *exchange_header(const struct exchange *exchange, const char *name) {
    return MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND, name);
}

struct view exchange_host(const struct exchange *exchange) {
    if (exchange->authority.size > 0) return exchange->authority;
    return view_of_string(exchange_header(exchange, "Host"));
}

bool exchange_is_secure(const struct exchange *exchange) {
    const char *scheme = exchange->was_forwarded ? exchange_header(exchange, "X-Forwarded-Proto") : NULL;
    return scheme && strcmp(scheme, "https") == 0;
}

static enum MHD_Result take_last(void *context, enum MHD_ValueKind kind, const char *name, const char *value) {
    (void)kind;
    if (strcasecmp(name, "X-Forwarded-For") == 0 && value) *(const char **)context = value;
    return MHD_YES;
}

/* A proxy puts its own line behind those that came: the last one is its word. */
const char *exchange_forwarded(const struct exchange *exchange) {
    const char *last = NULL;
    (void)MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, take_last, &last);
    return last;
}

bool exchange_wants_page(const struct exchange *exchange) {
    const struct search_request *request = &exchange->request;
    if (request->has_format) return request->format == REQUEST_HTML;
    if (exchange->route && exchange->route->path[1] == '\0') return true;
    const char *accept = exchange_header(exchange, "Accept");
    return accept && strncasecmp(accept, "text/html", 9) == 0;
}

/* ---- problems ---- */

static void append_problem(const struct reply *reply, const revue_error *error, struct bytes *out) {
    struct printer printer;
    const char *title = MHD_get_reason_phrase_for(reply->status);
    printer_start(&printer, out);
    printer_begin_map(&printer);
    printer_key_string(&printer, "type", "about:blank");
    printer_key_string(&printer, "title", title);
    printer_key_unsigned(&printer, "status", reply->status);
    if (error && error->message[0]) printer_key_string(&printer, "detail", error->message);
    if (error && error->column > 0) printer_key_unsigned(&printer, "column", error->column);
    printer_end_map(&printer);
    bytes_append_u8(out, '\n');
}

void exchange_problem(struct exchange *exchange, unsigned status, const revue_error *error) {
    struct reply *reply = &exchange->reply;
    bytes_clear(&reply->body);
    reply->constant = view_of("", 0);
    reply->status = status;
    reply->etag[0] = '\0';
    if (exchange->route && exchange->route->flags & ROUTE_INDEX && exchange_wants_page(exchange)) {
        struct page_view view;
        answer_page_view(exchange, &view);
        view.problem = error;
        view.status = status;
        answer_page(exchange, &view);
        return;
    }
    reply->content = CONTENT_PROBLEM;
    append_problem(reply, error, &reply->body);
}

void exchange_problem_text(struct exchange *exchange, unsigned status, const char *format, ...) {
    revue_error error = {0};
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(error.message, sizeof error.message, format, arguments);
    va_end(arguments);
    exchange_problem(exchange, status, &error);
}

/* What the library calls by the names of options are parameters here: "--sort: there is no column x". */
static void refuse_usage(struct exchange *exchange, const revue_error *error) {
    const char *message = error->message;
    revue_error named = {.column = error->column};
    if (strncmp(message, "--", 2) == 0) message += 2;
    (void)snprintf(named.message, sizeof named.message, "%s", message);
    exchange_problem(exchange, 400, &named);
}

void exchange_failed(struct exchange *exchange, revue_status status, const revue_error *error) {
    switch (status) {
    case REVUE_USAGE: refuse_usage(exchange, error); return;
    case REVUE_NO_MATCH: exchange_problem(exchange, 404, error); return;
    case REVUE_TIMED_OUT:
        exchange->refused = REFUSED_DEADLINE;
        exchange->reply.retry_after = 1;
        exchange_problem_text(exchange, 503, "the search took longer than is allowed: ask for less");
        return;
    case REVUE_NO_INPUT:
    case REVUE_BUSY:
    case REVUE_NO_MEMORY:
        exchange->reply.retry_after = 5;
        exchange_problem_text(exchange, 503, "%s", status == REVUE_NO_MEMORY ? "out of memory" : "the index is not there");
        break;
    default: exchange_problem_text(exchange, 500, "the index cannot be read");
    }
    complain("%s: %s", exchange->target ? exchange->target : "", error->message);
}

/* ---- ETags ---- */

/* Weak ones are compared here, as If-None-Match wants it (RFC 9110, 13.1.2). */
static bool is_listed(const char *list, const char *etag) {
    const char *opaque = etag + 2; /* without W/ */
    const size_t size = strlen(opaque);
    if (strcmp(list, "*") == 0) return true;
    for (const char *found = strstr(list, opaque); found; found = strstr(found + size, opaque))
        if (found == list || strchr(" ,\t/", found[-1])) return true;
    return false;
}

bool exchange_is_known(struct exchange *exchange, uint64_t hash) {
    struct reply *reply = &exchange->reply;
    const char *list = exchange_header(exchange, "If-None-Match");
    (void)snprintf(reply->etag, sizeof reply->etag, "W/\"%016llx\"", (unsigned long long)hash);
    if (!list || !is_listed(list, reply->etag) || strcmp(exchange->method, "POST") == 0) return false;
    reply->status = 304;
    return true;
}
