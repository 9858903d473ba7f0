/* clients.h - the connections that are open, and until when each must have got on: libmicrohttpd ends those that are
 * silent, but not those that send, or take, a byte now and then. Thread-safe. */
#ifndef REVUE_SERVE_CLIENTS_H
#define REVUE_SERVE_CLIENTS_H

#include "query/serve/address.h"

struct clients;
struct client; /* one connection; belongs to clients */

struct clients *clients_create(void);       /* NULL when out of memory */
void clients_free(struct clients *clients); /* NULL is fine; all have left */

/* NULL when out of memory. deadline: clock_monotonic. */
struct client *clients_add(struct clients *clients, int socket, const uint8_t address[ADDRESS_BYTES], bool is_local,
                           double deadline);
void clients_remove(struct clients *clients, struct client *client); /* NULL is fine; before its socket is closed */
void client_set_deadline(struct client *client, double deadline);
const uint8_t *client_address(const struct client *client);
bool client_is_local(const struct client *client);

size_t clients_count_of(struct clients *clients, const uint8_t address[ADDRESS_BYTES]); /* open connections of an address */
/* Shuts down those whose deadline is before now; their next byte ends them. Returns how many. */
size_t clients_cut_off(struct clients *clients, double now);

#endif
