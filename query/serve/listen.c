/* listen.c - see listen.h. */
#include "query/serve/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define BACKLOG 1024

/* ---- what it is called ---- */

static void describe(struct listener *listener) {
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    char host[INET6_ADDRSTRLEN + 16] = "", port[16] = "";
    if (getsockname(listener->socket, (struct sockaddr *)&address, &size) != 0) return;
    if (address.ss_family == AF_UNIX) {
        const struct sockaddr_un *local = (const struct sockaddr_un *)&address;
        listener->is_unix = listener->is_loopback = true;
        (void)snprintf(listener->name, sizeof listener->name, "unix:%.100s", local->sun_path);
        return;
    }
    if (getnameinfo((struct sockaddr *)&address, size, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return;
    const bool is_new = address.ss_family == AF_INET6;
    listener->is_loopback = strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0;
    (void)snprintf(listener->name, sizeof listener->name, is_new ? "[%s]:%s" : "%s:%s", host, port);
}

static revue_status unavailable(const char *address, int number, revue_error *error) {
    const char *advice = number == EADDRINUSE ? ": another process has it, or the server runs already" : "";
    return error_set(error, REVUE_UNAVAILABLE, "cannot listen on %s: %s%s", address, strerror(number), advice);
}

/* ---- Unix sockets ---- */

/* A file left behind by a server that was killed is in the way; one that somebody answers at is not to be taken. */
static bool is_abandoned(const struct sockaddr_un *address) {
    struct stat about;
    if (lstat(address->sun_path, &about) != 0 || !S_ISSOCK(about.st_mode)) return false;
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (probe < 0) return false;
    const bool refused = connect(probe, (const struct sockaddr *)address, sizeof *address) != 0 && errno == ECONNREFUSED;
    (void)close(probe);
    return refused;
}

static revue_status open_unix(struct listener *listener, const char *path, revue_error *error) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) == 0 || strlen(path) >= sizeof address.sun_path)
        return error_set(error, REVUE_USAGE, "--listen unix:%s: a path of 1 to %zu bytes", path,
                         sizeof address.sun_path - 1);
    memcpy(address.sun_path, path, strlen(path));
    listener->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener->socket < 0) return unavailable(path, errno, error);
    if (is_abandoned(&address)) (void)unlink(path);
    if (bind(listener->socket, (struct sockaddr *)&address, sizeof address) != 0) return unavailable(path, errno, error);
    memcpy(listener->file, address.sun_path, sizeof listener->file);
    return listen(listener->socket, BACKLOG) == 0 ? REVUE_OK : unavailable(path, errno, error);
}

/* ---- TCP ---- */

struct host_and_port {
    char host[256];
    const char *port;
};

/* The port is behind the last colon; an IPv6 address stands in brackets. A port alone is one of this machine. */
static bool split(const char *address, struct host_and_port *parts) {
    const char *colon = strrchr(address, ':'), *from = address;
    size_t size = colon ? (size_t)(colon - address) : 0;
    parts->port = colon ? colon + 1 : address;
    if (*parts->port == '\0' || strspn(parts->port, "0123456789") != strlen(parts->port) || strlen(parts->port) > 5 ||
        atoi(parts->port) > 65535)
        return false;
    if (size > 2 && address[0] == '[' && address[size - 1] == ']') {
        from++;
        size -= 2;
    } else if (size > 0 && memchr(address, ':', size)) {
        return false;
    }
    if (size >= sizeof parts->host) return false;
    (void)snprintf(parts->host, sizeof parts->host, "%.*s", (int)size, from);
    if (!colon) (void)snprintf(parts->host, sizeof parts->host, "127.0.0.1");
    return true;
}

static int try_address(const struct addrinfo *found, int *opened) {
    const int yes = 1;
    int made = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (made < 0) return errno;
    (void)setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(made, found->ai_addr, found->ai_addrlen) == 0 && listen(made, BACKLOG) == 0) {
        *opened = made;
        return 0;
    }
    const int number = errno;
    (void)close(made);
    return number;
}

static revue_status open_tcp(struct listener *listener, const char *address, revue_error *error) {
    struct host_and_port parts;
    const struct addrinfo wanted = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *found = NULL;
    int number = EADDRNOTAVAIL;
    if (!split(address, &parts))
        return error_set(error, REVUE_USAGE, "--listen %s: not ADDR:PORT, [IPV6]:PORT, PORT or unix:PATH", address);
    const int code = getaddrinfo(parts.host[0] ? parts.host : NULL, parts.port, &wanted, &found);
    if (code != 0) return error_set(error, REVUE_UNAVAILABLE, "cannot listen on %s: %s", address, gai_strerror(code));
    for (const struct addrinfo *each = found; each && number != 0; each = each->ai_next)
        number = try_address(each, &listener->socket);
    freeaddrinfo(found);
    return number == 0 ? REVUE_OK : unavailable(address, number, error);
}

/* ---- systemd ---- */

static revue_status take_over(struct listener *listener, int count, revue_error *error) {
    const int handed = SD_LISTEN_FDS_START;
    if (count > 1)
        return error_set(error, REVUE_USAGE, "systemd hands over %d sockets: one ListenStream= is understood", count);
    if (sd_is_socket(handed, AF_UNSPEC, SOCK_STREAM, 1) <= 0)
        return error_set(error, REVUE_USAGE, "what systemd hands over is no listening stream socket: use ListenStream=");
    listener->socket = handed;
    listener->is_handed_over = true;
    return REVUE_OK;
}

revue_status listener_open(struct listener *listener, const char *address, revue_error *error) {
    const int count = sd_listen_fds(1);
    *listener = (struct listener){.socket = -1};
    revue_status status = count > 0                           ? take_over(listener, count, error)
                          : strncmp(address, "unix:", 5) == 0 ? open_unix(listener, address + 5, error)
                                                              : open_tcp(listener, address, error);
    if (status != REVUE_OK) {
        listener_close(listener);
        return status;
    }
    describe(listener);
    return REVUE_OK;
}

void listener_close(struct listener *listener) {
    if (listener->socket >= 0) (void)close(listener->socket);
    if (listener->file[0]) (void)unlink(listener->file);
    listener->socket = -1;
    listener->file[0] = '\0';
}
