/* server.c - see server.h: the daemon and what belongs to it, from start to end. */
#include "query/serve/server_internal.h"

#include "indexer/base/clock.h"
#include "indexer/base/error.h"
#include "indexer/base/memory.h"
#include "query/serve/complain.h"

#include <stdio.h>
#include <unistd.h>

/* Of a connection, for the head of a request and that of an answer: a longer address is 414, longer headers are 431. */
#define HEAD_BYTES ((size_t)24 << 10)
#define HEAD_STEP ((size_t)4 << 10)
/* Dear requests that wait, for each thread that does them. Pages are among them: sixty-four visitors at once wait a tenth
 * of a second, where a short queue would send most of them away. */
#define DEAR_ROOM 64u

const struct serve_settings *server_settings(const struct server *server) {
    return server->settings;
}

const struct site *server_site(const struct server *server) {
    return server->site;
}

struct metrics *server_metrics(struct server *server) {
    (void)atomic_exchange(&server->metrics.queued, (int64_t)dear_waiting(server->dear));
    return &server->metrics;
}

const struct listener *server_listener(const struct server *server) {
    return server->listener;
}

struct rate *server_rate(struct server *server) {
    return server->rate;
}

/* ---- starting ---- */

/* A quarter of the threads that answer. */
static size_t dear_threads(const struct serve_settings *settings) {
    return settings->workers / 4 > 0 ? settings->workers / 4 : 1;
}

static revue_status start_parts(struct server *server, revue_error *error) {
    const struct serve_settings *settings = server->settings;
    TRY(site_create(&server->site, settings, error));
    if (settings->access_log)
        TRY(access_log_open(&server->log, settings->access_log, (enum log_format)settings->log_format, error));
    server->clients = clients_create();
    server->compressors = compressors_create(settings->workers);
    if (settings->rate > 0) server->rate = rate_create(settings->rate, settings->burst);
    if (!server->clients || !server->compressors || (settings->rate > 0 && !server->rate)) return error_no_memory(error);
    const size_t threads = dear_threads(settings);
    return dear_start(&server->dear, threads, threads * DEAR_ROOM, handler_work, error);
}

/* Most of what it says are clients that went away; what matters comes back as a status. */
static void ignore_message(void *context, const char *format, va_list arguments) {
    (void)context, (void)format, (void)arguments;
}

static revue_status start_daemon(struct server *server, revue_error *error) {
    const struct serve_settings *settings = server->settings;
    server->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, handler_on_accept, server,
        handler_on_request, server, MHD_OPTION_EXTERNAL_LOGGER, ignore_message, NULL, MHD_OPTION_LISTEN_SOCKET,
        server->listener->socket, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)settings->workers, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)settings->connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT, HEAD_BYTES,
        MHD_OPTION_CONNECTION_MEMORY_INCREMENT, HEAD_STEP, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)(settings->idle_timeout < 1 ? 1 : settings->idle_timeout), MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_URI_LOG_CALLBACK, handler_on_target, server, MHD_OPTION_NOTIFY_COMPLETED, handler_on_completed, server,
        MHD_OPTION_NOTIFY_CONNECTION, handler_on_connection, server, MHD_OPTION_END);
    if (server->daemon) return REVUE_OK;
    return error_set(error, REVUE_UNAVAILABLE,
                     "cannot serve on %s: no threads or files are left, or --connections is less "
                     "than --workers",
                     server->listener->name);
}

revue_status server_start(struct server **started, const struct serve_settings *settings, struct listener *listener,
                          revue_error *error) {
    struct server *server = memory_alloc_zeroed(1, sizeof *server);
    if (!server) return error_no_memory(error);
    server->settings = settings;
    server->listener = listener;
    server->metrics.started = clock_monotonic();
    revue_status status = start_parts(server, error);
    if (status == REVUE_OK) status = start_daemon(server, error);
    if (status == REVUE_OK)
        *started = server;
    else
        server_stop(server);
    return status;
}

/* ---- while it runs ---- */

void server_tick(struct server *server) {
    const size_t cut = clients_cut_off(server->clients, clock_monotonic());
    for (size_t i = 0; i < cut; i++)
        metrics_refuse(&server->metrics, REFUSED_SLOW);
    site_look_after(server->site);
}

void server_reopen_log(struct server *server) {
    if (server->log) access_log_reopen(server->log);
}

/* ---- the end ---- */

void server_quiesce(struct server *server) {
    atomic_store(&server->is_draining, true);
    (void)MHD_quiesce_daemon(server->daemon);
}

bool server_is_idle(struct server *server) {
    return atomic_load(&server->metrics.in_flight) == 0;
}

/* Dear requests first: a daemon must not be stopped while connections are suspended. */
void server_stop(struct server *server) {
    if (!server) return;
    if (server->dear) dear_stop(server->dear);
    if (server->daemon) MHD_stop_daemon(server->daemon);
    dear_free(server->dear);
    access_log_close(server->log);
    clients_free(server->clients);
    compressors_free(server->compressors);
    rate_free(server->rate);
    site_free(server->site);
    memory_free(server);
}
