/* page_link.h - addresses of the page's own answers, as they stand in href="...". */
#ifndef REVUE_PAGE_LINK_H
#define REVUE_PAGE_LINK_H

#include "query/serve/page/page.h"

/* The answer to another request, at the address of this one: "/films/?q=calm&amp;offset=10". */
void page_link(const struct page_view *view, const struct search_request *request, struct bytes *out);

/* The first page of the answer to this request under another filter (NULL or "": none). */
void page_link_filter(const struct page_view *view, const char *filter, struct bytes *out);

/* A search for other words, with all else as it is. */
void page_link_query(const struct page_view *view, const char *query, struct bytes *out);

/* A whole review, and reviews like it. */
void page_link_review(const struct page_view *view, const char *id, struct bytes *out);
void page_link_similar(const struct page_view *view, const char *id, struct bytes *out);

#endif
