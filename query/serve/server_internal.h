/* server_internal.h - between server.c (start and end), handler.c (what libmicrohttpd calls) and send.c (replies). */
#ifndef REVUE_SERVE_SERVER_INTERNAL_H
#define REVUE_SERVE_SERVER_INTERNAL_H

#include "query/serve/access_log.h"
#include "query/serve/clients.h"
#include "query/serve/compress.h"
#include "query/serve/dear.h"
#include "query/serve/server.h"

#include <microhttpd.h>

struct server {
    const struct serve_settings *settings;
    struct listener *listener;
    struct site *site;
    struct metrics metrics;
    struct clients *clients;
    struct rate *rate;
    struct compressors *compressors;
    struct access_log *log; /* NULL: none */
    struct dear *dear;
    struct MHD_Daemon *daemon;
    atomic_bool is_draining;
};

/* ---- handler.c ---- */
void *handler_on_target(void *server, const char *target, struct MHD_Connection *connection);
enum MHD_Result handler_on_request(void *server, struct MHD_Connection *connection, const char *url, const char *method,
                                   const char *version, const char *upload, size_t *upload_size, void **exchange);
void handler_on_completed(void *server, struct MHD_Connection *connection, void **exchange,
                          enum MHD_RequestTerminationCode code);
void handler_on_connection(void *server, struct MHD_Connection *connection, void **client,
                           enum MHD_ConnectionNotificationCode code);
enum MHD_Result handler_on_accept(void *server, const struct sockaddr *address, socklen_t size);
void handler_work(struct exchange *exchange); /* in a thread for dear requests */

/* ---- send.c ---- */
enum MHD_Result send_reply(struct exchange *exchange);

#endif
