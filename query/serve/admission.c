/* admission.c - see admission.h.
 *
 * Host is looked at because of DNS rebinding: a page anywhere may name a host whose address it turns into 127.0.0.1 later,
 * and then read what a server there answers; its Host header gives it away. */
#include "query/serve/admission.h"

#include "indexer/base/clock.h"
#include "query/serve/routes.h"
#include "query/serve/server.h"

#include <math.h>
#include <strings.h>

#define WAIT_MOST 86400u /* seconds that somebody is told to wait */

/* ---- addresses ---- */

bool admission_trusts(const struct serve_settings *settings, const uint8_t address[ADDRESS_BYTES]) {
    for (size_t i = 0; i < settings->trusted_count; i++)
        if (address_range_has(&settings->trusted_ranges[i], address)) return true;
    return false;
}

static struct view trimmed(struct view text) {
    while (text.size > 0 && strchr(" \t", text.data[0]))
        text = view_of(text.data + 1, text.size - 1);
    while (text.size > 0 && strchr(" \t", text.data[text.size - 1]))
        text.size--;
    return text;
}

/* An address as proxies write it: "192.0.2.1", "192.0.2.1:4711", "2001:db8::1", "[2001:db8::1]:4711". */
static bool parse_forwarded(struct view text, uint8_t address[ADDRESS_BYTES]) {
    const char *bracket = text.size > 0 && text.data[0] == '[' ? memchr(text.data, ']', text.size) : NULL;
    if (bracket) return address_parse(view_of(text.data + 1, (size_t)(bracket - text.data) - 1), address);
    const char *colon = text.size > 0 ? memchr(text.data, ':', text.size) : NULL;
    const bool has_port = colon && !memchr(colon + 1, ':', text.size - (size_t)(colon + 1 - text.data));
    return address_parse(has_port ? view_of(text.data, (size_t)(colon - text.data)) : text, address);
}

/* From the right: what stands left of an untrusted address was said by a client, who may say anything. */
bool admission_forwarded(const struct serve_settings *settings, const char *list, uint8_t address[ADDRESS_BYTES]) {
    size_t end = strlen(list);
    bool found = false;
    for (;;) {
        size_t from = end;
        uint8_t each[ADDRESS_BYTES];
        while (from > 0 && list[from - 1] != ',')
            from--;
        if (!parse_forwarded(trimmed(view_of(list + from, end - from)), each)) return found;
        memcpy(address, each, sizeof each);
        found = true;
        if (from == 0 || !admission_trusts(settings, each)) return true;
        end = from - 1;
    }
}

void admission_find_address(struct exchange *exchange) {
    const struct serve_settings *settings = server_settings(exchange->server);
    const bool is_unix = server_listener(exchange->server)->is_unix;
    uint8_t address[ADDRESS_BYTES];
    memcpy(exchange->address, exchange->peer, sizeof exchange->address);
    if (is_unix ? !settings->trusts_unix : !admission_trusts(settings, exchange->peer)) return;
    const char *list = exchange_forwarded(exchange);
    if (!list || !admission_forwarded(settings, list, address)) return;
    memcpy(exchange->address, address, sizeof address);
    exchange->was_forwarded = true;
}

/* ---- Host ---- */

static bool is_same_name(struct view name, const char *known) {
    return name.size == strlen(known) && strncasecmp(name.data, known, name.size) == 0;
}

static struct view without_port(struct view host) {
    const char *bracket = host.size > 0 && host.data[0] == '[' ? memchr(host.data, ']', host.size) : NULL;
    const char *colon = !bracket && host.size > 0 ? memchr(host.data, ':', host.size) : NULL;
    if (bracket) return view_of(host.data, (size_t)(bracket + 1 - host.data));
    return colon ? view_of(host.data, (size_t)(colon - host.data)) : host;
}

bool admission_knows_host(const struct serve_settings *settings, bool is_loopback, struct view host) {
    static const char *const local[] = {"localhost", "127.0.0.1", "[::1]"};
    if (!is_loopback && settings->hosts.count == 0) return true;
    if (host.size == 0) return false;
    struct view name = without_port(host);
    for (size_t i = 0; is_loopback && i < sizeof local / sizeof *local; i++)
        if (is_same_name(name, local[i])) return true;
    for (size_t i = 0; i < settings->hosts.count; i++)
        if (strcmp(settings->hosts.items[i], "*") == 0 || is_same_name(name, settings->hosts.items[i])) return true;
    return false;
}

bool admission_allows_origin(const struct serve_settings *settings, const char *origin) {
    for (size_t i = 0; origin && i < settings->origins.count; i++)
        if (strcmp(settings->origins.items[i], "*") == 0 || strcasecmp(settings->origins.items[i], origin) == 0)
            return true;
    return false;
}

/* ---- all of it ---- */

static bool refuse(struct exchange *exchange, enum refusal why) {
    exchange->refused = why;
    return false;
}

/* Who asks from this machine without a proxy is not counted. */
static bool is_too_often(struct exchange *exchange) {
    struct rate *rate = server_rate(exchange->server);
    if (!rate || (exchange->is_local && !exchange->was_forwarded)) return false;
    const double wait = rate_take(rate, exchange->address, clock_monotonic());
    if (wait <= 0) return false;
    exchange->reply.retry_after = wait < WAIT_MOST ? (unsigned)ceil(wait) : WAIT_MOST;
    exchange_problem_text(exchange, 429, "too many requests: wait %u s", exchange->reply.retry_after);
    return true;
}

bool admission_passes(struct exchange *exchange) {
    const struct serve_settings *settings = server_settings(exchange->server);
    const struct listener *listener = server_listener(exchange->server);
    const bool is_strict = listener->is_loopback && !listener->is_unix;
    const bool is_health = view_equal(exchange->path, view_of_string("/healthz")); /* asked for by number */
    if (!is_health && !admission_knows_host(settings, is_strict, exchange_host(exchange))) {
        exchange_problem_text(exchange, 421, "this server does not answer for this host: --host names those it does");
        return refuse(exchange, REFUSED_HOST);
    }
    return !is_too_often(exchange) || refuse(exchange, REFUSED_RATE);
}
