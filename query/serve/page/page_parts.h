/* page_parts.h - the parts that page.c puts together, each in a file of its own. All append HTML; memory running out is
 * out->failed. */
#ifndef REVUE_PAGE_PARTS_H
#define REVUE_PAGE_PARTS_H

#include "query/serve/page/filter_parts.h"
#include "query/serve/page/page.h"

/* page_hits.c: hits, or groups of them, of the view's result. */
void page_hits(const struct page_view *view, struct bytes *out);

/* page_review.c: the view's review, whole. */
void page_review(const struct page_view *view, struct bytes *out);

/* The line under a heading, <p class="facts">; only what is there. product becomes a link that narrows to it. */
struct page_facts {
    const char *product, *author, *date, *url;
    bool has_rating, has_stars, has_votes;
    double rating, stars, votes;
};
void page_facts(const struct page_view *view, const struct page_facts *facts, struct bytes *out);

/* page_found.c: how many were found and in which order, the filters that are chosen, other spellings, other
 * pages. */
void page_summary(const struct page_view *view, struct bytes *out);
void page_chips(const struct page_view *view, const struct filter_parts *chosen, struct bytes *out);
void page_suggestion(const struct page_view *view, struct bytes *out);
void page_pages(const struct page_view *view, struct bytes *out);

/* page_facets.c: what the result can be narrowed by. False when there is nothing. */
bool page_has_facets(const struct page_view *view);
void page_facet_lists(const struct page_view *view, const struct filter_parts *chosen, struct bytes *out);

/* page_hints.c: what one may write, as links to try; before a search, where nothing was found, and where something failed.
 */
void page_welcome(const struct page_view *view, struct bytes *out);
void page_nothing(const struct page_view *view, const struct filter_parts *chosen, struct bytes *out);
void page_problem(const struct page_view *view, struct bytes *out);

#endif
