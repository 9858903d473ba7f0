/* exchange.h - one request and its answer, from the request line to the last byte sent. server.c makes and ends it; routes
 * fill in the reply. One thread at a time. */
#ifndef REVUE_SERVE_EXCHANGE_H
#define REVUE_SERVE_EXCHANGE_H

#include "query/serve/request.h"
#include "query/serve/serve_settings.h"

#define EXCHANGE_ETAG 24 /* W/"16 digits" and its zero byte */

struct route;
struct server;
struct site_index;

enum content {
    CONTENT_NONE,
    CONTENT_JSON,
    CONTENT_JSON_LINES,
    CONTENT_PROBLEM,
    CONTENT_HTML,
    CONTENT_TEXT,
    CONTENT_CSV,
    CONTENT_TSV,
    CONTENT_METRICS,
    CONTENT_OPENSEARCH,
    CONTENT_ASSET
};

/* What is sent. Zero bytes are an empty 200. */
struct reply {
    unsigned status; /* 0: 200 */
    enum content content;
    const char *type; /* CONTENT_ASSET: its own */
    struct bytes body;
    struct view constant;     /* instead of body: bytes that outlive the server */
    char etag[EXCHANGE_ETAG]; /* empty: none */
    double max_age;           /* with an etag: seconds; 0: always asked again */
    unsigned retry_after;     /* seconds; 0: not said */
    const char *allow;        /* methods, of 405 and OPTIONS */
    const char *location;     /* of a redirection; constant */
    bool close;               /* the connection ends behind it */
};

/* Why a request was refused before it was answered, or cut off: a label of /metrics. */
enum refusal {
    REFUSED_NOT,
    REFUSED_HOST,
    REFUSED_RATE,
    REFUSED_BODY,
    REFUSED_BUSY,
    REFUSED_DEADLINE,
    REFUSED_SLOW,
    REFUSED_MALFORMED,
    REFUSALS
};

enum exchange_phase { PHASE_HEAD, PHASE_BODY, PHASE_QUEUED, PHASE_DONE };

struct exchange {
    struct server *server;
    void *connection;                   /* struct MHD_Connection */
    double started;                     /* clock_monotonic */
    double queued;                      /* the same, of a dear one */
    char *target;                       /* as it came; its own memory */
    struct view authority, path, query; /* authority: only where the target is a whole address, http://HOST/PATH */
    const char *method;
    uint8_t peer[ADDRESS_BYTES],
        address[ADDRESS_BYTES];   /* who is connected, and who asks (the same, but behind a trusted proxy) */
    bool is_local, was_forwarded; /* the peer is this machine; address is what a trusted proxy said */
    struct bytes body;
    size_t body_seen;
    const struct route *route;
    const struct site_index *index;
    struct view rest; /* of the path, behind the route's */
    struct search_request request;
    enum exchange_phase phase;
    enum refusal refused;
    struct reply reply;
    uint64_t sent;         /* bytes of its body, as they went out */
    struct exchange *next; /* in the queue of dear ones */
};

/* A header of the request, NULL when it is not there. Lives as long as the request. */
const char *exchange_header(const struct exchange *exchange, const char *name);
/* The host that is asked, with a port or not: of the target, else the header Host. Of size 0: none is named. */
struct view exchange_host(const struct exchange *exchange);
/* The client spoke TLS, as a trusted proxy says. */
bool exchange_is_secure(const struct exchange *exchange);
/* The last X-Forwarded-For there is. */
const char *exchange_forwarded(const struct exchange *exchange);

/* RFC 9457: fills the reply with a problem of this HTTP status, as JSON or, for who prefers one, as a page. error may be
 * NULL.
 */
void exchange_problem(struct exchange *exchange, unsigned status, const revue_error *error);
void exchange_problem_text(struct exchange *exchange, unsigned status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same for what the library said: 400 for a mistake of the request, 404, 503 or 500 for the others. What the server
 * alone needs to know (paths) goes to its log, not to the client. */
void exchange_failed(struct exchange *exchange, revue_status status, const revue_error *error);

/* The client asks for a page rather than for JSON: what it accepts, or format=html. */
bool exchange_wants_page(const struct exchange *exchange);

/* Names the answer by what it is made of, and tells whether the client has it: then the reply is a 304. */
bool exchange_is_known(struct exchange *exchange, uint64_t hash);

#endif
