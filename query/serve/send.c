/* send.c - a reply as it goes out: its body, compressed where that was asked for, and the headers that every answer has. */
#include "query/serve/admission.h"
#include "query/serve/page/page.h"
#include "query/serve/server_internal.h"

#include "indexer/base/memory.h"

#include <stdio.h>

struct content_kind {
    const char *type;
    bool is_page, is_packed; /* is_packed: compressing gains nothing */
};
static const struct content_kind kinds[] = {
    [CONTENT_NONE] = {NULL, false, true},
    [CONTENT_JSON] = {"application/json", false, false},
    [CONTENT_JSON_LINES] = {"application/jsonl", false, false},
    [CONTENT_PROBLEM] = {"application/problem+json", false, false},
    [CONTENT_HTML] = {"text/html; charset=utf-8", true, false},
    [CONTENT_TEXT] = {"text/plain; charset=utf-8", false, false},
    [CONTENT_CSV] = {"text/csv; charset=utf-8; header=present", false, false},
    [CONTENT_TSV] = {"text/tab-separated-values; charset=utf-8", false, false},
    [CONTENT_METRICS] = {"text/plain; version=0.0.4; charset=utf-8", false, false},
    [CONTENT_OPENSEARCH] = {"application/opensearchdescription+xml", false, false},
    [CONTENT_ASSET] = {NULL, false, false},
};

static void add(struct MHD_Response *response, const char *name, const char *value) {
    (void)MHD_add_response_header(response, name, value);
}

/* ---- headers ---- */

static void add_caching(struct MHD_Response *response, const struct reply *reply) {
    char text[64];
    add(response, "Vary", "Accept, Accept-Encoding, Origin");
    if (!reply->etag[0]) {
        add(response, "Cache-Control", "no-store");
        return;
    }
    add(response, "ETag", reply->etag);
    (void)snprintf(text, sizeof text, "public, max-age=%.0f", reply->max_age);
    add(response, "Cache-Control", reply->max_age >= 1 ? text : "no-cache");
}

/* Who may embed the page: this site, and whoever may read its answers. */
static void add_policy(struct MHD_Response *response, const struct serve_settings *settings, bool is_page) {
    struct bytes policy = {0};
    bytes_append_string(&policy, is_page ? page_security_policy() : "default-src 'none'");
    bytes_append_string(&policy, is_page ? "; frame-ancestors 'self'" : "; frame-ancestors 'none'");
    for (size_t i = 0; is_page && i < settings->origins.count; i++)
        bytes_append_format(&policy, " %s", settings->origins.items[i]);
    bytes_append_u8(&policy, '\0');
    if (!policy.failed) add(response, "Content-Security-Policy", (const char *)policy.data);
    bytes_free(&policy);
    add(response, "X-Content-Type-Options", "nosniff");
    add(response, "Referrer-Policy", "no-referrer");
    add(response, "Cross-Origin-Resource-Policy", settings->origins.count > 0 ? "cross-origin" : "same-origin");
}

/* CORS: answers hold nothing that belongs to a user, so no credentials are ever allowed. */
static void add_origin(struct MHD_Response *response, const struct exchange *exchange) {
    const char *origin = exchange_header(exchange, "Origin");
    if (!origin || !admission_allows_origin(server_settings(exchange->server), origin)) return;
    add(response, "Access-Control-Allow-Origin", origin);
    add(response, "Access-Control-Expose-Headers", "ETag, Retry-After");
    if (!exchange->method || strcmp(exchange->method, "OPTIONS") != 0) return;
    add(response, "Access-Control-Allow-Methods", "GET, HEAD, POST, OPTIONS");
    add(response, "Access-Control-Allow-Headers", "Content-Type, If-None-Match");
    add(response, "Access-Control-Max-Age", "600");
}

static void add_headers(struct MHD_Response *response, const struct exchange *exchange, bool is_compressed) {
    const struct reply *reply = &exchange->reply;
    const struct content_kind *kind = &kinds[reply->content];
    const char *type = kind->type ? kind->type : reply->type;
    char text[32];
    add_caching(response, reply);
    if (is_compressed) add(response, "Content-Encoding", "gzip");
    if (reply->allow) add(response, "Allow", reply->allow);
    if (reply->location) add(response, "Location", reply->location);
    if (reply->retry_after > 0) {
        (void)snprintf(text, sizeof text, "%u", reply->retry_after);
        add(response, "Retry-After", text);
    }
    add_origin(response, exchange);
    if (reply->status == 304) return;
    if (type) add(response, "Content-Type", type);
    add_policy(response, server_settings(exchange->server), kind->is_page);
}

/* ---- the body ---- */

static struct MHD_Response *response_of(struct exchange *exchange) {
    struct reply *reply = &exchange->reply;
    if (reply->constant.size > 0) {
        exchange->sent = reply->constant.size;
        return MHD_create_response_from_buffer(reply->constant.size, (void *)(uintptr_t)reply->constant.data,
                                               MHD_RESPMEM_PERSISTENT);
    }
    exchange->sent = reply->body.size;
    struct MHD_Response *response =
        MHD_create_response_from_buffer_with_free_callback(reply->body.size, reply->body.data, memory_free);
    /* It is the response's from now on. */
    if (response) reply->body = (struct bytes){0};
    return response;
}

static void copy_constant(struct reply *reply) {
    bytes_append(&reply->body, reply->constant.data, reply->constant.size);
    if (reply->body.failed)
        bytes_free(&reply->body);
    else
        reply->constant = view_of("", 0);
}

static bool compress(struct exchange *exchange) {
    struct reply *reply = &exchange->reply;
    struct server *server = exchange->server;
    if (kinds[reply->content].is_packed || reply->body.size + reply->constant.size < COMPRESS_LEAST ||
        !compress_is_accepted(exchange_header(exchange, "Accept-Encoding")))
        return false;
    if (reply->constant.size > 0) copy_constant(reply);
    return compress_body(server->compressors, &reply->body);
}

/* There was no memory for the answer: a problem that needs none. */
static void give_up(struct exchange *exchange) {
    static const char text[] = "{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,"
                               "\"detail\":\"out of memory\"}\n";
    bytes_free(&exchange->reply.body);
    exchange->reply =
        (struct reply){.status = 503, .content = CONTENT_PROBLEM, .constant = {text, sizeof text - 1}, .retry_after = 5};
}

enum MHD_Result send_reply(struct exchange *exchange) {
    struct reply *reply = &exchange->reply;
    if (reply->status == 0) reply->status = 200;
    if (reply->body.failed) give_up(exchange);
    const bool is_compressed = compress(exchange);
    struct MHD_Response *response = response_of(exchange);
    if (!response) return MHD_NO;
    add_headers(response, exchange, is_compressed);
    if (reply->close || atomic_load(&exchange->server->is_draining)) add(response, "Connection", "close");
    enum MHD_Result sent = MHD_queue_response(exchange->connection, reply->status, response);
    if (strcmp(exchange->method ? exchange->method : "", "HEAD") == 0) exchange->sent = 0;
    MHD_destroy_response(response);
    return sent;
}
