/* routes.h - which function answers which method and path. */
#ifndef REVUE_SERVE_ROUTES_H
#define REVUE_SERVE_ROUTES_H

#include "query/serve/exchange.h"

enum route_flags {
    ROUTE_GET = 1,     /* and HEAD */
    ROUTE_POST = 2,    /* parameters in a JSON body */
    ROUTE_INDEX = 4,   /* belongs to an index: behind its name where there are several; a searcher is borrowed */
    ROUTE_PREFIX = 8,  /* the path goes on */
    ROUTE_PARAMS = 16, /* takes the parameters of params.h */
    ROUTE_HIDDEN = 32  /* not in /openapi.json */
};
struct route {
    const char *path, *name; /* name: a label of /metrics, and the operation of /openapi.json */
    unsigned flags;
    void (*answer)(struct exchange *exchange, revue_searcher *searcher); /* searcher: NULL without ROUTE_INDEX */
    const char *summary;
};

/* Finds route, index and rest of the exchange's path; or fills in the reply (404, 405, a redirection, the answer to
 * OPTIONS) and gives false. */
bool routes_find(struct exchange *exchange);
/* Reads the parameters and answers. False: the answer is a dear one, and nothing was done yet but reading; call
 * routes_answer for it in a thread of its kind. */
bool routes_begin(struct exchange *exchange);
void routes_answer(struct exchange *exchange);

unsigned route_number(const struct route *route); /* 0 for NULL */
const char *route_name(unsigned number);
const struct route *routes_table(size_t *count);

/* ---- the answers: answer_NAME.c ---- */
void answer_search(struct exchange *exchange, revue_searcher *searcher);
void answer_similar(struct exchange *exchange, revue_searcher *searcher);
void answer_complete(struct exchange *exchange, revue_searcher *searcher);
void answer_suggest(struct exchange *exchange, revue_searcher *searcher);
void answer_review(struct exchange *exchange, revue_searcher *searcher);
void answer_healthz(struct exchange *exchange, revue_searcher *searcher);
void answer_metrics(struct exchange *exchange, revue_searcher *searcher);
void answer_openapi(struct exchange *exchange, revue_searcher *searcher);
void answer_opensearch(struct exchange *exchange, revue_searcher *searcher);
void answer_asset(struct exchange *exchange, revue_searcher *searcher);

/* Whether the answer counts or orders all matches, or more: one of /search, the page or /similar, for a thread of its kind.
 */
bool answer_is_dear(const struct exchange *exchange);

struct page_view;
/* What all pages have in common. */
void answer_page_view(const struct exchange *exchange, struct page_view *view);
void answer_page(struct exchange *exchange, const struct page_view *view);

#endif
