/* handler.c - what libmicrohttpd calls: a connection begins or ends, a request line came, its head, its body, it is over.
 *
 * A request is answered only when all of it was read, a body that nobody wants too: what is left of one would be taken for
 * the next request on the connection, and behind a proxy for that of somebody else. */
#include "query/serve/admission.h"
#include "query/serve/routes.h"
#include "query/serve/server_internal.h"

#include "indexer/base/clock.h"
#include "indexer/base/error.h"
#include "indexer/base/memory.h"

#include <stdlib.h>
#include <strings.h>

/* A body that nobody wants is read up to so many times what is allowed; then the connection is ended. */
#define BODY_PATIENCE 16u

/* ---- connections ---- */

enum MHD_Result handler_on_accept(void *context, const struct sockaddr *from, socklen_t size) {
    struct server *server = context;
    const size_t most = server->settings->connections_per_address;
    uint8_t address[ADDRESS_BYTES];
    bool is_local;
    (void)size;
    address_of_peer(from, address, &is_local);
    if (most == 0 || is_local || admission_trusts(server->settings, address)) return MHD_YES;
    if (clients_count_of(server->clients, address) < most) return MHD_YES;
    metrics_refuse(&server->metrics, REFUSED_BUSY);
    return MHD_NO;
}

void handler_on_connection(void *context, struct MHD_Connection *connection, void **client,
                           enum MHD_ConnectionNotificationCode code) {
    struct server *server = context;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        clients_remove(server->clients, *client);
        (void)atomic_fetch_sub(&server->metrics.connections, 1);
        return;
    }
    uint8_t address[ADDRESS_BYTES];
    bool is_local;
    const union MHD_ConnectionInfo *peer = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const union MHD_ConnectionInfo *file = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    address_of_peer(peer ? peer->client_addr : NULL, address, &is_local);
    const double deadline = clock_monotonic() + server->settings->idle_timeout + server->settings->request_timeout;
    *client = clients_add(server->clients, file ? file->connect_fd : -1, address, is_local, deadline);
    (void)atomic_fetch_add(&server->metrics.connections, 1);
    (void)atomic_fetch_add(&server->metrics.connections_total, 1);
}

static struct client *client_of(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

/* ---- the beginning and the end of a request ---- */

/* "/PATH?QUERY", or as proxies may write it, and every server has to understand it, "http://HOST/PATH?QUERY" (RFC 9112,
 * 3.2.2). */
static void split_target(struct exchange *exchange) {
    const char *at = exchange->target;
    const size_t scheme = strncasecmp(at, "http://", 7) == 0 ? 7 : strncasecmp(at, "https://", 8) == 0 ? 8 : 0;
    if (scheme > 0) {
        exchange->authority = view_of(at + scheme, strcspn(at + scheme, "/?"));
        at += scheme + exchange->authority.size;
    }
    const size_t path = strcspn(at, "?");
    exchange->path = scheme > 0 && path == 0 ? view_of_string("/") : view_of(at, path);
    exchange->query = view_of_string(at[path] == '?' ? at + path + 1 : "");
}

void *handler_on_target(void *context, const char *target, struct MHD_Connection *connection) {
    struct server *server = context;
    const struct client *client = client_of(connection);
    struct exchange *exchange = client ? memory_alloc_zeroed(1, sizeof *exchange) : NULL;
    if (!exchange) return NULL;
    exchange->server = server;
    exchange->connection = connection;
    exchange->started = clock_monotonic();
    exchange->target = memory_copy_string(target);
    if (!exchange->target) {
        memory_free(exchange);
        return NULL;
    }
    split_target(exchange);
    search_request_init(&exchange->request);
    memcpy(exchange->peer, client_address(client), sizeof exchange->peer);
    memcpy(exchange->address, exchange->peer, sizeof exchange->address);
    exchange->is_local = client_is_local(client);
    client_set_deadline(client_of(connection), exchange->started + server->settings->request_timeout);
    (void)atomic_fetch_add(&server->metrics.in_flight, 1);
    return exchange;
}

/* What libmicrohttpd refused by itself (414, 431, 400) has no reply. */
static void take_own_status(struct exchange *exchange, struct MHD_Connection *connection,
                            enum MHD_RequestTerminationCode code) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_HTTP_STATUS);
    if (exchange->reply.status == 0) exchange->reply.status = info && info->http_status ? info->http_status : 408;
    if (exchange->phase != PHASE_DONE && exchange->refused == REFUSED_NOT)
        exchange->refused = code == MHD_REQUEST_TERMINATED_TIMEOUT_REACHED ? REFUSED_SLOW : REFUSED_MALFORMED;
}

void handler_on_completed(void *context, struct MHD_Connection *connection, void **state,
                          enum MHD_RequestTerminationCode code) {
    struct server *server = context;
    struct exchange *exchange = *state;
    struct client *client = client_of(connection);
    if (!exchange) return;
    const double now = clock_monotonic(), seconds = now - exchange->started;
    take_own_status(exchange, connection, code);
    metrics_count(&server->metrics, route_number(exchange->route), exchange->reply.status, seconds, exchange->sent);
    metrics_refuse(&server->metrics, exchange->refused);
    if (server->log) access_log_write(server->log, exchange, seconds);
    if (client) client_set_deadline(client, now + server->settings->idle_timeout + server->settings->request_timeout);
    search_request_free(&exchange->request);
    bytes_free(&exchange->body);
    bytes_free(&exchange->reply.body);
    memory_free(exchange->target);
    memory_free(exchange);
    *state = NULL;
    (void)atomic_fetch_sub(&server->metrics.in_flight, 1);
}

