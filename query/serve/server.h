/* server.h - the server: libmicrohttpd around the routes. The only file that starts threads is server.c, with dear.c. */
#ifndef REVUE_SERVE_SERVER_H
#define REVUE_SERVE_SERVER_H

#include "query/serve/listen.h"
#include "query/serve/metrics.h"
#include "query/serve/rate.h"
#include "query/serve/serve_settings.h"
#include "query/serve/site.h"

struct server;
/* Starts answering on the listener, which stays the caller's until the server stops. */
revue_status server_start(struct server **started, const struct serve_settings *settings, struct listener *listener,
                          revue_error *error);
/* Once a second, from one thread: cuts off who is too slow, looks after the indexes. */
void server_tick(struct server *server);
void server_reopen_log(struct server *server);
/* Takes no more connections; what is under way is answered, and the last answer of each connection says so. */
void server_quiesce(struct server *server);
bool server_is_idle(struct server *server); /* nothing is under way any more */
/* Ends all of it, what is under way too. */
void server_stop(struct server *server); /* NULL is fine */

/* For the rooms of serve/. */
const struct serve_settings *server_settings(const struct server *server);
const struct site *server_site(const struct server *server);
struct metrics *server_metrics(struct server *server);
const struct listener *server_listener(const struct server *server);
struct rate *server_rate(struct server *server); /* NULL: any rate will do */

#endif
