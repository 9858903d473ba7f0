/* request.h - what a client asks for, read and bounded, whichever way it came: the words behind '?', or a JSON object in a
 * body. params.h reads it; routes answer it; the page shows it and makes its links of it.
 *
 * Reading is lenient, as the query language is here: what cannot be meant (`n=-3`, a parameter that does not exist) leaves
 * the default in place and says so in a warning; what is too much is cut to the limit, with a warning. Refused are only
 * bytes that are no request (NUL, half a percent sign, broken JSON) and what the library refuses (a column that does not
 * exist). */
#ifndef REVUE_SERVE_REQUEST_H
#define REVUE_SERVE_REQUEST_H

#include "indexer/base/arena.h"
#include "indexer/base/bytes.h"
#include "revue.h"

#define REQUEST_N_DEFAULT 10u
#define REQUEST_FACETS 8u    /* at most; one of a column */
#define REQUEST_WARNINGS 16u /* kept; further ones are counted in the last */

/* What one request may ask for; the operator sets it. */
struct request_limits {
    size_t hits;        /* n: at most that many */
    size_t depth;       /* offset + n: at most that */
    size_t query_bytes; /* of q, and of each other text */
    size_t words;       /* of q */
};

enum request_format { REQUEST_JSON, REQUEST_JSONL, REQUEST_CSV, REQUEST_TSV, REQUEST_TREC, REQUEST_HTML };

/* Texts are valid UTF-8 without zero bytes inside and end in one; NULL: not given, or empty. Everything lies in arena and
 * lives until search_request_free. One thread. */
struct search_request {
    struct arena arena;
    struct view query; /* q, blanks at its ends taken off; of size 0: none. data is never NULL */
    bool has_query;    /* q was given, maybe empty: the form was sent */
    size_t n, offset;
    const char *after; /* a token of an earlier answer, instead of offset */
    const char *filter, *sort, *group;
    const char *min_match, *prior, *lang;
    const char *facets[REQUEST_FACETS];
    size_t facet_count;
    revue_operator op;
    bool count;
    enum request_format format;
    bool has_format; /* it was given: else the client's Accept decides between JSON and the page */
    const char *warnings[REQUEST_WARNINGS];
    size_t warning_count, warnings_more;
};

void search_request_init(struct search_request *request); /* the defaults */
void search_request_free(struct search_request *request);

/* The request as it stands behind '?', in one fixed order, what has its default left out, percent-encoded, without format:
 * the canonical form that ETags are made of, and what links to other pages of the same answer are made of:
 *     struct search_request next = *view->request;  next.offset += next.n;  request_append_query(&next, out);
 * (such a copy is only read, and never freed). Nothing is appended when all is default. */
void request_append_query(const struct search_request *request, struct bytes *out);

/* One text, percent-encoded for a query or for one segment of a path: all but A-Z a-z 0-9 - . _ ~. */
void request_append_encoded(struct view text, struct bytes *out);

/* An id as the end of a path: the same, but slashes and colons stay, so that addresses of reviews can be read; not slashes
 * that a browser would resolve ("a/../b", "a//b"). */
void request_append_path(struct view text, struct bytes *out);

#endif