/* ---- its body ---- */

static bool is_too_large(const struct exchange *exchange) {
    return exchange->body_seen > server_settings(exchange->server)->body_bytes;
}

static enum MHD_Result take_body(struct exchange *exchange, const char *upload, size_t *size) {
    exchange->body_seen += *size;
    if (!is_too_large(exchange))
        bytes_append(&exchange->body, upload, *size);
    else
        bytes_free(&exchange->body);
    *size = 0;
    if (exchange->body_seen <= BODY_PATIENCE * server_settings(exchange->server)->body_bytes) return MHD_YES;
    exchange->refused = REFUSED_BODY;
    exchange->reply.status = 413;
    return MHD_NO;
}

/* ---- its answer ---- */

/* False: it waits for a thread of its kind. */
static bool answer(struct exchange *exchange) {
    if (is_too_large(exchange)) {
        exchange->refused = REFUSED_BODY;
        exchange_problem_text(exchange, 413, "a body has at most %zu bytes", server_settings(exchange->server)->body_bytes);
        return true;
    }
    if (exchange->body.failed) {
        exchange_failed(exchange, REVUE_NO_MEMORY, &(revue_error){.message = "out of memory"});
        return true;
    }
    return !admission_passes(exchange) || !routes_find(exchange) || routes_begin(exchange);
}

static void refuse_busy(struct exchange *exchange) {
    exchange->refused = REFUSED_BUSY;
    exchange->reply.retry_after = 1;
    exchange_problem_text(exchange, 503, "too many such searches at once: try again");
}

/* A search that waited as long as it may take is not begun: whoever asked has gone, or will ask again. */
void handler_work(struct exchange *exchange) {
    const struct serve_settings *settings = server_settings(exchange->server);
    if (settings->timeout > 0 && clock_monotonic() - exchange->queued > settings->timeout)
        refuse_busy(exchange);
    else
        routes_answer(exchange);
    exchange->phase = PHASE_DONE;
    MHD_resume_connection(exchange->connection);
}

static enum MHD_Result queue(struct exchange *exchange) {
    struct server *server = exchange->server;
    exchange->phase = PHASE_QUEUED;
    exchange->queued = clock_monotonic();
    MHD_suspend_connection(exchange->connection);
    if (dear_offer(server->dear, exchange)) return MHD_YES;
    refuse_busy(exchange);
    exchange->phase = PHASE_DONE;
    MHD_resume_connection(exchange->connection);
    return MHD_YES;
}

/* What is in a head more than once, or beside what it contradicts, a proxy in front may have read otherwise than it is read
 * here: the body of one request is then the next one of somebody else (RFC 9112, 3.2, 6.1, 6.3, 11.2). */
struct framing {
    unsigned hosts, lengths, codings;
    bool is_unknown; /* a coding other than chunked */
};

static enum MHD_Result note_framing(void *context, enum MHD_ValueKind kind, const char *name, const char *value) {
    struct framing *framing = context;
    (void)kind;
    framing->hosts += strcasecmp(name, "Host") == 0;
    framing->lengths += strcasecmp(name, "Content-Length") == 0;
    if (strcasecmp(name, "Transfer-Encoding") != 0) return MHD_YES;
    framing->codings++;
    framing->is_unknown |= !value || strcasecmp(value, "chunked") != 0;
    return MHD_YES;
}

/* False: the reply says why, and that the connection ends. */
static bool is_framed(struct exchange *exchange) {
    struct framing framing = {0};
    (void)MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, note_framing, &framing);
    if (framing.hosts <= 1 && framing.lengths + framing.codings <= 1 && !framing.is_unknown) return true;
    exchange->refused = REFUSED_MALFORMED;
    exchange->reply.close = true;
    if (framing.is_unknown)
        exchange_problem_text(exchange, 501, "of transfer codings only chunked is understood");
    else
        exchange_problem_text(exchange, 400, "a request names its Host once, and the size of its body in one way");
    return false;
}

/* A body that says it is too large is not waited for: libmicrohttpd ends the connection behind the answer. */
static bool announces_too_much(const struct exchange *exchange) {
    const char *size = exchange_header(exchange, "Content-Length");
    return size && strcmp(exchange->method, "POST") == 0 &&
           strtoull(size, NULL, 10) > server_settings(exchange->server)->body_bytes;
}

static enum MHD_Result begin(struct exchange *exchange, const char *method) {
    exchange->method = method;
    exchange->phase = PHASE_BODY;
    admission_find_address(exchange);
    if (is_framed(exchange)) {
        if (!announces_too_much(exchange)) return MHD_YES;
        exchange->body_seen = SIZE_MAX;
        (void)answer(exchange);
    }
    exchange->phase = PHASE_DONE;
    return send_reply(exchange);
}

enum MHD_Result handler_on_request(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                                   const char *version, const char *upload, size_t *upload_size, void **state) {
    struct exchange *exchange = *state;
    (void)context, (void)connection, (void)url, (void)version;
    if (!exchange) return MHD_NO; /* there was no memory for one */
    if (exchange->phase == PHASE_HEAD) return begin(exchange, method);
    if (exchange->phase == PHASE_BODY && *upload_size > 0) return take_body(exchange, upload, upload_size);
    if (exchange->phase == PHASE_BODY) {
        if (!answer(exchange)) return queue(exchange);
        exchange->phase = PHASE_DONE;
    }
    return exchange->phase == PHASE_DONE ? send_reply(exchange) : MHD_YES;
}
