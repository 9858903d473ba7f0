/* admission.h - who may ask, decided before anything is read: by Host, by address, by how often. */
#ifndef REVUE_SERVE_ADMISSION_H
#define REVUE_SERVE_ADMISSION_H

#include "query/serve/exchange.h"

/* Sets the exchange's address: the peer's, or what a trusted proxy says the client's is. */
void admission_find_address(struct exchange *exchange);
/* False: refused, and the reply is filled in. */
bool admission_passes(struct exchange *exchange);
/* Whether pages of this origin may read answers (CORS), and embed the page. */
bool admission_allows_origin(const struct serve_settings *settings, const char *origin);

/* A proxy whose word is believed. */
bool admission_trusts(const struct serve_settings *settings, const uint8_t address[ADDRESS_BYTES]);

/* Parts of it, for tests. host: as in the header, with a port or not; of size 0: none. */
bool admission_knows_host(const struct serve_settings *settings, bool is_loopback, struct view host);
/* The last address of a list as X-Forwarded-For has it that is not a trusted proxy's; false: there is none, or something
 * else stands there. */
bool admission_forwarded(const struct serve_settings *settings, const char *list, uint8_t address[ADDRESS_BYTES]);

#endif
