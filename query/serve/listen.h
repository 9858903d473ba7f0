/* listen.h - the socket that connections come to: made of an address, or handed over by systemd (sd_listen_fds(3)). */
#ifndef REVUE_SERVE_LISTEN_H
#define REVUE_SERVE_LISTEN_H

#include "indexer/base/bytes.h"
#include "indexer/base/error.h"

struct listener {
    int socket;
    bool is_unix, is_loopback; /* only this machine can reach it */
    bool is_handed_over;       /* systemd keeps it, and its file */
    char name[128];            /* for people: "127.0.0.1:8080", "unix:/run/revue.sock" */
    char file[108];            /* of a Unix socket, to be removed at the end; empty: none */
};

/* "ADDR:PORT", "[IPV6]:PORT", "PORT", "unix:PATH"; port 0 takes a free one. A socket that systemd hands over goes before.
 * REVUE_USAGE: no such form. REVUE_UNAVAILABLE: the address or port cannot be had. */
revue_status listener_open(struct listener *listener, const char *address, revue_error *error);
void listener_close(struct listener *listener);

#endif
