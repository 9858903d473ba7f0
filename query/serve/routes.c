/* routes.c - see routes.h. A path is matched as it came, before percent signs are decoded: nothing that is decoded can turn
 * into another route. */
#include "query/serve/routes.h"

#include "indexer/base/clock.h"
#include "indexer/base/error.h"
#include "indexer/base/hash.h"
#include "query/serve/page/page.h"
#include "query/serve/params.h"
#include "query/serve/server.h"

static const struct route routes[] = {
    {"/", "page", ROUTE_GET | ROUTE_INDEX | ROUTE_PARAMS | ROUTE_HIDDEN, answer_search, "The search page."},
    {"/search", "search", ROUTE_GET | ROUTE_POST | ROUTE_INDEX | ROUTE_PARAMS, answer_search, "Finds reviews."},
    {"/complete", "complete", ROUTE_GET | ROUTE_INDEX | ROUTE_PARAMS, answer_complete, "Completes the last word of q."},
    {"/suggest", "suggest", ROUTE_GET | ROUTE_INDEX | ROUTE_PARAMS, answer_suggest, "Other spellings of q."},
    {"/similar/", "similar", ROUTE_GET | ROUTE_INDEX | ROUTE_PARAMS | ROUTE_PREFIX, answer_similar,
     "Finds reviews like one."},
    {"/review/", "review", ROUTE_GET | ROUTE_INDEX | ROUTE_PARAMS | ROUTE_PREFIX, answer_review, "A whole review."},
    {"/opensearch.xml", "opensearch", ROUTE_GET | ROUTE_INDEX | ROUTE_HIDDEN, answer_opensearch, "For browsers."},
    {"/healthz", "healthz", ROUTE_GET, answer_healthz, "Whether the indexes can be read, and how old they are."},
    {"/metrics", "metrics", ROUTE_GET, answer_metrics, "What the server counted, for Prometheus."},
    {"/openapi.json", "openapi", ROUTE_GET, answer_openapi, "This description."},
    {"", "asset", ROUTE_GET | ROUTE_HIDDEN, answer_asset, "Files of the page."},
};
#define ROUTES (sizeof routes / sizeof *routes)
#define ASSET_ROUTE (&routes[ROUTES - 1])

unsigned route_number(const struct route *route) {
    return route ? (unsigned)(route - routes) + 1 : 0;
}

const char *route_name(unsigned number) {
    return number > 0 && number <= ROUTES ? routes[number - 1].name : "none";
}

const struct route *routes_table(size_t *count) {
    *count = ROUTES;
    return routes;
}

/* ---- finding one ---- */

static bool begins_with(struct view text, const char *beginning) {
    const size_t size = strlen(beginning);
    return text.size >= size && memcmp(text.data, beginning, size) == 0;
}

/* The index whose base begins the path, which is taken off it. */
static const struct site_index *find_index(const struct site *site, struct view *path) {
    for (size_t i = 0; i < site_count(site); i++) {
        const struct site_index *index = site_at(site, i);
        const char *base = site_index_base(index);
        const size_t size = strlen(base);
        if (!begins_with(*path, base) || (path->size > size && path->data[size] != '/')) continue;
        *path = view_of(path->data + size, path->size - size);
        return index;
    }
    return NULL;
}

static const struct route *find_route(struct view path, struct view *rest) {
    for (size_t i = 0; i + 1 < ROUTES; i++) {
        const size_t size = strlen(routes[i].path);
        if (!begins_with(path, routes[i].path) || (path.size > size && !(routes[i].flags & ROUTE_PREFIX))) continue;
        *rest = view_of(path.data + size, path.size - size);
        return &routes[i];
    }
    *rest = path;
    return page_asset_find(path) ? ASSET_ROUTE : NULL;
}

static bool refuse_method(struct exchange *exchange) {
    const bool posts = exchange->route->flags & ROUTE_POST;
    const char *method = exchange->method;
    const char *allowed = posts ? "GET, HEAD, POST, OPTIONS" : "GET, HEAD, OPTIONS";
    if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 || (posts && strcmp(method, "POST") == 0)) return true;
    exchange->reply.allow = allowed;
    if (strcmp(method, "OPTIONS") == 0)
        exchange->reply.status = 204;
    else
        exchange_problem_text(exchange, 405, "only %s are understood here", allowed);
    return false;
}

/* An address of an index without a slash behind it. */
static bool redirect(struct exchange *exchange, const struct site_index *index) {
    struct bytes *to = &exchange->reply.body;
    bytes_append_format(to, "%s/", site_index_base(index));
    if (exchange->query.size > 0) {
        bytes_append_u8(to, '?');
        bytes_append(to, exchange->query.data, exchange->query.size);
    }
    bytes_append_u8(to, '\0');
    const char *copy = to->failed ? NULL : arena_copy(&exchange->request.arena, to->data, to->size);
    bytes_clear(to);
    exchange->reply.status = copy ? 308 : 503;
    exchange->reply.location = copy;
    return false;
}

