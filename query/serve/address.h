/* address.h - addresses of clients and proxies: 16 bytes each, IPv4 ones mapped into IPv6 (::ffff:a.b.c.d). */
#ifndef REVUE_SERVE_ADDRESS_H
#define REVUE_SERVE_ADDRESS_H

#include "indexer/base/bytes.h"

#include <netinet/in.h>
#include <sys/socket.h>

#define ADDRESS_BYTES 16u
#define ADDRESS_TEXT INET6_ADDRSTRLEN /* of the longest, and a zero byte */

/* Of a peer; of a Unix socket, which has none, that of this machine. *is_local: it is this machine. */
void address_of_peer(const struct sockaddr *peer, uint8_t address[ADDRESS_BYTES], bool *is_local);
bool address_is_ipv4(const uint8_t address[ADDRESS_BYTES]);

/* "192.0.2.1", "2001:db8::1". False when it is none. */
bool address_parse(struct view text, uint8_t address[ADDRESS_BYTES]);
/* IPv4 where it is one. */
void address_text(const uint8_t address[ADDRESS_BYTES], char text[ADDRESS_TEXT]);

/* Addresses whose first so many bits are those of bytes. */
struct address_range {
    uint8_t bytes[ADDRESS_BYTES];
    unsigned bits;
};
/* "10.0.0.0/8", "::1", "192.0.2.1". False when it is none. */
bool address_range_parse(const char *text, struct address_range *range);
bool address_range_has(const struct address_range *range, const uint8_t address[ADDRESS_BYTES]);

#endif
