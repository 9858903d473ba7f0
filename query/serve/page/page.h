/* page.h - the search page: an answer as HTML that works without script, and the files it needs.
 *
 * This room knows requests (request.h), the library's results (revue.h) and base; no HTTP. The server calls it and sends
 * what it gives. Texts of reviews are hostile: everything is escaped where it is shown, and of addresses only http: and
 * https: ones become links. */
#ifndef REVUE_SERVE_PAGE_H
#define REVUE_SERVE_PAGE_H

#include "query/serve/request.h"

/* Everything belongs to the caller and outlives the call. Of result, review and problem at most one is there; without any
 * the page is the empty form. */
struct page_view {
    const struct search_request *request; /* never NULL; its warnings are those of reading it */
    const revue_result *result;
    const char *similar_to;     /* result: reviews like the one of this id; NULL: those of the request */
    const revue_review *review; /* one review, whole */
    const revue_error *problem; /* what went wrong; its message may quote the request */
    unsigned status;            /* of HTTP: 200, or that of the problem */
    const char *site_name;      /* title of all pages; never NULL */
    const char *index_name;     /* of several behind one server; NULL: there is one */
    const char *base_path;      /* "" or "/films": goes before "/search", "/review/ID", "/search.css" */
    const char *const *indexes; /* the names of all of them, for a choice; NULL where there is one */
    size_t index_count;
    uint64_t reviews;                    /* in the index, 0: not known */
    size_t depth;                        /* offset and n of a request are at most that together, 0: any number */
    bool can_complete, can_find_similar; /* /complete, /similar/ID answer */
};

/* Passages of each hit that pages show. */
#define PAGE_SNIPPETS 2

/* What pages show to narrow by where a request names no facets. To search with: in the request, they would stand in all of
 * its links. */
#define PAGE_FACETS 4
extern const char *const page_facets[PAGE_FACETS];

/* Appends the whole page. Memory running out is out->failed. Any thread. */
void page_render(const struct page_view *view, struct bytes *out);

/* What pages may load and do, a Content-Security-Policy without frame-ancestors, which the server adds: it knows who may
 * embed. Constant. */
const char *page_security_policy(void);

/* A file that pages load, built into the program. path begins with a slash and has no base path in front: "/search.css".
 * NULL: there is none. Constant, any thread. */
struct page_asset {
    const char *path, *type; /* type: the Content-Type */
    const uint8_t *bytes;
    size_t size;
    const char *etag; /* of its bytes, without quotes; changes whenever they do */
};
const struct page_asset *page_asset_find(struct view path);

#endif