bool routes_find(struct exchange *exchange) {
    const struct site *site = server_site(exchange->server);
    struct view path = exchange->path;
    if (exchange->method && strcmp(exchange->method, "OPTIONS") == 0 && view_equal(path, view_of("*", 1))) {
        exchange->reply.status = 204;
        exchange->reply.allow = "GET, HEAD, POST, OPTIONS";
        return false;
    }
    const struct site_index *index = find_index(site, &path);
    if (index && path.size == 0) return redirect(exchange, index);
    exchange->route = find_route(path, &exchange->rest);
    exchange->index = index;
    if (exchange->route && exchange->route->flags & ROUTE_INDEX && !index && !view_equal(path, view_of("/", 1)))
        exchange->route = NULL;
    /* What is the server's own is not once more behind each name. */
    if (exchange->route && !(exchange->route->flags & ROUTE_INDEX) && path.data != exchange->path.data &&
        exchange->route != ASSET_ROUTE)
        exchange->route = NULL;
    if (exchange->route) return refuse_method(exchange);
    exchange_problem_text(exchange, 404, "nothing is here: /openapi.json lists what there is");
    return false;
}

/* ---- reading ---- */

static bool has_json_body(const struct exchange *exchange) {
    const char *type = exchange_header(exchange, "Content-Type");
    const size_t size = strlen("application/json");
    return type && strncasecmp(type, "application/json", size) == 0 && (!type[size] || strchr("; \t", type[size]));
}

static bool read_parameters(struct exchange *exchange) {
    const struct request_limits *limits = &server_settings(exchange->server)->limits;
    revue_error error = {0};
    revue_status status = REVUE_OK;
    if (!(exchange->route->flags & ROUTE_PARAMS)) return true;
    if (strcmp(exchange->method, "POST") != 0) {
        status = params_read_query(exchange->query, limits, &exchange->request, &error);
    } else if (!has_json_body(exchange)) {
        exchange_problem_text(exchange, 415, "the body of a POST is application/json");
        return false;
    } else {
        status =
            params_read_json(view_of(exchange->body.data ? (const char *)exchange->body.data : "", exchange->body.size),
                             limits, &exchange->request, &error);
    }
    if (status == REVUE_OK) return true;
    exchange_failed(exchange, status, &error);
    if (status == REVUE_USAGE) exchange->refused = REFUSED_MALFORMED;
    return false;
}

/* ---- answering ---- */

static void append_origin(const struct exchange *exchange, struct bytes *text) {
    const struct view host = exchange_host(exchange);
    bytes_append(text, host.data, host.size);
    bytes_append_u8(text, exchange_is_secure(exchange));
}

/* Of an index that is too old answers say so, whatever else they hold. */
static bool is_stale(const struct exchange *exchange) {
    const double limit = server_settings(exchange->server)->stale_after;
    int64_t began = 0;
    if (!(limit > 0)) return false;
    return revue_last_success(site_index_path(exchange->index), &began, NULL) != REVUE_OK ||
           (double)(clock_seconds() - began) > limit;
}

/* Everything that the answer depends on. */
static uint64_t hash_of_answer(const struct exchange *exchange, const revue_searcher *searcher) {
    struct bytes text = {0};
    bytes_append_format(&text, "%s %llu %llu %s %s %u %d %d %d ", revue_searcher_uuid(searcher),
                        (unsigned long long)revue_searcher_generation(searcher),
                        (unsigned long long)revue_searcher_commit(searcher), revue_version(),
                        server_settings(exchange->server)->site_name, route_number(exchange->route),
                        exchange->request.format, exchange_wants_page(exchange), is_stale(exchange));
    bytes_append(&text, exchange->rest.data, exchange->rest.size);
    if (exchange->route->answer == answer_opensearch) append_origin(exchange, &text);
    bytes_append_u8(&text, '?');
    request_append_query(&exchange->request, &text);
    for (size_t i = 0; i < exchange->request.warning_count; i++) {
        bytes_append_u8(&text, '\n');
        bytes_append_string(&text, exchange->request.warnings[i]);
    }
    uint64_t hash = text.failed ? 0 : hash_bytes(text.data, text.size);
    bytes_free(&text);
    return hash;
}

static void answer_from(struct exchange *exchange, revue_searcher *searcher) {
    const uint64_t hash = hash_of_answer(exchange, searcher);
    exchange->reply.max_age = server_settings(exchange->server)->max_age;
    if (hash != 0 && exchange_is_known(exchange, hash)) return;
    exchange->route->answer(exchange, searcher);
    /* A problem is no answer to be kept. */
    if (exchange->reply.status >= 400) exchange->reply.etag[0] = '\0';
}

static void answer_index(struct exchange *exchange) {
    struct lease lease;
    revue_error error = {0};
    revue_status status = site_borrow(exchange->index, &lease, &error);
    if (status != REVUE_OK) {
        exchange_failed(exchange, status == REVUE_USAGE ? REVUE_IO : status, &error);
        return;
    }
    answer_from(exchange, lease.searcher);
    site_return(&lease);
}

void routes_answer(struct exchange *exchange) {
    if (exchange->route->flags & ROUTE_INDEX && exchange->index) {
        answer_index(exchange);
    } else {
        exchange->route->answer(exchange, NULL);
    }
}

/* A client that has the answer needs no thread for it. */
static bool is_known(struct exchange *exchange) {
    struct lease lease;
    bool known = false;
    if (!exchange_header(exchange, "If-None-Match") || site_borrow(exchange->index, &lease, NULL) != REVUE_OK) return false;
    const uint64_t hash = hash_of_answer(exchange, lease.searcher);
    exchange->reply.max_age = server_settings(exchange->server)->max_age;
    known = hash != 0 && exchange_is_known(exchange, hash);
    site_return(&lease);
    return known;
}

bool routes_begin(struct exchange *exchange) {
    if (!read_parameters(exchange)) return true;
    if (exchange->index && answer_is_dear(exchange)) return is_known(exchange);
    routes_answer(exchange);
    return true;
}
