/* serve_settings.h - what the operator wants of the server: the command line, read. Everything in it lives as long as the
 * server and is not changed while it runs. */
#ifndef REVUE_SERVE_SERVE_SETTINGS_H
#define REVUE_SERVE_SERVE_SETTINGS_H

#include "indexer/base/options.h"
#include "query/serve/address.h"
#include "query/serve/request.h"

struct settings_index {
    const char *name; /* NULL: the only one */
    const char *path;
};

enum log_format { LOG_JSON, LOG_COMMON };

struct serve_settings {
    struct settings_index *indexes;
    size_t index_count;
    const char *listen; /* "127.0.0.1:8080", "[::1]:80", "unix:/run/revue.sock" */
    const char *site_name;
    struct option_list hosts, origins, trusted; /* as given */
    struct address_range *trusted_ranges;       /* of trusted */
    size_t trusted_count;
    bool trusts_unix; /* "unix" is among trusted */
    size_t workers;   /* threads that answer; 0 was replaced by what the machine has */
    size_t connections, connections_per_address;
    double timeout;              /* seconds for one search */
    double idle_timeout;         /* seconds a connection may be silent */
    double request_timeout;      /* seconds for a whole request, from its first line to the last byte of the answer */
    double drain_timeout;        /* seconds for what is under way when the server is told to stop */
    double rate, burst;          /* requests a second of one address, and at once; 0: any */
    double stale_after, max_age; /* seconds */
    size_t body_bytes;
    struct request_limits limits;
    const char *access_log; /* NULL: none, "-": standard output */
    int log_format;
};

/* Reads the command line; *code is the exit code when there is nothing more to do. serve_settings_free in any case. */
bool serve_settings_read(struct serve_settings *settings, int count, char **argv, int *code);
void serve_settings_free(struct serve_settings *settings);

#endif
